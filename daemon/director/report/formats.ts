/**
 * Numbers and times as reports, lists and logs show them (catalog-and-jobs.md 22.1, 2.1).
 *
 * @module
 */

import { MONTHS } from "../../strftime.ts";

const UNITS = ["", "K", "M", "G", "T", "P", "E"] as const;

/** `1234567` as `1,234,567`. */
export function withCommas(value: number | bigint): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/**
 * Three digits after the point, powers of 1000, cut to five characters: `1.747 M`, `84 `. The unit
 * is followed by what is counted (`B`).
 */
export function withSuffix(value: number | bigint): string {
  const count = BigInt(value);
  let unit = 0;
  let divisor = 1n;
  while (count / divisor >= 1000n && unit < UNITS.length - 1) {
    unit++;
    divisor *= 1000n;
  }
  if (unit === 0) return `${count} `;
  const fraction = String(count % divisor).padStart(unit * 3, "0");
  return `${`${count / divisor}.${fraction}`.slice(0, 5)} ${UNITS[unit]}`;
}

/** `1,747,146 (1.747 MB)`. */
export function bytesTwice(value: number | bigint): string {
  return `${withCommas(value)} (${withSuffix(value)}B)`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** `23-Nov-2026 06:59:37` in local time, as in job reports. */
export function reportTime(seconds: number): string {
  const t = new Date(seconds * 1000);
  return `${two(t.getDate())}-${MONTHS[t.getMonth()]}-${t.getFullYear()} ${clock(t)}`;
}

/** `23-Nov-2026 06:59` in local time, as in messages of jobs that run again. */
export function messageTime(seconds: number): string {
  return reportTime(seconds).slice(0, -3);
}

/** `23-Nov-26 06:59` in local time, as in status output. */
export function statusTime(seconds: number): string {
  const t = new Date(seconds * 1000);
  const year = two(t.getFullYear() % 100);
  return `${two(t.getDate())}-${MONTHS[t.getMonth()]}-${year} ${clock(t).slice(0, 5)}`;
}

/** `2026-11-23 06:59:37` in local time, as in the catalog. */
export function catalogTime(seconds: number): string {
  const t = new Date(seconds * 1000);
  return `${day(t)} ${clock(t)}`;
}

/** The seconds since 1970 of a catalog time; 0 if it is empty, zero or no time at all. */
export function catalogSeconds(text: string | null | undefined): number {
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d):(\d\d))?/.exec(text ?? "");
  if (match === null || match[1] === "0000") return 0;
  const [, year, month, date, hour = "0", minute = "0", second = "0"] = match;
  const time = new Date(
    Number(year),
    Number(month) - 1,
    Number(date),
    Number(hour),
    Number(minute),
    Number(second),
  );
  return Math.floor(time.getTime() / 1000);
}

/** `2026-11-23_06.59.37` in local time, the time in unique job names. */
export function jobNameTime(seconds: number): string {
  const t = new Date(seconds * 1000);
  return `${day(t)}_${clock(t).replaceAll(":", ".")}`;
}

function day(t: Date): string {
  return `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())}`;
}

function clock(t: Date): string {
  return `${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}`;
}

const SPANS = [
  ["year", 365 * 86400],
  ["month", 30 * 86400],
  ["day", 86400],
  ["hour", 3600],
  ["min", 60],
  ["sec", 1],
] as const;

/** `1 hour 2 mins 3 secs`; `0 secs` for nothing. */
export function elapsedTime(seconds: number): string {
  let rest = Math.max(0, Math.floor(seconds));
  const parts: string[] = [];
  for (const [name, size] of SPANS) {
    const count = Math.floor(rest / size);
    rest %= size;
    if (count > 0) parts.push(`${count} ${name}${count === 1 ? "" : "s"}`);
  }
  return parts.length === 0 ? "0 secs" : parts.join(" ");
}

/** `01:02:03`, hours growing as needed. */
export function hoursMinutesSeconds(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${two(Math.floor(whole / 3600))}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

/** A period as the console and pruning say it: `1 month 5 days `, each unit with a blank behind; seconds, and nothing at all, without. */
export function periodWords(seconds: number): string {
  const text = elapsedTime(seconds);
  return / secs?$/.test(text) ? text : `${text} `;
}
