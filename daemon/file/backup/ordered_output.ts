/**
 * Puts the parts of a backup's output in order: unit after unit, part after part, whichever thread
 * was faster. What only the order makes known is filled in here: digests that files with several
 * names repeat.
 *
 * @module
 */
import type { DigestPlace, OutputPart } from "./messages.ts";

/** Takes parts as they come and gives them in order. */
export class OrderedOutput {
  /** Parts that came too early, by unit and part. */
  readonly #waiting = new Map<number, Map<number, OutputPart>>();
  #part = 0;
  /** The unit whose parts are given at present: all before are complete. */
  unit = 0;

  /** Takes a part. */
  put(part: OutputPart): void {
    const parts = this.#waiting.get(part.unit) ?? new Map<number, OutputPart>();
    if (parts.size === 0) this.#waiting.set(part.unit, parts);
    parts.set(part.part, part);
  }

  /** The next part, if it has come; {@linkcode unit} moves on behind the last one of a unit. */
  take(): OutputPart | undefined {
    const parts = this.#waiting.get(this.unit);
    const part = parts?.get(this.#part);
    if (parts === undefined || part === undefined) return undefined;
    parts.delete(this.#part++);
    if (part.isLast) {
      this.#waiting.delete(this.unit++);
      this.#part = 0;
    }
    return part;
  }

  /** Parts that have come and cannot be given yet. */
  *rest(): Generator<OutputPart> {
    for (const parts of this.#waiting.values()) yield* parts.values();
  }
}

/** The digests of files with several names. */
export class SharedDigests {
  readonly #digests = new Map<number, Uint8Array>();

  /**
   * Keeps the digests in a part's bytes, puts in those that are repeated, and says how many bytes are
   * left: the record of a digest that is not known, because the file could not be read, is taken out.
   */
  complete(bytes: Uint8Array, length: number, places: readonly DigestPlace[]): number {
    let end = length;
    let removed = 0;
    for (const place of places) {
      const { firstIndex, isOwn } = place;
      const [start, at, stop] = [place.start - removed, place.at - removed, place.end - removed];
      const digest = this.#digests.get(firstIndex);
      if (isOwn) this.#digests.set(firstIndex, bytes.slice(at, stop - 4));
      else if (digest !== undefined) bytes.set(digest, at);
      else {
        bytes.copyWithin(start, stop, end);
        removed += stop - start;
        end -= stop - start;
      }
    }
    return end;
  }
}
