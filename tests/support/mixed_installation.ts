/**
 * An installation of ours in which daemons of Bacula stand in the place of some of ours.
 *
 * @module
 */
import { BaculaDaemon, bconsole, type KnownDirector } from "./bacula.ts";
import { makeTlsFolder, type TlsFolder } from "./certificates.ts";
import { join } from "./paths.ts";
import { Installation } from "./roost.ts";
import { makeSmallChanger } from "./small_changer.ts";
import { waitFor } from "./wait_for.ts";

/** Whose daemon it is. */
export type Maker = "roost" | "bacula";

/** What the installation is made of. */
export interface MixedOptions {
  /** What its job backs up. */
  readonly source: string;
  /** Whose file daemon; Bacula's if not given. */
  readonly client?: Maker;
  /** Whose storage daemon; ours if not given. */
  readonly storage?: Maker;
  /** The words in the Options of the FileSet. */
  readonly options?: string;
  /** Further directives of the job `Backup`. */
  readonly job?: string;
  /** Further directives of the client and of the file daemon of Bacula. */
  readonly clientMore?: string;
  readonly fileDaemonMore?: string;
  /** Further resources of the director. */
  readonly resources?: string;
  /** Slots of a changer that a storage daemon of Bacula has, as the storage `Changer`. */
  readonly slots?: number;
  /** Drives of that changer; one if not given. */
  readonly drives?: number;
  /** Consoles come in the clear, as Bacula's do. */
  readonly hasClearConsoles?: boolean;
  /** Everybody demands TLS and checks the other's certificate; without it, Bacula's daemons have no TLS. */
  readonly isCertified?: boolean;
  /** Further directives about TLS, for everybody. */
  readonly tlsMore?: readonly string[];
}

/** The director and the other daemons, running. Dispose of it with `await using`. */
export class MixedInstallation implements AsyncDisposable {
  readonly #bacula = new AsyncDisposableStack();
  /** The certificates, if it is certified. */
  tls: TlsFolder | undefined;

  private constructor(
    readonly installation: Installation,
    /** Whose file daemon it has. */
    readonly client: Maker,
  ) {}

  /** Makes the configuration and starts everything. */
  static async start(options: MixedOptions): Promise<MixedInstallation> {
    const { source, client = "bacula", storage = "roost", isCertified = false } = options;
    const mixed = new MixedInstallation(await Installation.create({ backup: source }), client);
    try {
      if (isCertified) {
        mixed.tls = (await makeTlsFolder(mixed.path("tls"))).and(...options.tlsMore ?? []);
      }
      await mixed.#configure(options);
      if (client === "bacula") await mixed.#startClient(options.fileDaemonMore);
      if (storage === "bacula") await mixed.#startStorage(options);
      await mixed.installation.start(
        ...(storage === "roost" ? ["sd"] as const : []),
        ...(client === "roost" ? ["fd"] as const : []),
        "dir",
      );
      return mixed;
    } catch (error) {
      await mixed[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** A path below the installation's folder. */
  path(name: string): string {
    return join(this.installation.folder, name);
  }

  /** The folder of the volumes. */
  get volumes(): string {
    return this.path("volumes");
  }

  /** Gives commands to our console and returns what it printed. */
  async console(...commands: readonly string[]): Promise<string> {
    return await this.installation.console(...commands);
  }

  /** Gives commands to Bacula's bconsole, which needs clear consoles, and returns what it printed. */
  async bconsole(...commands: readonly string[]): Promise<string> {
    const { port, director } = await this.#known("director/roost-dir.conf");
    return await bconsole({ folder: this.installation.folder, port, director }, ...commands);
  }

  /** Runs a job to its end; its messages. */
  async run(command: string): Promise<string> {
    return await this.console(`${command} yes`, "wait", "messages");
  }

  /** Waits until neither of its daemons knows of a job: those of Bacula forget one after they have told its end. */
  async untilIdle(): Promise<void> {
    await waitFor("the daemons to be idle", async () => {
      const status = await this.console("status client=roost-fd", "status storage=File");
      return status.match(/No Jobs running/g)?.length === 2;
    });
  }

  /** Replaces the FileSet. */
  async fileSet(options: string, files: string): Promise<void> {
    await this.installation.configure(
      "bareos-dir.d/fileset/SelfTest.conf",
      fileSetText(options, files),
    );
  }

  /** Ends the daemons and removes the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bacula.disposeAsync();
    await this.installation[Symbol.asyncDispose]();
  }

  async #configure(options: MixedOptions): Promise<void> {
    const { source, client = "bacula", storage = "roost" } = options;
    await this.fileSet(options.options ?? "Signature = MD5", source);
    if (options.job !== undefined) await this.#append("dir", "job/Backup", options.job);
    const clientMore = options.clientMore ?? "";
    const tls = this.tls?.directives;
    if (tls === undefined) {
      // Bacula knows no immediate TLS; our own daemons go on to use it among themselves.
      const cleartext = "TLS Enable = no";
      const relaxed = "TLS Require = no";
      const isForeign = client === "bacula";
      await this.#append("dir", "client/roost-fd", `${isForeign ? cleartext : ""}\n${clientMore}`);
      await this.#append("dir", "storage/File", storage === "bacula" ? cleartext : relaxed);
      await this.#append("sd", "storage/roost-sd", relaxed);
      await this.#append("fd", "client/myself", relaxed);
    } else {
      await this.#append("dir", "client/roost-fd", tls("dir", "fd") + clientMore);
      await this.#append("dir", "storage/File", tls("dir", "sd"));
      await this.#append("dir", "director/roost-dir", tls("dir", "admin"));
      await this.#append("console", "director/roost-dir", tls("admin", "dir"));
      for (const own of ["sd", "fd"] as const) {
        const [resource, peers] = own === "sd"
          ? ["storage/roost-sd", ["fd", "dir"] as const]
          : ["client/myself", ["sd", "dir"] as const];
        await this.#append(own, resource, tls(own, ...peers));
        await this.#append(own, "director/roost-dir", tls(own, "dir"));
      }
    }
    if (options.hasClearConsoles) {
      for (const daemon of ["dir", "console"] as const) {
        await this.#append(daemon, "director/roost-dir", "TLS Enable = no");
      }
    }
    if (options.resources !== undefined) {
      await this.installation.configure("bareos-dir.d/job/More.conf", options.resources);
    }
  }

  /** Adds directives to a resource of a daemon. */
  async #append(
    daemon: "dir" | "sd" | "fd" | "console",
    resource: string,
    directives: string,
  ): Promise<void> {
    const path = `${daemon === "console" ? "bconsole" : `bareos-${daemon}`}.d/${resource}.conf`;
    const text = await Deno.readTextFile(this.path(path));
    await this.installation.configure(path, text.replace(/\}\s*$/, `${directives}\n}\n`));
  }

  async #startClient(more: string | undefined): Promise<void> {
    const { port, director } = await this.#known("client/roost-fd.conf");
    this.#bacula.use(
      await BaculaDaemon.file({
        ...{ name: "roost-fd", port, director },
        more: `${more ?? ""}\n${this.tls?.towards("fd") ?? ""}`,
        directorMore: this.tls?.directives("fd", "dir"),
        folder: this.path("bacula-fd"),
      }),
    );
  }

  async #startStorage({ slots, drives = 1 }: MixedOptions): Promise<void> {
    const { port, director } = await this.#known("storage/File.conf");
    let resources = "";
    if (slots !== undefined) {
      const options = { slots, drives, holdsFiles: true } as const;
      ({ resources } = await makeSmallChanger(this.path("changer"), options));
      const text = await Deno.readTextFile(this.path("bareos-dir.d/storage/File.conf"));
      const changer = { Name: "Changer", Device: "Changer", "Media Type": "Slot" };
      let changed = text.replace(/\}\s*$/, "  Auto Changer = yes\n}\n");
      for (const [directive, value] of Object.entries(changer)) {
        changed = changed.replace(new RegExp(`(\\b${directive}\\s*=).*`), `$1 ${value}`);
      }
      await this.installation.configure("bareos-dir.d/storage/Changer.conf", changed);
    }
    this.#bacula.use(
      await BaculaDaemon.storage({
        ...{ name: "roost-sd", port, director, volumes: this.volumes, resources },
        more: this.tls?.directives("sd", "fd"),
        directorMore: this.tls?.directives("sd", "dir"),
        folder: this.path("bacula-sd"),
      }),
    );
  }

  async #known(resource: string): Promise<{ port: number; director: KnownDirector }> {
    const text = await Deno.readTextFile(this.path(`bareos-dir.d/${resource}`));
    const [, port = ""] = /Port\s*=\s*(\d+)/.exec(text) ?? [];
    const [, password = ""] = /Password\s*=\s*"([^"]*)"/.exec(text) ?? [];
    return { port: Number(port), director: { name: "roost-dir", password } };
  }
}

function fileSetText(options: string, file: string): string {
  return `FileSet {
  Name = SelfTest
  Include {
    Options {
      ${options}
    }
    File = "${file}"
  }
}
`;
}
