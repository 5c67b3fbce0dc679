import { deepStrictEqual, strictEqual } from "node:assert";
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

Deno.test("dueTimes() runs once when the clock is changed", async () => {
  const script = `
    import { dueTimes } from "${new URL("./schedule.ts", import.meta.url)}";
    const all = (a, b) => new Set(Array.from({ length: b - a + 1 }, (_, i) => a + i));
    const times = { minute: 30, hours: new Set([2]), monthDays: all(1, 31), weekDays: all(0, 6),
      months: all(0, 11), weeksOfMonth: all(0, 4), weeksOfYear: all(0, 53), lastWeek: false };
    const from = (text) => new Date(text).getTime() / 1000;
    for (const [a, b] of [["2026-03-29T00:00:00", "2026-03-30T00:00:00"],
      ["2026-10-25T00:00:00", "2026-10-26T00:00:00"]]) {
      console.log([...dueTimes(times, from(a), from(b))].length);
    }`;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", script],
    env: { TZ: "Europe/Berlin" },
  }).output();
  strictEqual(new TextDecoder().decode(stdout), "1\n1\n");
});
