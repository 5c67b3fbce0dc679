/**
 * Stopping a thread in good order: a thread that is ended from outside leaves open what it has opened, so
 * one that works for long looks at a word of shared memory and closes everything itself.
 *
 * @module
 */
import type { Platform } from "./platform.ts";

/** Somebody wants the thread to stop. */
export class StoppedError extends Error {
  /** The class, for logs. */
  override readonly name = "StoppedError";
}

/** Time for a thread to close what it has open when it is told to stop, in milliseconds. */
export const restTime = 500;

/** A word that tells threads to stop. */
export type StopWord = Int32Array<SharedArrayBuffer>;

/** A word that does not say so yet. */
export function makeStopWord(): StopWord {
  return new Int32Array(new SharedArrayBuffer(4));
}

/** Says so to all who look. */
export function stop(word: StopWord): void {
  Atomics.store(word, 0, 1);
}

/** Does nothing until the word says so. @throws {StoppedError} from then on */
export function throwIfStopped(word: StopWord | undefined): void {
  if (word !== undefined && Atomics.load(word, 0) !== 0) throw new StoppedError("Told to stop");
}

/** The same platform, whose reading of files ends with a {@linkcode StoppedError} when the word says so. */
export function stoppable(platform: Platform, word: StopWord | undefined): Platform {
  if (word === undefined) return platform;
  const made = new Map<PropertyKey, unknown>();
  return new Proxy(platform, {
    get(target, key) {
      if (made.has(key)) return made.get(key);
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== "function") return value; // it may change
      const call = (...args: unknown[]): unknown => {
        if (key === "read") throwIfStopped(word);
        return Reflect.apply(value, target, args);
      };
      made.set(key, call);
      return call;
    },
  });
}
