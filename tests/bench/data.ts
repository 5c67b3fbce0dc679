/** The data of the benchmarks: the same bytes at every run with the same runtime. @module */
import { join } from "../support/paths.ts";
import { bytesOf } from "../support/sample.ts";

/** Bytes of one kind that is repeated, never at the same place. */
const kindLength = 16 << 20;
const stretchLength = 1 << 20;

/** What mixed data is made of, in turns: the kinds by their share. */
const turns = ["text", "code", "text", "records", "code", "noise", "text", "code", "text", "noise"];

/** Makes stretches of mixed data. */
export class MixedData {
  readonly #kinds: Readonly<Record<string, Uint8Array>>;
  #stretch = 0;

  private constructor(kinds: Readonly<Record<string, Uint8Array>>) {
    this.#kinds = kinds;
  }

  /** Makes the kinds: text of words, machine code (the runtime's own), records of numbers, noise. */
  static async make(): Promise<MixedData> {
    return new MixedData({
      text: makeText(),
      code: await readCode(),
      records: makeRecords(),
      noise: bytesOf(7, kindLength),
    });
  }

  /** The next stretch, a view. */
  next(): Uint8Array {
    const number = this.#stretch++;
    const kind = this.#kinds[turns[number % turns.length] ?? ""] ?? new Uint8Array(0);
    const start = Math.imul(number, 2654435761) >>> 8;
    return kind.subarray(start % (kind.length - stretchLength)).subarray(0, stretchLength);
  }

  /** Writes a file. */
  async write(path: string, length: number): Promise<void> {
    using file = await Deno.open(path, { write: true, create: true, truncate: true });
    for (let at = 0; at < length;) {
      const stretch = this.next().subarray(0, length - at);
      for (let done = 0; done < stretch.length;) {
        done += file.writeSync(stretch.subarray(done));
      }
      at += stretch.length;
    }
  }

  /** A piece of so many bytes. */
  piece(length: number): Uint8Array<ArrayBuffer> {
    const piece = new Uint8Array(length);
    for (let at = 0; at < length;) {
      const stretch = this.next().subarray(0, length - at);
      piece.set(stretch, at);
      at += stretch.length;
    }
    return piece;
  }
}

/** Large files of mixed data: `bytes` in eight of them. */
export async function makeMixedFiles(folder: string, bytes: number): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const data = await MixedData.make();
  for (let number = 0; number < 8; number++) {
    await data.write(join(folder, `file${number}`), Math.floor(bytes / 8));
  }
}

function makeText(): Uint8Array {
  const random = new Uint32Array(bytesOf(11, 1 << 22).buffer);
  const letters = "etaoinshrdlcumwfgypbvk";
  const words = Array.from({ length: 8000 }, (_, number) => {
    const length = 2 + (random[number] ?? 0) % 9;
    return Array.from({ length }, (_, at) => {
      const choice = (random[(number * 11 + at) % random.length] ?? 0) % 484;
      return letters[Math.floor(Math.sqrt(choice))] ?? "e";
    }).join("");
  });
  const parts: string[] = [];
  let length = 0;
  for (let at = 0; length < kindLength; at = (at + 1) % random.length) {
    // Frequent words are frequent: the square makes small numbers likely.
    const share = ((random[at] ?? 0) ^ length) >>> 0;
    const rank = Math.floor((share / 2 ** 32) ** 3 * words.length);
    const word = words[rank] ?? "the";
    parts.push(word, share % 13 === 0 ? ".\n" : " ");
    length += word.length + 1;
  }
  return new TextEncoder().encode(parts.join("")).subarray(0, kindLength);
}

async function readCode(): Promise<Uint8Array> {
  using file = await Deno.open(Deno.execPath());
  await file.seek(24 << 20, Deno.SeekMode.Start);
  const bytes = new Uint8Array(kindLength);
  for (let at = 0; at < bytes.length;) {
    const count = file.readSync(bytes.subarray(at));
    if (count === null) break;
    at += count;
  }
  return bytes;
}

/** Records of 32 bytes: counters, flags and measured values, as a database or a log would have. */
function makeRecords(): Uint8Array {
  const bytes = new Uint8Array(kindLength);
  const view = new DataView(bytes.buffer);
  const random = new Uint32Array(bytesOf(13, 1 << 20).buffer);
  for (let at = 0; at < bytes.length; at += 32) {
    const value = random[(at >> 5) % random.length] ?? 0;
    view.setUint32(at, at >> 5, true);
    view.setUint32(at + 4, 1_700_000_000 + (at >> 9), true);
    view.setUint8(at + 8, value & 3);
    view.setFloat64(at + 16, 20 + (value % 1000) / 100, true);
    view.setUint32(at + 24, value % 5000, true);
  }
  return bytes;
}
