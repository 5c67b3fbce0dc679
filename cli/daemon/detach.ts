/**
 * Going to the background: the program starts itself anew in a session of its own, waits until that
 * one's ports are open, and ends; so its exit status tells whether the daemon runs.
 *
 * @module
 */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { closeStandardStreams, newSession } from "./process_calls.ts";

/** The environment variable by which the second process knows what it is. */
const DETACHED = "ROOST_DETACHED";
/** What the second process says when it is ready. */
const READY = "ready";

/** Whether this is the process in the background. */
export function isDetached(): boolean {
  return Deno.env.get(DETACHED) !== undefined;
}

/**
 * Starts the program again in the background.
 * @returns the exit status: 0 as soon as the daemon is ready, its own if it ends before that
 */
export async function startDetached(command: readonly string[]): Promise<number> {
  const [program = "", ...args] = command;
  const child = new Deno.Command(program, {
    args,
    env: { [DETACHED]: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const decoder = new TextDecoder();
  let said = "";
  for await (const bytes of child.stdout) {
    said += decoder.decode(bytes, { stream: true });
    if (said.includes(READY)) {
      child.unref();
      return 0;
    }
  }
  const { code } = await child.status;
  return code === 0 ? 1 : code;
}

/** The process in the background begins: its own session, deaf to the terminal. */
export function beginDetached(): void {
  Deno.env.delete(DETACHED);
  newSession();
}

/** The process in the background is ready: the one that started it may end. */
export function tellReady(): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${READY}\n`));
  closeStandardStreams();
}

/**
 * Tells the system's log what a process in the background has to say: its standard error is closed.
 * Where there is no `logger` the text is lost.
 */
export function tellSystemLog(name: string, text: string): void {
  try {
    new Deno.Command("logger", {
      args: ["-t", `${name}[${Deno.pid}]`, "-p", "daemon.warning", "--", text],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn().unref();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** The words that start this program again under the name by which it was called. */
export function ownCommand(args: readonly string[]): string[] {
  const executable = Deno.env.get("ROOST_EXECUTABLE");
  if (executable !== undefined) return [resolve(executable), ...args];
  return [Deno.execPath(), "run", "--allow-all", fileURLToPath(Deno.mainModule), ...args];
}
