/**
 * A whole installation of Roost for a test: a folder with a configuration, the
 * four programs as real processes on loopback, everything gone at the end.
 *
 * @module
 */
import { freePort } from "./free_port.ts";
import { nextSecond, waitFor } from "./wait_for.ts";
import { fromFileUrl, join } from "./paths.ts";

/** The words that start the program: from its sources, unless a test has an executable. */
export type ProgramCommand = readonly [string, ...string[]];

/** The program from its sources, on the runtime that runs the test. */
export const fromSource: ProgramCommand = [
  Deno.execPath(),
  "run",
  "-A",
  fromFileUrl(new URL("../../cli/main.ts", import.meta.url)),
];

/** The daemons of an installation by their subcommand. */
export type DaemonName = "dir" | "sd" | "fd";

const daemons: readonly DaemonName[] = ["sd", "fd", "dir"];

/** A time of the day, `HH:00`, that is half a day away: what is due at it is not due while a test runs. */
export function farTime(): string {
  return `${String((new Date().getHours() + 12) % 24).padStart(2, "0")}:00`;
}

/** What a program printed and how it ended. */
export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of {@linkcode Installation.create}. */
export interface InstallationOptions {
  /** What its default job backs up. */
  readonly backup: string;
  /** How the program is started. */
  readonly program?: ProgramCommand;
  /** Further environment of every process. */
  readonly env?: Record<string, string>;
  /** The environment is only `env`, nothing is inherited. */
  readonly clearEnv?: boolean;
  /** Where the installation's folder is made; the system's temporary folder if absent. */
  readonly parent?: string;
}

/** A running daemon of an installation. */
interface Daemon {
  readonly process: Deno.ChildProcess;
  readonly stdout: Collected;
  readonly stderr: Collected;
}

/** What a program prints, as it comes. */
class Collected {
  /** What has come so far. */
  text = "";
  /** When everything has come. */
  readonly done: Promise<void>;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.done = this.#read(stream);
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of stream) this.text += decoder.decode(bytes, { stream: true });
    this.text += decoder.decode();
  }
}

/** An installation under one temporary folder. Dispose of it with `await using`. */
export class Installation implements AsyncDisposable {
  readonly #running = new Map<DaemonName, Daemon>();
  /** Folders to remove in the end besides the installation's own. */
  readonly #folders: string[] = [];
  #portsOf = new Map<DaemonName, number>();

  private constructor(
    /** The installation's folder. */
    readonly folder: string,
    readonly options: InstallationOptions,
  ) {}

  /** Makes a folder and writes a configuration with free ports into it. Starts nothing. */
  static async create(options: InstallationOptions): Promise<Installation> {
    const folder = await Deno.makeTempDir({
      prefix: "roost-test-",
      ...(options.parent === undefined ? {} : { dir: options.parent }),
    });
    const installation = new Installation(join(folder, "roost"), options);
    installation.#folders.push(folder);
    const made = await installation.run([
      "init",
      "--folder",
      installation.folder,
      "--backup",
      options.backup,
      "--ports",
      `${freePort()},${freePort()},${freePort()}`,
    ]);
    if (made.status !== 0) throw new Error(`Cannot initialise: ${made.stderr}${made.stdout}`);
    // One job for backups: what tests count and choose from is theirs.
    for (const path of ["job/BackupCatalog", "fileset/Catalog", "schedule/AfterBackup"]) {
      await Deno.remove(join(installation.folder, `bareos-dir.d/${path}.conf`));
    }
    // Nor does its schedule start one, at whatever time of the day a test runs.
    const schedule = "bareos-dir.d/schedule/WeeklyCycle.conf";
    const text = await Deno.readTextFile(join(installation.folder, schedule));
    await installation.configure(schedule, text.replaceAll(/\bat \d\d:\d\d/g, `at ${farTime()}`));
    await installation.#readPorts();
    return installation;
  }

  /** Runs a subcommand to its end. */
  async run(args: readonly string[], input = ""): Promise<Outcome> {
    const process = this.#spawn(args, "piped");
    const writer = process.stdin.getWriter();
    await writer.write(new TextEncoder().encode(input)).catch(() => {});
    await writer.close().catch(() => {});
    const { code, stdout, stderr } = await process.output();
    const decoder = new TextDecoder();
    return { status: code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  }

  /** Gives commands to the console, one a line, and returns what it printed. */
  async console(...commands: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.run(
      ["console", "-c", this.folder],
      commands.map((command) => `${command}\n`).join(""),
    );
    if (status !== 0) throw new Error(`The console ended with ${status}: ${stderr}${stdout}`);
    return stdout;
  }

  /**
   * Starts daemons (all three by default) and waits until their ports are open. What was written before is
   * older than any job then: levels count changes in whole seconds.
   */
  async start(...names: readonly DaemonName[]): Promise<void> {
    const began = Math.floor(Date.now() / 1000);
    for (const name of names.length === 0 ? daemons : names) {
      const process = this.#spawn([name, "-f", "-c", this.folder], "null");
      const [stdout, stderr] = [new Collected(process.stdout), new Collected(process.stderr)];
      this.#running.set(name, { process, stdout, stderr });
    }
    for (const name of names.length === 0 ? daemons : names) await this.#untilOpen(name);
    if (Math.floor(Date.now() / 1000) === began) await nextSecond();
  }

  /** Ends a daemon with a signal and returns its exit status and what it printed. */
  async end(name: DaemonName, signal: Deno.Signal = "SIGTERM"): Promise<Outcome> {
    const daemon = this.#daemon(name);
    this.#running.delete(name);
    daemon.process.kill(signal);
    const { code } = await daemon.process.status;
    await Promise.all([daemon.stdout.done, daemon.stderr.done]);
    return { status: code, stdout: daemon.stdout.text, stderr: daemon.stderr.text };
  }

  /** Waits until a running daemon has said something on its standard error. */
  async untilSaid(name: DaemonName, what: RegExp): Promise<void> {
    const { stderr } = this.#daemon(name);
    await waitFor(`roost ${name} to say ${what}`, () => what.test(stderr.text));
  }

  /** Whether a running daemon has said something on its standard error. */
  hasSaid(name: DaemonName, what: RegExp): boolean {
    return what.test(this.#daemon(name).stderr.text);
  }

  /** The port of a daemon. */
  port(name: DaemonName): number {
    return this.#portsOf.get(name) ?? 0;
  }

  /** The process id of a running daemon. */
  pid(name: DaemonName): number {
    return this.#daemon(name).process.pid;
  }

  /** The largest resident memory a running daemon has had so far, in bytes (Linux). */
  async peakMemory(name: DaemonName): Promise<number> {
    const status = await Deno.readTextFile(`/proc/${this.pid(name)}/status`);
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) * 1024;
  }

  /** Replaces a configuration file, such as `bareos-dir.d/fileset/SelfTest.conf`. */
  async configure(path: string, text: string): Promise<void> {
    await Deno.writeTextFile(join(this.folder, path), text, { mode: 0o600 });
  }

  /** Kills what still runs and removes the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of [...this.#running.keys()]) await this.end(name, "SIGKILL");
    for (const folder of this.#folders) await Deno.remove(folder, { recursive: true });
  }

  #daemon(name: DaemonName): Daemon {
    const daemon = this.#running.get(name);
    if (daemon === undefined) throw new Error(`roost ${name} does not run`);
    return daemon;
  }

  #spawn(args: readonly string[], stdin: "piped" | "null"): Deno.ChildProcess {
    const [program, ...first] = this.options.program ?? fromSource;
    return new Deno.Command(program, {
      args: [...first, ...args],
      stdin,
      stdout: "piped",
      stderr: "piped",
      env: { NO_COLOR: "1", ...this.options.env },
      clearEnv: this.options.clearEnv ?? false,
    }).spawn();
  }

  async #untilOpen(name: DaemonName): Promise<void> {
    const daemon = this.#daemon(name);
    let ended = false;
    daemon.process.status.then(() => ended = true);
    await waitFor(`roost ${name} to open its port`, async () => {
      if (ended) {
        this.#running.delete(name);
        await Promise.all([daemon.stdout.done, daemon.stderr.done]);
        throw new Error(
          `roost ${name} ended at its start: ${daemon.stderr.text}${daemon.stdout.text}`,
        );
      }
      try {
        (await Deno.connect({ hostname: "127.0.0.1", port: this.#portsOf.get(name) ?? 0 })).close();
        return true;
      } catch (error) {
        if (error instanceof Deno.errors.ConnectionRefused) return false;
        throw error;
      }
    });
  }

  /** Reads the ports from the configuration that was written. */
  async #readPorts(): Promise<void> {
    for (const name of daemons) this.#portsOf.set(name, await this.#readPort(name));
  }

  async #readPort(name: DaemonName): Promise<number> {
    const folder = join(this.folder, `bareos-${name}.d`);
    const type = { dir: "director", sd: "storage", fd: "client" }[name];
    for await (const entry of Deno.readDir(join(folder, type))) {
      const text = await Deno.readTextFile(join(folder, type, entry.name));
      const port = /^\s*(?:(?:Dir|Sd|Fd|)\s*Port)\s*=\s*(\d+)/im.exec(text)?.[1];
      if (port !== undefined) return Number(port);
    }
    throw new Error(`Cannot find the port of roost ${name} below ${folder}`);
  }
}
