/**
 * Numbers as operators read them.
 *
 * @module
 */

const SUFFIXES = ["", "K", "M", "G", "T", "P", "E"] as const;

/** Four digits and a decimal suffix: `658 `, `971.2 K`, `2.419 M`; cut, not rounded. */
export function withSuffix(value: number): string {
  let scaled = Math.max(0, value);
  let step = 0;
  while (scaled >= 1000 && step < SUFFIXES.length - 1) {
    scaled /= 1000;
    step++;
  }
  if (step === 0) return `${Math.trunc(scaled)} `;
  const decimals = scaled >= 100 ? 1 : scaled >= 10 ? 2 : 3;
  const factor = 10 ** decimals;
  return `${(Math.trunc(scaled * factor + 1e-6) / factor).toFixed(decimals)} ${SUFFIXES[step]}`;
}

/** With commas between thousands: `1,234,567`. */
export function withCommas(value: number): string {
  return Math.trunc(value).toString().replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Seconds as `hh:mm:ss`. */
export function asClock(seconds: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const whole = Math.trunc(seconds);
  return `${two(Math.floor(whole / 3600))}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** UNIX seconds as `23-Nov-26 06:59`, local time. */
export function shortDate(seconds: number): string {
  const { day, month, year, time } = partsOf(seconds);
  return `${day}-${month}-${String(year % 100).padStart(2, "0")} ${time}`;
}

/** UNIX seconds as `23-Nov-2026 06:59`, local time. */
export function dateAndTime(seconds: number): string {
  const { day, month, year, time } = partsOf(seconds);
  return `${day}-${month}-${year} ${time}`;
}

function partsOf(seconds: number): { day: string; month: string; year: number; time: string } {
  const date = new Date(seconds * 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  return {
    day: two(date.getDate()),
    month: MONTHS[date.getMonth()] ?? "",
    year: date.getFullYear(),
    time: `${two(date.getHours())}:${two(date.getMinutes())}`,
  };
}
