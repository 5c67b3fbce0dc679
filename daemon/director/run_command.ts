import { Buffer } from "node:buffer";
import { decodeText } from "../../bytes/mod.ts";
import { LineSplitter } from "../line_splitter.ts";
import { type ProgramOutcome, runProgram } from "../run_program.ts";

/** How a command ended. */
export interface CommandResult extends ProgramOutcome {
  /** Standard output and error, in the order in which they came. */
  readonly output: string;
}

/** What a command gets. */
export interface CommandOptions {
  /** Text for its standard input. */
  readonly input?: string | undefined;
  /** An open file in place of a text; it is read from where it stands. */
  readonly inputFile?: number | undefined;
  /** Takes each line of its output as soon as it is there. */
  readonly onLine?: ((line: string) => void) | undefined;
  /** Kills the command and all that it has started, within a second. */
  readonly abort?: AbortSignal | undefined;
}

/** Output beyond this is dropped, in bytes. */
const MAX_OUTPUT = 16 << 20;

/** Runs a program without a shell; never throws. */
export async function runCommand(
  program: string,
  args: readonly string[],
  { input, inputFile, onLine = () => {}, abort }: CommandOptions = {},
): Promise<CommandResult> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const lines = { stdout: new LineSplitter(onLine), stderr: new LineSplitter(onLine) };
  const outcome = await runProgram([program, ...args], {
    onOutput(piece, from) {
      length += piece.length;
      if (length <= MAX_OUTPUT) pieces.push(piece);
      lines[from].push(piece);
    },
    input: inputFile ?? input,
    aborted: abort,
  });
  for (const each of Object.values(lines)) each.end();
  return { ...outcome, output: decodeText(Buffer.concat(pieces)) };
}
