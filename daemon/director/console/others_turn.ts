/** Lets jobs and consoles go on while something looks at very many files. */
export class OthersTurn {
  #steps = 0;

  /** Whether {@linkcode take} is to be called before the next step. */
  isDue(): boolean {
    return ++this.#steps % 2_000 === 0;
  }

  /** Comes back when the others have had their turn. */
  take(): Promise<void> {
    return othersTurn();
  }
}

/** Comes back when jobs and consoles have had their turn. */
export function othersTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
