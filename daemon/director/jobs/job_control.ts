import { JobStatus } from "../../../protocol/mod.ts";
import { type EndedJob as RememberedJob, endedJobFields, EndedJobs } from "../../ended_jobs.ts";
import { cancelAtDaemons } from "../peers/cancel_daemons.ts";
import { planCopy } from "../job_types/copy_plan.ts";
import { judgeDuplicate } from "./duplicates.ts";
import type { Job } from "./job.ts";
import type { JobEnvironment } from "./job_environment.ts";
import { createJob, determineJob, type JobMaker } from "./job_preparation.ts";
import { JobQueue } from "./job_queue.ts";
import type { JobRequest } from "./job_request.ts";
import type { JobServices } from "./job_services.ts";
import { runJob } from "./job_runner.ts";
import type { MessageChannel } from "../messages/message_channel.ts";
import type { StorageFinder } from "../job_types/restore_job.ts";
import type { JobResource } from "../resources.ts";
import { exceededLimit } from "./watchdog.ts";

/** What a job takes from the configuration under which it was made, and keeps when that changes. */
export interface JobSettings {
  readonly environment: JobEnvironment;
  readonly maker: JobMaker;
  readonly findStorage: StorageFinder;
  findJob(name: string): JobResource | undefined;
  /** All Job resources in the order of the configuration. */
  readonly allJobs: readonly JobResource[];
  /** The stream of a job's messages. */
  channelOf(job: Job): MessageChannel;
}

/** What is remembered of a job that has ended, for the status. */
export interface EndedJob extends RememberedJob {
  /** Of its Job resource. */
  readonly name: string;
  readonly uniqueName: string;
}

function endedJob(job: Job): EndedJob {
  const { counters, jobId, uniqueName, type, level, status, endTime } = job;
  return {
    ...{ jobId, name: job.resource.name, uniqueName, type, level, status, endTime },
    files: counters.fdFiles || counters.sdFiles,
    bytes: counters.fdBytes || counters.sdBytes,
    errors: job.log.errors,
  };
}

/** What the control of jobs needs from the director. */
export interface JobControlOptions {
  /** The settings now in force. */
  settings(): JobSettings;
  /** Told what goes wrong outside of jobs. */
  onProblem(error: unknown): void;
  /** How long a canceled job may take to end by itself, in milliseconds. */
  readonly cancelGraceMs?: number | undefined;
  /** How long jobs may clean up when the director stops, in milliseconds. */
  readonly stopGraceMs?: number | undefined;
}

/** How long a canceled job may take to end by itself, in milliseconds. */
const CANCEL_GRACE_MS = 5_000;
/** How long jobs have at a stop, with the scripts that clean up behind them, in milliseconds. */
const STOP_GRACE_MS = 20_000;
/** Pause between the two times that a duplicate is canceled, in milliseconds. */
const SECOND_CANCEL_MS = 500;
/** The longest time that a timer can wait, in milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** All jobs of a director, from their creation to their report (catalog-and-jobs.md 5.5, 8, 9). */
export class JobControl {
  readonly #options: JobControlOptions;
  readonly #queue: JobQueue;
  readonly #delayed = new Map<Job, ReturnType<typeof setTimeout>>();
  readonly #settings = new WeakMap<Job, JobSettings>();
  /** Every job that has not ended; one that waits, is delayed, runs or writes its report. */
  readonly #jobs = new Set<Job>();
  /** The last jobs that ended, oldest first. */
  readonly ended: EndedJobs<EndedJob> = new EndedJobs<EndedJob>({
    ...endedJobFields,
    name: "string",
    uniqueName: "string",
  });
  #isStopping = false;
  /** Jobs begun since the start. */
  jobsRun = 0;

  /** No jobs yet. */
  constructor(options: JobControlOptions) {
    this.#options = options;
    this.#queue = new JobQueue(
      () => options.settings().environment.director.maximumConcurrentJobs,
      (job) => void this.#execute(job),
    );
  }

  /** Jobs that run, wait for their turn or for their time, in this order. */
  get jobs(): readonly Job[] {
    const { running, waiting } = this.#queue;
    const queued = new Set([...running, ...waiting, ...this.#delayed.keys()]);
    const ending = [...this.#jobs].filter((job) => !queued.has(job));
    return [...running, ...ending, ...waiting, ...this.#delayed.keys()];
  }

  /**
   * Makes a job and puts it into the queue.
   * @throws if the catalog cannot be used, or if the director is ending: nobody would run the job, and who
   * waits for it would wait for ever
   */
  run(request: JobRequest): Job {
    if (this.#isStopping) throw new Error("The director is ending: it begins no more jobs.");
    const settings = this.#options.settings();
    const job = createJob(request, settings.maker);
    job.log = settings.channelOf(job);
    this.#settings.set(job, settings);
    this.#jobs.add(job);
    this.jobsRun++;
    try {
      determineJob(job, settings.maker);
      if ("cg".includes(job.type) && request.jobIds !== undefined) {
        job.copy = planCopy(job, settings.environment, this.#services(settings));
      }
      this.#controlDuplicates(job);
    } catch (error) {
      job.fail(error);
    }
    if (job.isCanceled) void this.#execute(job);
    else this.#admit(job);
    return job;
  }

  /** Cancels a job that waits or runs, at the daemons too; what they answer goes to `print`. */
  async cancel(job: Job, print: (text: string) => void = () => {}): Promise<void> {
    if (this.#withdraw(job)) {
      job.setStatus(JobStatus.Canceled);
      await this.#execute(job);
      return;
    }
    job.cancel(this.#options.cancelGraceMs ?? CANCEL_GRACE_MS);
    const { environment } = this.#settings.get(job) ?? this.#options.settings();
    await cancelAtDaemons(job, environment, ["client", "storage"], print);
  }

  /** Cancels jobs that take or wait too long (9.2). */
  watch(): void {
    for (const job of this.jobs) {
      const { environment } = this.#settings.get(job) ?? this.#options.settings();
      const limit = environment.director.absoluteJobTimeout;
      const text = exceededLimit(job, environment.now(), limit);
      if (text === undefined || job.isOverdue) continue;
      if (job.isEnding ? !job.endPrograms.isRunning : job.isCanceled) continue;
      job.isOverdue = true;
      if (job.isEnding) job.log.error(text.replace("Job canceled.", "The job's work was over."));
      else job.log.fatal(text);
      void this.cancel(job);
    }
  }

  /**
   * Cancels all jobs and waits until each has written its report. Scripts that run behind a job now end
   * now, those that a job begins meanwhile when their time is up.
   */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#queue.close();
    const { jobs } = this;
    const timer = setTimeout(() => {
      for (const job of jobs) job.endPrograms.forbid("the director stops");
    }, this.#options.stopGraceMs ?? STOP_GRACE_MS);
    try {
      await Promise.all(jobs.map((job) => this.cancel(job)));
      await Promise.all(jobs.map((job) => job.done));
    } finally {
      clearTimeout(timer);
    }
  }

  /** For jobs that make jobs. */
  #services(settings: JobSettings): JobServices {
    return {
      run: (request) => this.run(request).jobId,
      makePart: (request, owner) => {
        const part = createJob(request, settings.maker);
        part.log = owner.log.partOf(part.jobId);
        return part;
      },
      findJob: settings.findJob,
      findStorage: settings.findStorage,
      jobs: settings.allJobs,
    };
  }

  /** Decides between a new job and others of the same name (8). */
  #controlDuplicates(job: Job): void {
    const verdict = judgeDuplicate(job, this.jobs);
    if (verdict.kind === "refuse") {
      job.log.fatal(verdict.why);
      job.setStatus(JobStatus.Canceled);
    } else if (verdict.kind === "cancel") {
      job.log.info(`Cancelling duplicate JobId=${verdict.other.jobId}.`);
      this.#cancelTwice(verdict.other).catch((error) => this.#options.onProblem(error));
    }
  }

  /** The second time reaches daemons that the job had not yet told of itself the first time. */
  async #cancelTwice(job: Job): Promise<void> {
    await this.cancel(job);
    const pause = Promise.withResolvers<void>();
    const timer = setTimeout(pause.resolve, SECOND_CANCEL_MS);
    await Promise.race([pause.promise, job.done]);
    clearTimeout(timer);
    if (!job.isEnding) await this.cancel(job); // what cleans up behind it goes on
  }

  /** Puts a job into the queue now or when its time has come. */
  #admit(job: Job): void {
    const seconds = job.scheduledTime - this.#options.settings().environment.now();
    if (seconds <= 0) {
      this.#delayed.delete(job);
      this.#queue.add(job);
      return;
    }
    if (job.status !== JobStatus.WaitingForStartTime) {
      job.log.info(
        `Job ${job.uniqueName} waiting ${seconds} seconds for scheduled start time.`,
      );
      job.setStatus(JobStatus.WaitingForStartTime);
    }
    const wait = Math.min(seconds * 1000, MAX_TIMER_MS);
    this.#delayed.set(job, setTimeout(() => this.#admit(job), wait));
  }

  /** Takes a job that has not started out of its waiting place; `false` if it has. */
  #withdraw(job: Job): boolean {
    const timer = this.#delayed.get(job);
    clearTimeout(timer);
    return this.#delayed.delete(job) || this.#queue.remove(job);
  }

  async #execute(job: Job): Promise<void> {
    const settings = this.#settings.get(job) ?? this.#options.settings();
    await runJob(job, { ...settings, services: this.#services(settings) });
    this.#jobs.delete(job);
    this.ended.add(endedJob(job));
    this.#queue.ended(job);
    job.markDone();
    if (this.#isStopping || job.nextAttempt === undefined) return;
    try {
      this.run(job.nextAttempt);
    } catch (error) {
      this.#options.onProblem(error);
    }
  }
}
