/** A job of the file daemon, or the console work that a director does under JobId 0. @module */
import {
  type Connection,
  isJobCanceled,
  JobMessageType,
  type JobStatus,
  mergeJobStatus,
  TlsPolicy,
} from "../../protocol/mod.ts";
import { JobLog } from "../job_log.ts";
import { Throttle } from "../throttle.ts";
import type { Protection } from "./backup/protection.ts";
import type { FileSet } from "./fileset/mod.ts";

/** What `JobId=` says. */
export interface JobAnnouncement {
  readonly jobId: number;
  /** The unique job name. */
  readonly name: string;
  readonly volSessionId: number;
  readonly volSessionTime: number;
  /** The session key for the storage daemon. */
  readonly key: string;
}

/** A script that a director has sent. */
export interface RunScript {
  readonly onSuccess: boolean;
  readonly onFailure: boolean;
  readonly failsJob: boolean;
  /** Mask: 1 After, 2 Before, 4 AfterVSS. */
  readonly when: number;
  readonly command: string;
}

/** How far a job is; for status and the end line. */
export interface JobCounters {
  files: number;
  bytes: number;
  readBytes: number;
  examined: number;
  path: string;
}

/** The bandwidth of jobs without a limit of their own. */
export interface FileJobBandwidth {
  /** Bytes per second at present, 0 for no limit. */
  ofDaemon(): number;
  /** Unused allowance may be used later. */
  readonly bursts: boolean;
}

/** A job from its announcement to its end line. */
export class FileJob {
  readonly announcement: JobAnnouncement;
  readonly director: string;
  readonly log: JobLog;
  readonly #routedTypes: ReadonlySet<number>;
  /** UNIX seconds. */
  readonly startTime: number = Math.floor(Date.now() / 1000);
  readonly counters: JobCounters = { files: 0, bytes: 0, readBytes: 0, examined: 0, path: "" };
  readonly scripts: RunScript[] = [];
  /** Options for plugins, in the order in which they came. */
  readonly pluginOptions: string[] = [];
  /** Occasions at which scripts have run. */
  readonly occasions = new Set<string>();
  readonly #abort = new AbortController();
  #status: JobStatus = "C";
  #errors = 0;
  /** Letter of the type: `I`, that of internal jobs, until the director asks for something. */
  type = "I";
  /** Letter of the level; blank for none. */
  level = " ";
  /** Seconds of our clock; 0 for all. */
  since = 0;
  isAccurate = false;
  /** Whether an incomplete job goes on. */
  isRerun = false;
  fileSet: FileSet | undefined;
  /** What a backup does to the contents of files; nothing if absent. */
  protection: Protection | undefined;
  /** The session key of the next storage daemon; empty once it is used up. */
  key: string;
  /** What the director said of the data connection (`ssl=`, wire.md 7.4). */
  storagePolicy: TlsPolicy = TlsPolicy.none;
  /** Whether several storage daemons follow one another in a restore. */
  isMultiStorage = false;
  storage: Connection | undefined;
  /** Resolves when a storage daemon has connected by itself (passive client). */
  readonly passiveStorage: PromiseWithResolvers<Connection> = Promise.withResolvers<Connection>();
  /** What `setbandwidth` said of this job, bytes per second; 0 for no limit, undefined if nothing. */
  ownBandwidth: number | undefined;
  readonly #bandwidth: FileJobBandwidth;
  readonly #hangupAfter: () => number;
  readonly #sent: () => Promise<void>;

  /** A job that has just been announced. */
  constructor(
    announcement: JobAnnouncement,
    options: {
      readonly director: string;
      readonly daemon: string;
      /** The director is one of Bacula. */
      readonly isForBacula?: boolean;
      /** Types of messages that go anywhere. */
      readonly routedTypes: ReadonlySet<number>;
      send(line: string): void;
      /** Resolves when all lines are with the system, or cannot be sent any more. */
      sent(): Promise<void>;
      /** Takes messages for the machine's own logs. */
      local?(type: number, text: string, seconds: number): void;
      readonly bandwidth: FileJobBandwidth;
      /** Files after which a backup stops as incomplete (`setdebug hangup=`); never if not given, or 0. */
      hangupAfter?(): number;
    },
  ) {
    this.#hangupAfter = options.hangupAfter ?? (() => 0);
    this.#bandwidth = options.bandwidth;
    this.#sent = options.sent;
    this.announcement = announcement;
    this.director = options.director;
    this.key = announcement.key;
    this.#routedTypes = options.routedTypes;
    this.log = new JobLog({
      daemon: options.daemon,
      jobId: announcement.jobId,
      job: announcement.name,
      isForBacula: options.isForBacula,
      send: options.send,
      ...(options.local !== undefined && { local: options.local }),
    });
    this.passiveStorage.promise.catch(() => {}); // who waits for it sees the error
  }

  /** Bytes per second between us and the storage daemon, 0 for no limit (director-client.md 19). */
  get bandwidth(): number {
    return this.ownBandwidth ?? this.#bandwidth.ofDaemon();
  }

  /** Keeps a connection of the job to its bandwidth. */
  makeThrottle(): Throttle {
    const { bursts } = this.#bandwidth;
    return new Throttle({ limit: () => this.bandwidth, bursts, aborted: this.aborted });
  }

  /** The job's status letter. */
  get status(): JobStatus {
    return this.#status;
  }

  /** Errors: those of the log, and files that were not saved. */
  get errors(): number {
    return this.log.errors + this.#errors;
  }

  /** Aborts when the job is canceled or stopped, or has failed for good. */
  get aborted(): AbortSignal {
    return this.#abort.signal;
  }

  /** Whether the job was canceled or stopped, or has failed: nothing more is to be done for it. */
  get isCanceled(): boolean {
    return this.aborted.aborted || isJobCanceled(this.#status);
  }

  /** Moves to another status, if that weighs more. */
  become(status: JobStatus): void {
    this.#status = mergeJobStatus(this.#status, status);
  }

  /** Counts a job message, lets the status follow from it, and sends it if it is wanted (17). */
  message(type: JobMessageType, text: string): void {
    if (type === JobMessageType.NOTSAVED) this.#errors++;
    if (type === JobMessageType.FATAL) this.become("f");
    // What went wrong is told and counted even where the configuration routes it nowhere.
    const isTrouble = type === JobMessageType.FATAL || type === JobMessageType.ERROR;
    if (isTrouble || this.#routedTypes.has(type)) this.log.message(type, text);
  }

  /**
   * Passes messages on, and waits until the director takes them: what a thread finds is told no faster
   * than it is heard. Comes back when the job is canceled, too.
   */
  async messages(messages: readonly (readonly [JobMessageType, string])[]): Promise<void> {
    if (messages.length === 0) return;
    for (const [type, text] of messages) this.message(type, text);
    const { aborted } = this;
    if (aborted.aborted) return;
    const canceled = Promise.withResolvers<void>();
    const onAbort = (): void => canceled.resolve();
    aborted.addEventListener("abort", onAbort, { once: true });
    await Promise.race([this.#sent(), canceled.promise]);
    aborted.removeEventListener("abort", onAbort);
  }

  /** Ends the job as failed, with the reason in its log. */
  fail(text: string): void {
    this.message(JobMessageType.FATAL, text);
    this.#abort.abort(new Error(text.trim()));
    this.storage?.close();
  }

  /** Whether a test of what becomes of incomplete jobs wants this one to stop now. */
  get mustHangUp(): boolean {
    const after = this.#hangupAfter();
    return after > 0 && this.counters.files >= after;
  }

  /** Stops the job as incomplete (director-client.md 16). */
  hangUp(): void {
    this.fail(`Debug hangup requested after ${this.#hangupAfter()} files.\n`);
    this.become("I");
  }

  /** Ends the job because somebody wants so. */
  cancel(): void {
    this.#end("A", "The job was canceled");
  }

  /** Ends the job as incomplete because somebody wants so (bacula.md 11.2). */
  stop(): void {
    this.#end("I", "The job was stopped");
  }

  #end(status: string, why: string): void {
    this.become(status);
    this.#abort.abort(new Error(why));
    this.passiveStorage.reject(new Error(why));
    this.storage?.close();
  }
}
