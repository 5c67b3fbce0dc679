/** The texts that status outputs of file and storage daemons share (director-client.md 15). @module */

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const two = (value: number): string => String(value).padStart(2, "0");

/** A time as status output has it: `23-Nov-26 06:59`, local time. */
export function statusTime(seconds: number): string {
  const time = new Date(seconds * 1000);
  const year = two(time.getFullYear() % 100);
  return `${two(time.getDate())}-${months[time.getMonth()]}-${year} ${two(time.getHours())}:${
    two(time.getMinutes())
  }`;
}

/** A number with commas between thousands. */
export function withCommas(value: number): string {
  return Math.trunc(value).toString().replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** Bytes in groups of a thousand, five characters and a unit: `1.234 M`, `971.1 K`. Digits are cut. */
export function withSuffix(bytes: number): string {
  const units = ["", "K", "M", "G", "T", "P", "E"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  if (unit === 0) return `${Math.trunc(value)} `;
  return `${value.toFixed(6).slice(0, 5)} ${units[unit]}`;
}
