/** Times in the formats of the C library (`strftime`), as log lines have them. @module */

/** The months, in the C locale. */
export const MONTHS = [
  "Jan",
  "Feb",
  "Mar",
  "Apr",
  "May",
  "Jun",
  "Jul",
  "Aug",
  "Sep",
  "Oct",
  "Nov",
  "Dec",
] as const;
const WEEKDAYS = [
  "Sunday",
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
] as const;
const LONG_MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function day(t: Date): string {
  return `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())}`;
}

function clock(t: Date): string {
  return `${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}`;
}

const STRFTIME: Readonly<Record<string, (t: Date) => string>> = {
  a: (t) => (WEEKDAYS[t.getDay()] ?? "").slice(0, 3),
  A: (t) => WEEKDAYS[t.getDay()] ?? "",
  b: (t) => MONTHS[t.getMonth()] ?? "",
  B: (t) => LONG_MONTHS[t.getMonth()] ?? "",
  c: (t) => strftime("%a %b %e %H:%M:%S %Y", t),
  C: (t) => two(Math.floor(t.getFullYear() / 100)),
  d: (t) => two(t.getDate()),
  D: (t) => strftime("%m/%d/%y", t),
  e: (t) => String(t.getDate()).padStart(2),
  F: day,
  g: (t) => two(isoYear(t) % 100),
  G: (t) => String(isoYear(t)),
  h: (t) => MONTHS[t.getMonth()] ?? "",
  H: (t) => two(t.getHours()),
  I: (t) => two((t.getHours() + 11) % 12 + 1),
  j: (t) => String(dayOfYear(t) + 1).padStart(3, "0"),
  k: (t) => String(t.getHours()).padStart(2),
  l: (t) => String((t.getHours() + 11) % 12 + 1).padStart(2),
  m: (t) => two(t.getMonth() + 1),
  M: (t) => two(t.getMinutes()),
  n: () => "\n",
  p: (t) => t.getHours() < 12 ? "AM" : "PM",
  P: (t) => t.getHours() < 12 ? "am" : "pm",
  r: (t) => strftime("%I:%M:%S %p", t),
  R: (t) => clock(t).slice(0, 5),
  s: (t) => String(Math.floor(t.getTime() / 1000)),
  S: (t) => two(t.getSeconds()),
  t: () => "\t",
  T: clock,
  u: (t) => String(t.getDay() || 7),
  U: (t) => two(Math.floor((dayOfYear(t) + 7 - t.getDay()) / 7)),
  V: (t) => two(Math.floor(dayOfYear(thursdayOf(t)) / 7) + 1),
  w: (t) => String(t.getDay()),
  W: (t) => two(Math.floor((dayOfYear(t) + 7 - (t.getDay() + 6) % 7) / 7)),
  x: (t) => strftime("%m/%d/%y", t),
  X: clock,
  y: (t) => two(t.getFullYear() % 100),
  Y: (t) => String(t.getFullYear()),
  z: zone,
  "%": () => "%",
};

/** A time by a strftime format in local time and the C locale; unknown codes stay as written. */
export function strftime(format: string, time: Date): string {
  return format.replace(/%([A-Za-z%])/g, (all, code: string) => STRFTIME[code]?.(time) ?? all);
}

/** The day of the year from 0. */
export function dayOfYear(t: Date): number {
  const start = Date.UTC(t.getFullYear(), 0, 1);
  return Math.round((Date.UTC(t.getFullYear(), t.getMonth(), t.getDate()) - start) / 86_400_000);
}

/** The Thursday of a time's week: its year is that of the week (ISO 8601). */
function thursdayOf(t: Date): Date {
  return new Date(t.getFullYear(), t.getMonth(), t.getDate() + 4 - (t.getDay() || 7));
}

function isoYear(t: Date): number {
  return thursdayOf(t).getFullYear();
}

function zone(t: Date): string {
  const minutes = -t.getTimezoneOffset();
  const absolute = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(absolute / 60))}${two(absolute % 60)}`;
}
