/** Files of plugins in a restore: which records are theirs, and the program that takes the contents. @module */
import { decodeText } from "../../../bytes/mod.ts";
import { type Attributes, FileType } from "../../../storage/volume/mod.ts";
import { JobMessageType } from "../../../protocol/mod.ts";
import type { Notice } from "../fileset/mod.ts";
import { isSystemError } from "../platform/mod.ts";
import {
  faultOf,
  parsePluginLine,
  PluginError,
  type PluginSinks,
  type RunningProgram,
} from "../plugins/mod.ts";
import { ByteSink, readerPauseMs } from "./byte_sink.ts";

/** A program that takes the contents of a file, and what it is called in messages. */
export interface ProgramSink {
  readonly program: RunningProgram;
  /** What goes wrong with it is said so. */
  readonly name: string;
}

/** The pipe to a program. */
export class ProgramOutput extends ByteSink {
  readonly #program: RunningProgram;

  /** Whoever has started the program ends it. */
  constructor(program: RunningProgram) {
    super();
    this.#program = program;
  }

  /** It takes bytes since it was started. */
  override get isOpen(): boolean {
    return true;
  }

  protected override open(): boolean {
    return true;
  }

  protected override writeSome(bytes: Uint8Array): number {
    return this.#program.writeSome(bytes, 0);
  }

  protected override waitForRoom(): boolean {
    return this.#program.hasRoom(readerPauseMs) > 0;
  }

  protected override shut(): void {
    this.#program.closeData();
  }
}

/** Follows the records around plugins' files. */
export class PluginTarget {
  readonly #sinks: PluginSinks | undefined;
  readonly #report: (notice: Notice) => void;
  /** Plugins that were spoken of. */
  readonly #told = new Set<string>();
  /** The line whose file comes next, or is coming; undefined outside of plugins' files. */
  #line: string | undefined;
  /** The number of that file. */
  #fileIndex = 0;

  /** Without `sinks`, files of plugins come back as ordinary files. */
  constructor(sinks: PluginSinks | undefined, report: (notice: Notice) => void) {
    this.#sinks = sinks;
    this.#report = report;
  }

  /** Takes a record of the name of a plugin (volume.md 15.1). */
  take(fileIndex: number, data: Uint8Array): void {
    const [, line] = /^\d+ 1 \d+ ([^\0]*)/s.exec(decodeText(data)) ?? [];
    this.#line = line;
    this.#fileIndex = fileIndex;
    if (line === undefined) return;
    const { plugin } = parsePluginLine(line);
    if (this.#sinks?.knows(plugin) || this.#told.has(plugin)) return;
    this.#told.add(plugin);
    this.#warn(
      `Plugin "${plugin}" is not available: what it has saved is restored as plain files\n`,
    );
  }

  /**
   * The program for the file of that number, which begins; undefined if it becomes an ordinary file.
   * @returns why there should be a program and is none, as a job message, if that is so
   */
  open(
    fileIndex: number,
    { name, type }: Attributes,
  ): ProgramSink | undefined | { readonly failure: string } {
    const line = this.#line;
    const hasContents = type === FileType.regularFile || type === FileType.emptyFile;
    if (
      fileIndex !== this.#fileIndex || line === undefined || this.#sinks === undefined ||
      !hasContents
    ) return undefined;
    const { plugin } = parsePluginLine(line);
    if (!this.#sinks.knows(plugin)) return undefined;
    try {
      const tell = (text: string): void =>
        this.#report({ type: JobMessageType.INFO, text: `${name}: ${text}\n` });
      const program = this.#sinks.open(line, name, tell);
      if (program !== undefined) return { program, name };
      this.#warn(`${name}: ${plugin} has no writer for it, it is restored as a plain file\n`);
      return undefined;
    } catch (error) {
      if (error instanceof PluginError) {
        return { failure: `Cannot restore ${name} with plugin "${line}": ${error.message}\n` };
      }
      if (!isSystemError(error)) throw error;
      return { failure: `bpipe-fd: Open pipe writer for ${name} failed: ERR=${error.reason}\n` };
    }
  }

  /** Ends the pipe of a program; whether it has ended. */
  hasEnded({ program }: ProgramSink): boolean {
    program.closeData();
    return program.end() !== undefined;
  }

  /** Waits until a program has ended: what is wrong with that as a job message. @throws {StoppedError} */
  finish({ program, name }: ProgramSink): string | undefined {
    program.closeData();
    const fault = faultOf(program.waitForEnd(this.#sinks?.stop));
    if (fault === "") return undefined;
    return `bpipe-fd: Error closing stream for pseudo file ${name}: ${fault}\n`;
  }

  #warn(text: string): void {
    this.#report({ type: JobMessageType.WARNING, text });
  }
}
