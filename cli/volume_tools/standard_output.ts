import { encodeText } from "../../bytes/mod.ts";
import { strftime } from "../../daemon/strftime.ts";
import type { ToolOutput } from "./source.ts";

const flushLength = 64 * 1024;

/**
 * Standard output and error as bytes, so that names which are not UTF-8 come out as they are on disk;
 * lines are gathered. Who reads may go away: the rest is then dropped, as with any filter.
 */
export class StandardOutput implements ToolOutput {
  readonly #name: string;
  readonly #debugLevel: number;
  readonly #hasTimes: boolean;
  #pending = "";

  /** The output of the tool of that name; debug messages up to a level, with the time in front or without. */
  constructor(
    name: string,
    { debugLevel, debugTimestamps }: { debugLevel: number; debugTimestamps: boolean } = {
      debugLevel: 0,
      debugTimestamps: false,
    },
  ) {
    this.#name = name;
    this.#debugLevel = debugLevel;
    this.#hasTimes = debugTimestamps;
  }

  /** Whether debug messages of a level are wanted. */
  hears(level: number): boolean {
    return level <= this.#debugLevel;
  }

  /** Writes a message to standard error if the level is wanted; its text is made only then. */
  debug(level: number, text: () => string): void {
    if (level > this.#debugLevel) return;
    const time = this.#hasTimes ? `${strftime("%d-%b-%Y %H:%M:%S", new Date())} ` : "";
    this.problem(`${time}${this.#name} (${level}): ${text()}`);
  }

  /** Writes a line to standard output, in time. */
  line(text: string): void {
    this.#pending += `${text}\n`;
    if (this.#pending.length >= flushLength) this.flush();
  }

  /** Writes a line to standard error, behind what was written before. */
  problem(text: string): void {
    this.flush();
    write(Deno.stderr, `${text}\n`);
  }

  /** Writes what was gathered. */
  flush(): void {
    write(Deno.stdout, this.#pending);
    this.#pending = "";
  }
}

function write(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = encodeText(text);
  try {
    for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
