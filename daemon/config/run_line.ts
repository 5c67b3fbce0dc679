/** Run lines of a Schedule (configuration.md 8): overrides, then days and times. @module */
import { enums } from "./enums.ts";
import { ConfigurationError, suggestion } from "./errors.ts";
import { parseTime } from "./quantities.ts";
import type { Scanner, Token } from "./scanner.ts";

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

/** A Run line whose references are still names. */
export interface RawRunLine {
  readonly times: RunTimes;
  readonly overrides: ReadonlyMap<string, string | number | boolean>;
  /** Members that name resources: member, type, name and where it stands. */
  readonly references: readonly {
    readonly key: string;
    readonly type: "Pool" | "Storage" | "Messages";
    readonly token: Token;
  }[];
}

const references: Readonly<
  Record<string, readonly [key: string, "Pool" | "Storage" | "Messages"]>
> = {
  pool: ["pool", "Pool"],
  fullpool: ["fullPool", "Pool"],
  virtualfullpool: ["virtualFullPool", "Pool"],
  incrementalpool: ["incrementalPool", "Pool"],
  differentialpool: ["differentialPool", "Pool"],
  nextpool: ["nextPool", "Pool"],
  storage: ["storage", "Storage"],
  messages: ["messages", "Messages"],
};

const weekDayNames = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const monthNames = [
  ...["january", "february", "march", "april", "may", "june"],
  ...["july", "august", "september", "october", "november", "december"],
];
const positionNames = [["1st", "first"], ["2nd", "second"], ["3rd", "third"], ["4th", "fourth"], [
  "5th",
  "fifth",
]];

type Mask = "hours" | "monthDays" | "weekDays" | "months" | "weeksOfMonth" | "weeksOfYear";
const masks: Readonly<Record<Mask, readonly [first: number, last: number]>> = {
  hours: [0, 23],
  monthDays: [1, 31],
  weekDays: [0, 6],
  months: [0, 11],
  weeksOfMonth: [0, 4],
  weeksOfYear: [0, 53],
};

/** Reads what stands behind `Run =`, up to the end of the statement. */
export function readRunLine(scanner: Scanner): RawRunLine {
  const tokens: Token[] = [];
  for (;;) {
    const token = scanner.next("words");
    if (token.kind === "end of line") break;
    if (token.kind === "}" || token.kind === "end of file") {
      scanner.pushBack(token);
      break;
    }
    if (token.kind !== ",") tokens.push(token);
  }
  const overrides = new Map<string, string | number | boolean>();
  const found: RawRunLine["references"][number][] = [];
  let at = 0;
  while (at < tokens.length) {
    const token = tokens[at] as Token;
    const word = token.text.toLowerCase();
    if (tokens[at + 1]?.kind !== "=") {
      const level = levelOf(token.text);
      if (level === undefined) break;
      overrides.set("level", level);
      at++;
      continue;
    }
    const value = tokens[at + 2];
    if (value === undefined) {
      throw ConfigurationError.at(token.position, `Expected a value for ${token.text}`);
    }
    const reference = references[word];
    if (reference !== undefined) {
      found.push({ key: reference[0], type: reference[1], token: value });
    } else overrides.set(...overrideOf(word, token, value));
    at += 3;
  }
  return { times: timesOf(tokens.slice(at)), overrides, references: found };
}

function levelOf(word: string): string | undefined {
  return Object.entries(enums.JobLevel).find(([name]) => name.toLowerCase() === word.toLowerCase())
    ?.[1];
}

function overrideOf(word: string, token: Token, value: Token): [string, string | number | boolean] {
  const fail = (message: string): never => {
    throw ConfigurationError.at(value.position, message);
  };
  const yesOrNo = (): boolean => {
    if (/^(yes|true)$/i.test(value.text)) return true;
    if (/^(no|false)$/i.test(value.text)) return false;
    return fail(`Expect a YES or NO; got: ${value.text}`);
  };
  switch (word) {
    case "level":
      return [
        "level",
        levelOf(value.text) ?? fail(`Job level field: ${value.text} not found in run record`),
      ];
    case "priority":
      return [
        "priority",
        /^\d+$/.test(value.text) ? Number(value.text) : fail(
          `expected a positive integer number, got: ${value.text}`,
        ),
      ];
    case "spooldata":
      return ["spoolData", yesOrNo()];
    case "accurate":
      return ["accurate", yesOrNo()];
    case "maxrunschedtime":
      return [
        "maxRunSchedTime",
        parseTime(value.text) ?? fail(`expected a time period, got: ${value.text}`),
      ];
    default: {
      const known = [...Object.keys(references), "level", "priority", "spooldata", "accurate"];
      throw ConfigurationError.at(
        token.position,
        `Job type field: ${token.text} in run record not found.${suggestion(token.text, known)}`,
      );
    }
  }
}

/** A word of the date part: which mask it speaks of, and from where to where. */
interface Range {
  readonly mask: Mask;
  readonly from: number;
  readonly to: number;
}

/** Computes the masks from the words of the date part (8.2). */
function timesOf(tokens: readonly Token[]): RunTimes {
  const sets = new Map<Mask, Set<number>>();
  let lastWeek = false;
  let minute = 0;
  let isAt = false;
  const setOf = (mask: Mask): Set<number> => {
    const set = sets.get(mask) ?? new Set();
    sets.set(mask, set);
    return set;
  };
  const all = (mask: Mask): void =>
    addRange(setOf(mask), { mask, from: masks[mask][0], to: masks[mask][1] });
  for (const token of tokens) {
    // Some printers join `at 1:00at 13:00`: both are meant.
    for (const word of token.text.toLowerCase().replace(/(\d)at$/, "$1 at").split(" ")) {
      if (word === "on") continue;
      if (word === "at") isAt = true;
      else if (word === "hourly") all("hours");
      else if (word === "daily") all("weekDays");
      else if (word === "weekly") {
        all("weekDays");
        all("weeksOfMonth");
        all("weeksOfYear");
      } else if (word === "monthly") all("months");
      else if (word === "last") {
        lastWeek = true;
        setOf("weeksOfMonth");
      } else if (/^\d{1,2}:/.test(word)) {
        if (!isAt) {
          throw ConfigurationError.at(token.position, "Time must be preceded by keyword AT.");
        }
        const [hour, at] = clockOf(word, token);
        setOf("hours").add(hour);
        minute = at;
      } else addWord(word, token, setOf);
    }
  }
  const mask = (name: Mask): ReadonlySet<number> =>
    sets.get(name) ??
      new Set(
        Array.from({ length: masks[name][1] - masks[name][0] + 1 }, (_, n) => n + masks[name][0]),
      );
  return {
    minute,
    hours: mask("hours"),
    monthDays: mask("monthDays"),
    weekDays: mask("weekDays"),
    months: mask("months"),
    weeksOfMonth: mask("weeksOfMonth"),
    weeksOfYear: mask("weeksOfYear"),
    lastWeek,
  };
}

function clockOf(word: string, token: Token): [hour: number, minute: number] {
  const match = /^(\d{1,2}):(\d{2})(am|pm)?$/.exec(word);
  const minute = Number(match?.[2]);
  let hour = Number(match?.[1]);
  if (match?.[3] !== undefined) {
    if (hour < 1 || hour > 12) hour = Number.NaN;
    else hour = hour % 12 + (match[3] === "pm" ? 12 : 0);
  }
  if (match === null || !(hour <= 23) || minute > 59) {
    throw ConfigurationError.at(token.position, "Bad time specification.");
  }
  return [hour, minute];
}

function addWord(word: string, token: Token, setOf: (mask: Mask) => Set<number>): void {
  const fail = (message: string): never => {
    throw ConfigurationError.at(token.position, message);
  };
  const modulo = /^(w?)(\d{1,2})\/(w?)(\d{1,2})$/.exec(word);
  if (modulo !== null) {
    const isWeek = modulo[1] === "w";
    const [offset, interval] = [Number(modulo[2]), Number(modulo[4])];
    if (isWeek !== (modulo[3] === "w") || interval === 0 || offset > interval) {
      fail(
        "Bad modulo time specification. Format for weekdays is '01/02', for yearweeks is 'w01/w02'.",
      );
    }
    const mask: Mask = isWeek ? "weeksOfYear" : "monthDays";
    for (let n = offset; n <= masks[mask][1]; n += interval) {
      if (n >= masks[mask][0]) setOf(mask).add(n);
    }
    return;
  }
  const [from, to] = word.split("-") as [string, string | undefined];
  const start = pointOf(from) ?? fail(`Job type field: ${token.text} in run record not found`);
  const end = to === undefined ? start : pointOf(to) ??
    fail(`Job type field: ${token.text} in run record not found`);
  if (start.mask !== end.mask) fail("Invalid month, week or position day range");
  const [least, most] = masks[start.mask];
  if (start.value < least || start.value > most || end.value < least || end.value > most) {
    fail(
      start.mask === "weeksOfYear"
        ? "Week number out of range (0-53)"
        : "Day number out of range (1-31)",
    );
  }
  addRange(setOf(start.mask), { mask: start.mask, from: start.value, to: end.value });
}

function pointOf(word: string): { mask: Mask; value: number } | undefined {
  if (/^\d{1,2}$/.test(word)) return { mask: "monthDays", value: Number(word) };
  if (/^w\d{2}$/.test(word)) return { mask: "weeksOfYear", value: Number(word.slice(1)) };
  for (
    const [mask, names] of [["weekDays", weekDayNames], ["months", monthNames]] as const
  ) {
    const value = names.findIndex((name) => name === word || name.slice(0, 3) === word);
    if (value >= 0) return { mask, value };
  }
  const value = positionNames.findIndex((names) => names.includes(word));
  return value < 0 ? undefined : { mask: "weeksOfMonth", value };
}

/** Adds all from `from` to `to`; a range may wrap over the end of its class. */
function addRange(set: Set<number>, { mask, from, to }: Range): void {
  const [least, most] = masks[mask];
  for (let n = from;; n = n === most ? least : n + 1) {
    set.add(n);
    if (n === to) return;
  }
}
