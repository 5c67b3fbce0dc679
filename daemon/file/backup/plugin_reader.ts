/** The program whose output is the contents of a file, for the thread that saves it. @module */
import { JobMessageType } from "../../../protocol/mod.ts";
import { nameOf, type PluginFile } from "../fileset/mod.ts";
import type { Descriptor, Platform } from "../platform/mod.ts";
import { faultOf, RunningProgram } from "../plugins/mod.ts";
import type { Steps } from "./part_writer.ts";

/** How long a program that has just written something is waited for in one step, in milliseconds. */
const flowMs = 5;

/** Reads what a program writes, step by step. */
export class PluginReader {
  readonly #program: RunningProgram;
  #isFlowing = false;

  /**
   * Starts the program; `report` takes what it says.
   * @throws {SystemError} why it cannot be started
   */
  constructor(
    platform: Platform,
    file: PluginFile,
    report: (type: JobMessageType, text: string) => void,
  ) {
    const name = nameOf(file);
    const order = { words: file.program, environment: file.environment };
    this.#program = new RunningProgram(
      platform,
      order,
      "writes",
      (line) => report(JobMessageType.INFO, `${name}: ${line}\n`),
    );
  }

  /** Where its output is read, once there is some. */
  get descriptor(): Descriptor {
    return this.#program.descriptor;
  }

  /** Goes on when there is something to read, or the end. A program may take its time. */
  *waitReadable(): Steps {
    while (!this.#program.hasOutput(this.#isFlowing ? flowMs : 0)) {
      this.#isFlowing = false;
      yield "polls";
    }
    this.#isFlowing = true;
  }

  /** Waits for the end of the program: why that is not good, empty if it is. */
  *finish(): Steps<string> {
    this.#program.closeData();
    for (;;) {
      const end = this.#program.end();
      if (end !== undefined) return faultOf(end);
      yield "polls";
    }
  }

  /** Ends the program if it has not ended. */
  abandon(): void {
    this.#program.kill();
  }
}
