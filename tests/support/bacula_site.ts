/**
 * An installation of Bacula, its director real, in which daemons of ours stand in the place of some of its
 * own, started from configuration files of Bacula.
 *
 * @module
 */
import {
  type BaculaConsolePlace,
  BaculaDaemon,
  baculaFileDaemonText,
  type BaculaPlace,
  baculaStorageDaemonText,
  bconsole,
  isOpen,
} from "./bacula.ts";
import { makeTlsFolder, type TlsFolder } from "./certificates.ts";
import { freePort } from "./free_port.ts";
import type { Maker } from "./mixed_installation.ts";
import { join } from "./paths.ts";
import { fromSource } from "./roost.ts";
import { makeSmallChanger } from "./small_changer.ts";
import { waitFor } from "./wait_for.ts";

/** What the installation is made of. */
export interface BaculaSiteOptions {
  /** What its job backs up. */
  readonly source: string;
  /** Whose file daemon and storage daemon. */
  readonly client: Maker;
  readonly storage: Maker;
  /** The words in the Options of the FileSet. */
  readonly options?: string;
  /** Further directives of the file daemon, and of the storage daemon. */
  readonly fileDaemonMore?: string;
  readonly storageDaemonMore?: string;
  /** Further directives of the job `Backup`. */
  readonly job?: string;
  /** Further resources of the director. */
  readonly resources?: string;
  /** Slots of a changer `Changer`, which its director knows as a storage of that name. */
  readonly slots?: number;
  /** Drives of that changer; one if not given. */
  readonly drives?: number;
  /** Everybody demands TLS and checks the other's certificate. */
  readonly isCertified?: boolean;
  /** Further directives about TLS between daemons. */
  readonly tlsMore?: readonly string[];
  /** Whether its director, too; yes if not given. */
  readonly isDirectorCertified?: boolean;
}

/** A daemon of ours that was started from a file of Bacula's. */
class OurDaemon implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #output: Promise<readonly string[]>;

  private constructor(process: Deno.ChildProcess) {
    this.#process = process;
    this.#output = Promise.all([
      new Response(process.stdout).text(),
      new Response(process.stderr).text(),
    ]);
  }

  /** Starts one and waits until its port is open. */
  static async start(kind: "sd" | "fd", place: BaculaPlace, text: string): Promise<OurDaemon> {
    await Deno.mkdir(place.folder, { recursive: true });
    const path = join(place.folder, `bacula-${kind}.conf`);
    await Deno.writeTextFile(path, text, { mode: 0o600 });
    const [program, ...first] = fromSource;
    const process = new Deno.Command(program, {
      args: [...first, "-f", "-c", path],
      // As if it had been called through a link of that name.
      env: { NO_COLOR: "1", ROOST_CALLED_AS: `bacula-${kind}` },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const daemon = new OurDaemon(process);
    let hasEnded = false;
    process.status.then(() => hasEnded = true);
    await waitFor(`roost ${kind} to open its port`, async () => {
      if (hasEnded) throw new Error(`roost ${kind} ended at its start: ${await daemon.output()}`);
      return await isOpen(place.port);
    });
    return daemon;
  }

  /** What it has printed, once it has ended. */
  async output(): Promise<string> {
    return (await this.#output).join("");
  }

  /** Tells it to end; what it has printed. */
  async end(): Promise<string> {
    this.#process.kill("SIGTERM");
    await this.#process.status;
    return await this.output();
  }

  /** Kills it. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // it has ended before
    }
    await this.#process.status;
    await this.#output;
  }
}

/** bacula-dir and the other daemons, running. Dispose of it with `await using`. */
export class BaculaSite implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  readonly #password = crypto.randomUUID();
  /** Resources of the changer, if there is one. */
  #changer = "";
  /** The certificates, if it is certified. */
  tls: TlsFolder | undefined;
  readonly #ports = { dir: freePort(), sd: freePort(), fd: freePort() };
  /** Daemons by what they are, to replace one. */
  readonly #running = new Map<"sd" | "fd", AsyncDisposable>();

  private constructor(
    /** Everything is below it. */
    readonly folder: string,
    readonly options: BaculaSiteOptions,
  ) {}

  /** Makes the configuration and starts everything. */
  static async start(options: BaculaSiteOptions): Promise<BaculaSite> {
    const folder = await Deno.makeTempDir({ prefix: "roost-bacula-" });
    const site = new BaculaSite(folder, options);
    try {
      await Deno.mkdir(site.volumes);
      await Deno.mkdir(site.restored);
      const { slots, drives = 1 } = options;
      if (slots !== undefined) {
        const made = await makeSmallChanger(site.path("changer"), {
          ...{ slots, drives, holdsFiles: options.storage === "bacula" },
        });
        site.#changer = made.resources;
      }
      if (options.isCertified) site.tls = await makeTlsFolder(site.path("tls"));
      await site.startClient(options.client);
      await site.startStorage(options.storage);
      site.#stack.use(await site.#startDirector());
      return site;
    } catch (error) {
      await site[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** A path below the folder. */
  path(name: string): string {
    return join(this.folder, name);
  }

  /** The folder of the volumes. */
  get volumes(): string {
    return this.path("volumes");
  }

  /** Where restores go. */
  get restored(): string {
    return this.path("restored");
  }

  /** Where consoles connect to, and the password of the default console. */
  get consolePlace(): BaculaConsolePlace {
    const director = { name: "bacula-dir", password: this.#password };
    const tls = this.#directorTls?.towards("admin");
    return { folder: this.folder, port: this.#ports.dir, director, tls };
  }

  /** Gives commands to bconsole and returns what it printed. */
  async console(...commands: readonly string[]): Promise<string> {
    return await bconsole(this.consolePlace, ...commands);
  }

  /** Runs a job to its end; its messages. */
  async run(command: string): Promise<string> {
    return await this.console(`${command} yes`, "wait", "messages");
  }

  /** Waits until neither of its daemons knows of a job: those of Bacula forget one after they have told its end. */
  async untilIdle(): Promise<void> {
    await waitFor("the daemons to be idle", async () => {
      const status = await this.console("status client=bacula-fd", "status storage=File");
      return status.match(/No Jobs running/g)?.length === 2;
    });
  }

  /** Starts the file daemon of a maker in the place of the one that runs. */
  async startClient(maker: Maker, more?: string): Promise<void> {
    await this.#running.get("fd")?.[Symbol.asyncDispose]();
    const tls = this.tls?.and(...this.#tlsMore).directives;
    const place = this.#place("fd", more ?? this.options.fileDaemonMore, {
      own: this.tls?.and(...this.#tlsMore).towards("fd"),
      director: tls?.("fd", "dir"),
    });
    this.#running.set(
      "fd",
      maker === "bacula"
        ? await BaculaDaemon.file(place)
        : await OurDaemon.start("fd", place, baculaFileDaemonText(place)),
    );
  }

  /** Ends our file daemon; what it has printed. */
  async endClient(): Promise<string> {
    const daemon = this.#running.get("fd");
    this.#running.delete("fd");
    if (daemon instanceof OurDaemon) return await daemon.end();
    await daemon?.[Symbol.asyncDispose]();
    return "";
  }

  /** Starts the storage daemon of a maker in the place of the one that runs; same volumes. */
  async startStorage(maker: Maker): Promise<void> {
    await this.#running.get("sd")?.[Symbol.asyncDispose]();
    const tls = this.tls?.and(...this.#tlsMore).directives;
    const place = {
      ...this.#place("sd", this.options.storageDaemonMore, {
        own: tls?.("sd", "fd"),
        director: tls?.("sd", "dir"),
      }),
      volumes: this.volumes,
      resources: this.#changer,
    };
    this.#running.set(
      "sd",
      maker === "bacula"
        ? await BaculaDaemon.storage(place)
        : await OurDaemon.start("sd", place, baculaStorageDaemonText(place)),
    );
  }

  /** Ends the daemons and removes the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
    for (const daemon of this.#running.values()) await daemon[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }

  get #tlsMore(): readonly string[] {
    return this.options.tlsMore ?? [];
  }

  get #directorTls(): TlsFolder | undefined {
    return this.options.isDirectorCertified === false ? undefined : this.tls;
  }

  #place(
    kind: "dir" | "sd" | "fd",
    more: string | undefined,
    tls: { readonly own?: string | undefined; readonly director?: string | undefined } = {},
  ): BaculaPlace {
    return {
      name: `bacula-${kind}`,
      port: this.#ports[kind],
      folder: this.path(kind),
      director: { name: "bacula-dir", password: this.#password },
      more: `${more ?? ""}\n${tls.own ?? ""}`,
      directorMore: tls.director,
    };
  }

  async #startDirector(): Promise<BaculaDaemon> {
    return await BaculaDaemon.director({
      ...this.#place("dir", undefined, { own: this.#directorTls?.directives("dir", "admin") }),
      resources: this.#resources(),
    });
  }

  #resources(): string {
    const { source, options = "Signature = MD5", job = "", resources = "" } = this.options;
    const password = this.#password;
    const tls = this.#directorTls?.and(...this.#tlsMore).towards;
    const common = `Client = bacula-fd
  FileSet = Data
  Storage = File
  Pool = Default
  Messages = Standard`;
    return `Client {
  Name = bacula-fd
  Address = 127.0.0.1
  FDPort = ${this.#ports.fd}
  Catalog = Catalog
  Password = "${password}"
  AutoPrune = no
  Maximum Concurrent Jobs = 5
${tls?.("dir", "fd") ?? ""}}
Storage {
  Name = File
  Address = 127.0.0.1
  SDPort = ${this.#ports.sd}
  Password = "${password}"
  Device = FileStorage
  Media Type = File
  Maximum Concurrent Jobs = 5
${tls?.("dir") ?? ""}}
${
      this.#changer === "" ? "" : `Storage {
  Name = Changer
  Address = 127.0.0.1
  SDPort = ${this.#ports.sd}
  Password = "${password}"
  Device = Changer
  Media Type = Slot
  Autochanger = yes
  Maximum Concurrent Jobs = 5
${tls?.("dir") ?? ""}}
`
    }Pool {
  Name = Default
  Pool Type = Backup
  Recycle = yes
  AutoPrune = no
  Label Format = "Vol-"
}
FileSet {
  Name = Data
  Include {
    Options {
      ${options}
    }
    File = "${source}"
  }
}
Job {
  Name = Backup
  Type = Backup
  Level = Full
  ${common}
  ${job}
}
Job {
  Name = Restore
  Type = Restore
  ${common}
  Where = "${this.restored}"
}
Job {
  Name = VerifyVolume
  Type = Verify
  Level = VolumeToCatalog
  ${common}
  Verify Job = Backup
}
Job {
  Name = VerifyDisk
  Type = Verify
  Level = DiskToCatalog
  ${common}
  Verify Job = Backup
}
${resources}`;
  }
}
