/** What the thread that walks for a verify and the job that started it tell each other. @module */
import type { JobMessageType } from "../../protocol/mod.ts";
import type { StopWord } from "./platform/mod.ts";
import type { FileSet } from "./fileset/mod.ts";

/** To the thread; after each piece it waits for `more`. */
export type ToVerifyThread =
  | {
    readonly kind: "verify";
    readonly fileSet: FileSet;
    /** Tells it to stop: it closes what it has open and is done. */
    readonly stop: StopWord;
  }
  | { readonly kind: "more" };

/** From the thread: pieces of the walk in order. */
export interface FromVerifyThread {
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
