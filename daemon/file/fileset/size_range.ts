import type { SizeRange } from "./file_set.ts";

const powers = ["", "k", "m", "g", "t", "p", "e"];
const number = "\\s*(\\d+(?:\\.\\d+)?)\\s*([kmgtpe]?)(b?)\\s*";

/**
 * Reads the expression of a Size directive (director-client.md 23.5): `10k-1m`, `<1m`, `>1g`, or a
 * size that is met within one percent. Units are powers of 1024, with a `b` powers of 1000.
 * Undefined if it is none of these.
 */
export function parseSizeRange(text: string): SizeRange | undefined {
  const lower = text.toLowerCase();
  const between = new RegExp(`^${number}-${number}$`).exec(lower);
  if (between !== null) {
    return { from: bytes(between.slice(1, 4)), to: bytes(between.slice(4, 7)) };
  }
  const one = new RegExp(`^\\s*([<>]?)${number}$`).exec(lower);
  if (one === null) return undefined;
  const size = bytes(one.slice(2, 5));
  if (one[1] === "<") return { from: 0, to: size - 1 };
  if (one[1] === ">") return { from: size + 1, to: Infinity };
  // |size - n| < n / 100, whole numbers
  const slack = Math.floor(size / 100) - 1;
  return { from: size - slack, to: size + slack };
}

/** Whether a size lies in a range; everything does where there is none. */
export function isInRange(size: number, range: SizeRange | undefined): boolean {
  return range === undefined || (size >= range.from && size <= range.to);
}

function bytes([digits = "0", unit = "", thousand = ""]: string[]): number {
  return Math.floor(Number(digits) * (thousand === "b" ? 1000 : 1024) ** powers.indexOf(unit));
}
