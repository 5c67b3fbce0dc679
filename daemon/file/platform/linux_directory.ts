import type { DirectoryReader } from "./platform.ts";

/** Bytes of a `struct linux_dirent64` before the name: u64 inode, i64 offset, u16 length, u8 type. */
const nameOffset = 19;
const lengthOffset = 16;

/** Reads a directory with `getdents64`, in large steps. */
export class LinuxDirectory implements DirectoryReader {
  readonly #fill: (into: Uint8Array) => number;
  readonly #close: () => void;
  readonly #buffer: Uint8Array;
  #isOpen = true;

  /**
   * `buffer` (64 KiB is good) is used during `read` only and may be shared; `fill` puts entries into
   * it and says how many bytes.
   */
  constructor(buffer: Uint8Array, fill: (into: Uint8Array) => number, close: () => void) {
    this.#buffer = buffer;
    this.#fill = fill;
    this.#close = close;
  }

  /** See the interface. */
  read(): Uint8Array | undefined {
    while (this.#isOpen) {
      const filled = this.#fill(this.#buffer);
      if (filled === 0) {
        this.close();
        return undefined;
      }
      const names = collectNames(this.#buffer, filled);
      if (names.length > 0) return names;
    }
    return undefined;
  }

  /** See the interface. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#close();
  }
}

/** Moves the names in `length` bytes of entries together, each with its zero byte. */
function collectNames(buffer: Uint8Array, length: number): Uint8Array {
  let used = 0;
  for (let at = 0; at < length;) {
    const step = (buffer[at + lengthOffset] as number) |
      (buffer[at + lengthOffset + 1] as number) << 8;
    const start = at + nameOffset;
    if (!isDots(buffer, start)) {
      const end = buffer.indexOf(0, start) + 1;
      buffer.copyWithin(used, start, end);
      used += end - start;
    }
    at += step;
  }
  return buffer.slice(0, used);
}

function isDots(buffer: Uint8Array, at: number): boolean {
  return buffer[at] === 0x2e &&
    (buffer[at + 1] === 0 || (buffer[at + 1] === 0x2e && buffer[at + 2] === 0));
}
