/** A program of a plugin while it runs: its data, its messages, its end. @module */
import {
  type ChildProgram,
  type Descriptor,
  type Platform,
  type ProgramEnd,
  type ProgramOrder,
  Programs,
  type StopWord,
  throwIfStopped,
} from "../platform/mod.ts";
import { LineSplitter } from "../../line_splitter.ts";

/** What is told of one program: lines, and characters. */
const mostLines = 1000;
const mostCharacters = 256 << 10;
/** Time between the polite and the last signal, in milliseconds. */
const politeMs = 200;
/** Time between two looks at what happens, in milliseconds. */
const lookMs = 20;

let programs: Programs | undefined;

/** The programs of this thread: the library is opened when the first one is started. */
function programsHere(): Programs {
  return programs ??= new Programs();
}

/** A program with a pipe. All calls are synchronous; none but {@linkcode write} and
 * {@linkcode waitForEnd} waits for long. */
export class RunningProgram {
  readonly #platform: Platform;
  readonly #programs: Programs;
  readonly #child: ChildProgram;
  readonly #tell: (line: string) => void;
  readonly #lines = new LineSplitter((line) => this.#say(line.trimEnd()));
  readonly #buffer = new Uint8Array(16 << 10);
  #linesLeft = mostLines;
  #charactersLeft = mostCharacters;
  #isDataOpen = true;
  #areErrorsOpen = true;
  #end: ProgramEnd | undefined;

  /**
   * Starts it. `tell` takes what it says, line by line, when others ask whether there is something.
   * @throws {SystemError} why it cannot be started
   */
  constructor(
    platform: Platform,
    order: ProgramOrder,
    direction: "reads" | "writes",
    tell: (line: string) => void,
  ) {
    this.#platform = platform;
    this.#programs = programsHere();
    this.#tell = tell;
    this.#child = this.#programs.start(order, direction);
  }

  /** Where its output is read. */
  get descriptor(): Descriptor {
    return this.#child.data;
  }

  /** Whether there is output to be read, or its end, after so many milliseconds at most. */
  hasOutput(timeoutMs: number): boolean {
    const has = this.#platform.waitReadable(this.#child.data, timeoutMs);
    this.listen();
    return has;
  }

  /** Hears what it says. */
  listen(): void {
    while (this.#areErrorsOpen && this.#platform.waitReadable(this.#child.errors, 0)) {
      const count = this.#platform.read(this.#child.errors, this.#buffer);
      if (count === 0) this.#closeErrors();
      else this.#lines.push(this.#buffer.subarray(0, count));
    }
  }

  /**
   * Gives it as many bytes as it takes after so many milliseconds at most; how many that were.
   * @throws {SystemError} if it takes no more
   */
  writeSome(bytes: Uint8Array, timeoutMs: number): number {
    const room = this.hasRoom(timeoutMs);
    const piece = bytes.subarray(0, room);
    if (piece.length > 0) this.#platform.write(this.#child.data, piece);
    return piece.length;
  }

  /** How many bytes it would take, after so many milliseconds at most. */
  hasRoom(timeoutMs: number): number {
    const room = this.#programs.roomIn(this.#child.data, timeoutMs);
    if (room === 0) this.listen();
    return room;
  }

  /**
   * Gives it bytes, and waits until it takes them.
   * @throws {SystemError} if it takes no more
   * @throws {StoppedError} if `word` says so meanwhile
   */
  write(bytes: Uint8Array, word?: StopWord): void {
    for (let at = 0; at < bytes.length;) {
      const count = this.writeSome(bytes.subarray(at), lookMs);
      if (count === 0) throwIfStopped(word);
      at += count;
    }
  }

  /** Ends the pipe: nothing more comes, or is wanted. */
  closeData(): void {
    if (!this.#isDataOpen) return;
    this.#isDataOpen = false;
    this.#platform.close(this.#child.data);
  }

  /** How it ended; undefined while it runs. All it has said is told then. */
  end(): ProgramEnd | undefined {
    this.listen();
    if (this.#end !== undefined) return this.#end;
    this.#end = this.#programs.endOf(this.#child);
    if (this.#end === undefined) return undefined;
    this.listen();
    this.#closeErrors(); // what it has started may hold them open
    this.closeData();
    return this.#end;
  }

  /** Waits for its end. @throws {StoppedError} if `word` says so meanwhile */
  waitForEnd(word?: StopWord): ProgramEnd {
    for (;;) {
      const end = this.end();
      if (end !== undefined) return end;
      throwIfStopped(word);
      pause(lookMs);
    }
  }

  /** Ends it, and all that it has started, within a fraction of a second. */
  kill(): void {
    if (this.#end !== undefined) return;
    this.closeData();
    this.#programs.signal(this.#child, "SIGTERM");
    for (let waited = 0; waited < politeMs && this.end() === undefined; waited += lookMs) {
      pause(lookMs);
    }
    this.#programs.signal(this.#child, "SIGKILL"); // what did not end with it, too
    // Who hangs inside of the system cannot be waited for.
    for (let waited = 0; waited < politeMs && this.end() === undefined; waited++) pause(1);
    this.#closeErrors();
  }

  #closeErrors(): void {
    if (!this.#areErrorsOpen) return;
    this.#areErrorsOpen = false;
    this.#lines.end();
    this.#platform.close(this.#child.errors);
  }

  #say(line: string): void {
    if (line === "" || this.#linesLeft <= 0) return;
    this.#linesLeft--;
    this.#charactersLeft -= line.length;
    if (this.#linesLeft > 0 && this.#charactersLeft > 0) return this.#tell(line);
    this.#linesLeft = 0;
    this.#tell("It says more, which is not told");
  }
}

/** Why an end is not a good one, as behind `ERR=`; empty if it is. */
export function faultOf({ code, signal }: ProgramEnd): string {
  if (signal !== 0) return `Child died from signal ${signal}`;
  return code === 0 ? "" : `Child exited with code ${code}`;
}

/** Does nothing for so many milliseconds. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
