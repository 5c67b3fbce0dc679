import { JOB_LEVELS } from "../../../protocol/mod.ts";
import { catalogTime } from "../report/formats.ts";

/** A job that ran before, as far as level selection needs it. */
export interface PriorJob {
  /** Letter of its level. */
  readonly level: string;
  /** The unique job name. */
  readonly job: string;
  /** UNIX seconds. */
  readonly startTime: number;
}

/** The catalog's knowledge of earlier runs with the same Job, Client, FileSet and Type. */
export interface PriorJobs {
  /** The newest by StartTime with one of these levels that ended T or W. */
  newestGood(levels: readonly string[]): PriorJob | undefined;
  /** The newest by StartTime with one of these levels that ended (or is) neither T nor W. */
  newestFailed(levels: readonly string[]): PriorJob | undefined;
}

/** What the Job resource and the run command say about the level. */
export interface LevelWish {
  /** Letter of the wanted level. */
  readonly level: string;
  /** A since time on the run command, UNIX seconds. */
  readonly since?: number | undefined;
  /** Intervals in seconds; 0 or `undefined` means off. */
  readonly maxFullInterval?: number | undefined;
  readonly maxVirtualFullInterval?: number | undefined;
  readonly maxDiffInterval?: number | undefined;
  readonly rerunFailedLevels: boolean;
}

/** The level at which a backup runs. */
export interface ChosenLevel {
  readonly level: string;
  /** UNIX seconds; 0 for a Full. */
  readonly since: number;
  /** Unique name of the job from which the since time is taken. */
  readonly previousJob: string | undefined;
  /** Whether the level is another one than wished for: level pools are forced then. */
  readonly isUpgraded: boolean;
  /** What follows the level's name in the report. */
  readonly note: string;
  /** Info messages for the job log. */
  readonly messages: readonly string[];
}

const NO_SUITABLE = "No prior or suitable";

/**
 * Decides at which level a backup runs (catalog-and-jobs.md 6.2).
 *
 * One deviation, from section 27: an Incremental upgraded to Differential starts at the last Full,
 * since otherwise Full + Differential would miss files.
 */
export function chooseLevel(wish: LevelWish, prior: PriorJobs, now: number): ChosenLevel {
  const { level } = wish;
  if (level !== "I" && level !== "D") return asWished(level);
  if (wish.since !== undefined) {
    const since = catalogTime(wish.since);
    return {
      ...asWished(level),
      since: wish.since,
      note: `, since=${since}`,
      messages: [`Using since time from command line ${since} (${since})`],
    };
  }
  const full = prior.newestGood(["F"]);
  if (full === undefined) {
    return upgraded(level, "F", 0, undefined, [
      "No prior Full backup Job record found.",
      `${NO_SUITABLE} Full backup found in catalog. Doing FULL backup.`,
    ]);
  }
  const base = level === "D" ? full : prior.newestGood(["I", "D", "F"]) ?? full;

  if (isDue(wish.maxFullInterval, full.startTime, now)) {
    const message = `${NO_SUITABLE} Full backup found in catalog. Doing FULL backup.`;
    return upgraded(level, "F", 0, undefined, [message]);
  }
  const hasFullInterval = (wish.maxFullInterval ?? 0) > 0;
  if (!hasFullInterval && isDue(wish.maxVirtualFullInterval, full.startTime, now)) {
    const message = `${NO_SUITABLE} Full backup found in catalog. Doing Virtual FULL backup.`;
    return upgraded(level, "f", base.startTime, base.job, [message]);
  }
  if (level === "I" && (wish.maxDiffInterval ?? 0) > 0) {
    const differential = prior.newestGood(["D"]);
    const last = Math.max(full.startTime, differential?.startTime ?? 0);
    if (isDue(wish.maxDiffInterval, last, now)) {
      const message =
        `${NO_SUITABLE} Differential backup found in catalog. Doing Differential backup.`;
      return upgraded(level, "D", full.startTime, full.job, [message]);
    }
  }
  if (wish.rerunFailedLevels) {
    const failed = prior.newestFailed(["F", "D"]);
    if (failed !== undefined && failed.startTime > base.startTime && failed.level !== level) {
      const message = `Prior failed job found in catalog. Upgrading to ${
        JOB_LEVELS[failed.level]?.keyword
      }.`;
      return failed.level === "F"
        ? upgraded(failed.level, "F", 0, undefined, [message])
        : upgraded(failed.level, failed.level, full.startTime, full.job, [message]);
    }
  }
  return {
    level,
    since: base.startTime,
    previousJob: base.job,
    isUpgraded: false,
    note: `, since=${catalogTime(base.startTime)}`,
    messages: [],
  };
}

function isDue(interval: number | undefined, last: number, now: number): boolean {
  return interval !== undefined && interval > 0 && now - last >= interval;
}

function asWished(level: string): ChosenLevel {
  return { level, since: 0, previousJob: undefined, isUpgraded: false, note: "", messages: [] };
}

function upgraded(
  from: string,
  level: string,
  since: number,
  previousJob: string | undefined,
  messages: readonly string[],
): ChosenLevel {
  const note = ` (upgraded from ${JOB_LEVELS[from]?.keyword ?? from})`;
  return { level, since, previousJob, isUpgraded: true, note, messages };
}
