import { deepStrictEqual, strictEqual } from "node:assert";
import fc from "fast-check";
import { catalogSeconds, catalogTime } from "../report/formats.ts";
import { dueTimes, nextDueTime, type RunTimes, weekOfYear } from "./schedule.ts";

const range = (from: number, to: number) =>
  new Set(Array.from({ length: to - from + 1 }, (_, i) => from + i));

const ALWAYS: RunTimes = {
  minute: 0,
  hours: range(0, 23),
  monthDays: range(1, 31),
  weekDays: range(0, 6),
  months: range(0, 11),
  weeksOfMonth: range(0, 4),
  weeksOfYear: range(0, 53),
  lastWeek: false,
};

function due(times: Partial<RunTimes>, from: string, to: string): string[] {
  const found = dueTimes({ ...ALWAYS, ...times }, catalogSeconds(from), catalogSeconds(to));
  return [...found].map(catalogTime);
}

Deno.test("weekOfYear() gives the weeks of the reference", () => {
  const cases: [string, number][] = [
    ["2027-01-01", 0],
    ["2027-01-04", 1],
    ["2025-12-31", 53],
    ["2021-01-01", 0],
    ["2021-01-04", 1],
    ["2024-12-30", 53],
  ];
  for (const [day, week] of cases) {
    strictEqual(weekOfYear(new Date(catalogSeconds(day) * 1000)), week, day);
  }
});

Deno.test("dueTimes() finds the first Saturday, the others and the last Friday", () => {
  const at = new Set([21]);
  deepStrictEqual(
    due(
      { hours: at, weekDays: new Set([6]), weeksOfMonth: new Set([0]) },
      "2026-11-01",
      "2027-01-01",
    ),
    ["2026-11-07 21:00:00", "2026-12-05 21:00:00"],
  );
  deepStrictEqual(
    due(
      { hours: at, weekDays: new Set([6]), weeksOfMonth: range(1, 4) },
      "2026-11-01",
      "2026-12-01",
    ),
    ["2026-11-14 21:00:00", "2026-11-21 21:00:00", "2026-11-28 21:00:00"],
  );
  deepStrictEqual(
    due(
      { hours: at, weekDays: new Set([5]), weeksOfMonth: new Set(), lastWeek: true },
      "2026-11-01",
      "2027-01-01",
    ),
    ["2026-11-27 21:00:00", "2026-12-25 21:00:00"],
  );
});

Deno.test("dueTimes() runs every hour at the minute where no hour is given", () => {
  const found = due({ minute: 15 }, "2026-11-01 10:30:00", "2026-11-01 13:15:00");
  deepStrictEqual(found, ["2026-11-01 11:15:00", "2026-11-01 12:15:00"]);
});

Deno.test("nextDueTime() looks past the end of the month and gives up in the end", () => {
  const only31 = { ...ALWAYS, hours: new Set([2]), minute: 5, monthDays: new Set([31]) };
  const next = nextDueTime(only31, catalogSeconds("2026-11-01"));
  strictEqual(catalogTime(next ?? 0), "2026-12-31 02:05:00");
  strictEqual(nextDueTime({ ...ALWAYS, months: new Set() }, 0), undefined);
});

/** What `dueTimes` gives in a time zone, between two times of its clock: as the clock shows them there. */
async function dueIn(zone: string, given: string, from: string, to: string): Promise<string[]> {
  const script = `
    import { dueTimes } from "${new URL("./schedule.ts", import.meta.url)}";
    const all = (a, b) => new Set(Array.from({ length: b - a + 1 }, (_, i) => a + i));
    const times = { minute: 0, hours: all(0, 23), monthDays: all(1, 31), weekDays: all(0, 6),
      months: all(0, 11), weeksOfMonth: all(0, 4), weeksOfYear: all(0, 53), lastWeek: false, ${given} };
    const seconds = (text) => new Date(text).getTime() / 1000;
    const found = [...dueTimes(times, seconds("${from}"), seconds("${to}"))];
    for (const due of found) console.log(new Date(due * 1000).toString().slice(4, 21));`;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", script],
    env: { TZ: zone },
  }).output();
  const text = new TextDecoder().decode(stdout);
  return text === "" ? [new TextDecoder().decode(stderr)] : text.trim().split("\n");
}

Deno.test("dueTimes() runs once when the clock is changed, at midnight too, and the day after", async () => {
  const at230 = "hours: new Set([2]), minute: 30";
  const midnight = "hours: new Set([0])";
  for (
    const [zone, given, from, to, ...wanted] of [
      ["Europe/Berlin", at230, "2026-03-29T00:00", "2026-03-30T00:00", "Mar 29 2026 03:30"],
      ["Europe/Berlin", at230, "2026-10-25T00:00", "2026-10-26T00:00", "Oct 25 2026 02:30"],
      // The 8th begins at 1:00.
      ["America/Havana", midnight, "2026-03-07T12:00", "2026-03-08T12:00", "Mar 08 2026 01:00"],
      ["America/Havana", midnight, "2026-03-08T23:59", "2026-03-09T00:01", "Mar 09 2026 00:00"],
      // The first begins twice.
      ["America/Havana", midnight, "2026-10-31T12:00", "2026-11-01T12:00", "Nov 01 2026 00:00"],
      // There was no 30th.
      ["Pacific/Apia", "hours: new Set([1, 2])", "2011-12-29T02:00", "2012-01-01T00:00", ...[
        ...["Dec 29 2011 02:00", "Dec 31 2011 01:00", "Dec 31 2011 02:00"],
      ]],
    ] as const
  ) deepStrictEqual([zone, from, ...await dueIn(zone, given, from, to)], [zone, from, ...wanted]);
});

/** The days of a month that are one of its weeks: the fields of a Run line, looked at one by one. */
function isDue(times: RunTimes, date: Date): boolean {
  const day = date.getDate();
  const week = Math.ceil(day / 7) - 1;
  const inAWeek = new Date(date.getFullYear(), date.getMonth(), day + 7);
  // ISO: the week of the year is that of its Thursday, counted from the year's own.
  const thursday = new Date(date.getFullYear(), date.getMonth(), day + 4 - (date.getDay() || 7));
  const first = new Date(date.getFullYear(), 0, 4);
  const firstThursday = new Date(date.getFullYear(), 0, 4 + 4 - (first.getDay() || 7));
  const weekOfYear = Math.round((thursday.getTime() - firstThursday.getTime()) / (7 * 86_400_000));
  return date.getMinutes() === times.minute && times.hours.has(date.getHours()) &&
    times.monthDays.has(day) && times.months.has(date.getMonth()) &&
    times.weekDays.has(date.getDay()) &&
    (times.weeksOfMonth.has(week) || (times.lastWeek && inAWeek.getMonth() !== date.getMonth())) &&
    times.weeksOfYear.has(weekOfYear + 1);
}

Deno.test("dueTimes() finds every minute at which all fields hold, and no other", () => {
  const mask = (from: number, to: number): fc.Arbitrary<ReadonlySet<number>> =>
    fc.oneof(
      fc.constant(range(from, to)),
      fc.uniqueArray(fc.integer({ min: from, max: to })).map((list) => new Set(list)),
    );
  const anyTimes = fc.record({
    minute: fc.nat(59),
    hours: mask(0, 23),
    monthDays: mask(1, 31),
    weekDays: mask(0, 6),
    months: mask(0, 11),
    weeksOfMonth: mask(0, 4),
    weeksOfYear: mask(0, 53),
    lastWeek: fc.boolean(),
  });
  const start = catalogSeconds("1999-12-20");
  const anySpan = fc.tuple(fc.nat(40 * 366 * 86_400), fc.nat(3 * 86_400));
  fc.assert(fc.property(anyTimes, anySpan, (times, [after, length]) => {
    const from = start + after;
    const to = from + length;
    const offset = (seconds: number): number => new Date(seconds * 1000).getTimezoneOffset();
    fc.pre(offset(from - 86_400) === offset(to + 86_400));
    const wanted: number[] = [];
    for (let at = Math.ceil(from / 60) * 60; at < to; at += 60) {
      if (isDue(times, new Date(at * 1000))) wanted.push(at);
    }
    deepStrictEqual([...dueTimes(times, from, to)], wanted);
    // However the span is cut, as a clock does that looks now and then.
    const middle = from + Math.floor(length / 3);
    deepStrictEqual([...dueTimes(times, from, middle), ...dueTimes(times, middle, to)], wanted);
  }));
});
