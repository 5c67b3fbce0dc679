/** What the threads of restores and verifies, and the jobs that they serve, tell each other. @module */
import type { Certificate } from "../../../crypto/mod.ts";
import type { JobMessageType } from "../../../protocol/mod.ts";
import type { FileSet } from "../fileset/mod.ts";
import type { StopWord } from "../platform/mod.ts";
import type { RestoringPlugins } from "../plugins/mod.ts";
import type { BoardMemory, RestoreKeys, RingMemory } from "../restore/mod.ts";

/** Where and how to restore (director-client.md 11). */
export interface RestoreOrder {
  readonly kind: "restore";
  /** `a` always, `w` if newer, `o` if older, `n` never. */
  readonly replace: string;
  /** Whether targets of absolute symbolic links get the prefix, too. */
  readonly prefixLinks: boolean;
  /** The folder that becomes the root of what is restored; empty for the original place. */
  readonly where: string;
  /** Expressions that change names; empty for none. */
  readonly regexWhere: string;
  /** Whether each file that was restored is told of. */
  readonly tellsFiles: boolean;
  /** Erases files that are replaced; empty for none. */
  readonly secureEraseCommand: string;
  /** Keys for encrypted and signed files; none if absent. */
  readonly keys: RestoreKeys | undefined;
  /** What is known of plugins. */
  readonly plugins: RestoringPlugins;
  /** The ring to a thread for digests, if there is one. */
  readonly ring: RingMemory | undefined;
  /** Memory for decrypted data, which the ring knows as it does the first pieces. */
  readonly plain: SharedArrayBuffer;
  /** Where other threads find signatures to check, if there are some. */
  readonly board: BoardMemory | undefined;
}

/** What is to be compared with the catalog. */
export interface VerifyOrder {
  readonly kind: "verify";
  readonly fileSet: FileSet;
}

/** Signatures of a restore are to be checked, as long as there are some. */
export interface CheckOrder {
  readonly kind: "check";
  readonly board: BoardMemory;
  /** Those of the restore's keys, in the same order. */
  readonly signers: readonly Certificate[];
}

/** What a job asks for first. */
export type WorkOrder = RestoreOrder | VerifyOrder | CheckOrder;

/** What it says later. */
export type ToWork =
  /** A piece is full; a report of the thread gives it back. */
  | { readonly kind: "records"; readonly slot: number; readonly length: number }
  /** No records any more. */
  | { readonly kind: "end" }
  /** Go on with the walk. */
  | { readonly kind: "more" };

/** Of a restore: when a piece is done with, and at the end. */
export interface FromRestore {
  readonly kind: "progress" | "done";
  /** The piece that is free again. */
  readonly slot: number;
  readonly messages: readonly (readonly [type: JobMessageType, text: string])[];
  readonly counters: {
    readonly files: number;
    readonly bytes: number;
    readonly readBytes: number;
    readonly path: string;
  };
}

/** Of a verify: pieces of the walk in order; after each it waits for `more`. */
export interface FromVerify {
  readonly kind: "piece" | "done";
  /** Records for the director (director-client.md 13), byte preserving. */
  readonly records: readonly string[];
  readonly messages: readonly (readonly [type: JobMessageType, text: string])[];
  /** Files so far, bytes digested so far, files looked at so far. */
  readonly files: number;
  readonly bytes: number;
  readonly examined: number;
  /** The file at work, byte preserving. */
  readonly path: string;
}

/** What a job hears. */
export type FromWork = FromRestore | FromVerify;

/** To a thread. */
export type ToSeat =
  /** First of all: where it says what it is at. */
  | { readonly kind: "seat"; readonly state: SharedArrayBuffer }
  /** More memory for pieces. */
  | { readonly kind: "shelf"; readonly number: number; readonly memory: SharedArrayBuffer }
  /** A job begins; the word tells it to stop. */
  | {
    readonly kind: "begin";
    readonly job: number;
    readonly order: WorkOrder;
    readonly stop: StopWord;
  }
  | { readonly kind: "said"; readonly job: number; readonly message: ToWork }
  /** Look at the job's word. */
  | { readonly kind: "stop"; readonly job: number };

/** From a thread. */
export type FromSeat =
  | { readonly kind: "said"; readonly job: number; readonly message: FromWork }
  /** The last that is heard of a job: all that it had open is closed. */
  | { readonly kind: "over"; readonly job: number; readonly failure?: string | undefined };

/** Words of a thread's state: the job at work (0 for none), since when in seconds. */
export const seatWord = { job: 0, since: 1 } as const;

/** A thread has nothing to do for a job at present, will look again soon, or goes on. */
export type WorkStep = "waits" | "polls" | "goes" | "done";

/** A job in a thread. */
export interface Work {
  /** Takes what the job says. */
  take(message: ToWork): void;
  /** Does something, for a short time. @throws what keeps it from going on */
  step(): WorkStep;
  /** Closes all that is open; nothing follows. */
  abandon(): void;
}
