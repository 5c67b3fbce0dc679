/** What a daemon tells of itself for those who look for an error (`setdebug`; director-client.md 16). @module */
import { chmodSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeText, messageOf } from "../bytes/mod.ts";

/** Bytes that a trace file may have: who forgets to switch it off does not fill the disk. */
const mostBytes = 100 << 20;
/** The longest text of a line; what is longer is cut. */
const longestText = 2_000;

/** From which level on something is told. */
export const TraceLevel = {
  /** Sessions, jobs and what becomes of them. */
  events: 10,
  /** Messages of jobs. */
  messages: 50,
  /** Commands and answers. */
  commands: 100,
} as const;

/** What `setdebug` sets. */
export interface DebugSettings {
  /** 0 tells nothing, higher numbers tell more. */
  level: number;
  /** Whether it goes to the trace file; else to standard error. */
  trace: boolean;
  /** Files after which jobs stop as incomplete; 0 for never. */
  hangup: number;
  /** Whether each line begins with date and time. */
  timestamp: boolean;
}

/** Keys of sessions and of volumes, which are never told. */
const secrets = /((?:Authorization|EncryptionKey)=)(?!dummy\b)\S+/g;

/** Tells of a daemon what its settings ask for. */
export class DebugTrace {
  /** What is told, and where. */
  readonly settings: DebugSettings = { level: 0, trace: false, hangup: 0, timestamp: false };
  /** The trace file. */
  readonly path: string;
  readonly #daemon: string;
  readonly #onProblem: (text: string) => void;
  #isBroken = false;

  /** A trace that tells nothing yet. */
  constructor(
    { workingDirectory, name }: { readonly workingDirectory: string; readonly name: string },
    onProblem: (text: string) => void = () => {},
  ) {
    this.path = join(workingDirectory, `${name}.trace`);
    this.#daemon = name;
    this.#onProblem = onProblem;
  }

  /** Changes settings; whoever sets them wants to know of a file that cannot be written once more. */
  change(changes: Partial<DebugSettings>): void {
    Object.assign(this.settings, changes);
    this.#isBroken = false;
  }

  /** Tells something, if the level is high enough. `text` is made only then. */
  tell(level: number, text: () => string): void {
    if (this.settings.level < level) return;
    const plain = text().replace(secrets, "$1***");
    const line = plain.length > longestText ? `${plain.slice(0, longestText)}...` : plain;
    const time = this.settings.timestamp ? `${new Date().toISOString()} ` : "";
    this.#write(`${time}${this.#daemon} (${level}): ${visible(line)}\n`);
  }

  #write(line: string): void {
    if (!this.settings.trace) {
      Deno.stderr.writeSync(encodeText(line));
      return;
    }
    if (this.#isBroken) return;
    try {
      const size = statSync(this.path, { throwIfNoEntry: false })?.size;
      if (size !== undefined && size + line.length > mostBytes) {
        throw new Error(`it has ${mostBytes} bytes: remove it to go on`);
      }
      writeFileSync(this.path, encodeText(line), { flag: "a", mode: 0o600 });
      if (size === undefined) chmodSync(this.path, 0o600);
    } catch (error) {
      this.#isBroken = true;
      const why = messageOf(error);
      this.#onProblem(`Cannot write the trace file ${this.path}: ${why}`);
    }
  }
}

/** Control characters made visible, so that a line stays a line. */
function visible(text: string): string {
  return text.replace(
    /\p{Cc}/gu,
    (found) => found === "\n" ? "\\n" : `\\x${found.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
