/** A PostgreSQL server of a test's own. @module */
import { existsSync } from "node:fs";
import process from "node:process";
import type { PostgresOptions } from "../../storage/catalog/mod.ts";
import { freePort } from "./free_port.ts";
import { waitFor } from "./wait_for.ts";

/** Where Debian and others keep the server's programs. */
const folders = [15, 16, 17, 18, 14, 13].flatMap((version) => [
  `/usr/lib/postgresql/${version}/bin`,
  `/usr/pgsql-${version}/bin`,
]);
const programs = folders.find((folder) => existsSync(`${folder}/initdb`));

/** Whether there is a server to be started. */
export const hasPostgres: boolean = programs !== undefined;

/** A cluster in a temporary folder, which listens on a socket in it and on a free port of this machine. */
export class PostgresServer implements AsyncDisposable {
  /** The folder with the cluster and the socket. */
  readonly folder: string;
  /** The port, which is in the socket's name too. */
  readonly port: number = freePort();

  /** The role that the tests use. */
  readonly user = "postgres";
  #databases = 0;
  #isRunning = false;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Makes a cluster and starts it; the roles of `passwords` are asked for theirs. */
  static async start(
    passwords: Readonly<Record<string, { method: string; password: string }>> = {},
  ): Promise<PostgresServer> {
    const folder = await Deno.makeTempDir({ dir: "/tmp", prefix: "roost-pg-" });
    const server = new PostgresServer(folder);
    try {
      await server.#make(passwords);
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    return server;
  }

  async #make(
    passwords: Readonly<Record<string, { method: string; password: string }>>,
  ): Promise<void> {
    const { folder } = this;
    await Deno.chmod(folder, 0o777);
    this.#run(
      ["initdb", "-D", `${folder}/data`, "-U", this.user, "-A", "trust", "-E", "SQL_ASCII"],
      ["--locale=C", "--no-sync"],
    );
    await Deno.writeTextFile(
      `${folder}/data/postgresql.conf`,
      [
        `listen_addresses = '127.0.0.1'`,
        `unix_socket_directories = '${folder}'`,
        "fsync = off",
        "shared_buffers = 16MB",
        "max_connections = 30",
        "autovacuum = off",
      ].join("\n") + "\n",
      { append: true },
    );
    const rules = Object.entries(passwords).map(([name, { method }]) =>
      `local all ${name} ${method}\nhost all ${name} 127.0.0.1/32 ${method}\n`
    );
    await Deno.writeTextFile(
      `${folder}/data/pg_hba.conf`,
      `${rules.join("")}local all all trust\n`,
    );
    await this.begin();
    for (const [name, { method, password }] of Object.entries(passwords)) {
      const kind = method === "md5" ? "md5" : "scram-sha-256";
      this.sql(
        "postgres",
        `SET password_encryption = '${kind}'; CREATE ROLE "${name}" LOGIN SUPERUSER PASSWORD '${
          password.replaceAll("'", "''")
        }'`,
      );
    }
  }

  /** The server's socket. */
  get socket(): string {
    return `${this.folder}/.s.PGSQL.${this.port}`;
  }

  /** Starts the server, or starts it again. */
  async begin(): Promise<void> {
    const { folder, socket } = this;
    this.#run(
      ["pg_ctl", "-D", `${folder}/data`, "-l", `${folder}/log`, "-w", "-t", "600", "start"],
      [
        "-o",
        `-p ${this.port}`,
      ],
    );
    this.#isRunning = true;
    await waitFor("the server's socket", () => existsSync(socket));
  }

  /** Ends the server at once; what was committed stays. */
  end(): void {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    this.#run([
      "pg_ctl",
      "-D",
      `${this.folder}/data`,
      "-m",
      "immediate",
      "-w",
      "-t",
      "600",
      "stop",
    ]);
  }

  /** Runs statements by psql; what it prints. */
  sql(database: string, text: string): string {
    return this.#run(
      [
        "psql",
        "-h",
        this.folder,
        "-p",
        `${this.port}`,
        "-U",
        this.user,
        "-d",
        database,
        "-qAt",
        "-v",
        "ON_ERROR_STOP=1",
      ],
      ["-c", text],
    );
  }

  /** A new and empty database. */
  createDatabase(options = ""): string {
    const name = `catalog${++this.#databases}`;
    this.sql("postgres", `CREATE DATABASE ${name} ${options}`);
    return name;
  }

  /** How a database is opened. */
  options(database: string): PostgresOptions {
    return {
      resource: "Main",
      target: { transport: "unix", path: this.socket },
      database,
      user: this.user,
      password: "",
      reconnects: true,
      attempts: 1,
      pauseMs: 100,
    };
  }

  /** A server does not run as root. */
  #run(...words: readonly (readonly string[])[]): string {
    const [program = "", ...args] = words.flat();
    const path = program === "psql" ? program : `${programs}/${program}`;
    const isRoot = process.getuid?.() === 0;
    const command = isRoot && program !== "psql"
      ? new Deno.Command("setpriv", {
        args: ["--reuid=postgres", "--regid=postgres", "--clear-groups", path, ...args],
        cwd: "/tmp",
      })
      : new Deno.Command(path, { args, cwd: "/tmp" });
    const { success, stdout, stderr } = command.outputSync();
    const text = new TextDecoder().decode(stdout);
    if (!success) throw new Error(`${program} failed: ${text}${new TextDecoder().decode(stderr)}`);
    return text.trim();
  }

  /** Ends the server and removes its folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.end();
    await Deno.remove(this.folder, { recursive: true });
  }
}
