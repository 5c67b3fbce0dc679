/** Times as the catalog keeps them: `2026-11-23 06:59:37`, local time. @module */

const two = (value: number): string => String(value).padStart(2, "0");

/** UNIX seconds as the catalog's text. */
export function catalogTime(seconds: number): string {
  const time = new Date(seconds * 1000);
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${
    two(time.getHours())
  }:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

/** The catalog's text as UNIX seconds; 0 for none. */
export function catalogSeconds(text: string | null): number {
  if (text === null || text === "") return 0;
  const milliseconds = new Date(text.replace(" ", "T")).getTime();
  return Number.isNaN(milliseconds) ? 0 : Math.floor(milliseconds / 1000);
}
