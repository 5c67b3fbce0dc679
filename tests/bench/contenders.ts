/** Programs that are measured beside one another on the same data. @module */
import { existsSync } from "node:fs";
import { join } from "../support/paths.ts";
import { type DaemonName, Installation } from "../support/roost.ts";
import { hasBacula } from "../support/bacula.ts";
import { Bacula } from "./bacula.ts";

/** What a job saves, and how. */
export interface Setting {
  readonly source: string;
  /** The Options of the file set, one directive a line; both of Bareos and Bacula know them. */
  readonly options: string;
  /** Further directives of the file daemon, one a line; both know them. */
  readonly fileDaemon?: string | undefined;
  /** A folder for volumes and whatever else is needed. */
  readonly folder: string;
  /** Changes our installation before it starts. */
  readonly adapt?: (installation: Installation) => Promise<void>;
}

/** A program that makes backups; seconds are those of the job, without the start of the program. */
export interface Contender extends AsyncDisposable {
  /** Seconds of a backup. */
  backup(): Promise<number>;
  /** Seconds of a restore of the last backup; undefined if that is not measured. */
  restore(): Promise<number | undefined>;
}

const daemons: readonly DaemonName[] = ["fd", "sd", "dir"];

/** Our own daemons. */
export class RoostContender implements Contender {
  readonly #installation: Installation;
  readonly #console: number;

  private constructor(installation: Installation, console: number) {
    this.#installation = installation;
    this.#console = console;
  }

  /** Starts them. */
  static async start(
    { source, options, folder, fileDaemon = "", adapt }: Setting,
  ): Promise<RoostContender> {
    const installation = await Installation.create({
      backup: source,
      parent: folder,
      // As the executable starts itself.
      env: { DENO_V8_FLAGS: "--max-semi-space-size=2" },
    });
    const path = join("bareos-dir.d", "fileset", "SelfTest.conf");
    const text = await Deno.readTextFile(join(installation.folder, path));
    await installation.configure(
      path,
      text.replace(/Options \{[^}]*\}/, `Options {\n${options}\n}`),
    );
    const client = join("bareos-fd.d", "client", "myself.conf");
    const own = await Deno.readTextFile(join(installation.folder, client));
    await installation.configure(client, own.replace(/\}\s*$/, `${fileDaemon}\n}\n`));
    await adapt?.(installation);
    await installation.start();
    await installation.console("version");
    const console = await seconds(() => installation.console("version"));
    return new RoostContender(installation, console);
  }

  /** See the interface. */
  async backup(): Promise<number> {
    return await this.#job("run job=Backup level=Full yes");
  }

  /** See the interface. */
  async restore(): Promise<number> {
    const where = join(this.#installation.folder, "restored");
    const time = await this.#job(
      `restore client=roost-fd where=${where} select current all done yes`,
    );
    await Deno.remove(where, { recursive: true });
    return time;
  }

  /** Largest resident memory of each daemon so far, in bytes. */
  async memory(): Promise<Record<DaemonName, number>> {
    const peaks = daemons.map((name) => this.#installation.peakMemory(name));
    const [fd = 0, sd = 0, dir = 0] = await Promise.all(peaks);
    return { fd, sd, dir };
  }

  /** Processor seconds of each daemon so far. */
  processorTime(): Record<DaemonName, number> {
    return processorTime(this.#installation);
  }

  /** See the interface. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#installation[Symbol.asyncDispose]();
  }

  async #job(command: string): Promise<number> {
    let report = "";
    const time = await seconds(async () => {
      report = await this.#installation.console(command, "wait", "messages");
    });
    if (!/(Backup|Restore) OK/.test(report)) throw new Error(`The job failed:\n${report}`);
    return time - this.#console;
  }
}

/** Debian's Bacula; undefined where there is none. */
export async function startBacula(setting: Setting): Promise<Contender | undefined> {
  if (!hasBacula()) return undefined;
  const folder = await Deno.makeTempDir({ dir: setting.folder, prefix: "bacula-" });
  const bacula = await Bacula.start({ ...setting, folder });
  let hasRun = false;
  return {
    backup: async () => {
      if (hasRun) await bacula.clear();
      hasRun = true;
      return await bacula.backup();
    },
    restore: () => bacula.restore(),
    [Symbol.asyncDispose]: async () => {
      await bacula[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** `restic backup` into a new repository; undefined where there is no restic. */
export function openRestic({ source, folder }: Setting): Contender | undefined {
  if (!existsSync("/usr/bin/restic")) return undefined;
  let repository = "";
  const restic = async (...args: string[]): Promise<void> => {
    const env = { RESTIC_PASSWORD: "bench", RESTIC_REPOSITORY: repository };
    const command = new Deno.Command("restic", { args: ["--no-cache", "-q", ...args], env });
    const { success, stderr } = await command.output();
    if (!success) throw new Error(`restic failed: ${new TextDecoder().decode(stderr)}`);
  };
  return {
    backup: async () => {
      if (repository !== "") await Deno.remove(repository, { recursive: true });
      repository = await Deno.makeTempDir({ dir: folder, prefix: "restic-" });
      await restic("init");
      return await seconds(() => restic("backup", source));
    },
    restore: async () => {
      const target = await Deno.makeTempDir({ dir: folder, prefix: "restored-" });
      const time = await seconds(() => restic("restore", "latest", "--target", target));
      await Deno.remove(target, { recursive: true });
      return time;
    },
    [Symbol.asyncDispose]: async () => {
      if (repository !== "") await Deno.remove(repository, { recursive: true });
    },
  };
}

/** `tar | md5sum`: reading and digesting alone. */
export function openTar({ source }: Setting): Contender {
  const args = ["-c", 'tar -C "$1" -cf - . | md5sum', "sh", source];
  return {
    backup: () => seconds(() => new Deno.Command("sh", { args }).output()),
    restore: () => Promise.resolve(undefined),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Seconds that something takes. */
export async function seconds(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return (performance.now() - start) / 1000;
}

/** Processor seconds of an installation's daemons so far. */
export function processorTime(installation: Installation): Record<DaemonName, number> {
  const [fd = 0, sd = 0, dir = 0] = daemons.map((name) => processorTimeOf(installation.pid(name)));
  return { fd, sd, dir };
}

/** Processor seconds of a process (Linux). */
function processorTimeOf(pid: number): number {
  const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
