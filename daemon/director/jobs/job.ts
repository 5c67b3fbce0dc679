import { messageOf } from "../../../bytes/mod.ts";
import {
  bashSpaces,
  type Connection,
  isJobCanceled,
  JobStatus,
  mergeJobStatus,
} from "../../../protocol/mod.ts";
import type { DirectorCatalog, JobRecord } from "../director_catalog.ts";
import { jobNameTime } from "../report/formats.ts";
import { EndPrograms } from "./end_programs.ts";
import { JobCanceled } from "./job_failure.ts";
import type { JobRequest, JobTrigger } from "./job_request.ts";
import type { MessageChannel } from "../messages/message_channel.ts";
import type { Chosen } from "../report/report.ts";
import type {
  CatalogResource,
  ClientResource,
  FileSetResource,
  JobResource,
  MessagesResource,
  PoolResource,
  StorageResource,
} from "../resources.ts";
import type { BaseFileWriter } from "../../../storage/catalog/mod.ts";
import { WaitClock } from "../schedule/wait_clock.ts";

/** A resource of a job and the words that say where it was taken from. */
export interface Picked<R> {
  readonly resource: R;
  readonly source: string;
}

/** What is known of a job before it has a row in the catalog. */
export interface JobParts {
  readonly request: JobRequest;
  readonly uniqueName: string;
  /** Letter of the level. */
  readonly level: string;
  readonly client: ClientResource | undefined;
  readonly fileSet: FileSetResource | undefined;
  readonly pool: Picked<PoolResource>;
  readonly storage: Picked<StorageResource> | undefined;
  readonly catalogResource: Picked<CatalogResource>;
  readonly catalog: DirectorCatalog;
  readonly priority: number;
  /** UNIX seconds before which it does not start. */
  readonly scheduledTime: number;
  /** Scheduled time of the first attempt, UNIX seconds; the same unless it was rescheduled. */
  readonly firstScheduledTime: number;
}

/** A pool to write to and its storage. */
export interface Destination {
  readonly pool: Picked<PoolResource>;
  readonly storage: Picked<StorageResource>;
}

/** A worker's original, where it goes, and the job that will own the copied data. */
export interface CopyPlan {
  readonly previous: JobRecord;
  readonly readStorage: Picked<StorageResource>;
  readonly destination: Destination;
  /** Whether the data does not leave its storage daemon. */
  readonly isWithinOneDaemon: boolean;
  /** The job whose rows the copied files get; nothing if there are no files. */
  readonly data: Job | undefined;
  readonly bootstrap: string;
  /** Files in the bootstrap. */
  readonly files: number;
}

/** Level and times (UNIX seconds) of a row that stands for earlier backups (15.1). */
export interface RepresentedBackup {
  readonly level: string;
  readonly startTime: number;
  readonly endTime: number;
  readonly jobTDate: number;
}

/** The base jobs of a Full (12.3). */
export interface UsedBase {
  /** The base jobs, in the order of the configuration. */
  readonly jobIds: readonly number[];
  /** Files of theirs that the client was told of. */
  readonly total: number;
  /** Takes the files that are as they have them. */
  readonly files: BaseFileWriter;
}

/** What the daemons and the director have counted. */
export interface JobCounters {
  fdFiles: number;
  readBytes: number;
  fdBytes: number;
  sdFiles: number;
  sdBytes: number;
  sdErrors: number;
  filesExpected: number;
  vss: boolean;
  encryption: boolean;
}

/** One job from its creation to its report. */
export class Job {
  /** The request that made it. */
  readonly request: JobRequest;
  /** Name, time and counter; at most 121 bytes. */
  readonly uniqueName: string;
  /** The job's row in the catalog. */
  jobId = 0;
  /** Letter of the level at which it runs. */
  level: string;
  /** What the report says after the level. */
  levelNote = "";
  /** UNIX seconds since which files are saved; 0 for all. */
  since = 0;
  /** Unique name of the job before, in the level's sense. */
  previousJob: string | undefined;
  readonly client: ClientResource | undefined;
  /** What the client says it is. */
  clientUname = "";
  fileSet: FileSetResource | undefined;
  fileSetId = 0;
  fileSetDigest = "";
  fileSetCreateTime = "";
  pool: Picked<PoolResource>;
  poolId = 0;
  clientId = 0;
  /** The storage it writes to or reads from. */
  storage: Picked<StorageResource> | undefined;
  readonly catalogResource: Picked<CatalogResource>;
  readonly catalog: DirectorCatalog;
  priority: number;
  /** UNIX seconds before which it does not start. */
  readonly scheduledTime: number;
  /** Scheduled time of the first attempt: `Max Run Sched Time` counts from it. */
  readonly firstScheduledTime: number;
  startTime = 0;
  endTime = 0;
  readonly #now: () => number;
  readonly #waits = new WaitClock();
  #status: string = JobStatus.Created;
  /** Letter of the status as the file daemon sees it; empty before it has said. */
  fdStatus = "";
  #sdStatus = "";
  readonly counters: JobCounters = {
    fdFiles: 0,
    readBytes: 0,
    fdBytes: 0,
    sdFiles: 0,
    sdBytes: 0,
    sdErrors: 0,
    filesExpected: 0,
    vss: false,
    encryption: false,
  };
  volSessionId = 0;
  volSessionTime = 0;
  /** Bytes that the storage daemon may write; no limit if not given. */
  quota: number | undefined;
  /** Commands that erase files securely, where the daemons have one. */
  secureErase: { file?: string; storage?: string } = {};
  /** Times the job was run again after an error. */
  rescheduleCount = 0;
  /** What is to run after it, if it has failed and is to be tried again. */
  nextAttempt: JobRequest | undefined;
  /** Path of the bootstrap of a restore or verify. */
  bootstrap = "";
  /** What a worker of a copy or migration is to do. */
  copy: CopyPlan | undefined;
  /** What a Full with base jobs has of them. */
  base: UsedBase | undefined;
  /** The jobs whose files a virtual full has, oldest first. */
  consolidates: readonly JobRecord[] = [];
  /** Whether a worker has found that there is nothing to do. */
  hasNothingToCopy = false;
  /** The backup that the job's row stands for, when it is not of this job's own time. */
  represents: RepresentedBackup | undefined;
  /** Connections to the daemons while they work for the job. */
  clientConnection: Connection | undefined;
  storageConnection: Connection | undefined;
  /** What stands for this job at further daemons: they are cancelled with it. */
  readonly parts: Set<Job> = new Set();
  /** The job that this one is a part of, if it is. */
  owner: Job | undefined;
  /** Ends every wait of the job's work; what comes behind that has {@linkcode endPrograms}. */
  readonly abort: AbortController = new AbortController();
  /** What runs behind the job's work. */
  readonly endPrograms: EndPrograms = new EndPrograms();
  /** Whether a limit of its time was exceeded and that has had its effect. */
  isOverdue = false;
  readonly #workDone = Promise.withResolvers<void>();
  #isEnding = false;
  #isRecorded = false;
  readonly #giveUp = new AbortController();
  /** Whether the job has been started by the queue. */
  isStarted = false;
  readonly #done = Promise.withResolvers<void>();
  #channel: MessageChannel | undefined;

  /** A job that is not yet in the catalog; `now` tells UNIX seconds. */
  constructor(parts: JobParts, now: () => number) {
    this.request = parts.request;
    this.uniqueName = parts.uniqueName;
    this.level = parts.level;
    this.client = parts.client;
    this.fileSet = parts.fileSet;
    this.pool = parts.pool;
    this.storage = parts.storage;
    this.catalogResource = parts.catalogResource;
    this.catalog = parts.catalog;
    this.priority = parts.priority;
    this.scheduledTime = parts.scheduledTime;
    this.firstScheduledTime = parts.firstScheduledTime;
    this.#now = now;
  }

  /** The Job resource. */
  get resource(): JobResource {
    return this.request.job;
  }

  /** Letter of the type. */
  get type(): string {
    return this.request.job.type;
  }

  /** Who wanted it. */
  get trigger(): JobTrigger {
    return this.request.trigger;
  }

  /** Letter of the status. */
  get status(): string {
    return this.#status;
  }

  /** Takes a new status over if it may replace the present one; none after {@linkcode markRecorded}. */
  setStatus(status: string): void {
    if (this.#isRecorded) return;
    this.#status = mergeJobStatus(this.#status, status);
    this.#waits.enter(this.#now(), this.#status, this.#sdStatus);
  }

  /** Letter of the status as the storage daemon sees it; empty before it has said. */
  get sdStatus(): string {
    return this.#sdStatus;
  }

  set sdStatus(status: string) {
    this.#sdStatus = status;
    this.#waits.enter(this.#now(), this.#status, status);
  }

  /** Seconds that it has waited for resources, daemons, volumes and other jobs. */
  get waitedSeconds(): number {
    return this.#waits.total(this.#now());
  }

  /** Says why the job cannot go on: a fatal message, and status f unless it failed before. */
  fail(error: unknown): void {
    if (error instanceof JobCanceled && this.isCanceled) return;
    this.log.fatal(messageOf(error));
    this.setStatus(JobStatus.FatalError);
  }

  /** Whether it was canceled or has failed. */
  get isCanceled(): boolean {
    return isJobCanceled(this.#status);
  }

  /** Whether accurate mode is wanted. */
  get isAccurate(): boolean {
    return this.request.accurate ?? this.request.runLine?.accurate ?? this.resource.accurate;
  }

  /** The resource that says where its messages go. */
  get messages(): MessagesResource {
    const { messages, runLine } = this.request;
    return messages ?? runLine?.messages ?? this.resource.messages;
  }

  /** Whether data is to be spooled. */
  get isSpooling(): boolean {
    return this.request.spoolData ?? this.request.runLine?.spoolData ?? this.resource.spoolData;
  }

  /** Where its messages go. */
  get log(): MessageChannel {
    if (this.#channel === undefined) throw new Error("Cannot log: the job has no channel yet");
    return this.#channel;
  }

  /** Gives the job its channel, as soon as it has a JobId. */
  set log(channel: MessageChannel) {
    this.#channel = channel;
  }

  /**
   * Marks the job as canceled and, after `graceMs`, ends whatever it still waits for. What nobody else has
   * to end in good order, such as connecting to a daemon, ends at once. Of a job whose work is over it
   * ends the program that runs, and no more: what the job has done is done.
   */
  cancel(graceMs: number): void {
    if (this.#isEnding) {
      this.log.info("Canceled when its work was over: what runs behind it is ended.");
      this.endPrograms.end("canceled");
      return;
    }
    this.setStatus(JobStatus.Canceled);
    this.#giveUp.abort(new JobCanceled("canceled"));
    for (const part of this.parts) part.#giveUp.abort(new JobCanceled("canceled"));
    this.abortLater(graceMs, "canceled");
  }

  /** Aborts as soon as the job is canceled: for what is not yet in anybody's hands. */
  get givenUp(): AbortSignal {
    return AbortSignal.any([this.abort.signal, this.#giveUp.signal]);
  }

  /** Ends whatever the job waits for in `graceMs`, unless its work is over by then. */
  abortLater(graceMs: number, why: string): void {
    const timer = setTimeout(() => this.abort.abort(new JobCanceled(why)), graceMs);
    this.#workDone.promise.then(() => clearTimeout(timer));
  }

  /** Whether the job's work is over: scripts, catalog and report follow. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  /** Says that the job's work is over, good or bad: there is nothing left that `abort` must end. */
  beginEnd(): void {
    this.#isEnding = true;
    this.#workDone.resolve();
  }

  /** Says that the catalog has the job's status: its report must have the same, whatever comes then. */
  markRecorded(): void {
    this.#isRecorded = true;
  }

  /** Resolves when the job is over and its report written. */
  get done(): Promise<void> {
    return this.#done.promise;
  }

  /** Says that the job is over. */
  markDone(): void {
    this.beginEnd();
    this.#done.resolve();
  }
}

/** A resource and its source as reports show them. */
export function chosen(picked: Picked<{ readonly name: string }> | undefined): Chosen | undefined {
  return picked && { name: picked.resource.name, source: picked.source };
}

const MAX_UNIQUE_NAME = 127 - "R_JOB^".length;

/** Makes unique job names: name, time and a counter that wraps at 60 (catalog-and-jobs.md 5.1). */
export class JobNames {
  #counter = 0;
  #lastSecond = 0;

  /** The name of the next job at `now`, UNIX seconds. */
  next(resourceName: string, now: number): string {
    this.#counter = (this.#counter + 1) % 60;
    // Names of one lap must differ from those of the lap before: it must be a later second.
    const earliest = this.#counter === 0 ? this.#lastSecond + 1 : this.#lastSecond;
    now = this.#lastSecond = Math.max(now, earliest);
    const suffix = `.${jobNameTime(now)}_${String(this.#counter).padStart(2, "0")}`;
    const base = bashSpaces(resourceName).replaceAll("\x01", "_");
    return base.slice(0, MAX_UNIQUE_NAME - suffix.length) + suffix;
  }
}

/** The Job resource's name in a unique job name. */
export function resourceNameOf(uniqueName: string): string {
  return uniqueName.split(".").slice(0, -3).join(".");
}
