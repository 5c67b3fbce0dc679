/** Periods in words, as the console says them (console.md 8.4). @module */
import { elapsedTime } from "../report/formats.ts";

/** `1 month 5 days `: each unit with a blank behind; seconds and nothing without. */
export function periodWords(seconds: number): string {
  const text = elapsedTime(seconds);
  return / secs?$/.test(text) ? text : `${text} `;
}
