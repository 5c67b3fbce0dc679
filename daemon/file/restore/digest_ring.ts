/**
 * Digests of large files in a thread of their own: who writes a file puts its bytes into a ring in
 * shared memory and asks for the digest at the end. Bytes that lie in memory that both know are not
 * copied: they must stay until the other thread is beyond the mark that follows them. One thread
 * writes to a ring, one reads from it.
 *
 * @module
 */
import { type Digest, type DigestName, digestNames, fastDigests } from "../../../crypto/mod.ts";

/** Slots of the ring, and bytes of each. */
const slots = 8;
const slotLength = 256 << 10;
/** Room for the longest digest, behind the slots. */
const digestLength = 64;

/** What a slot asks for: so many bytes more, or one of these. */
const beginDigest = -1;
const endDigest = -2;
const endThread = -3;

/**
 * Words: slots written, slots read, length of the digest that is ready (0 for none), whether one end is
 * gone; then for each slot
 * what it asks for, and a detail: the digest that begins, or where its bytes are. Those in the slot
 * itself have the detail -1, others their offset in the memory whose number comes last.
 */
const word = { written: 0, read: 1, ready: 2, gone: 3, asked: 4 } as const;
const slotWords = 3;

/** Longest wait before another look, in milliseconds: a thread that waits can be ended only then. */
const longestWait = 250;

/** The memory of a ring. */
export interface RingMemory {
  readonly control: SharedArrayBuffer;
  readonly data: SharedArrayBuffer;
  /** Where bytes may be that are not copied. */
  readonly known: readonly SharedArrayBuffer[];
}

/** Makes the memory of a ring; bytes in the `known` memory will not be copied. */
export function makeRing(known: readonly SharedArrayBuffer[] = []): RingMemory {
  return {
    control: new SharedArrayBuffer(4 * (word.asked + slotWords * slots)),
    data: new SharedArrayBuffer(slots * slotLength + digestLength),
    known,
  };
}

/** Says that one end is gone: who waits at the other need not. */
export function breakRing({ control }: RingMemory): void {
  Atomics.store(new Int32Array(control), word.gone, 1);
}

/** What both ends do. */
export class RingEnd {
  protected readonly control: Int32Array;
  protected readonly data: Uint8Array;
  protected readonly known: readonly SharedArrayBuffer[];

  constructor({ control, data, known }: RingMemory) {
    this.control = new Int32Array(control);
    this.data = new Uint8Array(data);
    this.known = known;
  }

  /** Moves a counter on and wakes the other end. */
  protected advance(counter: number): void {
    Atomics.add(this.control, counter, 1);
    Atomics.notify(this.control, counter);
  }

  /** Waits until the counter is not `value`. @throws Error if the other end is gone */
  protected waitWhile(counter: number, value: number): void {
    while (Atomics.load(this.control, counter) === value) {
      if (Atomics.load(this.control, word.gone) !== 0) {
        throw new Error("Cannot make digests: their thread ended");
      }
      Atomics.wait(this.control, counter, value, longestWait);
    }
  }
}

/** The end where bytes come in. One digest at a time. */
export class DigestRing extends RingEnd {
  /** Begins a digest; its predecessor must have been asked for. */
  create(name: DigestName): Digest {
    this.#put(beginDigest, digestNames.indexOf(name));
    return { update: (bytes) => this.#update(bytes), digest: () => this.#digest() };
  }

  /** Where the ring is at present: for {@linkcode waitFor}. */
  get mark(): number {
    return Atomics.load(this.control, word.written);
  }

  /** Whether all that was put in before a mark is digested. */
  hasPassed(mark: number): boolean {
    return ((Atomics.load(this.control, word.read) - mark) | 0) >= 0;
  }

  /** Waits until all that was put in before a mark is digested. */
  waitFor(mark: number): void {
    for (;;) {
      const read = Atomics.load(this.control, word.read);
      if (((read - mark) | 0) >= 0) return;
      this.waitWhile(word.read, read);
    }
  }

  /** Lets the thread at the other end finish. */
  end(): void {
    this.#put(endThread, 0);
  }

  #update(bytes: Uint8Array): void {
    const memory = this.known.findIndex((one) => (one as ArrayBufferLike) === bytes.buffer);
    if (memory >= 0) {
      if (bytes.length > 0) this.#ask(this.#freeSlot(), bytes.length, bytes.byteOffset, memory);
      return;
    }
    for (let at = 0; at < bytes.length; at += slotLength) {
      const piece = bytes.subarray(at, at + slotLength);
      const slot = this.#freeSlot();
      this.data.set(piece, slot * slotLength);
      this.#ask(slot, piece.length, -1);
    }
  }

  #digest(): Uint8Array {
    Atomics.store(this.control, word.ready, 0);
    this.#put(endDigest, 0);
    this.waitWhile(word.ready, 0);
    const start = slots * slotLength;
    return this.data.slice(start, start + Atomics.load(this.control, word.ready));
  }

  #put(what: number, detail: number): void {
    this.#ask(this.#freeSlot(), what, detail);
  }

  #ask(slot: number, what: number, detail: number, memory = 0): void {
    this.control.set([what, detail, memory], word.asked + slotWords * slot);
    this.advance(word.written);
  }

  #freeSlot(): number {
    const written = Atomics.load(this.control, word.written);
    // Counters wrap, their difference does not.
    this.waitWhile(word.read, (written - slots) | 0);
    return (written >>> 0) % slots;
  }
}

/** The end where digests are made. */
export class DigestMaker extends RingEnd {
  /** Makes digests until the other end says that it is over. */
  serve(): void {
    const createDigest = fastDigests();
    let digest: Digest | undefined;
    for (let read = Atomics.load(this.control, word.read);; read = (read + 1) | 0) {
      this.waitWhile(word.written, read);
      const slot = (read >>> 0) % slots;
      const at = word.asked + slotWords * slot;
      const [what = 0, detail = 0, memory = 0] = this.control.subarray(at, at + slotWords);
      if (what === endThread) return;
      if (what === beginDigest) digest = createDigest(digestNames[detail] ?? "MD5");
      else if (what === endDigest) {
        const bytes = digest?.digest() ?? new Uint8Array(0);
        this.data.set(bytes, slots * slotLength);
        Atomics.store(this.control, word.ready, bytes.length);
        Atomics.notify(this.control, word.ready);
      } else digest?.update(this.#bytesAt(slot, what, detail, memory));
      this.advance(word.read);
    }
  }

  #bytesAt(slot: number, length: number, offset: number, memory: number): Uint8Array {
    const known = offset < 0 ? undefined : this.known[memory];
    if (known !== undefined) return new Uint8Array(known, offset, length);
    return this.data.subarray(slot * slotLength, slot * slotLength + length);
  }
}
