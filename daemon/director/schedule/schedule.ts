/**
 * When the Run lines of a Schedule are due (catalog-and-jobs.md 10, configuration.md 8).
 *
 * Due times are found by looking at hours of local time one after the other, so that the change to
 * and from summer time neither doubles nor swallows a run: an hour that does not exist is run at
 * the moment at which it would have been, one that exists twice is run at its first occurrence.
 *
 * @module
 */
import { dayOfYear } from "../../strftime.ts";

/** The fields of a Run line: a time matches when all of them hold. */
export interface RunTimes {
  /** Minute of the hour; one for all hours. */
  readonly minute: number;
  /** Hours 0 to 23. */
  readonly hours: ReadonlySet<number>;
  /** Days of the month 1 to 31. */
  readonly monthDays: ReadonlySet<number>;
  /** Days of the week, Sunday 0. */
  readonly weekDays: ReadonlySet<number>;
  /** Months, January 0. */
  readonly months: ReadonlySet<number>;
  /** Weeks of the month, 1st 0. */
  readonly weeksOfMonth: ReadonlySet<number>;
  /** Weeks of the year 0 to 53. */
  readonly weeksOfYear: ReadonlySet<number>;
  /** Whether the last seven days of the month count as a week of the month. */
  readonly lastWeek: boolean;
}

/** The week of the year as schedules count it: days before ISO week 1 are week 0. */
export function weekOfYear(date: Date): number {
  const january4 = new Date(date.getFullYear(), 0, 4).getDay();
  let firstThursday = 1 - january4;
  if (firstThursday <= 0) firstThursday += 7;
  const days = dayOfYear(date) - firstThursday + 4;
  return days < 0 ? 0 : 1 + Math.floor(days / 7);
}

/** Whether a Run line is due on this day, whatever the hour. */
function matchesDay(times: RunTimes, date: Date): boolean {
  const day = date.getDate();
  const lastDay = new Date(date.getFullYear(), date.getMonth() + 1, 0).getDate();
  const isLastWeek = times.lastWeek && day > lastDay - 7;
  return times.months.has(date.getMonth()) &&
    times.monthDays.has(day) &&
    times.weekDays.has(date.getDay()) &&
    (isLastWeek || times.weeksOfMonth.has(Math.floor((day - 1) / 7))) &&
    times.weeksOfYear.has(weekOfYear(date));
}

/** The due times of a Run line from `from` up to but without `to`, UNIX seconds, in order. */
export function* dueTimes(times: RunTimes, from: number, to: number): Generator<number> {
  const start = new Date(from * 1000);
  let last = -Infinity;
  for (let count = 0;; count++) {
    // Each day anew: one that begins at 1:00 must not make the next ones do.
    const day = new Date(start.getFullYear(), start.getMonth(), start.getDate() + count);
    if (day.getTime() >= to * 1000) return;
    // A day that the calendar leaves out is the next one.
    if (!matchesDay(times, day)) continue;
    for (let hour = 0; hour < 24; hour++) {
      if (!times.hours.has(hour)) continue;
      const due = localTime(day, hour, times.minute);
      if (due < from || due >= to || due <= last) continue;
      last = due;
      yield due;
    }
  }
}

/** The first due time after `after`, at most two years ahead; `undefined` if there is none. */
export function nextDueTime(times: RunTimes, after: number): number | undefined {
  for (const due of dueTimes(times, after + 1, after + 2 * 366 * 86400)) return due;
  return undefined;
}

/** UNIX seconds of a time of a day; JavaScript moves hours that do not exist forward. */
function localTime(day: Date, hour: number, minute: number): number {
  const time = new Date(day.getFullYear(), day.getMonth(), day.getDate(), hour, minute);
  return Math.floor(time.getTime() / 1000);
}
