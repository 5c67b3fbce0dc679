/**
 * A second storage daemon beside those of an {@linkcode Installation}, with a Storage and a pool for
 * copies in the director's configuration.
 *
 * @module
 */
import { freePort } from "./free_port.ts";
import { join } from "./paths.ts";
import { fromSource, type Installation } from "./roost.ts";
import { waitFor } from "./wait_for.ts";

/** The second storage daemon: Storage `Second`, pool `Copies`. */
export class SecondStorage implements AsyncDisposable {
  #process: Deno.ChildProcess | undefined;

  private constructor(readonly folder: string, readonly port: number) {}

  /** Configures the daemon and the director that does not run yet. Starts nothing. */
  static async add(installation: Installation): Promise<SecondStorage> {
    const folder = join(installation.folder, "second");
    const port = freePort();
    const second = new SecondStorage(folder, port);
    for (const name of ["volumes", "work"]) {
      await Deno.mkdir(join(folder, name), { recursive: true });
    }
    await Deno.writeTextFile(
      join(folder, "bareos-sd.conf"),
      `Storage { Name = second-sd; Address = 127.0.0.1; Port = ${port}
         Working Directory = "${folder}/work" }
       Director { Name = roost-dir; Password = "second" }
       Messages { Name = Standard; Director = roost-dir = all }
       Device { Name = SecondDevice; Media Type = Second; Archive Device = "${folder}/volumes"
         Device Type = File; Label Media = yes; Random Access = yes; Removable Media = no
         Always Open = no; Maximum Concurrent Jobs = 10 }\n`,
    );
    await installation.configure(
      "bareos-dir.d/storage/Second.conf",
      `Storage { Name = Second; Address = 127.0.0.1; Port = ${port}; Password = "second"
         Device = SecondDevice; Media Type = Second; Maximum Concurrent Jobs = 10 }\n`,
    );
    await installation.configure(
      "bareos-dir.d/pool/Copies.conf",
      `Pool { Name = Copies; Pool Type = Backup; Label Format = "Copies-"; Storage = Second }\n`,
    );
    return second;
  }

  /** Starts the daemon and waits until its port is open. */
  async start(): Promise<void> {
    const [program, ...args] = fromSource;
    this.#process = new Deno.Command(program, {
      args: [...args, "sd", "-f", "-c", join(this.folder, "bareos-sd.conf")],
      stdin: "null",
      stdout: "null",
      stderr: "inherit",
      env: { NO_COLOR: "1" },
    }).spawn();
    await waitFor("the second storage daemon to open its port", async () => {
      try {
        (await Deno.connect({ hostname: "127.0.0.1", port: this.port })).close();
        return true;
      } catch (error) {
        if (error instanceof Deno.errors.ConnectionRefused) return false;
        throw error;
      }
    });
  }

  /** Makes the director, and with it the other daemon, come by another port, such as that of a proxy. */
  async comeBy(installation: Installation, port: number): Promise<void> {
    const path = "bareos-dir.d/storage/Second.conf";
    const text = await Deno.readTextFile(join(installation.folder, path));
    await installation.configure(path, text.replace(`Port = ${this.port}`, `Port = ${port}`));
  }

  /** Adds a device with a Storage resource of the same name, before anything is started. */
  async addDevice(installation: Installation, name: string): Promise<void> {
    const folder = join(this.folder, name);
    await Deno.mkdir(folder);
    const path = join(this.folder, "bareos-sd.conf");
    await Deno.writeTextFile(
      path,
      `Device { Name = ${name}; Media Type = ${name}; Archive Device = "${folder}"
         Device Type = File; Label Media = yes; Random Access = yes; Removable Media = no
         Maximum Concurrent Jobs = 10 }\n`,
      { append: true },
    );
    await installation.configure(
      `bareos-dir.d/storage/${name}.conf`,
      `Storage { Name = ${name}; Address = 127.0.0.1; Port = ${this.port}; Password = "second"
         Device = ${name}; Media Type = ${name}; Maximum Concurrent Jobs = 10 }\n`,
    );
  }

  /** Kills the daemon. */
  async kill(): Promise<void> {
    const process = this.#process;
    this.#process = undefined;
    process?.kill("SIGKILL");
    await process?.status;
  }

  /** Bytes of all its volumes. */
  async volumeBytes(): Promise<number> {
    let bytes = 0;
    for await (const { name } of Deno.readDir(join(this.folder, "volumes"))) {
      bytes += (await Deno.stat(join(this.folder, "volumes", name))).size;
    }
    return bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
