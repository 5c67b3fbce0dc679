import type { Job } from "./job.ts";

/** How often limits are looked at, in milliseconds. */
export const WATCHDOG_MS = 1_000;

/** Limits of one level (catalog-and-jobs.md 9.2). */
const LEVEL_LIMITS = {
  F: "fullMaxRuntime",
  I: "incrementalMaxRuntime",
  D: "differentialMaxRuntime",
} as const;

/** The longest that a job may still take to be started; the text if it is too late. */
export function startLimit(job: Job, now: number): string | undefined {
  const { maxStartDelay } = job.resource;
  if (exceeded(maxStartDelay, job.scheduledTime, now)) {
    return "Job canceled because max start delay time exceeded.";
  }
  if (exceeded(maxRunSchedTime(job), job.firstScheduledTime, now)) {
    return "Job canceled because max run sched time exceeded.";
  }
  return undefined;
}

/**
 * The limit that a job has exceeded, as the text of its message.
 * @param absolute the director's limit for all jobs, seconds
 */
export function exceededLimit(
  job: Job,
  now: number,
  absolute: number,
): string | undefined {
  const { resource, startTime } = job;
  if (exceeded(maxRunSchedTime(job), job.firstScheduledTime, now)) {
    return "Max run sched time exceeded. Job canceled.";
  }
  if (exceeded(resource.maxWaitTime, 0, job.waitedSeconds)) {
    return "Max wait time exceeded. Job canceled.";
  }
  if (!job.isStarted || startTime === 0) return undefined;
  const ofLevel = job.level === "F" || job.level === "I" || job.level === "D"
    ? resource[LEVEL_LIMITS[job.level]]
    : 0;
  const limits = [resource.maxRunTime, ofLevel, absolute];
  return limits.some((limit) => exceeded(limit, startTime, now))
    ? "Max run time exceeded. Job canceled."
    : undefined;
}

function maxRunSchedTime(job: Job): number {
  return job.request.runLine?.maxRunSchedTime ?? job.resource.maxRunSchedTime;
}

function exceeded(limit: number, since: number, now: number): boolean {
  return limit > 0 && now - since > limit;
}
