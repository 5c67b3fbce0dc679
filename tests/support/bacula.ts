/**
 * Daemons of Bacula 9.6 (Debian: `apt-get install bacula-director-sqlite3 bacula-director bacula-sd
 * bacula-fd bacula-console`) as real peers of ours: on loopback, on free ports, below a test's folder.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "./paths.ts";
import { waitFor } from "./wait_for.ts";

/** The programs of Bacula by what they are. */
const PROGRAMS = {
  dir: "/usr/sbin/bacula-dir",
  sd: "/usr/sbin/bacula-sd",
  fd: "/usr/sbin/bacula-fd",
  console: "/usr/sbin/bconsole",
} as const;

/** The script that makes the tables of a director's catalog. */
const TABLES = "/usr/share/bacula-director/make_sqlite3_tables";

/** Whether this system has them all, with a catalog in SQLite. */
export function hasBacula(): boolean {
  return [...Object.values(PROGRAMS), TABLES].every((path) => existsSync(path));
}

/** Whether somebody listens on a port of loopback. */
export async function isOpen(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return false;
    throw error;
  }
}

/** A director as a daemon of Bacula knows it. */
export interface KnownDirector {
  readonly name: string;
  readonly password: string;
}

/** What every configuration of a daemon has. */
export interface BaculaPlace {
  /** Its name. */
  readonly name: string;
  readonly port: number;
  /** An existing folder of its own: configuration, working directory, pid file. */
  readonly folder: string;
  /** Who may connect; for a director: its console's password and own name. */
  readonly director: KnownDirector;
  /** Further directives of its own resource. */
  readonly more?: string | undefined;
  /** Further directives of the resource for that director. */
  readonly directorMore?: string | undefined;
}

function places({ folder }: BaculaPlace): string {
  return `WorkingDirectory = "${folder}"\n  Pid Directory = "${folder}"`;
}

function knownDirector({ director, directorMore = "" }: BaculaPlace): string {
  return `Director {
  Name = ${director.name}
  Password = "${director.password}"
  ${directorMore}
}
Messages {
  Name = Standard
  Director = ${director.name} = all
}
`;
}

/** The configuration of a `bacula-fd`. */
export function baculaFileDaemonText(place: BaculaPlace): string {
  return `FileDaemon {
  Name = ${place.name}
  FDport = ${place.port}
  FDAddress = 127.0.0.1
  ${places(place)}
  Plugin Directory = /usr/lib/bacula
  ${place.more ?? ""}
}
${knownDirector(place)}`;
}

/** What a `bacula-sd` needs besides. */
export interface BaculaStoragePlace extends BaculaPlace {
  /** Folder of its volumes; made if it is not there. */
  readonly volumes: string;
  /** Names of its devices, all on that folder; `FileStorage` if not given. */
  readonly devices?: readonly string[];
  /** Media type of the devices; `File` if not given. */
  readonly mediaType?: string;
  /** Further resources. */
  readonly resources?: string;
}

/** The configuration of a `bacula-sd`. */
export function baculaStorageDaemonText(place: BaculaStoragePlace): string {
  const { devices = ["FileStorage"], mediaType = "File" } = place;
  const device = (name: string): string =>
    `Device {
  Name = ${name}
  Media Type = ${mediaType}
  Archive Device = "${place.volumes}"
  LabelMedia = yes
  Random Access = yes
  AutomaticMount = yes
  RemovableMedia = no
  AlwaysOpen = no
}
`;
  return `Storage {
  Name = ${place.name}
  SDPort = ${place.port}
  SDAddress = 127.0.0.1
  ${places(place)}
  ${place.more ?? ""}
}
${devices.map(device).join("")}${place.resources ?? ""}${knownDirector(place)}`;
}

/** What a `bacula-dir` needs besides. */
export interface BaculaDirectorPlace extends BaculaPlace {
  /** Clients, storages, pools, file sets and jobs, with `Catalog = Catalog`, `Messages = Standard`. */
  readonly resources: string;
}

/** The configuration of a `bacula-dir`. */
function baculaDirectorText(place: BaculaDirectorPlace): string {
  return `Director {
  Name = ${place.name}
  DirPort = ${place.port}
  DirAddress = 127.0.0.1
  QueryFile = "/etc/bacula/scripts/query.sql"
  ${places(place)}
  Password = "${place.director.password}"
  Messages = Standard
  Maximum Concurrent Jobs = 10
  ${place.more ?? ""}
}
Catalog { Name = Catalog; dbname = "bacula"; dbuser = ""; dbpassword = "" }
Messages {
  Name = Standard
  console = all, !skipped, !saved
}
${place.resources}`;
}

/** Makes an empty catalog, `bacula.db`, in a folder. */
export async function makeCatalog(folder: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const script = (await Deno.readTextFile(TABLES))
    .replace(/^cd .*$/m, `cd ${folder}`).replaceAll("XXX_DBNAME_XXX", "bacula");
  const made = await new Deno.Command("sh", { args: ["-c", script] }).output();
  if (!made.success) throw new Error(new TextDecoder().decode(made.stderr));
}

/** A daemon of Bacula that runs. Dispose of it with `await using`. */
export class BaculaDaemon implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #output: Promise<string>;

  private constructor(process: Deno.ChildProcess) {
    this.#process = process;
    this.#output = new Response(process.stdout).text();
  }

  /** Starts one and waits until its port is open. */
  static async file(place: BaculaPlace): Promise<BaculaDaemon> {
    return await BaculaDaemon.#start("fd", place, baculaFileDaemonText(place));
  }

  /** Starts one and waits until its port is open. */
  static async storage(place: BaculaStoragePlace): Promise<BaculaDaemon> {
    await Deno.mkdir(place.volumes, { recursive: true });
    return await BaculaDaemon.#start("sd", place, baculaStorageDaemonText(place));
  }

  /** Makes a catalog in its folder, starts one and waits until its port is open. */
  static async director(place: BaculaDirectorPlace): Promise<BaculaDaemon> {
    await makeCatalog(place.folder);
    return await BaculaDaemon.#start("dir", place, baculaDirectorText(place));
  }

  static async #start(
    kind: "dir" | "sd" | "fd",
    { folder, port }: BaculaPlace,
    text: string,
  ): Promise<BaculaDaemon> {
    await Deno.mkdir(folder, { recursive: true });
    const path = join(folder, `bacula-${kind}.conf`);
    await Deno.writeTextFile(path, text, { mode: 0o600 });
    const process = new Deno.Command(PROGRAMS[kind], {
      args: ["-f", "-c", path],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const daemon = new BaculaDaemon(process);
    let hasEnded = false;
    process.status.then(() => hasEnded = true);
    await waitFor(`bacula-${kind} to open its port`, async () => {
      if (hasEnded) throw new Error(`bacula-${kind} ended at its start: ${await daemon.#output}`);
      return await isOpen(port);
    });
    return daemon;
  }

  /** Kills it; what it has printed, which is little. */
  async end(): Promise<string> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // it has ended before
    }
    await this.#process.status;
    return await this.#output;
  }

  /** Kills it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }
}

/** Where a `bconsole` connects to, and as whom. */
export interface BaculaConsolePlace {
  /** Folder for its configuration. */
  readonly folder: string;
  readonly port: number;
  /** Name of the director, and the password of the console. */
  readonly director: KnownDirector;
  /** Name of the console; the default console if not given. */
  readonly console?: string;
  /** Directives about TLS. */
  readonly tls?: string | undefined;
}

/** Gives commands to Bacula's `bconsole`, one a line, and returns what it printed. */
export async function bconsole(
  { folder, port, director, console, tls = "" }: BaculaConsolePlace,
  ...commands: readonly string[]
): Promise<string> {
  const path = join(folder, `bconsole-${crypto.randomUUID().slice(0, 8)}.conf`);
  const text = `Director {
  Name = ${director.name}
  DIRport = ${port}
  address = 127.0.0.1
  Password = "${console === undefined ? director.password : "unused"}"
${console === undefined ? tls : ""}}
${
    console === undefined
      ? ""
      : `Console {\n  Name = ${console}\n  Password = "${director.password}"\n${tls}}\n`
  }`;
  await Deno.writeTextFile(path, text, { mode: 0o600 });
  const process = new Deno.Command(PROGRAMS.console, {
    args: ["-n", "-c", path],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(`${commands.join("\n")}\nquit\n`)).catch(() => {});
  await writer.close().catch(() => {});
  const { stdout, stderr } = await process.output();
  const decoder = new TextDecoder();
  return decoder.decode(stdout) + decoder.decode(stderr);
}
