/** Those who connect to a director: consoles, and clients that connect by themselves. @module */
import { messageOf } from "../../bytes/mod.ts";
import {
  type Connection,
  type Hello,
  ProtocolError,
  readHello,
  sayIfHeard,
  Signal,
} from "../../protocol/mod.ts";
import { type DebugTrace, TraceLevel } from "../debug_trace.ts";
import type { Admission } from "../listener.ts";
import { admitConsole, type ConsoleHello } from "./console_entrance.ts";
import type { DirectorCatalog } from "./director_catalog.ts";
import { directorGate } from "./director_gate.ts";
import { jobsOnConnect } from "./jobs/incoming_connect.ts";
import type { Job } from "./jobs/job.ts";
import type { JobRequest } from "./jobs/job_request.ts";
import { admitClient } from "./peers/client_entrance.ts";
import { MOST_OF_ONE, type WaitingClients } from "./peers/waiting_clients.ts";
import type {
  CatalogResource,
  ConsoleResource,
  DirectorConfiguration,
  DirectorResource,
  UserResource,
} from "./resources.ts";

/** A console that has logged in. */
export interface ConsoleLogin {
  readonly connection: Connection;
  /** Its resource, or its user's; nothing for the default console, which may do everything. */
  readonly console: ConsoleResource | UserResource | undefined;
  /** A script of a job, which can answer nothing and may not use every command. */
  readonly isScript?: boolean;
  /** Whether the console is of Bacula, which takes the signals around a file tree for prompts. */
  readonly isBacula?: boolean;
}

/** What visitors ask of a director. */
export interface VisitedDirector {
  /** The configuration in force, and its Director resource. */
  readonly configuration: DirectorConfiguration;
  readonly resource: DirectorResource;
  /** The consoles that have logged in, and since when, UNIX seconds. */
  readonly consoles: Set<{ readonly since: number }>;
  /** The clients that have connected by themselves. */
  readonly waitingClients: WaitingClients;
  readonly debug: DebugTrace;
  /** Jobs that run or wait. */
  readonly jobs: readonly Job[];
  catalogOf(resource: CatalogResource): DirectorCatalog;
  /** Makes a job and puts it into the queue. */
  run(request: JobRequest): number;
}

/** What is done for visitors. */
export interface VisitorServices {
  /** Serves a console until it ends. */
  serveConsole(login: ConsoleLogin): Promise<void>;
  /** Writes a warning into the director's log. */
  warn(text: string): void;
  /** Tells what went wrong outside of a job. */
  report(error: unknown): void;
  /** UNIX seconds. */
  now(): number;
}

/** Connections beyond those of consoles and clients: default consoles are let in when there are too many. */
const OTHER_CONNECTIONS = 50;

/** Lets visitors in and serves them. */
export class Visitors {
  readonly #director: VisitedDirector;
  readonly #services: VisitorServices;
  readonly #gate = directorGate(() => this.#director.configuration);

  /** Serves those of a director. */
  constructor(director: VisitedDirector, services: VisitorServices) {
    this.#director = director;
    this.#services = services;
  }

  /** Consoles, default ones beyond their limit too, and as many connections as clients may keep. */
  get most(): number {
    const { configuration, resource } = this.#director;
    const clients = configuration.all("Client").length;
    return resource.maximumConsoleConnections + OTHER_CONNECTIONS + MOST_OF_ONE * clients;
  }

  /** Serves a connection until it ends. @throws ProtocolError if it is of nobody that has business here */
  async serve(connection: Connection, admission: Admission): Promise<void> {
    const { ready } = admission;
    const hello = await readHello(connection, "director", { ready, gate: this.#gate });
    if (hello.kind === "console") return await this.#serveConsole(connection, hello, admission);
    if (hello.kind === "client") return await this.#serveClient(connection, hello, admission);
    await sayIfHeard(connection, Signal.TERMINATE);
    throw new ProtocolError(`Cannot serve ${connection.peer}: neither a console nor a client`);
  }

  /** A client that connects by itself: its connection waits, and jobs that waited for it start. */
  async #serveClient(
    connection: Connection,
    hello: Extract<Hello, { kind: "client" }>,
    { admit }: Admission,
  ): Promise<void> {
    const client = await admitClient(connection, hello, {
      director: this.#director.resource.name,
      client: this.#director.configuration.get("Client", hello.name),
      waiting: this.#director.waitingClients,
      admit,
      now: this.#services.now,
    });
    if (client === undefined) return;
    const due = jobsOnConnect({
      client: client.name,
      jobs: this.#director.configuration.all("Job"),
      underWay: this.#director.jobs,
      firstCatalog: this.#director.configuration.first("Catalog"),
      catalogOf: (resource) => this.#director.catalogOf(resource),
      now: this.#services.now(),
    });
    for (const job of due) {
      try {
        this.#director.run({ job, trigger: "Client" });
      } catch (error) {
        const why = messageOf(error);
        this.#services.report(new Error(`Cannot start job ${job.name} for ${client.name}: ${why}`));
      }
    }
    await connection.closed; // by the job or the command that takes it, or when it ends
  }

  async #serveConsole(
    connection: Connection,
    hello: ConsoleHello,
    { admit }: Admission,
  ): Promise<void> {
    const { configuration, consoles, debug, resource } = this.#director;
    const limit = resource.maximumConsoleConnections;
    const admitted = await admitConsole(connection, hello, {
      configuration,
      get isFull() {
        return consoles.size >= limit;
      },
      admit,
      warn: (text) => this.#services.warn(text),
    });
    if (admitted === undefined) return;
    const { console, who } = admitted;
    const entry = { since: this.#services.now() };
    consoles.add(entry);
    debug.tell(TraceLevel.events, () => `${who} comes from ${connection.peer}`);
    try {
      const isBacula = hello.isBacula === true;
      await this.#services.serveConsole({ connection, console, isBacula });
    } finally {
      consoles.delete(entry);
      debug.tell(TraceLevel.events, () => `${who} at ${connection.peer} goes`);
    }
  }
}
