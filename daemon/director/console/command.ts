/** What a command of the console is (console.md 6). @module */
import type { MessageClass } from "./reply.ts";

/** A command as data. */
export interface CommandRow {
  readonly name: string;
  /** One line for `help`. */
  readonly help: string;
  /** Its arguments, as `help NAME` shows them. */
  readonly usage: string;
  /** Whether a script of a job may use it. */
  readonly inScripts: boolean;
  /** Whether it is audited by default. */
  readonly isAudited: boolean;
}

/** A command fails; the message is for the user. */
export class CommandFailed extends Error {
  override readonly name = "CommandFailed";
  /** The class of the message; a plain text has none. */
  readonly kind: MessageClass | "plain";

  /** A failure with what the user is told; nothing more if the message is empty. */
  constructor(message: string, kind: MessageClass | "plain" = "error") {
    super(message);
    this.kind = kind;
  }
}
