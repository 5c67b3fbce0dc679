/** Times, sizes and speeds with units (configuration.md 5.3 to 5.5), read and written. @module */

/** A unit and what it multiplies with. The first whose name begins with what was written counts. */
type Units = readonly (readonly [name: string, factor: number])[];

const timeUnits: Units = [
  ["n", 60],
  ["seconds", 1],
  ["months", 2_592_000],
  ["minutes", 60],
  ["mins", 60],
  ["hours", 3600],
  ["days", 86_400],
  ["weeks", 604_800],
  ["quarters", 7_862_400],
  ["years", 31_536_000],
];

const sizeUnits: Units = ["k", "m", "g", "t", "p", "e"].flatMap((letter, at) => [
  [letter, 1024 ** (at + 1)] as const,
  [`${letter}b`, 1000 ** (at + 1)] as const,
]);

const speedUnits: Units = [["k/s", 1024], ["kb/s", 1000], ["m/s", 2 ** 20], ["mb/s", 1e6]];

/** Reads a time in seconds; `undefined` if it is none. */
export function parseTime(text: string): number | undefined {
  return exact(sum(text, timeUnits));
}

/** Reads a size in bytes, at most 2^53 - 1; `undefined` if it is none. */
export function parseSize(text: string): number | undefined {
  const size = sum(text, sizeUnits);
  return size === undefined ? undefined : Math.min(size, Number.MAX_SAFE_INTEGER);
}

/** Reads a speed in bytes per second; `undefined` if it is none. */
export function parseSpeed(text: string): number | undefined {
  return exact(sum(text, speedUnits));
}

const exact = (value: number | undefined): number | undefined =>
  value !== undefined && value <= Number.MAX_SAFE_INTEGER ? value : undefined;

function sum(text: string, units: Units): number | undefined {
  const written = text.trimEnd();
  const pairs = [...written.matchAll(/\s*(\d+(?:\.\d+)?)\s*([a-z/]*)/giy)];
  if (pairs.length === 0 || pairs.map(([pair]) => pair).join("") !== written) return undefined;
  let total = 0;
  for (const [, number, word = ""] of pairs) {
    const unit = word.toLowerCase();
    const factor = unit === "" ? 1 : units.find(([name]) => name.startsWith(unit))?.[1];
    if (factor === undefined) return undefined;
    total += Number(number) * factor;
  }
  return Math.floor(total);
}

/** A time as `show` prints it: `1 weeks 2 days ` with a blank behind each, or `0` (15.2). */
export function formatTime(seconds: number): string {
  const units = ["years", "months", "weeks", "days", "hours", "minutes", "seconds"];
  return inUnits(seconds, units.map((name) => [name, parseTime(`1 ${name}`) as number]))
    .map((part) => `${part} `).join("") || "0";
}

/** A size as `show` prints it: `9 m 549 k 640`, or `0` (15.2). */
export function formatSize(bytes: number): string {
  const units: Units = [..."eptgmk"].map((letter, at) => [letter, 2 ** (10 * (6 - at))]);
  return inUnits(bytes, [...units, ["", 1]]).join(" ") || "0";
}

function inUnits(value: number, units: Units): string[] {
  const parts: string[] = [];
  let rest = value;
  for (const [name, factor] of units) {
    const count = Math.floor(rest / factor);
    rest -= count * factor;
    if (count > 0) parts.push(`${count} ${name}`.trimEnd());
  }
  return parts;
}
