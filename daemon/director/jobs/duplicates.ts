import type { Job } from "./job.ts";

/** What is to become of a new job beside others of the same name. */
export type DuplicateVerdict =
  | { readonly kind: "run" }
  | { readonly kind: "refuse"; readonly other: Job; readonly why: string }
  | { readonly kind: "cancel"; readonly other: Job };

const QUEUED: ReadonlySet<string> = new Set(["C", "j", "c", "s", "p", "d", "t"]);
const RANK: Readonly<Record<string, number>> = { F: 3, D: 2, I: 1 };

/**
 * Duplicate job control (catalog-and-jobs.md 8): the first other job of the same name decides, and of two
 * consolidations of the same backups the first.
 * @param others jobs that wait or run
 */
export function judgeDuplicate(job: Job, others: readonly Job[]): DuplicateVerdict {
  const { resource, request } = job;
  for (const other of others) {
    if (other !== job && consolidatesTheSame(job, other)) {
      const of = `Client "${job.client?.name}" and FileSet "${job.fileSet?.name}"`;
      return refuse(other, `Duplicate consolidation job of ${of} not allowed.`);
    }
  }
  if (resource.allowDuplicateJobs || request.ignoreDuplicateCheck) return { kind: "run" };
  for (const other of others) {
    if (other === job || other.resource.name !== resource.name) continue;
    if (other.request.ignoreDuplicateCheck) continue;
    return judge(job, other);
  }
  return { kind: "run" };
}

/** Virtual fulls of Always Incremental jobs must not merge the same backups twice. */
function consolidatesTheSame(job: Job, other: Job): boolean {
  const isOne = ({ level, resource }: Job) => level === "f" && resource.alwaysIncremental;
  return isOne(job) && isOne(other) && job.client === other.client &&
    job.fileSet === other.fileSet;
}

function refuse(other: Job, why = "Duplicate job not allowed."): DuplicateVerdict {
  return { kind: "refuse", other, why: `JobId ${other.jobId} already running. ${why}` };
}

function judge(job: Job, other: Job): DuplicateVerdict {
  const { resource } = job;
  if (resource.cancelLowerLevelDuplicates && job.type === "B" && other.type === "B") {
    const mine = RANK[job.level] ?? 0;
    const theirs = RANK[other.level] ?? 0;
    if (mine > theirs && theirs > 0) return { kind: "cancel", other };
    if (mine < theirs && mine > 0) return refuse(other);
  }
  const isQueued = QUEUED.has(other.status) && !other.isStarted;
  if (resource.cancelQueuedDuplicates && isQueued) return { kind: "cancel", other };
  if (resource.cancelRunningDuplicates) return { kind: "cancel", other };
  return refuse(other);
}
