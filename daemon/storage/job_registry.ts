/**
 * The jobs this daemon knows: those that were announced, those that run, the last that ended.
 *
 * @module
 */
import { type EndedJob, endedJobFields, EndedJobs } from "../ended_jobs.ts";
import type { JobAnnouncement, StorageJob } from "./storage_job.ts";

/** What remains of a job that has ended, for the status output. */
export interface FinishedJob extends EndedJob {
  /** The unique name. */
  readonly job: string;
}

/** Hands out session ids and finds jobs by JobId and by unique name. */
export class JobRegistry {
  /** Start of the daemon in UNIX seconds: the VolSessionTime of its sessions. */
  readonly sessionTime: number;
  readonly #jobs: Map<string, StorageJob> = new Map();
  /** The last jobs that ended, oldest first (storage-daemon.md 13). */
  readonly finished: EndedJobs<FinishedJob> = new EndedJobs<FinishedJob>({
    ...endedJobFields,
    job: "string",
  });
  #lastSessionId = 0;
  #started = 0;

  /** An empty registry of a daemon that started then. */
  constructor(sessionTime: number) {
    this.sessionTime = sessionTime;
  }

  /** Jobs in order of arrival. */
  get running(): Iterable<StorageJob> {
    return this.#jobs.values();
  }

  /** How many jobs are in the registry. */
  get size(): number {
    return this.#jobs.size;
  }

  /** How many jobs were started since the daemon runs. */
  get started(): number {
    return this.#started;
  }

  /**
   * Gives an announced job its session. A job of the same name that never had a client is dropped
   * (storage-daemon.md 3.2); undefined if one is at work.
   */
  admit(announcement: JobAnnouncement): { readonly id: number; readonly time: number } | undefined {
    const old = this.#jobs.get(announcement.job);
    if (old !== undefined) {
      if (old.hadClient) return undefined;
      old.cancel();
      this.#jobs.delete(announcement.job);
    }
    const { rerunning, sessionId, sessionTime } = announcement;
    return rerunning
      ? { id: sessionId, time: sessionTime }
      : { id: ++this.#lastSessionId, time: this.sessionTime };
  }

  /** Enters an admitted job. */
  add(job: StorageJob): void {
    this.#jobs.set(job.name, job);
  }

  /** Counts a job as run. */
  countStart(): void {
    this.#started++;
  }

  /** The job with that unique name. */
  byName(name: string): StorageJob | undefined {
    return this.#jobs.get(name);
  }

  /** The job that an operator means: by JobId if `argument` is digits only, else by unique name. */
  find(argument: string): StorageJob | undefined {
    if (!/^\d+$/.test(argument)) return this.#jobs.get(argument);
    const jobId = Number(argument);
    for (const job of this.#jobs.values()) if (job.jobId === jobId) return job;
    return undefined;
  }

  /** Forgets a job; if it `ran`, it is remembered among the last that ended. */
  remove(job: StorageJob, ran: boolean, now: number): void {
    if (this.#jobs.get(job.name) === job) this.#jobs.delete(job.name);
    if (!ran) return;
    this.finished.add({
      jobId: job.jobId,
      job: job.name,
      type: job.type,
      level: job.level,
      files: job.files,
      bytes: job.bytes,
      errors: job.errors,
      status: job.status,
      endTime: now,
    });
  }
}
