/**
 * How the thread of a login asks the director: it has nothing else to do and waits in one place of shared
 * memory, into which the answer is written.
 *
 * @module
 */
import { decodeText, encodeText } from "../../../bytes/mod.ts";

/** What a thread is given to begin with. */
export interface PamTask {
  readonly service: string;
  readonly user: string;
  /** The password, if the console has sent one: nothing is asked then. */
  readonly password: string | undefined;
  /** A folder in place of `/etc/pam.d`. */
  readonly folder: string | undefined;
  /** The memory of an {@linkcode Exchange}. */
  readonly memory: SharedArrayBuffer;
}

/** What the thread says: a question, or how the login has ended. */
export type PamWord =
  | { readonly ask: "secret" | "shown"; readonly text: string }
  | { readonly user: string }
  | { readonly refused: string };

/** The longest answer, in bytes. */
const answerLimit = 1000;
const headLength = 8;
const waiting = 0;
const answered = 1;

/** One answer at a time, from the director to the thread. */
export class Exchange {
  readonly memory: SharedArrayBuffer;
  readonly #head: Int32Array;
  readonly #bytes: Uint8Array;

  /** A new one, or the other end of `memory`. */
  constructor(memory = new SharedArrayBuffer(headLength + answerLimit)) {
    this.memory = memory;
    this.#head = new Int32Array(memory, 0, 2);
    this.#bytes = new Uint8Array(memory, headLength);
  }

  /** Gives the answer; what is longer than any password is cut. */
  answer(text: string): void {
    const bytes = encodeText(text).subarray(0, answerLimit);
    this.#bytes.set(bytes);
    this.#head[1] = bytes.length;
    Atomics.store(this.#head, 0, answered);
    Atomics.notify(this.#head, 0);
  }

  /** Waits for the answer, and leaves nothing of it behind; undefined if none comes in time. */
  take(timeoutMs: number): string | undefined {
    if (Atomics.wait(this.#head, 0, waiting, timeoutMs) === "timed-out") return undefined;
    const text = decodeText(this.#bytes.slice(0, this.#head[1]));
    this.#bytes.fill(0);
    Atomics.store(this.#head, 0, waiting);
    return text;
  }
}
