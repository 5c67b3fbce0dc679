/**
 * An installation of Bacula, where the system has one (Debian: `apt-get install bacula-director-sqlite3
 * bacula-director bacula-sd bacula-fd bacula-console`), to be measured beside ours: same data, same
 * digest, same kind of volume, all below one folder.
 *
 * @module
 */
import { isOpen } from "../support/bacula.ts";
import { freePort } from "../support/free_port.ts";
import { join } from "../support/paths.ts";
import { waitFor } from "../support/wait_for.ts";

const tableScript = "/usr/share/bacula-director/make_sqlite3_tables";

function pathOf(name: string): string {
  return `/usr/sbin/${name}`;
}

/** Three daemons of Bacula on loopback. Dispose of it with `await using`. */
export class Bacula implements AsyncDisposable {
  readonly #folder: string;
  readonly #running: Deno.ChildProcess[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Starts daemons that back up `source` with these words in the Options of its file set. */
  static async start(
    { folder, source, options, fileDaemon = "" }: {
      readonly folder: string;
      readonly source: string;
      readonly options: string;
      /** Further directives of the file daemon. */
      readonly fileDaemon?: string | undefined;
    },
  ): Promise<Bacula> {
    const bacula = new Bacula(folder);
    await Deno.mkdir(join(folder, "volumes"), { recursive: true });
    await Deno.mkdir(join(folder, "restored"), { recursive: true });
    const ports = { dir: freePort(), sd: freePort(), fd: freePort() };
    for (const [name, text] of Object.entries(configuration(folder, source, options, ports))) {
      const more = name === "fd" ? fileDaemon : "";
      await Deno.writeTextFile(join(folder, `${name}.conf`), text.replace("@more", more), {
        mode: 0o600,
      });
    }
    const script = (await Deno.readTextFile(tableScript))
      .replace(/^cd .*$/m, `cd ${folder}`).replaceAll("XXX_DBNAME_XXX", "bacula");
    const made = await new Deno.Command("sh", { args: ["-c", script] }).output();
    if (!made.success) throw new Error(new TextDecoder().decode(made.stderr));
    for (const name of ["sd", "fd", "dir"] as const) {
      const process = new Deno.Command(pathOf(`bacula-${name}`), {
        args: ["-f", "-c", join(folder, `${name}.conf`)],
        stdout: "null",
        stderr: "null",
      }).spawn();
      bacula.#running.push(process);
    }
    for (const [name, port] of Object.entries(ports)) {
      await waitFor(`bacula-${name} to open its port`, () => isOpen(port));
    }
    await bacula.#console("label volume=Bench pool=Default storage=File slot=0 drive=0");
    return bacula;
  }

  /**
   * Runs the backup job: seconds from the command to the last write on the volume. Its console looks
   * for the end of a job every few seconds only.
   */
  async backup(): Promise<number> {
    const start = Date.now();
    await this.#job("run job=Backup level=Full yes", "Backup OK");
    const { mtime } = await Deno.stat(join(this.#folder, "volumes", "Bench"));
    return ((mtime?.getTime() ?? Number.NaN) - start) / 1000;
  }

  /** Restores all of the last backup: seconds from the command to the last change below the folder. */
  async restore(): Promise<number> {
    const where = join(this.#folder, "restored");
    const start = Date.now();
    await this.#job(
      `restore client=bench-fd where=${where} select current all done yes`,
      "Restore OK",
    );
    return (await lastChange(where) - start) / 1000;
  }

  /** Empties the volume and the folder of restored files. */
  async clear(): Promise<void> {
    await Deno.remove(join(this.#folder, "restored"), { recursive: true });
    await Deno.mkdir(join(this.#folder, "restored"));
    await this.#console("delete volume=Bench pool=Default yes");
    await Deno.remove(join(this.#folder, "volumes"), { recursive: true });
    await Deno.mkdir(join(this.#folder, "volumes"));
    await this.#console("label volume=Bench pool=Default storage=File slot=0 drive=0");
  }

  /** Ends the daemons. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const process of this.#running) process.kill("SIGKILL");
    for (const process of this.#running) await process.status;
  }

  async #job(command: string, good: string): Promise<string> {
    const report = await this.#console(command, "wait", "messages");
    if (!report.includes(good)) throw new Error(`Bacula's job failed:\n${report}`);
    return report;
  }

  /** What the console prints for some commands. */
  async #console(...commands: readonly string[]): Promise<string> {
    const process = new Deno.Command(pathOf("bconsole"), {
      args: ["-n", "-c", join(this.#folder, "console.conf")],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const writer = process.stdin.getWriter();
    await writer.write(new TextEncoder().encode(`${commands.join("\n")}\nquit\n`));
    await writer.close();
    const { stdout } = await process.output();
    return new TextDecoder().decode(stdout);
  }
}

/** The latest time of change of an inode below a folder, in milliseconds. */
async function lastChange(folder: string): Promise<number> {
  let latest = 0;
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    const changed = (await Deno.lstat(path)).ctime?.getTime() ?? 0;
    latest = Math.max(latest, changed, isDirectory ? await lastChange(path) : 0);
  }
  return latest;
}

function configuration(
  folder: string,
  source: string,
  options: string,
  ports: { readonly dir: number; readonly sd: number; readonly fd: number },
): Record<string, string> {
  const password = crypto.randomUUID();
  const places = `WorkingDirectory = "${folder}"\n  Pid Directory = "${folder}"`;
  const messages = `Messages {
  Name = Standard
  console = all, !skipped, !saved
}
`;
  const director = `Director {
  Name = bench-dir
  Password = "${password}"
}
${messages}`;
  return {
    dir: `Director {
  Name = bench-dir
  DirPort = ${ports.dir}
  DirAddress = 127.0.0.1
  QueryFile = "/etc/bacula/scripts/query.sql"
  ${places}
  Password = "${password}"
  Messages = Standard
}
Catalog { Name = Catalog; dbname = "bacula"; dbuser = ""; dbpassword = "" }
Client {
  Name = bench-fd
  Address = 127.0.0.1
  FDPort = ${ports.fd}
  Catalog = Catalog
  Password = "${password}"
}
Storage {
  Name = File
  Address = 127.0.0.1
  SDPort = ${ports.sd}
  Password = "${password}"
  Device = File
  Media Type = File
}
Pool { Name = Default; Pool Type = Backup; Recycle = yes; AutoPrune = no }
FileSet {
  Name = Bench
  Include {
    Options { ${options}
    }
    File = "${source}"
  }
}
Job {
  Name = Backup
  Type = Backup
  Level = Full
  Client = bench-fd
  FileSet = Bench
  Storage = File
  Pool = Default
  Messages = Standard
}
Job {
  Name = Restore
  Type = Restore
  Client = bench-fd
  FileSet = Bench
  Storage = File
  Pool = Default
  Messages = Standard
  Where = "${folder}/restored"
}
${messages}`,
    sd: `Storage {
  Name = bench-sd
  SDPort = ${ports.sd}
  SDAddress = 127.0.0.1
  ${places}
}
Device {
  Name = File
  Media Type = File
  Archive Device = "${folder}/volumes"
  LabelMedia = yes
  Random Access = yes
  AutomaticMount = yes
  RemovableMedia = no
  AlwaysOpen = no
}
${director}`,
    fd: `FileDaemon {
  Name = bench-fd
  FDport = ${ports.fd}
  FDAddress = 127.0.0.1
  ${places}
  Plugin Directory = /usr/lib/bacula
  @more
}
${director}`,
    console: `Director {
  Name = bench-dir
  DIRport = ${ports.dir}
  address = 127.0.0.1
  Password = "${password}"
}
`,
  };
}
