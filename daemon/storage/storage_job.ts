import {
  type Connection,
  isJobCanceled,
  JobStatus,
  mergeJobStatus,
  storageToDirector,
} from "../../protocol/mod.ts";
import type { Bootstrap } from "../../storage/volume/mod.ts";
import type { JobLog } from "../job_log.ts";
import { Throttle } from "../throttle.ts";
import type { DirectorLink } from "./director_link.ts";
import type { AppendReservation, Candidate, StorageWish } from "./candidate.ts";

/** What `JobId=` says of a job (storage-daemon.md 3.2). */
export interface JobAnnouncement {
  readonly jobId: number;
  /** The unique name, `<name>.<yyyy-mm-dd>_<hh.mm.ss>_<nn>`. */
  readonly job: string;
  readonly jobName: string;
  readonly clientName: string;
  /** Letter of the job type, such as `B`. */
  readonly type: string;
  /** Letter of the level, such as `F`. */
  readonly level: string;
  readonly fileSet: string;
  readonly fileSetMd5: string;
  /** Do not send file attributes to the catalog. */
  readonly noAttributes: boolean;
  readonly spoolAttributes: boolean;
  readonly spoolData: boolean;
  readonly preferMountedVolumes: boolean;
  /** Bytes, 0 for the device's own limit. */
  readonly spoolSize: number;
  /** An incomplete job goes on: keep the session's ids. */
  readonly rerunning: boolean;
  readonly sessionId: number;
  readonly sessionTime: number;
  /** Bytes that the job may still write, 0 for no limit. */
  readonly quota: number;
  /** 0 native, 1 and 2 NDMP. */
  readonly protocol: number;
  readonly backupFormat: string;
  /** The key that a director of Bacula wants to be used; a fresh one is made if there is none. */
  readonly key?: string | undefined;
  /** The director is one of Bacula. */
  readonly isForBacula: boolean;
}

/** How a message to the director names a job: by its unique name, or by its JobId. */
export type SpokenOf =
  | { readonly job: string; readonly jobId?: undefined }
  | { readonly jobId: number; readonly job?: undefined };

/** What the status output shows of a job that writes or reads. */
export interface JobWriter {
  readonly device: { readonly name: string; readonly printName: string };
  readonly poolName: string;
  readonly volumeName: string | undefined;
}

/** What session labels say of a job; a copy says what its original said (storage-daemon.md 8.2). */
export interface SessionIdentity {
  readonly job: string;
  readonly jobName: string;
  readonly clientName: string;
  readonly fileSet: string;
  readonly fileSetMd5: string;
  readonly type: string;
  readonly level: string;
}

/** Why a job ends before its work is done; set by {@linkcode StorageJob.cancel} and others. */
export class JobEndedError extends Error {
  override readonly name = "JobEndedError";
}

/** A job from its announcement to its end. */
export class StorageJob {
  readonly announcement: JobAnnouncement;
  /** VolSessionId and VolSessionTime of what the job writes. */
  readonly sessionId: number;
  readonly sessionTime: number;
  readonly log: JobLog;
  readonly director: DirectorLink;
  /** The session key; undefined as soon as it may not be used any more. */
  key: string | undefined;
  /** Where the job may write, in order of preference. */
  writeWishes: readonly StorageWish[] = [];
  /** Where the job may read. */
  readWishes: readonly StorageWish[] = [];
  /** The last FileIndex. */
  files = 0;
  /** Payload bytes of all records written. */
  bytes = 0;
  /** Files and bytes sent to a client that restores or verifies. */
  readonly sent: { files: number; bytes: number } = { files: 0, bytes: 0 };
  /** Bytes per second, 0 for no limit. */
  bandwidth = 0;
  /** Whether unused allowance may be used later. */
  allowsBursting = false;
  /** When data began to flow, UNIX milliseconds. */
  startedAt: number | undefined;
  /** How far the job was when its status was last asked for, and when, UNIX milliseconds. */
  lastLook: { readonly bytes: number; readonly at: number } | undefined;
  /** Why the job waits for a device, for the status output. */
  waitReasons: readonly string[] = [];
  /** What becomes of data that is spooled, for the status output. */
  spooling: "none" | "spooling" | "waiting to despool" | "despooling" = "none";
  /** The writing side of the job, for the status output. */
  writer: JobWriter | undefined;
  /** The reading side of the job, for the status output. */
  reader: JobWriter | undefined;
  /** What was reserved at `use storage`. */
  reservation: AppendReservation | undefined;
  readReservation: Candidate | undefined;
  /** What to read. */
  bootstrap: Bootstrap | undefined;
  /** What the session's labels say; the announcement's own until a copy adopts its original's. */
  identity: SessionIdentity;
  /** The writing storage daemon of a copy to another one, connected and authenticated. */
  replica: Connection | undefined;
  /** Its address. */
  replicaPeer: string | undefined;
  /** Address of the client that we connected to. */
  passivePeer: string | undefined;
  /** Whether the job has been told to run. */
  isRunning = false;
  #status: string = JobStatus.Created;
  readonly #abort = new AbortController();
  #client: Connection | undefined;
  #arrived: (() => void) | undefined;
  readonly #served = Promise.withResolvers<void>();

  /** A job with a fresh session. */
  constructor(
    announcement: JobAnnouncement,
    session: { readonly id: number; readonly time: number; readonly key: string },
    director: DirectorLink,
    log: JobLog,
  ) {
    this.announcement = announcement;
    this.sessionId = session.id;
    this.sessionTime = session.time;
    this.key = session.key;
    this.identity = announcement;
    this.director = director;
    this.log = log;
  }

  /** Keeps a connection of the job to its bandwidth. */
  makeThrottle(): Throttle {
    const { allowsBursting: bursts, aborted } = this;
    return new Throttle({ limit: () => this.bandwidth, bursts, aborted });
  }

  /** The catalog's JobId. */
  get jobId(): number {
    return this.announcement.jobId;
  }

  /** The unique name. */
  get name(): string {
    return this.announcement.job;
  }

  /** The name under which messages to the director go: a copy's are those of its original (8.2). */
  get spokenName(): string {
    return this.identity.job;
  }

  /** How messages to the director name the job: Bacula's by its JobId (bacula.md 6). */
  get spokenOf(): SpokenOf {
    return this.announcement.isForBacula ? { jobId: this.jobId } : { job: this.spokenName };
  }

  /** Letter of the job type. */
  get type(): string {
    return this.announcement.type;
  }

  /** Letter of the level. */
  get level(): string {
    return this.announcement.level;
  }

  /** Messages of type error and fatal so far. */
  get errors(): number {
    return this.log.errors;
  }

  /** The status letter. A fatal message makes it `f` (storage-daemon.md 4.3). */
  get status(): string {
    return this.log.hasFailed ? mergeJobStatus(this.#status, JobStatus.FatalError) : this.#status;
  }

  /** Aborts when the job is to end: cancelled, or the director is gone. */
  get aborted(): AbortSignal {
    return this.#abort.signal;
  }

  /** Whether the job has failed or was cancelled. */
  get isOver(): boolean {
    return isJobCanceled(this.status);
  }

  /** Whether a client has ever been connected to the job. */
  get hadClient(): boolean {
    return this.#client !== undefined;
  }

  /** The data connection, when there is one. */
  get client(): Connection | undefined {
    return this.#client;
  }

  /** Sets the status and, if that changes it, tells the director. */
  setStatus(letter: string): void {
    const before = this.status;
    this.#status = mergeJobStatus(before, letter);
    if (this.#status !== before && this.isRunning) this.announceStatus();
  }

  /** Tells the director the status (storage-daemon.md 4.2). */
  announceStatus(): void {
    void this.director.send(
      storageToDirector.status.format({ ...this.spokenOf, status: this.status.charCodeAt(0) }),
    );
  }

  /** Ends the job as cancelled: every wait of it is woken, its data connection closed. */
  cancel(): void {
    this.#end(JobStatus.Canceled, `Job ${this.name} was canceled`);
  }

  /** Ends the job as incomplete; what it has written stays (bacula.md 10.6). */
  stop(): void {
    this.#end(JobStatus.Incomplete, `Job ${this.name} was stopped`);
  }

  /** Ends the job because somebody with a wrong key came for it. */
  failAuthentication(text: string): void {
    this.log.fatal(text);
    this.#end(JobStatus.ErrorTerminated, text);
  }

  /** Ends the job because its director is gone. */
  abandon(): void {
    this.#end(JobStatus.FatalError, `Director of job ${this.name} hung up`);
  }

  /** Settles when the data connection is not needed any more. */
  get clientServed(): Promise<void> {
    return this.#served.promise;
  }

  /** The data connection is not needed any more. */
  endClient(): void {
    this.#client?.close();
    this.#served.resolve();
  }

  /** Throws if the job is to end. */
  throwIfOver(): void {
    this.#abort.signal.throwIfAborted();
  }

  /** Hands the job its data connection. False if it has one or is over. */
  attachClient(connection: Connection): boolean {
    if (this.#client !== undefined || this.#abort.signal.aborted) return false;
    this.#client = connection;
    this.#arrived?.();
    return true;
  }

  /** The data connection has served; another one may come with the same key. */
  expectAnotherClient(): void {
    this.#client?.close();
    this.#client = undefined;
  }

  /** Waits for the data connection; undefined when the time, if any, is up or the job ended. */
  waitForClient(timeoutMs: number | undefined): Promise<Connection | undefined> {
    if (this.#client !== undefined) return Promise.resolve(this.#client);
    if (this.#abort.signal.aborted) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.#arrived = undefined;
        this.#abort.signal.removeEventListener("abort", settle);
        resolve(this.#client);
      };
      const timer = timeoutMs === undefined ? undefined : setTimeout(settle, timeoutMs);
      this.#arrived = settle;
      this.#abort.signal.addEventListener("abort", settle, { once: true });
    });
  }

  #end(letter: string, why: string): void {
    this.#status = mergeJobStatus(this.status, letter);
    this.#abort.abort(new JobEndedError(why));
    this.#client?.close();
    this.replica?.close();
  }
}
