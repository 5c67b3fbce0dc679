/**
 * The part of DER (X.690) that keys, certificates and the envelopes of encrypted files need: definite
 * lengths, low tags, object identifiers as dotted text.
 *
 * @module
 */

/** The tags of the types that are used. */
export const tag = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  sequence: 0x30,
  set: 0x31,
  /** Version of a certificate, and its extensions. */
  context0: 0xa0,
  context3: 0xa3,
} as const;

/** Bytes are not what they are said to be. */
export class DerError extends Error {
  override readonly name = "DerError";
}

/** Reads values one after the other. What it gives are views. */
export class DerReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  /** Reads from the beginning of `bytes`. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whether all was read. */
  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** The tag of the next value; undefined at the end. */
  get nextTag(): number | undefined {
    return this.#bytes[this.#at];
  }

  /**
   * The contents of the next value.
   * @throws {DerError} if it has another tag or is cut off
   */
  read(wanted: number): Uint8Array {
    const found = this.#bytes[this.#at];
    if (found !== wanted) {
      const hex = (value: number): string => value.toString(16).padStart(2, "0");
      const what = found === undefined ? "the end" : `tag ${hex(found)}`;
      throw new DerError(`${what} at byte ${this.#at}, tag ${hex(wanted)} expected`);
    }
    return this.#contents();
  }

  /** The whole next value with its tag and length, whatever it is. @throws {DerError} if it is cut off */
  readAny(): Uint8Array {
    const start = this.#at;
    if (this.isAtEnd) throw new DerError(`the end at byte ${start}, a value expected`);
    this.#contents();
    return this.#bytes.subarray(start, this.#at);
  }

  /** A reader of the contents of the next value. @throws {DerError} as {@linkcode read} */
  enter(wanted: number): DerReader {
    return new DerReader(this.read(wanted));
  }

  /** A small number that is not negative. @throws {DerError} as {@linkcode read} */
  integer(): number {
    const bytes = this.read(tag.integer);
    if (bytes.length === 0 || bytes.length > 4 || (bytes[0] ?? 0) > 127) {
      throw new DerError(`a number of ${bytes.length} bytes, or a negative one`);
    }
    return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  }

  /** An object identifier. @throws {DerError} as {@linkcode read} */
  objectIdentifier(): string {
    const bytes = this.read(tag.objectIdentifier);
    const numbers: number[] = [];
    let value = 0;
    bytes.forEach((byte, at) => {
      value = value * 128 + (byte & 127);
      if (value > 0xffffffff || (byte > 127 && at === bytes.length - 1)) {
        throw new DerError("an object identifier that cannot be");
      }
      if (byte > 127) return;
      numbers.push(value);
      value = 0;
    });
    const [first = 0, ...rest] = numbers;
    const root = Math.min(2, Math.floor(first / 40));
    return [root, first - 40 * root, ...rest].join(".");
  }

  #contents(): Uint8Array {
    const bytes = this.#bytes;
    let at = this.#at + 1;
    let length = bytes[at++] ?? -1;
    if (length > 127) {
      const count = length & 127;
      if (count === 0 || count > 4) throw new DerError(`an unknown length at byte ${at - 1}`);
      length = 0;
      for (let n = 0; n < count; n++) length = length * 256 + (bytes[at++] ?? NaN);
    }
    if (!(length >= 0 && at + length <= bytes.length)) {
      throw new DerError(`the value at byte ${this.#at} is cut off`);
    }
    this.#at = at + length;
    return bytes.subarray(at, at + length);
  }
}

/** A value of a tag with these contents. */
export function derValue(of: number, ...contents: Uint8Array[]): Uint8Array {
  const length = contents.reduce((sum, part) => sum + part.length, 0);
  const head = [of];
  if (length < 128) head.push(length);
  else {
    const digits: number[] = [];
    for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
    head.push(0x80 | digits.length, ...digits);
  }
  const value = new Uint8Array(head.length + length);
  value.set(head);
  let at = head.length;
  for (const part of contents) {
    value.set(part, at);
    at += part.length;
  }
  return value;
}

/** SET OF: its members in ascending order of their bytes. */
export function derSetOf(members: readonly Uint8Array[]): Uint8Array {
  return derValue(tag.set, ...[...members].sort(compareBytes));
}

/** An object identifier from dotted text. */
export function derObjectIdentifier(text: string): Uint8Array {
  const [root = 0, second = 0, ...rest] = text.split(".").map(Number);
  const bytes = [root * 40 + second, ...rest].flatMap((number) => {
    const digits = [number % 128];
    for (let high = Math.floor(number / 128); high > 0; high = Math.floor(high / 128)) {
      digits.unshift(high % 128 + 128);
    }
    return digits;
  });
  return derValue(tag.objectIdentifier, Uint8Array.from(bytes));
}

/** The version of the envelopes: 0. */
export function derZero(): Uint8Array {
  return derValue(tag.integer, Uint8Array.of(0));
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const end = Math.min(a.length, b.length);
  for (let at = 0; at < end; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
