/** What the restore thread and the job that started it tell each other. @module */
import type { JobMessageType } from "../../protocol/mod.ts";

/** Where and how to restore (director-client.md 11). */
export interface RestoreOrder {
  readonly kind: "start";
  /** `a` always, `w` if newer, `o` if older, `n` never. */
  readonly replace: string;
  /** Whether targets of absolute symbolic links get the prefix, too. */
  readonly prefixLinks: boolean;
  /** The folder that becomes the root of what is restored; empty for the original place. */
  readonly where: string;
  /** Expressions that change names; empty for none. */
  readonly regexWhere: string;
}

/** To the thread. */
export type ToRestoreThread =
  | RestoreOrder
  | {
    readonly kind: "records";
    /** The data of the records, one behind the other. */
    readonly bytes: Uint8Array;
    /** Five numbers a record: session id and time, FileIndex, stream, length. */
    readonly records: readonly number[];
  }
  | { readonly kind: "end" };

/** From the thread: after each piece, and at the end. */
export interface FromRestoreThread {
  readonly kind: "progress" | "done";
  readonly messages: readonly (readonly [type: JobMessageType, text: string])[];
  readonly counters: {
    readonly files: number;
    readonly bytes: number;
    readonly readBytes: number;
    readonly path: string;
  };
}
