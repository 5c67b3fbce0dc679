/** What the restore thread and the job that started it tell each other. @module */
import type { JobMessageType } from "../../protocol/mod.ts";
import type { StopWord } from "./platform/mod.ts";
import type { RestoringPlugins } from "./plugins/mod.ts";
import type { RestoreKeys, RingMemory } from "./restore/mod.ts";

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
  /** Whether each file that was restored is told of. */
  readonly tellsFiles: boolean;
  /** Erases files that are replaced; empty for none. */
  readonly secureEraseCommand: string;
  /** Keys for encrypted and signed files; none if absent. */
  readonly keys: RestoreKeys | undefined;
  /** What is known of plugins. */
  readonly plugins: RestoringPlugins;
}

/** To the thread. */
export type ToRestoreThread =
  | RestoreOrder & {
    /** Where pieces are. */
    readonly pieces: SharedArrayBuffer;
    /** The ring to a thread for digests, if there is one. */
    readonly ring: RingMemory | undefined;
    /** Memory for decrypted data, which the ring knows as it does the pieces. */
    readonly plain: SharedArrayBuffer;
    /** Ends what waits for a program. */
    readonly stop: StopWord;
  }
  /** A piece is full; a report of the thread gives it back. */
  | { readonly kind: "records"; readonly slot: number; readonly length: number }
  | { readonly kind: "end" }
  /** The job is over: close what is open. */
  | { readonly kind: "cancel" };

/** From the thread: when a piece is done with, and at the end. */
export interface FromRestoreThread {
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
