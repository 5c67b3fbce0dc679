import { JOB_MESSAGE_PREFIX, jobMessage, JobMessageType } from "../protocol/mod.ts";

/** What a {@linkcode JobLog} is made of. */
export interface JobLogOptions {
  /** Name of the daemon, as messages begin with it. */
  readonly daemon: string;
  /** The catalog's JobId. */
  readonly jobId: number;
  /** The unique job name. */
  readonly job: string;
  /** The director is one of Bacula: it is told the JobId in place of the name (bacula.md 6). */
  readonly isForBacula?: boolean | undefined;
  /** Takes a finished `Jmsg` line for the director. */
  send(line: string): void;
  /** Takes the text for the machine's own logs. */
  local?(type: JobMessageType, text: string, seconds: number): void;
  /** The clock, UNIX seconds; the real one if not given. */
  now?(): number;
}

/**
 * Job messages of a file or storage daemon on their way to the director.
 *
 * Every text is sent as `Jmsg Job=<job> type=<n> level=<time> <daemon> JobId <n>: <prefix><text>`,
 * with `JobId=<n>` in place of `Job=<job>` to a director of Bacula
 * (storage-daemon.md 4.3, director-client.md 17) and counted: errors and a fatal message decide how
 * the job ends.
 */
export class JobLog {
  readonly #options: JobLogOptions;
  #errors = 0;
  #warnings = 0;
  #hasFailed = false;

  /** A log without messages. */
  constructor(options: JobLogOptions) {
    this.#options = options;
  }

  /** Errors so far; a fatal message counts as one if there was none. */
  get errors(): number {
    return this.#errors;
  }

  /** Warnings so far. */
  get warnings(): number {
    return this.#warnings;
  }

  /** Whether there was a fatal message. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Something worth knowing. */
  info(text: string): void {
    this.message(JobMessageType.INFO, text);
  }

  /** Something is not as it should be, and does no harm. */
  warning(text: string): void {
    this.message(JobMessageType.WARNING, text);
  }

  /** Something went wrong; the job goes on. */
  error(text: string): void {
    this.message(JobMessageType.ERROR, text);
  }

  /** The job cannot go on. */
  fatal(text: string): void {
    this.message(JobMessageType.FATAL, text);
  }

  /** An operator is wanted. */
  mount(text: string): void {
    this.message(JobMessageType.MOUNT, text);
  }

  /** A file that was to be saved was not. */
  notSaved(text: string): void {
    this.message(JobMessageType.NOTSAVED, text);
  }

  /** A file was left out. */
  skipped(text: string): void {
    this.message(JobMessageType.SKIPPED, text);
  }

  /** Sends a text of any type and counts it. A missing line end is added. */
  message(type: JobMessageType, text: string): void {
    if (type === JobMessageType.ERROR) this.#errors++;
    if (type === JobMessageType.WARNING) this.#warnings++;
    if (type === JobMessageType.FATAL) {
      this.#hasFailed = true;
      this.#errors = Math.max(this.#errors, 1);
    }
    const { daemon, job, jobId, isForBacula, send, local, now } = this.#options;
    const level = now?.() ?? Math.floor(Date.now() / 1000);
    const prefix = JOB_MESSAGE_PREFIX[type] ?? "";
    const end = text.endsWith("\n") ? "" : "\n";
    const line = `${daemon} JobId ${jobId}: ${prefix}${text}${end}`;
    local?.(type, line, level);
    send(jobMessage.format({ ...(isForBacula ? { jobId } : { job }), type, level, text: line }));
  }
}
