import { kill } from "node:process";
import { messageOf } from "../../bytes/mod.ts";

/** The number of a daemon's process in a file, for service managers and scripts. */
export class PidFile implements Disposable {
  private constructor(readonly path: string) {}

  /**
   * Writes the number of this process.
   * @throws Error if a process of that file runs already, or it cannot be written
   */
  static create(path: string): PidFile {
    const running = runningFrom(path);
    if (running !== undefined) {
      throw new Error(
        `Cannot start: ${path} says that process ${running} runs already; end it first, or remove the file`,
      );
    }
    try {
      Deno.writeTextFileSync(path, `${Deno.pid}\n`, { mode: 0o644 });
    } catch (cause) {
      throw new Error(
        `Cannot write pid file ${path}: ${messageOf(cause)}`,
        { cause },
      );
    }
    return new PidFile(path);
  }

  /** Removes the file, unless another process has written it anew. */
  [Symbol.dispose](): void {
    if (readNumber(this.path) !== Deno.pid) return;
    try {
      Deno.removeSync(this.path);
    } catch {
      // The folder may not be ours any more after privileges were dropped; a stale file does no harm.
    }
  }
}

function readNumber(path: string): number | undefined {
  try {
    const text = Deno.readTextFileSync(path).trim();
    return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The process that the file names, if it lives and is not this one. */
function runningFrom(path: string): number | undefined {
  const number = readNumber(path);
  if (number === undefined || number === 0 || number === Deno.pid) return undefined;
  try {
    kill(number, 0);
    return number;
  } catch (error) {
    // Not allowed to signal it: it lives.
    return (error as { code?: string }).code === "EPERM" ? number : undefined;
  }
}
