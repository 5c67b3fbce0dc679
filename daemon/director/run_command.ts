import { spawn } from "node:child_process";
import { Buffer } from "node:buffer";
import { decodeText, encodeText, messageOf } from "../../bytes/mod.ts";
import { LineSplitter } from "../line_splitter.ts";

/** How a command ended. */
export interface CommandResult {
  /** Exit status; -1 if it could not be started or was killed. */
  readonly status: number;
  /** Why it is not 0, as in `Child exited with code 1`. */
  readonly why: string;
  /** Standard output and error, in the order in which they came. */
  readonly output: string;
}

/** What a command gets. */
export interface CommandOptions {
  /** Text for its standard input. */
  readonly input?: string | undefined;
  /** An open file in place of a text. */
  readonly inputFile?: number | undefined;
  /** Takes each line of its output as soon as it is there. */
  readonly onLine?: ((line: string) => void) | undefined;
  /** Kills the command and all that it has started, within a second. */
  readonly abort?: AbortSignal | undefined;
}

/** Output beyond this is dropped, in bytes. */
const MAX_OUTPUT = 16 << 20;
/** Time between the polite and the last signal, in milliseconds. */
const POLITE_MS = 300;

/** Runs a program without a shell; never throws. */
export function runCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    const finish = (status: number, why: string) =>
      resolve({ status, why, output: decodeText(Buffer.concat(chunks)) });
    let child: ReturnType<typeof spawn>;
    try {
      options.abort?.throwIfAborted(); // nothing is begun that must not go on
      child = spawn(program, [...args], {
        stdio: [options.inputFile ?? "pipe", "pipe", "pipe"],
        detached: true, // a process group of its own, so that its children can be killed with it
      });
    } catch (error) {
      finish(-1, messageOf(error));
      return;
    }
    const lines = options.onLine && new LineSplitter(options.onLine);
    const take = (chunk: Uint8Array) => {
      length += chunk.length;
      if (length <= MAX_OUTPUT) chunks.push(chunk);
      lines?.push(chunk);
    };
    let killing: ReturnType<typeof setTimeout> | undefined;
    const kill = () => {
      signalGroup(child.pid, "SIGTERM");
      killing = setTimeout(() => signalGroup(child.pid, "SIGKILL"), POLITE_MS);
    };
    options.abort?.addEventListener("abort", kill, { once: true });
    child.stdout?.on("data", take);
    child.stderr?.on("data", take);
    child.on("error", (error) => finish(-1, error.message));
    child.on("close", (code, signal) => {
      options.abort?.removeEventListener("abort", kill);
      clearTimeout(killing);
      if (options.abort?.aborted) signalGroup(child.pid, "SIGKILL"); // what did not end with its parent
      lines?.end();
      const why = signal !== null
        ? `Child died from signal ${signal}`
        : `Child exited with code ${code}`;
      finish(code ?? -1, why);
    });
    child.stdin?.on("error", () => {}); // a program that does not read its input is its own affair
    child.stdin?.end(encodeText(options.input ?? ""));
  });
}

/** Signals a process group that may be gone. */
function signalGroup(pid: number | undefined, signal: Deno.Signal): void {
  try {
    if (pid !== undefined) Deno.kill(-pid, signal);
  } catch {
    // it has ended meanwhile, which is what the signal is for
  }
}
