/**
 * A thread in a process of its own. `terminate()` stops a thread's JavaScript only: native code that never
 * returns, as a query of SQLite without an end, goes on in it, and keeps a core busy, until the whole program
 * ends by `Deno.exit()`. A process can be ended alone, whatever it does.
 *
 * Messages are values as V8 serialises them, each behind its length (32 bits, little endian). The process
 * is this program again: its main thread carries messages between its standard streams and the thread, and
 * ends, with the thread, as soon as who started it is gone.
 *
 * @module
 */
import { deserialize, serialize } from "node:v8";
import { messageOf } from "../bytes/mod.ts";
import { isThread, roles, startThread, type ThreadRole } from "./threads.ts";

/** The environment variable by which the process knows for which role it was started. */
const ROLE = "ROOST_THREAD_ROLE";
const HEADER = 4;
/** Bytes of the longest message: some pieces of rows are large, but none as this. */
const LARGEST = 256 << 20;

/** The role for which this process was started; `undefined` in the program that people start. */
const ownRole = isThread ? undefined : roleNamed(Deno.env.get(ROLE));

/** Whether this process does nothing but carry a thread for another one. */
export const isThreadProcess: boolean = ownRole !== undefined;

function roleNamed(name: string | undefined): ThreadRole | undefined {
  return Object.keys(roles).find((role): role is ThreadRole => role === name);
}

/** A thread in another process, as seen by who started it. */
export class ThreadProcess {
  readonly #role: ThreadRole;
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #answers: AsyncGenerator<unknown, undefined>;

  /** See {@linkcode startProcess}. */
  constructor(role: ThreadRole) {
    this.#role = role;
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [...runArguments(), new URL(import.meta.url).href],
      env: { [ROLE]: role },
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#answers = messagesOf(this.#child.stdout);
  }

  /** Sends a message. One that the process does not take shows at the next {@linkcode receive}. */
  post(message: unknown): void {
    this.#writer.write(framed(message)).catch(() => {});
  }

  /** The next message. @throws Error if the process, or the thread in it, has ended */
  async receive(): Promise<unknown> {
    const { value, done } = await this.#answers.next();
    if (done !== true) return value;
    const { code, signal } = await this.#child.status;
    const how = signal === null ? `with status ${code}` : `by ${signal}`;
    throw new Error(`The process of the ${this.#role} thread ended ${how}`);
  }

  /** Ends the process at once, whatever it does; resolves when it is gone. */
  async end(): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended already
    }
    this.#writer.close().catch(() => {}); // it reads no more
    await this.#child.status;
    await this.#answers.return(undefined);
  }
}

/** Starts a thread in a process of its own. @throws Error if no process can be started */
export function startProcess(role: ThreadRole): ThreadProcess {
  return new ThreadProcess(role);
}

/** From the sources modules are found through `deno.json`; the bundled program needs nothing. */
function runArguments(): string[] {
  const isBundled = !import.meta.url.endsWith("/thread_process.ts");
  const own = ["run", "--quiet", "--no-prompt", "--allow-all"];
  return isBundled ? [...own, "--no-config", "--no-lock", "--no-remote", "--no-npm"] : own;
}

/** A message with its length before it. @throws Error if it is longer than a receiver takes */
export function framed(message: unknown): Uint8Array {
  const payload = serialize(message);
  if (payload.length > LARGEST) {
    throw new Error(
      `Cannot send a message of ${payload.length} bytes to another process: ${LARGEST} is the limit`,
    );
  }
  const frame = new Uint8Array(HEADER + payload.length);
  new DataView(frame.buffer).setUint32(0, payload.length, true);
  frame.set(payload, HEADER);
  return frame;
}

/**
 * The messages of a stream, read no faster than they are taken.
 * @throws Error if one is longer than {@linkcode framed} makes them
 */
export async function* messagesOf(
  stream: ReadableStream<Uint8Array>,
): AsyncGenerator<unknown, undefined> {
  const header = new Uint8Array(HEADER);
  let part = header; // which is being filled: the header, or the payload that it announced
  let filled = 0;
  for await (const bytes of stream) {
    for (let at = 0; at < bytes.length;) {
      const more = bytes.subarray(at, at + part.length - filled);
      part.set(more, filled);
      filled += more.length;
      at += more.length;
      if (filled < part.length) break;
      filled = 0;
      if (part === header) part = new Uint8Array(announced(header));
      else {
        const payload = part;
        part = header;
        yield deserialize(payload);
      }
    }
  }
}

/** The length of a payload. A message has one byte at least. */
function announced(header: Uint8Array): number {
  const length = new DataView(header.buffer).getUint32(0, true);
  if (length > 0 && length <= LARGEST) return length;
  throw new Error(`Cannot receive a message of ${length} bytes: up to ${LARGEST} are expected`);
}

/** Carries messages between the standard streams and the thread until who started this process is gone. */
async function carry(role: ThreadRole): Promise<void> {
  const thread = startThread(role);
  const answer = async (): Promise<void> => {
    const writer = Deno.stdout.writable.getWriter();
    for (;;) await writer.write(framed(await thread.receive()));
  };
  answer().catch((error) => {
    console.error(messageOf(error));
    Deno.exit(1);
  });
  for await (const message of messagesOf(Deno.stdin.readable)) thread.post(message);
  Deno.exit(0);
}

if (ownRole !== undefined) void carry(ownRole);
