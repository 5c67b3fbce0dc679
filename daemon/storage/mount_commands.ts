/**
 * Mounting media by command: `Requires Mount`, `Mount Point`, `Mount Command`, `Unmount Command`
 * (configuration.md 12.3).
 *
 * @module
 */
import { dirname } from "node:path";
import { commandWords } from "../command_words.ts";
import { ProgramOutput, runProgram } from "../run_program.ts";
import type { Mounter } from "../../storage/device/mod.ts";

/** The directives of a Device resource that count here. */
export interface MountSettings {
  /** The Archive Device. */
  readonly source: string;
  readonly mountPoint: string;
  /** With `%a` for the Archive Device and `%m` for the mount point. */
  readonly mountCommand: string;
  readonly unmountCommand: string;
  /** Milliseconds that a command may take. */
  readonly timeoutMs: number;
}

/** Mounts by command. No shell sees it: it is split at blanks first, then its codes are expanded. */
export class CommandMounter implements Mounter {
  readonly #settings: MountSettings;
  #isMounted = false;
  #turn: Promise<void> = Promise.resolve();

  /** Nothing is run before it is needed. */
  constructor(settings: MountSettings) {
    this.#settings = settings;
  }

  attach(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#isMounted || isMountPoint(this.#settings.mountPoint)) return;
      await this.#run(this.#settings.mountCommand);
      this.#isMounted = true;
    });
  }

  detach(): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#isMounted && !isMountPoint(this.#settings.mountPoint)) return;
      await this.#run(this.#settings.unmountCommand);
      this.#isMounted = false;
    });
  }

  #inTurn(action: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(action);
    this.#turn = turn.catch(() => {}); // whoever has asked hears of it
    return turn;
  }

  async #run(command: string): Promise<void> {
    const { source, mountPoint, timeoutMs } = this.#settings;
    const codes: Readonly<Record<string, string>> = { "%": "%", a: source, m: mountPoint };
    const [program = "", ...args] = commandWords(command)
      .map((word) => word.replace(/%(.)/g, (_, letter: string) => codes[letter] ?? ""));
    if (program === "") throw new Error("the device has no command for it");
    const aborted = AbortSignal.timeout(timeoutMs);
    const output = new ProgramOutput();
    const { status, why } = await runProgram([program, ...args], {
      onOutput: output.take,
      aborted,
    });
    if (aborted.aborted) throw new Error(`"${program}" has not ended within ${timeoutMs / 1000} s`);
    if (status === 0) return;
    if (status < 0) throw new Error(`Cannot run "${program}": ${why}`);
    const said = output.text("stderr").trim() || output.text("stdout").trim();
    throw new Error(`"${program}" ended with status ${status}${said && `: ${said}`}`);
  }
}

/** Whether a file system is mounted there: another one than that of the folder around it. */
function isMountPoint(path: string): boolean {
  try {
    return Deno.statSync(path).dev !== Deno.statSync(dirname(path.replace(/\/+$/, ""))).dev;
  } catch {
    return false; // not there: mounting it will tell
  }
}
