import type { SessionKey } from "../../storage/volume/mod.ts";

/** Gives the files of what is copied the numbers 1, 2, 3 ... (storage-daemon.md 8.2). */
export class FileNumbers {
  #number = 0;
  #sessionId = 0;
  #sessionTime = 0;
  #fileIndex = 0;

  /** The new number of the file that a record belongs to. */
  next({ sessionId, sessionTime, fileIndex }: SessionKey & { readonly fileIndex: number }): number {
    const isSame = fileIndex === this.#fileIndex && sessionId === this.#sessionId &&
      sessionTime === this.#sessionTime;
    if (isSame) return this.#number;
    this.#fileIndex = fileIndex;
    this.#sessionId = sessionId;
    this.#sessionTime = sessionTime;
    return ++this.#number;
  }
}
