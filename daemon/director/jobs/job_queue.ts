import { JobStatus } from "../../../protocol/mod.ts";
import type { StorageResource } from "../resources.ts";
import type { Job } from "./job.ts";

/** How often waiting jobs are looked at when nothing changes, in milliseconds. */
const SCAN_MS = 2000;

/** What a running job counts for. */
interface Use {
  /** Tells resources apart, and what of them is limited. */
  readonly key: string;
  /** How many jobs may use it at a time; 0 for any number. */
  readonly limit: number;
  /** Letter of the status of a job that waits for it. */
  readonly waiting: string;
}

function use(
  resource: { readonly name: string; readonly maximumConcurrentJobs: number },
  waiting: string,
): Use {
  return { key: `${waiting} ${resource.name}`, limit: resource.maximumConcurrentJobs, waiting };
}

/** A storage, and its own limit of jobs that read. */
function storageUses(resource: StorageResource, isRead: boolean): Use[] {
  const waiting = JobStatus.WaitingForStorageResource;
  const whole = use(resource, waiting);
  const limit = resource.maximumConcurrentReadJobs;
  return isRead ? [whole, { key: `read ${resource.name}`, limit, waiting }] : [whole];
}

/**
 * Jobs that wait for their turn, and those that run (catalog-and-jobs.md 9.1).
 *
 * Jobs start in the order of their priority number, then of their arrival, as far as the limits of
 * storage, client and job allow. A job of a worse priority waits until no better one runs.
 */
export class JobQueue {
  readonly #maximum: () => number;
  readonly #start: (job: Job) => void;
  #waiting: Job[] = [];
  readonly #running = new Set<Job>();
  readonly #uses = new Map<string, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  /**
   * An empty queue.
   * @param maximum jobs that may run at once
   * @param start runs a job; it calls {@linkcode ended} when the job is over
   */
  constructor(maximum: () => number, start: (job: Job) => void) {
    this.#maximum = maximum;
    this.#start = start;
  }

  /** The jobs that wait, in their order. */
  get waiting(): readonly Job[] {
    return this.#waiting;
  }

  /** The jobs that run, in the order in which they were started. */
  get running(): readonly Job[] {
    return [...this.#running];
  }

  /** Adds a job behind those of the same priority. */
  add(job: Job): void {
    let at = this.#waiting.findIndex((other) => other.priority > job.priority);
    if (at < 0) at = this.#waiting.length;
    this.#waiting.splice(at, 0, job);
    this.scan();
  }

  /** Takes a waiting job out; `false` if it does not wait. The caller ends it. */
  remove(job: Job): boolean {
    const at = this.#waiting.indexOf(job);
    if (at < 0) return false;
    this.#waiting.splice(at, 1);
    return true;
  }

  /** Says that a running job is over: others may start. */
  ended(job: Job): void {
    if (!this.#running.delete(job)) return;
    this.#count(usesOf(job), -1);
    this.scan();
  }

  /** Starts no more jobs. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  /** Starts what may start now. */
  scan(): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    for (const job of [...this.#waiting]) {
      if (!this.#mayRun(job)) break;
      this.#tryStart(job);
    }
    if (this.#waiting.length > 0) this.#timer = setTimeout(() => this.scan(), SCAN_MS);
  }

  /** Whether the job's priority allows it to run now; sets its status if not. */
  #mayRun(job: Job): boolean {
    const [first] = this.#running;
    const reference = first?.priority ?? this.#waiting[0]?.priority ?? job.priority;
    if (job.priority === reference) return true;
    const isMixed = job.priority < reference && job.resource.allowMixedPriority &&
      [...this.#running].every((running) => running.resource.allowMixedPriority);
    if (!isMixed) job.setStatus(JobStatus.WaitingForPriority);
    return isMixed;
  }

  #tryStart(job: Job): void {
    const uses = usesOf(job);
    for (const { key, limit, waiting } of uses) {
      if (limit > 0 && (this.#uses.get(key) ?? 0) >= limit) {
        job.setStatus(waiting);
        return;
      }
    }
    if (this.#running.size >= this.#maximum()) {
      job.setStatus(JobStatus.WaitingForMaximumJobs);
      return;
    }
    this.#count(uses, 1);
    this.remove(job);
    this.#running.add(job);
    job.isStarted = true;
    this.#start(job);
  }

  #count(uses: readonly Use[], change: 1 | -1): void {
    for (const { key } of uses) {
      this.#uses.set(key, (this.#uses.get(key) ?? 0) + change);
    }
  }
}

/** What a job needs, in the order in which it is acquired. */
function usesOf(job: Job): Use[] {
  const uses: Use[] = [];
  const hasData = job.type === "B" || job.type === "R" || (job.type === "V" && job.level === "O");
  if (job.copy?.data !== undefined) {
    const { readStorage, destination } = job.copy;
    const [read, written] = [readStorage.resource, destination.storage.resource];
    uses.push(...storageUses(read, true), ...(read === written ? [] : storageUses(written, false)));
  }
  if (hasData && job.storage !== undefined) {
    uses.push(...storageUses(job.storage.resource, job.type !== "B"));
  }
  if (job.client !== undefined && !"cgO".includes(job.type)) {
    uses.push(use(job.client, JobStatus.WaitingForClientResource));
  }
  uses.push(use(job.resource, JobStatus.WaitingForJobResource));
  return uses;
}
