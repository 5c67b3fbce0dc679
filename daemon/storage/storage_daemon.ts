import { hostname } from "node:os";
import {
  acceptTlsLate,
  authenticateAcceptor,
  AuthenticationError,
  type CertificateSettings,
  type Connection,
  ConnectionError,
  type Environment,
  type Gate,
  type Hello,
  Patience,
  pauseOn,
  policyTowards,
  ProtocolError,
  readHello,
  realEnvironment,
  sayIfHeard,
  Signal,
  storageToDirector as say,
  TlsPolicy,
  tlsWarnings,
} from "../../protocol/mod.ts";
import { type Admission, listen, type ListenAddress, type Listener } from "../listener.ts";
import {
  BACULA_SD_VERSION,
  PLATFORM,
  PRODUCT,
  PROTOCOL_VERSION,
  VERSION,
  VERSION_DATE,
} from "../version.ts";
import { type ChangerSettings, DeviceSet } from "./device_set.ts";
import { BACULA_COMMANDS } from "./bacula_commands.ts";
import { DIRECTOR_COMMANDS } from "./director_commands.ts";
import { DirectorLink } from "./director_link.ts";
import { DirectorSession } from "./director_session.ts";
import { StorageContext, type StorageSettings } from "./storage_context.ts";
import { removeStaleSpools } from "./stale_spools.ts";
import type { DeviceSettings } from "./storage_device.ts";

/** A director that may connect. */
export interface DirectorSettings {
  /** Name of the Director resource, as the hello says it. */
  readonly name: string;
  /** The key made of the password (`passwordKey()`). */
  readonly key: string;
  /** May ask for the status only. */
  readonly isMonitor: boolean;
  /** Of its jobs, bytes per second; 0 or absent for the daemon's own limit. */
  readonly maximumBandwidthPerJob?: number | undefined;
  /** Policy towards this director; none if not given. */
  readonly tlsPolicy?: TlsPolicy | undefined;
  /** Certificates for TLS after the challenge. */
  readonly certificates?: CertificateSettings | undefined;
}

/** What a storage daemon is made of; `storageOptions()` makes it from a configuration. */
export interface StorageDaemonOptions {
  /** The daemon's own Storage resource. */
  readonly settings: StorageSettings;
  /** Where to listen. */
  readonly addresses: readonly ListenAddress[];
  /** Who may connect. */
  readonly directors: readonly DirectorSettings[];
  /** In configuration order. */
  readonly devices: readonly DeviceSettings[];
  /** Names for several devices. */
  readonly changers?: readonly ChangerSettings[];
  /** How long a stranger waits for his refusal; the real clock's time if not given. */
  readonly environment?: Environment;
  /** Where the last jobs are remembered for the status of a daemon to come; nowhere if not given. */
  readonly endedJobsFile?: string;
  /** Told what goes wrong outside of jobs; nobody if not given. */
  readonly onProblem?: (text: string) => void;
}

/** A storage daemon that listens. */
export interface RunningStorageDaemon {
  /** The ports in the order of the addresses. */
  readonly ports: readonly number[];
  /** Ends the jobs and closes everything. */
  stop(): Promise<void>;
}

/** Milliseconds between two attempts of devices to finish what was left undone. */
const RESUME_MS = 300_000;

/** Time for sessions to end by themselves when the daemon stops. */
const GRACE_MS = 2_000;

/** The storage daemon: volumes on devices, served to directors and file daemons. */
export class StorageDaemon {
  readonly #options: StorageDaemonOptions;
  readonly #context: StorageContext;
  #listener: Listener | undefined;
  #resuming: ReturnType<typeof setInterval> | undefined;
  #sampling: ReturnType<typeof setInterval> | undefined;

  /** A daemon that does not listen yet. */
  constructor(options: StorageDaemonOptions) {
    this.#options = options;
    const label = {
      hostName: hostname(),
      program: options.settings.name,
      programVersion: `Ver. ${VERSION} ${VERSION_DATE}`,
      programDate: `Build ${VERSION_DATE}`,
    };
    this.#context = new StorageContext(
      options.settings,
      {
        versionNumbers: PROTOCOL_VERSION,
        versionText: `${VERSION} (${VERSION_DATE}) ${PLATFORM}`,
        binaryInfo: PRODUCT,
        label,
      },
      new DeviceSet(options.devices, options.changers),
      Math.floor(Date.now() / 1000),
      options.onProblem,
    );
  }

  /** Listens on all addresses. @throws if one cannot be bound */
  start(): Promise<RunningStorageDaemon> {
    const { addresses, endedJobsFile, onProblem, settings } = this.#options;
    if (endedJobsFile !== undefined) this.#context.jobs.finished.keepIn(endedJobsFile, onProblem);
    const peers = this.#options.directors.map(({ certificates }) => certificates);
    for (const warning of tlsWarnings([settings.certificates, ...peers])) onProblem?.(warning);
    this.#listener = listen({
      addresses,
      heartbeatInterval: settings.heartbeatInterval,
      // a director and a client for each job, and some who ask for the status
      maxConnections: 2 * settings.maximumConcurrentJobs + 50,
      onConnection: (connection, _peer, admission) => this.#serve(connection, admission),
      onError: (text) => onProblem?.(text),
    });
    const { statistics } = this.#context;
    if (statistics.interval > 0) {
      this.#sampling = setInterval(() => statistics.sample(), statistics.interval * 1000);
    }
    const { ports } = this.#listener;
    // the ports are ours: no other daemon of this name is running
    const spools = this.#options.devices.map(({ spoolDirectory }) => spoolDirectory);
    const folders = [settings.workingDirectory, ...spools.filter((folder) => folder !== "")];
    removeStaleSpools({ daemon: settings.name, folders }, (text) => onProblem?.(text));
    this.#resume();
    this.#resuming = setInterval(() => this.#resume(), RESUME_MS);
    Deno.unrefTimer(this.#resuming);
    return Promise.resolve({ ports, stop: () => this.stop() });
  }

  /** Ends the jobs and closes everything. */
  async stop(): Promise<void> {
    clearInterval(this.#resuming);
    clearInterval(this.#sampling);
    for (const job of this.#context.jobs.running) {
      job.log.fatal("The storage daemon was told to end.");
      job.cancel();
    }
    await this.#listener?.close(GRACE_MS);
  }

  /** Devices finish what an earlier run, or a failure, has left undone. */
  #resume(): void {
    const { onProblem } = this.#options;
    const tell = (text: string): void => onProblem?.(text);
    for (const { volumes } of this.#context.devices.devices) {
      volumes.resume?.(tell).catch((error) => tell(String(error)));
    }
  }

  /** Who may come, and how (wire.md 9.1). */
  readonly #gate: Gate = {
    keyOf: ({ type, name }) =>
      type === "R_DIRECTOR"
        ? this.#director(name)?.key
        : type === "R_JOB"
        ? this.#context.jobs.byName(name)?.key
        : undefined,
    policyOf: (hello) =>
      hello.kind === "director" ? policyOf(this.#director(hello.name)) : TlsPolicy.none,
    lateCertificatesOf: ({ name }) => this.#director(name)?.certificates,
  };

  #director(name: string): DirectorSettings | undefined {
    return this.#options.directors.find((director) => director.name === name);
  }

  async #serve(connection: Connection, admission: Admission): Promise<void> {
    const hello = await readHello(connection, "storage", {
      ready: admission.ready,
      gate: { ...this.#gate, certificates: this.#context.settings.certificates },
    });
    switch (hello.kind) {
      case "director":
        return await this.#serveDirector(connection, hello, admission);
      case "job":
      case "storage":
        return await this.#serveJob(connection, hello, admission);
      default:
        await connection.sendSignal(Signal.TERMINATE);
    }
  }

  async #serveDirector(
    connection: Connection,
    hello: Hello,
    admission: Admission,
  ): Promise<void> {
    const director = this.#director(hello.name);
    connection.who = `Director ${hello.name}`;
    if (director === undefined) {
      await sayIfHeard(
        connection,
        `Connection from unknown Director ${hello.name} at ${connection.peer} rejected.\n`,
        "Unable to authenticate Director\n",
        Signal.TERMINATE,
      );
      throw new AuthenticationError(
        `Cannot accept Director ${hello.name} at ${connection.peer}: there is no Director resource ` +
          "of that name",
      );
    }
    const { settings } = this.#context;
    try {
      await authenticateAcceptor(connection, {
        ownName: `R_STORAGE::${settings.name}`,
        owner: { type: "R_DIRECTOR", name: hello.name },
        key: director.key,
        tlsPolicy: policyTowards(hello, policyOf(director) ?? TlsPolicy.none),
        startTls: acceptTlsLate(connection, director.certificates),
      });
    } catch (error) {
      if (error instanceof AuthenticationError && !connection.isTerminated) {
        await sayIfHeard(connection, say.noGo.format({}), Signal.TERMINATE);
      }
      throw error;
    }
    if (!await admission.admit()) return;
    if (this.#context.jobs.size >= settings.maximumConcurrentJobs) {
      return await connection.sendSignal(Signal.TERMINATE);
    }
    const isBacula = hello.isBacula === true;
    const number = BACULA_SD_VERSION;
    const reply = isBacula ? say.helloOkBacula.format({ number }) : say.helloOk.format({});
    await connection.send(reply);
    connection.acceptsCompressed = isBacula;
    const { isMonitor, maximumBandwidthPerJob } = director;
    const peer = {
      ...{ name: hello.name, version: hello.version, isBacula },
      ...{ isMonitor, maximumBandwidthPerJob },
    };
    const link = new DirectorLink(connection);
    const commands = isBacula ? [...DIRECTOR_COMMANDS, ...BACULA_COMMANDS] : DIRECTOR_COMMANDS;
    await new DirectorSession(link, peer, this.#context, commands).serve();
  }

  /** A data connection: authenticated with the job's key and handed to the job. */
  async #serveJob(connection: Connection, hello: Hello, admission: Admission): Promise<void> {
    const isFile = hello.kind === "job";
    const who = isFile ? "FD" : "SD";
    const job = this.#context.jobs.byName(hello.name);
    connection.who = isFile ? "File daemon" : "Storage daemon";
    if (job === undefined) {
      connection.onAuthenticationFailed?.(); // before the wait, which may last while the peer stays
      await pauseOn(
        connection,
        this.#options.environment ?? realEnvironment,
        Patience.afterFailure,
      );
      await sayIfHeard(connection, Signal.TERMINATE);
      throw new ProtocolError(`${who} connect failed: Job name not found: ${hello.name}`);
    }
    const { key } = job;
    if (key === undefined || job.hadClient) {
      throw new ProtocolError(
        `Hey!!!! JobId ${job.jobId} Job ${job.name} already authenticated.`,
      );
    }
    try {
      await authenticateAcceptor(connection, {
        ownName: `R_STORAGE::${this.#context.settings.name}`,
        owner: { type: "R_JOB", name: hello.name },
        key,
        tlsPolicy: this.#context.settings.tlsPolicy ?? TlsPolicy.none,
        startTls: acceptTlsLate(connection, this.#context.settings.certificates),
      });
    } catch (error) {
      if (!(error instanceof AuthenticationError || error instanceof ConnectionError)) throw error;
      job.failAuthentication(`Unable to authenticate ${isFile ? "File" : "Storage"} daemon\n`);
      throw error;
    }
    // a file daemon of Bacula waits for a reply (bacula.md 13.1)
    if (hello.isBacula) await connection.send(say.helloOk.format({}));
    if (!await admission.admit()) return;
    if (!job.attachClient(connection)) {
      throw new ProtocolError(
        `Hey!!!! JobId ${job.jobId} Job ${job.name} already authenticated.`,
      );
    }
    await job.clientServed; // the listener closes the connection when this returns
  }
}

/** The policy of a resource that may not be there, or not say. */
function policyOf(director: DirectorSettings | undefined): TlsPolicy | undefined {
  return director === undefined ? undefined : director.tlsPolicy ?? TlsPolicy.none;
}
