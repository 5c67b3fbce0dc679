/** Reading and writing the parts of a block (volume.md 16.3) with few calls of the system. @module */
import { Buffer } from "node:buffer";
import { maximumBlockLength } from "../volume/mod.ts";
import type { Part } from "./dedupable_layout.ts";
import type { PlacedPart } from "./dedupable_parts.ts";

/** Stretches of a data file that lie no further apart are read at once. */
const gapLimit = 65_536;
/** The most that is read at once. */
const runLimit = 2 * maximumBlockLength;

/** Parts that follow each other in one file, as one write each. */
export function* runsOf(
  parts: readonly PlacedPart[],
): Generator<{ readonly file: number; readonly offset: number; readonly bytes: Uint8Array }> {
  const byFile = Map.groupBy(parts, ({ file }) => file);
  for (const [file, of] of byFile) {
    let run: PlacedPart[] = [];
    const whole = () => {
      const [first] = run;
      const bytes = run.length === 1 && first !== undefined
        ? first.bytes
        : Buffer.concat(run.map(({ bytes }) => bytes));
      return { file, offset: first?.offset ?? 0, bytes };
    };
    for (const part of of) {
      const last = run.at(-1);
      if (last !== undefined && last.offset + last.length !== part.offset) {
        yield whole();
        run = [];
      }
      run.push(part);
    }
    if (run.length > 0) yield whole();
  }
}

/** Gives the bytes of parts by their number; parts near each other in a file are read at once. */
export function readAhead(
  parts: readonly Part[],
  read: (file: number, offset: number, length: number) => Uint8Array,
): (number: number) => Uint8Array {
  const pieces = new Array<Uint8Array>(parts.length);
  const byFile = Map.groupBy(parts.keys(), (number) => parts[number]?.file);
  for (const numbers of byFile.values()) {
    let run: number[] = [];
    let [from, to] = [0, 0];
    const flush = (): void => {
      const [first] = run;
      const part = first === undefined ? undefined : parts[first];
      if (part === undefined) return;
      const bytes = read(part.file, from, to - from);
      for (const number of run) {
        const { offset = 0, length = 0 } = parts[number] ?? {};
        pieces[number] = bytes.subarray(offset - from, offset - from + length);
      }
      run = [];
    };
    for (const number of numbers) {
      const { offset = 0, length = 0 } = parts[number] ?? {};
      const isNear = run.length > 0 && offset >= from && offset <= to + gapLimit &&
        offset + length - from <= runLimit;
      if (!isNear) {
        flush();
        [from, to] = [offset, offset];
      }
      to = Math.max(to, offset + length);
      run.push(number);
    }
    flush();
  }
  return (number) => pieces[number] ?? new Uint8Array(0);
}
