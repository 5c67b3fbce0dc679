import { encodeText } from "../../../bytes/mod.ts";
import type { BytePath, Descriptor } from "./platform.ts";

/** The longest path, with its zero byte, that Linux and macOS take in one call is at least this. */
const longest = 4096;
/** Where a longer path is cut; leaves room for a prefix. */
const piece = 3900;

/** The two calls that a long path needs. */
export interface PlaceOpener {
  /** The number that stands for the current directory. */
  readonly current: Descriptor;
  /** Opens a directory, given as bytes with a zero at the end, just to start from. */
  openPlace(at: Descriptor, path: Uint8Array): Descriptor;
  /** Closes it again. */
  closePlace(place: Descriptor): void;
}

/**
 * A path made ready for the C library: a directory to start from and bytes with a zero at the end,
 * in a buffer that is used again. A path that is too long for one call is walked in pieces to an open
 * directory near its end; {@linkcode release} closes that.
 */
export class NativePath {
  /** Where {@linkcode bytes} starts from. */
  at: Descriptor;
  /** The path or its rest; valid until the next one is prepared. */
  readonly bytes: Uint8Array = new Uint8Array(2 * longest);
  readonly #opener: PlaceOpener;
  #place: Descriptor = -1;

  /** Ready for {@linkcode prepare}. */
  constructor(opener: PlaceOpener) {
    this.#opener = opener;
    this.at = opener.current;
  }

  /** Makes `at` and `bytes` stand for a path. */
  prepare(path: BytePath, at: Descriptor = this.#opener.current): void {
    if (path.length >= longest) return this.#prepareLong(path, at);
    this.at = at;
    this.bytes.set(path);
    this.bytes[path.length] = 0;
  }

  /**
   * Makes `bytes` alone stand for a path, for calls that know no starting directory: through the
   * folder of open files in /proc if there must be one.
   */
  prepareWhole(path: BytePath, at: Descriptor = this.#opener.current): void {
    this.prepare(path, at);
    if (this.at === this.#opener.current || this.bytes[0] === 0x2f) return;
    const prefix = encodeText(`/proc/self/fd/${this.at}/`);
    this.bytes.copyWithin(prefix.length, 0, longest);
    this.bytes.set(prefix);
  }

  /** Closes what a long path needed. */
  release(): void {
    if (this.#place < 0) return;
    this.#opener.closePlace(this.#place);
    this.#place = -1;
  }

  #prepareLong(path: BytePath, at: Descriptor): void {
    this.release();
    this.at = at;
    let rest = path;
    while (rest.length >= piece) {
      const slash = rest.lastIndexOf(0x2f, piece);
      if (slash <= 0) break; // no name is that long: the system will say so
      this.bytes.set(rest.subarray(0, slash));
      this.bytes[slash] = 0;
      const place = this.#opener.openPlace(this.at, this.bytes);
      this.release();
      this.#place = place;
      this.at = place;
      rest = rest.subarray(slash + 1);
      while (rest[0] === 0x2f) rest = rest.subarray(1);
    }
    const used = Math.min(rest.length, this.bytes.length - 64);
    this.bytes.set(rest.subarray(0, used));
    this.bytes[used] = 0;
  }
}
