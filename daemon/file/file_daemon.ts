/** The file daemon: it listens for directors and passive storage daemons. @module */
import { messageOf } from "../../bytes/mod.ts";
import {
  acceptTlsLate,
  authenticateAcceptor,
  AuthenticationError,
  type Connection,
  fileToDirector as say,
  type Gate,
  type Hello,
  Patience,
  policyTowards,
  ProtocolError,
  readHello,
  sayIfHeard,
  Signal,
  TlsPolicy,
  tlsWarnings,
} from "../../protocol/mod.ts";
import { SerialPause } from "../entrance/mod.ts";
import { type Admission, listen, type ListenAddress, type Listener } from "../listener.ts";
import {
  COMPATIBLE_FD_VERSION,
  FD_PROTOCOL_VERSION,
  PLATFORM,
  PRODUCT,
  VERSION,
  VERSION_DATE,
} from "../version.ts";
import { BACULA_COMMANDS } from "./bacula_commands.ts";
import { daemonCommands } from "./daemon_commands.ts";
import { removeLeftOvers } from "./accurate/mod.ts";
import { DirectorCaller } from "./director_caller.ts";
import { DirectorSession } from "./director_session.ts";
import { type DirectorSettings, FileContext, type FileSettings } from "./file_context.ts";
import { jobCommands } from "./job_commands/mod.ts";
import { cipherWarnings } from "./pki_settings.ts";
import { pluginWarnings } from "./plugins/mod.ts";

/** What a file daemon is made of; `fileOptions()` makes it from a configuration. */
export interface FileDaemonOptions {
  readonly settings: FileSettings;
  readonly addresses: readonly ListenAddress[];
  readonly directors: readonly DirectorSettings[];
  /** Where the last jobs are remembered for the status of a daemon to come; nowhere if not given. */
  readonly endedJobsFile?: string;
  /** Told what goes wrong outside of jobs; nobody if not given. */
  readonly onProblem?: (text: string) => void;
}

/** A file daemon that listens. */
export interface RunningFileDaemon {
  /** The ports in the order of the addresses. */
  readonly ports: readonly number[];
  /** Ends the jobs and closes everything. */
  stop(): Promise<void>;
}

/** Seconds between probes of a connection that waits, unless configured: no network shall forget it. */
const WAITING_KEEPALIVE = 60;

/** Time for sessions to end by themselves when the daemon stops, in milliseconds. */
const grace = 2_000;

/** The file daemon. */
export class FileDaemon {
  readonly #options: FileDaemonOptions;
  readonly #context: FileContext;
  #listener: Listener | undefined;
  readonly #callers: DirectorCaller[] = [];
  readonly #failures = new SerialPause();

  /** A daemon that does not listen yet. */
  constructor(options: FileDaemonOptions) {
    this.#options = options;
    this.#context = new FileContext(options.settings, {
      versionText: `${VERSION} (${VERSION_DATE}) ${PLATFORM}`,
      binaryInfo: PRODUCT,
    }, options.onProblem);
  }

  /** Listens on all addresses. @throws if one cannot be bound */
  start(): Promise<RunningFileDaemon> {
    const { addresses, endedJobsFile, onProblem, settings } = this.#options;
    if (endedJobsFile !== undefined) this.#context.finished.keepIn(endedJobsFile, onProblem);
    if (settings.pki !== undefined) {
      for (const text of cipherWarnings(settings.pki)) onProblem?.(text);
    }
    for (const text of pluginWarnings(settings.pluginNames ?? [])) onProblem?.(text);
    try {
      removeLeftOvers(settings.workingDirectory, settings.name);
    } catch (error) {
      onProblem?.(
        `Cannot remove old accurate lists: ${messageOf(error)}`,
      );
    }
    const peers = this.#options.directors.map(({ certificates }) => certificates);
    for (const warning of tlsWarnings([settings.certificates, ...peers])) onProblem?.(warning);
    this.#listener = listen({
      addresses,
      heartbeatInterval: settings.heartbeatInterval,
      maxConnections: settings.maximumConcurrentJobs + 10,
      onConnection: (connection, _peer, admission) => this.#serve(connection, admission),
      onError: (text) => onProblem?.(text),
    });
    this.#callDirectors();
    return Promise.resolve({ ports: this.#listener.ports, stop: () => this.stop() });
  }

  /** Connects to the directors that want it (wire.md 12). */
  #callDirectors(): void {
    const { directors, onProblem, settings } = this.#options;
    for (const director of directors) {
      const { call } = director;
      if (call === undefined) continue;
      const caller = new DirectorCaller({
        name: settings.name,
        director: { ...director, call },
        sourceAddress: settings.sourceAddress,
        keepAlive: { seconds: settings.heartbeatInterval || WAITING_KEEPALIVE },
        serve: (connection) => this.#serveSession(connection, director, false),
        onProblem: (text) => onProblem?.(text),
      });
      this.#callers.push(caller);
      caller.start();
    }
  }

  /** Ends the jobs and closes everything. */
  async stop(): Promise<void> {
    for (const job of this.#context.jobs.values()) {
      job.log.fatal("The file daemon was told to end.");
      job.cancel();
    }
    await Promise.all(this.#callers.map((caller) => caller.stop()));
    await this.#listener?.close(grace);
    this.#context.crews.close();
  }

  /** Who may come, and how (wire.md 9.1). */
  readonly #gate: Gate = {
    keyOf: ({ type, name }) =>
      type === "R_DIRECTOR"
        ? this.#director(name)?.key
        : type === "R_JOB"
        ? this.#context.jobs.get(name)?.key
        : undefined,
    policyOf: ({ kind, name }) => {
      if (kind === "storage") return this.#context.jobs.get(name)?.storagePolicy;
      const director = this.#director(name);
      return director === undefined ? undefined : director.tlsPolicy ?? TlsPolicy.none;
    },
    lateCertificatesOf: ({ kind, name }) =>
      kind === "storage" ? this.#options.settings.certificates : this.#director(name)?.certificates,
  };

  #director(name: string): DirectorSettings | undefined {
    return this.#options.directors.find((director) => director.name === name);
  }

  async #serve(connection: Connection, admission: Admission): Promise<void> {
    const hello = await readHello(connection, "file", {
      ready: admission.ready,
      gate: { ...this.#gate, certificates: this.#options.settings.certificates },
    });
    if (hello.kind === "director") await this.#serveDirector(connection, hello, admission);
    else if (hello.kind === "storage") await this.#takeStorage(connection, hello, admission);
    else await connection.sendSignal(Signal.TERMINATE);
  }

  async #serveDirector(
    connection: Connection,
    hello: Hello,
    admission: Admission,
  ): Promise<void> {
    const director = this.#director(hello.name);
    connection.who = `Director ${hello.name}`;
    if (director === undefined || director.mayConnect === false) {
      connection.onAuthenticationFailed?.(); // before the wait, which is long for many who stay
      const kind = director === undefined ? "unknown " : "";
      await sayIfHeard(
        connection,
        `Connection from ${kind}Director ${hello.name} at ${connection.peer} rejected.\n`,
      );
      const why = director === undefined
        ? "there is no Director resource of that name"
        : "Connection From Director To Client = no stands in its Director resource";
      await this.#failures.wait(connection, Patience.afterFailureFile);
      throw new AuthenticationError(
        `Cannot accept Director ${hello.name} at ${connection.peer}: ${why}`,
      );
    }
    try {
      await authenticateAcceptor(connection, {
        ownName: `R_CLIENT::${this.#options.settings.name}`,
        owner: { type: "R_DIRECTOR", name: hello.name },
        key: director.key,
        tlsPolicy: policyTowards(hello, director.tlsPolicy ?? TlsPolicy.none),
        startTls: acceptTlsLate(connection, director.certificates),
      });
    } catch (error) {
      if (error instanceof AuthenticationError && connection.canSend) {
        await sayIfHeard(
          connection,
          say.authenticationFailed.format({}),
          `Unable to authenticate Director ${hello.name}.\n`,
        );
        connection.onAuthenticationFailed?.(); // before the wait; once only if it has been counted
        await this.#failures.wait(connection, Patience.afterFailureFile);
      }
      throw error;
    }
    if (!await admission.admit()) return;
    const isBacula = hello.isBacula === true;
    const fdVersion = this.#isCompatible(isBacula) ? COMPATIBLE_FD_VERSION : FD_PROTOCOL_VERSION;
    await connection.send(say.helloOk.format({ fdVersion }));
    connection.acceptsCompressed = isBacula;
    await this.#serveSession(connection, director, isBacula);
  }

  #isCompatible(isBacula: boolean): boolean {
    return isBacula || this.#options.settings.compatible === true;
  }

  async #serveSession(
    connection: Connection,
    director: DirectorSettings,
    isBacula: boolean,
  ): Promise<void> {
    const commands = { ...jobCommands, ...daemonCommands };
    const manner = { isBacula, isCompatible: this.#isCompatible(isBacula) };
    const foreign = isBacula ? BACULA_COMMANDS : [];
    const context = this.#context;
    await new DirectorSession(connection, director, manner, context, commands, foreign).serve();
  }

  /** A storage daemon that connects to a passive client: it is handed to its job. */
  async #takeStorage(
    connection: Connection,
    hello: Hello,
    admission: Admission,
  ): Promise<void> {
    connection.who = "Storage daemon";
    const job = this.#context.jobs.get(hello.name);
    if (job === undefined || job.key === "") {
      connection.onAuthenticationFailed?.();
      throw new ProtocolError(`SD connect failed: Job name not found: ${hello.name}`);
    }
    try {
      await authenticateAcceptor(connection, {
        ownName: `R_CLIENT::${this.#options.settings.name}`,
        owner: { type: "R_JOB", name: hello.name },
        key: job.key,
        tlsPolicy: policyTowards(hello, this.#options.settings.tlsPolicy ?? TlsPolicy.none),
        startTls: acceptTlsLate(connection, this.#options.settings.certificates),
      });
    } catch (error) {
      job.fail("Unable to authenticate Storage daemon\n");
      throw error;
    }
    if (!await admission.admit()) return;
    job.key = "";
    job.storage = connection;
    job.passiveStorage.resolve(connection);
    await new Promise<void>((resolve) => {
      if (job.aborted.aborted) resolve();
      job.aborted.addEventListener("abort", () => resolve(), { once: true });
      void connection.closed.then(resolve);
    });
  }
}
