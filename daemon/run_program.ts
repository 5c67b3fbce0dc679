/** Programs that daemons start: without a shell, never waited for when the job is over. @module */

import { Buffer } from "node:buffer";
import { readSync } from "node:fs";
import { decodeText, encodeText, messageOf } from "../bytes/mod.ts";

/** How a program ended. */
export interface ProgramOutcome {
  /** Exit status; 0 is good. -1 if it could not be started, or its input not be read; 128 and the number of a signal. */
  readonly status: number;
  /** Why it is not good, as behind `ERR=`; empty if it is. */
  readonly why: string;
}

/** What a program gets. */
export interface ProgramOptions {
  /** Takes what it writes to standard output and standard error, piece by piece. */
  onOutput(bytes: Uint8Array, from: "stdout" | "stderr"): void;
  /** Its standard input: a text, or an open file, which is read from where it stands until the program ends. */
  readonly input?: string | number | undefined;
  /** Kills it and all that it has started, but for what has made a session of its own. */
  readonly aborted?: AbortSignal | undefined;
  /** How long the output of a program that has ended is waited for, in milliseconds: what it started may hold it open. */
  readonly outputGraceMs?: number | undefined;
}

/** Time between the polite and the last signal, in milliseconds. */
const politeMs = 300;
/** The usual {@linkcode ProgramOptions.outputGraceMs}. */
const usualOutputGraceMs = 5_000;
/** Bytes that are given to a program at once. */
const inputPiece = 64 << 10;
/** Bytes that a {@linkcode ProgramOutput} keeps. */
const mostOutput = 1 << 20;

/** Runs a program with its arguments to its end. Never throws. */
export async function runProgram(
  words: readonly string[],
  { onOutput, input, aborted, outputGraceMs = usualOutputGraceMs }: ProgramOptions,
): Promise<ProgramOutcome> {
  const [program = "", ...args] = words;
  let child: Deno.ChildProcess;
  try {
    if (program === "") throw new Deno.errors.NotFound();
    aborted?.throwIfAborted();
    const stdin = input === undefined ? "null" : "piped";
    const pipes = { stdin, stdout: "piped", stderr: "piped" } as const;
    // A process group of its own, so that its children can be killed with it.
    child = new Deno.Command(program, { args, ...pipes, detached: true }).spawn();
  } catch (error) {
    return { status: -1, why: whyNot(error) };
  }
  let isListening = true;
  const outputs = Promise.all((["stdout", "stderr"] as const).map(async (name) => {
    // What comes late is read all the same: whoever writes must not be killed by it.
    for await (const bytes of child[name]) if (isListening) onOutput(bytes, name);
  }));
  outputs.catch(() => {}); // a pipe that breaks is an end of the output like any other
  let hasEnded = false;
  let unreadable: unknown;
  const fed = input === undefined ? undefined : feed(
    child.stdin,
    piecesOf(input, () => hasEnded),
  ).catch((error) => unreadable = error);
  const timers: ReturnType<typeof setTimeout>[] = [];
  const stop = (): void => {
    kill(child.pid, "SIGTERM");
    timers.push(setTimeout(() => kill(child.pid, "SIGKILL"), politeMs));
  };
  aborted?.addEventListener("abort", stop, { once: true });
  const { code, signal } = await child.status;
  hasEnded = true;
  aborted?.removeEventListener("abort", stop);
  const grace = Promise.withResolvers<void>();
  timers.push(setTimeout(grace.resolve, aborted?.aborted ? politeMs : outputGraceMs));
  await Promise.race([Promise.all([outputs.catch(() => {}), fed]), grace.promise]);
  isListening = false;
  for (const timer of timers) clearTimeout(timer);
  if (aborted?.aborted) kill(child.pid, "SIGKILL"); // what did not end with its parent
  if (signal !== null) return { status: code, why: `Child died from signal ${signal}` };
  if (code !== 0) return { status: code, why: `Child exited with code ${code}` };
  if (unreadable === undefined) return { status: 0, why: "" };
  return { status: -1, why: `Cannot read what it is to get: ${messageOf(unreadable)}` };
}

/** A program's input in pieces; no more of it once `isOver` says so, when the file may be closed. */
function* piecesOf(input: string | number, isOver: () => boolean): Generator<Uint8Array> {
  if (typeof input === "string") {
    yield encodeText(input);
    return;
  }
  while (!isOver()) {
    const piece = new Uint8Array(inputPiece);
    const length = readSync(input, piece);
    if (length === 0) return;
    yield piece.subarray(0, length);
  }
}

/** Gives a program its input. @throws if that cannot be read; not if the program does not want it */
async function feed(
  stdin: WritableStream<Uint8Array>,
  pieces: Iterable<Uint8Array>,
): Promise<void> {
  const writer = stdin.getWriter();
  try {
    for (const piece of pieces) {
      const isTaken = await writer.write(piece).then(() => true, () => false);
      if (!isTaken) return; // a program that does not read its input is its own affair
    }
  } finally {
    await writer.close().catch(() => {}); // it has ended or has closed its end
  }
}

/** What a program says in few words, where nobody takes it piece by piece. */
export class ProgramOutput {
  readonly #pieces = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  #left = mostOutput;

  /** Takes a piece; for {@linkcode ProgramOptions.onOutput}. What is beyond a megabyte is dropped. */
  readonly take = (bytes: Uint8Array, from: "stdout" | "stderr"): void => {
    const piece = bytes.subarray(0, this.#left);
    this.#left -= piece.length;
    if (piece.length > 0) this.#pieces[from].push(piece);
  };

  /** All of one of the two. */
  text(from: "stdout" | "stderr"): string {
    return decodeText(Buffer.concat(this.#pieces[from]));
  }
}

/** Signals a process group that may be gone. */
function kill(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(-pid, signal);
  } catch {
    // it has ended meanwhile, which is what the signal is for
  }
}

function whyNot(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "No such file or directory";
  if (error instanceof Deno.errors.PermissionDenied) return "Permission denied";
  return messageOf(error);
}
