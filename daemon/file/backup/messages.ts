/** What the backup thread and the job that started it tell each other. @module */
import type { JobMessageType } from "../../../protocol/mod.ts";
import type { FileSet } from "../fileset/mod.ts";
import type { SaveProgress } from "./file_saver.ts";

/** A file of the accurate list: what is known of it from earlier jobs. */
export interface KnownFile {
  readonly path: string;
  /** Stat as encoded text. */
  readonly stat: string;
  /** Digest as base64 text, empty if not known. */
  readonly digest: string;
}

/** What a backup, or an estimate, is to do. */
export interface BackupOrder {
  readonly kind: "start";
  readonly fileSet: FileSet;
  /** Letter of the level: `F`, `I`, `D`. */
  readonly level: string;
  /** Files changed since then are saved; seconds of our clock. */
  readonly since: number;
  /** Whether files are compared with a list, which comes in pieces behind this order. */
  readonly isAccurate: boolean;
  readonly firstFileIndex: number;
  /** `undefined` for a backup; else lines are made, or only counted. */
  readonly estimate?: { readonly hasListing: boolean };
}

/** To the thread. */
export type ToBackupThread =
  | BackupOrder
  | { readonly kind: "known"; readonly files: readonly KnownFile[] }
  | { readonly kind: "go" }
  /** A buffer was written; one more may be made. */
  | { readonly kind: "written" }
  | { readonly kind: "cancel" };

/** From the thread. */
export type FromBackupThread =
  | { readonly kind: "frames"; readonly bytes: Uint8Array; readonly progress: SaveProgress }
  | {
    readonly kind: "messages";
    readonly messages: readonly (readonly [type: JobMessageType, text: string])[];
  }
  | { readonly kind: "lines"; readonly text: string }
  | {
    readonly kind: "done";
    readonly progress: SaveProgress;
    /** Why it gave up, if it did. */
    readonly failure?: string;
    readonly estimate?: { readonly files: number; readonly bytes: number };
  };
