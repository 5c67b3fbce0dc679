/** A Run line of a Schedule as text (configuration.md 15.3). @module */
import { keywordOf } from "../enums.ts";
import type { RunLine } from "../resources.ts";
import { quoted } from "./values.ts";

const weekDays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const positions = ["1st", "2nd", "3rd", "4th", "5th"];

const pools = [
  ["pool", "pool"],
  ["fullpool", "fullPool"],
  ["virtualfullpool", "virtualFullPool"],
  ["incrementalpool", "incrementalPool"],
  ["differentialpool", "differentialPool"],
  ["nextpool", "nextPool"],
] as const;

/**
 * The text behind `Run = `, which the parser reads back.
 * @param asShown without overrides that are mostly the default, as Bareos prints it
 */
export function runLineText(run: RunLine, asShown = false): string {
  const words: string[] = [];
  for (const [word, key] of pools) {
    const pool = run[key];
    if (pool !== undefined) words.push(`${word}=${quoted(pool.name)}`);
  }
  if (run.level !== undefined) words.push(keywordOf("JobLevel", run.level));
  if (run.storage !== undefined) words.push(`storage=${quoted(run.storage.name)}`);
  if (run.messages !== undefined) words.push(`messages=${quoted(run.messages.name)}`);
  if (run.priority !== undefined && !(asShown && run.priority === 10)) {
    words.push(`priority=${run.priority}`);
  }
  if (run.spoolData !== undefined) words.push(`spooldata=${quoted(run.spoolData ? "yes" : "no")}`);
  if (run.maxRunSchedTime !== undefined && !(asShown && run.maxRunSchedTime === 0)) {
    words.push(`maxrunschedtime=${run.maxRunSchedTime}`);
  }
  if (run.accurate !== undefined) words.push(`accurate=${quoted(run.accurate ? "yes" : "no")}`);
  const { times } = run;
  const classes = [
    ranges(times.monthDays, 1, 31, String),
    // `last` alone would mean no other week.
    times.lastWeek && times.weeksOfMonth.size === 5 ? ["1st-5th", "last"] : [
      ...ranges(times.weeksOfMonth, 0, 4, (n) => positions[n] ?? ""),
      ...(times.lastWeek ? ["last"] : []),
    ],
    ranges(times.weekDays, 0, 6, (n) => weekDays[n] ?? ""),
    ranges(times.months, 0, 11, (n) => months[n] ?? ""),
    ranges(times.weeksOfYear, 0, 53, (n) => `w${String(n).padStart(2, "0")}`),
  ];
  for (const parts of classes) if (parts.length > 0) words.push(parts.join(","));
  const minute = String(times.minute).padStart(2, "0");
  for (const hour of [...times.hours].sort((a, b) => a - b)) {
    words.push(`at ${String(hour).padStart(2, "0")}:${minute}`);
  }
  return words.join(" ");
}

/** Runs of consecutive members as `a-b`; nothing if all are there. */
function ranges(
  set: ReadonlySet<number>,
  first: number,
  last: number,
  word: (n: number) => string,
): string[] {
  if (set.size === last - first + 1) return [];
  const parts: string[] = [];
  for (let n = first; n <= last; n++) {
    if (!set.has(n)) continue;
    let end = n;
    while (set.has(end + 1) && end < last) end++;
    parts.push(end === n ? word(n) : `${word(n)}-${word(end)}`);
    n = end;
  }
  return parts;
}
