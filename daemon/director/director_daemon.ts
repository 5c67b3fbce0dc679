/**
 * The director: it listens for consoles, keeps the queue of jobs and the
 * schedules, and runs the jobs.
 *
 * @module
 */
import { DebugTrace, TraceLevel } from "../debug_trace.ts";
import { encodeText, messageOf } from "../../bytes/mod.ts";
import { callerOf, connectStorage, CONSOLE_PATIENCE } from "./peers/daemon_connections.ts";
import { certificateSettingsOf, JobStatus, tlsWarnings } from "../../protocol/mod.ts";
import { resourceText } from "../config/mod.ts";
import { listen, type Listener } from "../listener.ts";
import { recordResources } from "./record_resources.ts";
import { type ConsoleLogin, Visitors } from "./visitors.ts";
import { ClientProbes } from "./peers/client_probes.ts";
import { StorageProbes } from "./peers/storage_probes.ts";
import { WaitingClients } from "./peers/waiting_clients.ts";
import { Counters } from "./volumes/counters.ts";
import { CatalogSweeper } from "./catalog_sweeper.ts";
import type { CatalogOpener, DirectorCatalog } from "./director_catalog.ts";
import { type Job, JobNames } from "./jobs/job.ts";
import { type EndedJob, JobControl, type JobSettings } from "./jobs/job_control.ts";
import { DeviceClaims } from "./jobs/device_claims.ts";
import type { JobEnvironment } from "./jobs/job_environment.ts";
import { jobCodes } from "./report/job_facts.ts";
import type { JobRequest } from "./jobs/job_request.ts";
import type { LogRow, MessageChannel } from "./messages/message_channel.ts";
import { MessageRouter } from "./messages/message_router.ts";
import type {
  CatalogResource,
  DirectorConfiguration,
  DirectorResource,
  JobResource,
  MessagesResource,
  RunLine,
} from "./resources.ts";
import { Scheduler } from "./schedule/scheduler.ts";
import { StatisticsPoll } from "./statistics.ts";
import { runConsoleLine } from "./jobs/script_console.ts";
import { WATCHDOG_MS } from "./jobs/watchdog.ts";

/** What a director is made of. */
export interface DirectorOptions {
  readonly configuration: DirectorConfiguration;
  readonly openCatalog: CatalogOpener;
  /** Serves a console until it ends. */
  serveConsole(director: DirectorDaemon, login: ConsoleLogin): Promise<void>;
  /** Reads the configuration anew, for a reload. */
  readConfiguration?(): DirectorConfiguration;
  /** Where the last jobs are remembered for the status of a director to come; nowhere if not given. */
  readonly endedJobsFile?: string;
  /** Told what goes wrong outside of jobs; nobody if not given. */
  readonly onProblem?: (text: string) => void;
}

/** A director that listens. */
export interface RunningDirector {
  /** The ports in the order of the addresses. */
  readonly ports: readonly number[];
  /** Ends the jobs, with a report each, and closes everything. */
  stop(): Promise<void>;
  /** Reads the configuration anew. */
  reload(): void;
}

/** Time for sessions to end by themselves when the daemon stops, in milliseconds. */
const GRACE_MS = 2_000;
/** The director. */
export class DirectorDaemon {
  readonly #options: DirectorOptions;
  readonly #catalogs = new Map<string, DirectorCatalog>();
  readonly #names = new JobNames();
  readonly #deviceClaims = new DeviceClaims();
  readonly #counters = new Counters((resource) => this.catalogOf(resource));
  readonly #jobs: JobControl;
  readonly #scheduler: Scheduler;
  readonly #statistics = new StatisticsPoll({
    interval: () => this.resource.statisticsCollectInterval,
    storages: () => this.#configuration.all("Storage"),
    catalog: () => this.catalog,
    connect: async (storage, abort) => {
      const options = { ...callerOf(this.resource), patience: CONSOLE_PATIENCE, abort };
      const { storageProbes } = this;
      const { connection, flavour } = await connectStorage(storage, { ...options, storageProbes });
      if (flavour === "current") return connection;
      connection.close();
      return undefined;
    },
    onError: (error) => this.#report(error),
  });
  readonly #sweeper = new CatalogSweeper(
    () => this.#catalogs.values(),
    (error) => this.#report(error),
  );
  readonly #visitors = new Visitors(this, {
    serveConsole: (login) => this.#options.serveConsole(this, login),
    warn: (text) => this.#log.warning(text),
    report: (error) => this.#report(error),
    now,
  });
  readonly #timers = new Set<ReturnType<typeof setInterval>>();
  /** UNIX seconds. */
  readonly startTime: number = now();
  /** Messages on their way to consoles, files and mail. */
  readonly messages: MessageRouter;
  /** What is told to those who look for an error (`setdebug`, `trace`). */
  readonly debug: DebugTrace;
  #configuration: DirectorConfiguration;
  #settings: JobSettings;
  #log: MessageChannel;
  #listener: Listener | undefined;
  /** The consoles that have logged in, and since when, UNIX seconds. */
  readonly consoles: Set<{ readonly since: number }> = new Set();
  /** The clients that have connected by themselves. */
  readonly waitingClients: WaitingClients = new WaitingClients();

  /** A director that does not listen yet. */
  constructor(options: DirectorOptions) {
    this.#options = options;
    this.#configuration = options.configuration;
    const { name, workingDirectory } = this.resource;
    this.debug = new DebugTrace({ name, workingDirectory }, options.onProblem);
    this.messages = new MessageRouter({
      daemon: name,
      workingDirectory,
      now,
      trace: (type, text) =>
        this.debug.tell(TraceLevel.messages, () => `message of type ${type}: ${text}`),
      print: (stream, text) => print(stream === "stdout" ? Deno.stdout : Deno.stderr, text),
      onError: (error) => options.onProblem?.(error.message),
    });
    this.#settings = this.#newSettings();
    this.#log = this.#newLog();
    this.#jobs = new JobControl({
      settings: () => this.#settings,
      onProblem: (error) => this.#report(error),
    });
    if (options.endedJobsFile !== undefined) {
      this.#jobs.ended.keepIn(options.endedJobsFile, (text) => this.#report(text));
    }
    this.#scheduler = new Scheduler(
      this.startTime,
      (job, runLine) => this.#runScheduled(job, runLine),
    );
  }

  /** The configuration in force. */
  get configuration(): DirectorConfiguration {
    return this.#configuration;
  }

  /** The Director resource. */
  get resource(): DirectorResource {
    return this.#configuration.first("Director");
  }

  /** The director's own messages, which go where its Messages resource says. */
  get log(): MessageChannel {
    return this.#log;
  }

  /** The first catalog. */
  get catalog(): DirectorCatalog {
    return this.catalogOf(this.#configuration.first("Catalog"));
  }

  /** The open catalog of a resource. */
  catalogOf(resource: CatalogResource): DirectorCatalog {
    let catalog = this.#catalogs.get(resource.name);
    if (catalog === undefined) {
      catalog = this.#options.openCatalog(resource);
      this.#catalogs.set(resource.name, catalog);
    }
    return catalog;
  }

  /** Listens on all addresses. @throws if one cannot be bound or the catalog cannot be opened */
  start(): Promise<RunningDirector> {
    const { resource } = this;
    const peers = (["Client", "Storage", "Console"] as const)
      .flatMap((type) => [...this.#configuration.all(type)]);
    for (const warning of tlsWarnings([resource, ...peers].map(certificateSettingsOf))) {
      this.#options.onProblem?.(warning);
    }
    for (const resource of this.#configuration.all("Catalog")) {
      this.catalogOf(resource).failLeftovers();
    }
    recordResources(this.#configuration, (resource) => this.catalogOf(resource));
    this.#listener = listen({
      addresses: resource.addresses,
      maxConnections: () => this.#visitors.most,
      onConnection: (connection, _peer, admission) => this.#visitors.serve(connection, admission),
      onError: (text) => this.#report(text),
    });
    this.#every(1_000, () => this.#scheduler.look(this.#configuration.all("Job"), now()));
    this.#every(1_000, () => this.#statistics.look(now()));
    this.#every(WATCHDOG_MS, () => this.#jobs.watch());
    this.#every(1_000, () => this.#sweeper.look());
    return Promise.resolve({
      ports: this.#listener.ports,
      stop: () => this.stop(),
      reload: () => void this.reload(),
    });
  }

  /** Ends the jobs, with a report each, and closes everything. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#statistics.stop();
    await this.#jobs.stop();
    this.waitingClients.keepOnly(() => false);
    await this.#listener?.close(GRACE_MS);
    this.#log.close(JobStatus.Terminated);
    await this.messages.close();
    this.#sweeper.stop();
    for (const catalog of this.#catalogs.values()) catalog.close();
  }

  /** Reads the configuration anew; running jobs keep the old one. What is wrong with it is told. */
  reload(): string {
    return this.#change(() => this.#options.readConfiguration?.() ?? this.#configuration);
  }

  /**
   * Works with another configuration from now on, as {@linkcode reload} does; what is turned off for
   * the time being stays so.
   */
  adopt(fresh: DirectorConfiguration): string {
    const before = this.#configuration;
    return this.#change(() => {
      for (const type of ["Job", "Client", "Schedule"] as const) {
        for (const { name, enabled } of before.all(type)) {
          const found = fresh.get(type, name);
          if (found !== undefined) Object.assign(found, { enabled });
        }
      }
      return fresh;
    });
  }

  #change(read: () => DirectorConfiguration): string {
    const before = this.#configuration;
    try {
      this.#configuration = read();
      recordResources(this.#configuration, (resource) => this.catalogOf(resource));
    } catch (error) {
      this.#configuration = before;
      const why = messageOf(error);
      const text = `${why}\nPlease correct the configuration in ${this.#configuration.path}\n` +
        "Resetting to previous configuration.\n";
      this.#report(new Error(text));
      return text;
    }
    this.#settings = this.#newSettings();
    this.#log.close(JobStatus.Terminated);
    this.#log = this.#newLog();
    const passwordOf = (from: DirectorConfiguration, name: string): string | undefined =>
      from.get("Client", name)?.password.key;
    this.waitingClients.keepOnly((name) =>
      this.#configuration.get("Client", name)?.connectionFromClientToDirector === true &&
      passwordOf(this.#configuration, name) === passwordOf(before, name)
    );
    return "reloaded\n";
  }

  /** Jobs that run, or wait for their turn or their time. */
  get jobs(): readonly Job[] {
    return this.#jobs.jobs;
  }

  /** The last jobs that ended, oldest first. */
  get ended(): readonly EndedJob[] {
    return this.#jobs.ended.all;
  }

  /** Jobs begun since the start. */
  get jobsRun(): number {
    return this.#jobs.jobsRun;
  }

  /** Makes a job and puts it into the queue; its JobId. */
  run(request: JobRequest): number {
    const job = this.#jobs.run(request);
    const { uniqueName } = job;
    this.debug.tell(TraceLevel.events, () => `job ${uniqueName} is made`);
    job.done.then(() =>
      this.debug.tell(TraceLevel.events, () => `job ${uniqueName} has ended: ${job.status}`)
    );
    return job.jobId;
  }

  /** Cancels a job that waits or runs, at the daemons too; what they answer goes to `print`. */
  async cancel(job: Job, print: (text: string) => void = () => {}): Promise<void> {
    await this.#jobs.cancel(job, print);
  }

  /** How clients were reached. */
  get probes(): ClientProbes {
    return this.#settings.environment.probes;
  }

  /** How storages are spoken to. */
  get storageProbes(): StorageProbes {
    return this.#settings.environment.storageProbes;
  }

  /** What jobs made from now on keep of the configuration. */
  #newSettings(): JobSettings {
    const configuration = this.#configuration;
    const director = this.resource;
    this.#counters.configure(configuration.all("Counter"));
    const environment: JobEnvironment = {
      director,
      probes: new ClientProbes(this.waitingClients),
      storageProbes: new StorageProbes(),
      counters: this.#counters,
      deviceClaims: this.#deviceClaims,
      now,
      codes: (job) => jobCodes(job, director),
      runConsole: (command) => this.#runLine(command, true),
      runClone: (command) => this.#runLine(command, false),
    };
    return {
      environment,
      maker: {
        names: this.#names,
        firstCatalog: configuration.first("Catalog"),
        catalogOf: (resource) => this.catalogOf(resource),
        fileSetText: (fileSet) =>
          resourceText(configuration, "FileSet", fileSet, { asShown: true }),
        now,
      },
      findStorage: (name) => configuration.get("Storage", name),
      findJob: (name) => configuration.get("Job", name),
      allJobs: configuration.all("Job"),
      channelOf: (job) =>
        this.messages.channel({
          jobId: job.jobId,
          destinations: this.#destinationsOf(job.messages),
          codes: jobCodes(job, director),
          logToCatalog: (rows) => logTo(job.catalog, rows),
        }),
    };
  }

  #newLog(): MessageChannel {
    const { name, messages } = this.resource;
    return this.messages.channel({
      jobId: 0,
      destinations: messages === undefined ? [] : this.#destinationsOf(messages),
      codes: { d: name, D: name, j: name, i: "0" },
      logToCatalog: (rows) => logTo(this.catalog, rows),
    });
  }

  #destinationsOf(messages: MessagesResource): MessagesResource["destinations"] {
    const { logTimestampFormat } = this.resource;
    return messages.destinations.map((destination) => ({
      ...destination,
      timestampFormat: destination.timestampFormat || logTimestampFormat,
    }));
  }

  /** Carries a console's command out; some are not for scripts. */
  #runLine(command: string, isScript: boolean): Promise<string> {
    return runConsoleLine(
      command,
      (connection) =>
        this.#options.serveConsole(this, { connection, console: undefined, isScript }),
    );
  }

  /** A job that cannot be made must not keep others from their time. */
  #runScheduled(job: JobResource, runLine: RunLine): void {
    try {
      this.run({ job, runLine, trigger: "Scheduler" });
    } catch (error) {
      const why = messageOf(error);
      this.#report(new Error(`Cannot start the scheduled job ${job.name}: ${why}`));
    }
  }

  /** Tells what went wrong outside of a job. */
  #report(error: unknown): void {
    const text = messageOf(error);
    this.#log.error(text);
    this.#options.onProblem?.(text);
  }

  #every(milliseconds: number, work: () => void): void {
    this.#timers.add(setInterval(() => {
      try {
        work();
      } catch (error) {
        this.#report(error);
      }
    }, milliseconds));
  }
}

/** Writes all of a text; nobody may be listening any more, which is no matter of the jobs. */
function print(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  try {
    let rest = encodeText(text);
    while (rest.length > 0) rest = rest.subarray(stream.writeSync(rest));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.BadResource)) {
      throw error;
    }
  }
}

function logTo(catalog: DirectorCatalog, rows: readonly LogRow[]): void {
  catalog.transaction(() => {
    for (const { jobId, seconds, text } of rows) catalog.log(jobId, seconds, text);
  });
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}
