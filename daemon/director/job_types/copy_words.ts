/** What messages call copying and migrating. */
export interface CopyWords {
  /** `Copying`, `Migration`. */
  readonly operation: string;
  /** `copy`, `migrate`. */
  readonly action: string;
  /** `copied`, `migrated`. */
  readonly done: string;
}

const COPY: CopyWords = { operation: "Copying", action: "copy", done: "copied" };
const MIGRATE: CopyWords = { operation: "Migration", action: "migrate", done: "migrated" };

/** The words for a job of that type, `c` or `g`. */
export function copyWords(type: string): CopyWords {
  return type === "c" ? COPY : MIGRATE;
}
