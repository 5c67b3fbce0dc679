/**
 * Signatures that wait for being checked, in memory that threads share. The thread that restores puts one
 * into a slot; whoever has time takes it, and the answer stays in the slot until the first thread takes
 * it out. A check is nothing but arithmetic: should a thread that has taken one be gone, it is done again.
 *
 * Words of a slot: its state, the number of the signer, the number of the digest, bytes of the digest, bytes
 * of the signature. The state holds the number of the check as well, so that who comes late with an answer
 * does not give it to another check.
 *
 * @module
 */
import { type Certificate, isSignatureOf, signedDigests } from "../../../crypto/mod.ts";

/** Checks that may be under way. */
const slots = 256;
const slotWords = 5;
/** Bytes of the longest digest, and of the longest signature: of a key of 8192 bits. */
const digestLength = 64;
const signatureLength = 1024;
const slotLength = digestLength + signatureLength;

/** The lower bits of a state; a slot that is free is 0. */
const kindBits = 2;
const kindMask = 3;
const waiting = 0;
const taken = 1;
const good = 2;
const bad = 3;

/** Longest wait for a thread that has taken a check, in milliseconds. */
const longestWait = 100;

/** Digests that can be signed, by number. */
const objectIdentifiers = Object.keys(signedDigests);

/** What threads share. */
export interface BoardMemory {
  readonly control: SharedArrayBuffer;
  readonly data: SharedArrayBuffer;
}

/** Makes an empty board. */
export function makeBoard(): BoardMemory {
  return {
    control: new SharedArrayBuffer(4 * slotWords * slots),
    data: new SharedArrayBuffer(slotLength * slots),
  };
}

/** How many checks nobody has begun yet. */
export function checksOn({ control }: BoardMemory): number {
  const words = new Int32Array(control);
  let count = 0;
  for (let at = 0; at < words.length; at += slotWords) {
    const state = Atomics.load(words, at);
    if (state !== 0 && (state & kindMask) === waiting) count++;
  }
  return count;
}

/** A signature and what it should be one of. */
export interface SignatureCheck {
  readonly signer: Certificate;
  /** Object identifier of the digest. */
  readonly oid: string;
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
}

/** Does a check. */
export function isGood({ signer, signature, oid, digest }: SignatureCheck): boolean {
  return isSignatureOf(signer.publicKey, signature, { oid, digest });
}

/** What both ends do. */
export class BoardEnd {
  protected readonly control: Int32Array;
  readonly #data: Uint8Array;
  protected readonly signers: readonly Certificate[];

  /** Both ends have the same signers in the same order. */
  constructor({ control, data }: BoardMemory, signers: readonly Certificate[]) {
    this.control = new Int32Array(control);
    this.#data = new Uint8Array(data);
    this.signers = signers;
  }

  protected state(number: number, kind: number): number {
    return number << kindBits | kind;
  }

  protected place(slot: number): Uint8Array {
    return this.#data.subarray(slot * slotLength, (slot + 1) * slotLength);
  }

  /** Does the check in a slot that is waiting; false if it is not, or not any more. */
  protected take(slot: number): boolean {
    const at = slot * slotWords;
    const state = Atomics.load(this.control, at);
    if (state === 0 || (state & kindMask) !== waiting) return false;
    if (Atomics.compareExchange(this.control, at, state, state | taken) !== state) return false;
    const answer = this.check(slot) ? good : bad;
    // Who could not wait has done it already.
    Atomics.compareExchange(this.control, at, state | taken, state | answer);
    Atomics.notify(this.control, at);
    return true;
  }

  protected check(slot: number): boolean {
    const at = slot * slotWords;
    const [signerAt = 0, digestAt = 0, digestBytes = 0, signatureBytes = 0] = this.control
      .subarray(at + 1, at + slotWords);
    const signer = this.signers[signerAt];
    const oid = objectIdentifiers[digestAt];
    if (signer === undefined || oid === undefined) return false;
    const place = this.place(slot);
    const digest = place.slice(0, digestBytes);
    const signature = place.slice(digestLength, digestLength + signatureBytes);
    return isGood({ signer, oid, digest, signature });
  }
}

/** The end of the thread that restores. */
export class SignatureBoard extends BoardEnd {
  /** Numbers of the first check that was not answered, and of the next one. */
  #first = 1;
  #next = 1;

  /** Whether a check may be put up: the answers to the oldest are wanted first otherwise. */
  get hasRoom(): boolean {
    return this.#next - this.#first < slots;
  }

  /** Puts up a check; false if it is too large for the board. There must be room. */
  put({ signer, oid, digest, signature }: SignatureCheck): boolean {
    const signerAt = this.signers.indexOf(signer);
    const digestAt = objectIdentifiers.indexOf(oid);
    const fits = digest.length <= digestLength && signature.length <= signatureLength;
    if (signerAt < 0 || digestAt < 0 || !fits) return false;
    const slot = this.#next % slots;
    const place = this.place(slot);
    place.set(digest);
    place.set(signature, digestLength);
    const at = slot * slotWords;
    this.control.set([signerAt, digestAt, digest.length, signature.length], at + 1);
    Atomics.store(this.control, at, this.state(this.#next++, waiting));
    return true;
  }

  /** The answer to the oldest check, which leaves the board then; undefined if nobody has it yet. */
  answer(): boolean | undefined {
    const at = this.#first % slots * slotWords;
    const kind = Atomics.load(this.control, at) & kindMask;
    if (kind !== good && kind !== bad) return undefined;
    return this.#leave(kind === good);
  }

  /** Does the oldest check, if nobody has begun it; whether it did. */
  checkFirst(): boolean {
    return this.take(this.#first % slots);
  }

  /** The answer to the oldest check, whatever it takes. */
  wait(): boolean {
    const slot = this.#first % slots;
    const at = slot * slotWords;
    this.take(slot);
    Atomics.wait(this.control, at, this.state(this.#first, taken), longestWait);
    return this.answer() ?? this.#leave(this.check(slot));
  }

  #leave(answer: boolean): boolean {
    Atomics.store(this.control, this.#first++ % slots * slotWords, 0);
    return answer;
  }
}

/** The end of a thread that helps. */
export class SignatureHelper extends BoardEnd {
  #slot = 0;

  /** Does so many checks at most; whether there was one. */
  help(most: number): boolean {
    let done = 0;
    for (let looked = 0; looked < slots && done < most; looked++) {
      if (this.take(this.#slot)) done++;
      this.#slot = (this.#slot + 1) % slots;
    }
    return done > 0;
  }
}
