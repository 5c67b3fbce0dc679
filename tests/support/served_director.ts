/** A director in this process, and consoles that log in to it over loopback. @module */
import type { DirectorConfiguration } from "../../daemon/director/resources.ts";
import type { ConsoleSession } from "../../protocol/mod.ts";
import type { Catalog } from "../../storage/catalog/mod.ts";
import { logIn } from "./console_session.ts";

/** Where a director runs, and how it ends. */
export interface Served {
  /** Its working directory, which is removed with it. */
  readonly folder: string;
  readonly port: number;
  /** The password of its default console, and of others if they have no other. */
  readonly password?: string;
  stop(): Promise<void>;
}

/** A director that runs. Dispose of it with `await using`: its consoles and its folder go too. */
export class ServedDirector implements AsyncDisposable {
  readonly #served: Served;
  readonly #sessions: ConsoleSession[] = [];

  constructor(served: Served) {
    this.#served = served;
  }

  /** What consoles dial. */
  get address(): { readonly address: string; readonly port: number; readonly who: string } {
    return { address: "127.0.0.1", port: this.#served.port, who: "Director" };
  }

  /** Working directory. */
  get folder(): string {
    return this.#served.folder;
  }

  /** Logs in; as the default console if no name is given. */
  async login(
    name?: string,
    password = this.#served.password ?? "secret",
  ): Promise<ConsoleSession> {
    const session = await logIn(this.#served.port, password, name);
    this.#sessions.push(session);
    return session;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of this.#sessions) await session.close();
    await this.#served.stop();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** Enters the resources that catalogs have rows of, as a director does when it starts. */
export function enterResources(catalog: Catalog, configuration: DirectorConfiguration): void {
  for (const pool of configuration.all("Pool")) catalog.pool(pool);
  for (const client of configuration.all("Client")) catalog.client(client);
  for (const storage of configuration.all("Storage")) catalog.storage(storage);
}
