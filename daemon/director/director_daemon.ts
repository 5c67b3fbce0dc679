/**
 * The director: it listens for consoles, keeps the queue of jobs and the
 * schedules, and runs the jobs.
 *
 * @module
 */
import {
  authenticateAcceptor,
  AuthenticationError,
  type Connection,
  DEFAULT_CONSOLE,
  directorToConsole as say,
  type Hello,
  JobStatus,
  ProtocolError,
  readHello,
  Signal,
} from "../../protocol/mod.ts";
import type { Configuration, ProgramResources } from "../config/mod.ts";
import { listen, type Listener } from "../listener.ts";
import { SERVICES_TEXT, VERSION, VERSION_DATE } from "../version.ts";
import { cancelAtDaemons } from "./cancel_daemons.ts";
import type { CatalogOpener, DirectorCatalog } from "./director_catalog.ts";
import { judgeDuplicate } from "./duplicates.ts";
import { type Job, JobNames } from "./job.ts";
import type { JobEnvironment } from "./job_environment.ts";
import { jobCodes } from "./job_facts.ts";
import { createJob, type JobMaker } from "./job_preparation.ts";
import { JobQueue } from "./job_queue.ts";
import type { JobRequest } from "./job_request.ts";
import { runJob } from "./job_runner.ts";
import { type MessageChannel, MessageRouter } from "./message_router.ts";
import type {
  CatalogResource,
  ConsoleResource,
  DirectorResource,
  MessagesResource,
} from "./resources.ts";
import { dueTimes } from "./schedule.ts";
import { exceededLimit, WATCHDOG_MS } from "./watchdog.ts";

/** A director's configuration. */
export type DirectorConfiguration = Configuration<ProgramResources["director"]>;

/** A console that has logged in. */
export interface ConsoleLogin {
  readonly connection: Connection;
  /** Its resource; nothing for the default console, which may do everything. */
  readonly console: ConsoleResource | undefined;
}

/** What a director is made of. */
export interface DirectorOptions {
  readonly configuration: DirectorConfiguration;
  readonly openCatalog: CatalogOpener;
  /** Serves a console until it ends. */
  serveConsole(director: DirectorDaemon, login: ConsoleLogin): Promise<void>;
  /** Reads the configuration anew, for a reload. */
  readConfiguration?(): DirectorConfiguration;
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
const grace = 2_000;
/** How long a canceled job may take to end by itself, in milliseconds. */
const cancelGrace = 5_000;
/** How many ended jobs are remembered for the status. */
const remembered = 10;

/** The director. */
export class DirectorDaemon {
  readonly #options: DirectorOptions;
  readonly #catalogs = new Map<string, DirectorCatalog>();
  readonly #names = new JobNames();
  readonly #queue: JobQueue;
  readonly #ended: Job[] = [];
  readonly #probedClients = new Set<string>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  /** UNIX seconds. */
  readonly startTime: number = now();
  /** Jobs begun since the start. */
  jobsRun = 0;
  /** Messages on their way to consoles, files and mail. */
  readonly messages: MessageRouter;
  #configuration: DirectorConfiguration;
  #listener: Listener | undefined;
  #lastTick = now();

  /** A director that does not listen yet. */
  constructor(options: DirectorOptions) {
    this.#options = options;
    this.#configuration = options.configuration;
    this.messages = new MessageRouter({
      daemon: this.resource.name,
      now,
      logToCatalog: (jobId, seconds, text) => this.catalog.log(jobId, seconds, text),
      print: (stream, text) => {
        const bytes = new TextEncoder().encode(text);
        if (stream === "stdout") Deno.stdout.writeSync(bytes);
        else Deno.stderr.writeSync(bytes);
      },
      onError: (error) => options.onProblem?.(error.message),
    });
    this.#queue = new JobQueue(
      () => this.resource.maximumConcurrentJobs,
      (job) => void this.#execute(job),
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
    const { catalog } = this;
    catalog.failLeftovers();
    for (const pool of this.#configuration.all("Pool")) catalog.pool(pool);
    for (const pool of this.#configuration.all("Pool")) catalog.linkPool(pool);
    const { resource } = this;
    this.#listener = listen({
      addresses: resource.addresses,
      maxConnections: resource.maximumConsoleConnections + 50,
      onConnection: (connection) => this.#serve(connection),
      onError: (error, peer) =>
        this.#options.onProblem?.(`${peer}: ${error instanceof Error ? error.message : error}`),
    });
    this.#every(1_000, () => this.#runDueJobs());
    this.#every(WATCHDOG_MS, () => this.#watch());
    return Promise.resolve({
      ports: this.#listener.ports,
      stop: () => this.stop(),
      reload: () => this.reload(),
    });
  }

  /** Ends the jobs, with a report each, and closes everything. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#queue.close();
    const jobs = this.jobs;
    for (const job of jobs) await this.cancel(job);
    await Promise.all(jobs.map((job) => job.done));
    await this.#listener?.close(grace);
    await this.messages.close();
    for (const catalog of this.#catalogs.values()) catalog.close();
  }

  /** Reads the configuration anew; running jobs keep the old one. What is wrong with it is told. */
  reload(): string {
    try {
      const fresh = this.#options.readConfiguration?.();
      if (fresh !== undefined) this.#configuration = fresh;
      for (const pool of this.#configuration.all("Pool")) this.catalog.pool(pool);
      return "reloaded\n";
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const text = `${why}\nPlease correct the configuration in ${this.#configuration.path}\n` +
        "Resetting to previous configuration.\n";
      this.#options.onProblem?.(text);
      return text;
    }
  }

  /** Jobs that wait or run. */
  get jobs(): readonly Job[] {
    return [...this.#queue.running, ...this.#queue.waiting];
  }

  /** The last jobs that ended, oldest first. */
  get ended(): readonly Job[] {
    return this.#ended;
  }

  /** Makes a job and puts it into the queue; its JobId. */
  run(request: JobRequest): number {
    const job = createJob(request, this.#maker());
    job.log = this.#channelOf(job);
    this.jobsRun++;
    const verdict = judgeDuplicate(job, this.jobs);
    if (verdict.kind === "refuse") {
      job.log.fatal(
        `JobId ${verdict.other.jobId} already running. Duplicate job not allowed.`,
      );
      job.setStatus(JobStatus.Canceled);
      void this.#execute(job);
      return job.jobId;
    }
    if (verdict.kind === "cancel") {
      job.log.info(`Cancelling duplicate JobId=${verdict.other.jobId}.`);
      void this.cancel(verdict.other);
    }
    const wait = job.scheduledTime - now();
    if (wait > 0) {
      job.setStatus(JobStatus.WaitingForStartTime);
      this.#after(wait * 1000, () => this.#queue.add(job));
    } else this.#queue.add(job);
    return job.jobId;
  }

  /** Cancels a job that waits or runs, at the daemons too; what they answer goes to `print`. */
  async cancel(job: Job, print: (text: string) => void = () => {}): Promise<void> {
    if (this.#queue.remove(job)) {
      job.setStatus(JobStatus.Canceled);
      await this.#execute(job);
      return;
    }
    job.cancel(cancelGrace);
    await cancelAtDaemons(job, this.#environment(), ["client", "storage"], print);
  }

  #maker(): JobMaker {
    const first = this.#configuration.first("Catalog");
    return {
      names: this.#names,
      firstCatalog: first,
      catalogOf: (resource) => this.catalogOf(resource),
      fileSetText: (name) => `FileSet "${name}"`,
      now,
    };
  }

  #environment(): JobEnvironment {
    const director = this.resource;
    return {
      director,
      probedClients: this.#probedClients,
      counters: new Map(
        this.#configuration.all("Counter").map((counter) => [counter.name, counter]),
      ),
      now,
      codes: (job) => jobCodes(job, director),
      runConsole: (command) =>
        Promise.reject(new Error(`Cannot run the console command ${command} from a script yet`)),
    };
  }

  #channelOf(job: Job): MessageChannel {
    const messages = (job.request.messages ?? job.resource.messages) as MessagesResource;
    return this.messages.channel(
      job.jobId,
      this.#destinationsOf(messages),
      jobCodes(job, this.resource),
    );
  }

  #destinationsOf(messages: MessagesResource): MessagesResource["destinations"] {
    const { logTimestampFormat } = this.#configuration.first("Director");
    return messages.destinations.map((destination) => ({
      ...destination,
      timestampFormat: destination.timestampFormat || logTimestampFormat,
    }));
  }

  async #execute(job: Job): Promise<void> {
    await runJob(job, {
      environment: this.#environment(),
      maker: this.#maker(),
      findStorage: (name) => this.#configuration.get("Storage", name),
    });
    this.#ended.push(job);
    if (this.#ended.length > remembered) this.#ended.shift();
    this.#queue.ended(job);
    this.#reschedule(job);
  }

  #reschedule(job: Job): void {
    const { rescheduleOnError, rescheduleTimes, rescheduleInterval } = job.resource;
    const hasFailed = job.status === "E" || job.status === "f";
    if (!rescheduleOnError || !hasFailed) return;
    if (rescheduleTimes > 0 && job.rescheduleCount >= rescheduleTimes) return;
    this.#after(rescheduleInterval * 1000, () => {
      this.run({
        ...job.request,
        again: { count: job.rescheduleCount + 1, scheduledTime: job.scheduledTime },
      });
    });
  }

  /** Starts the jobs whose time has come since the last look. */
  #runDueJobs(): void {
    const from = this.#lastTick;
    this.#lastTick = now();
    for (const job of this.#configuration.all("Job")) {
      const { schedule } = job;
      if (!job.enabled || schedule?.enabled !== true || job.client?.enabled === false) continue;
      for (const runLine of schedule.run) {
        for (const _time of dueTimes(runLine.times, from + 1, this.#lastTick + 1)) {
          this.run({ job: job, runLine: runLine, trigger: "Scheduler" });
        }
      }
    }
  }

  /** Cancels jobs that take or wait too long. */
  #watch(): void {
    for (const job of this.jobs) {
      const waiting = job.isStarted ? job.waitedSeconds : now() - job.createdTime;
      const text = exceededLimit(job, now(), waiting, this.resource.absoluteJobTimeout);
      if (text === undefined) continue;
      job.log.fatal(text);
      void this.cancel(job);
    }
  }

  async #serve(connection: Connection): Promise<void> {
    const hello = await readHello(connection, "director");
    if (hello.kind !== "console") {
      await connection.sendSignal(Signal.TERMINATE);
      throw new ProtocolError(`Cannot serve ${connection.peer}: not a console`);
    }
    await this.#serveConsole(connection, hello);
  }

  async #serveConsole(
    connection: Connection,
    hello: Extract<Hello, { kind: "console" }>,
  ): Promise<void> {
    connection.who = "Console";
    const isDefault = hello.name === DEFAULT_CONSOLE;
    const console = isDefault ? undefined : this.#configuration.get("Console", hello.name);
    const key = isDefault ? this.resource.password.key : console?.password.key;
    const isModern = (hello.version ?? 0) >= 1802;
    if (key === undefined) {
      if (!isModern) await connection.send(say.refused.format({}));
      throw new AuthenticationError(
        `Cannot accept console "${hello.name}" at ${connection.peer}: it is unknown`,
      );
    }
    try {
      await authenticateAcceptor(connection, {
        ownName: `R_DIRECTOR::${this.resource.name}`,
        key,
      });
    } catch (error) {
      if (connection.canSend) await connection.send(say.refused.format({}));
      throw error;
    }
    const greeting = { director: this.resource.name, version: VERSION, date: VERSION_DATE };
    if (isModern) {
      connection.queue(say.accepted.format(greeting));
      const who = isDefault ? "the default console" : `console ${hello.name}`;
      await connection.send(
        say.information.format({ text: `${SERVICES_TEXT}\nYou are connected using ${who}` }),
      );
    } else await connection.send(say.acceptedOld.format(greeting));
    await this.#options.serveConsole(this, { connection, console: console });
  }

  #every(milliseconds: number, work: () => void): void {
    this.#timers.add(setInterval(() => this.#guarded(work), milliseconds));
  }

  #after(milliseconds: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#guarded(work);
    }, Math.min(milliseconds, 2 ** 31 - 1));
    this.#timers.add(timer);
  }

  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.onProblem?.(error instanceof Error ? error.message : String(error));
    }
  }
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}
