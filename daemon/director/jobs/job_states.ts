import { JobStatus } from "../../../protocol/mod.ts";

const FINAL: ReadonlySet<string> = new Set([
  JobStatus.Terminated,
  JobStatus.Warnings,
  JobStatus.ErrorTerminated,
  JobStatus.Error,
  JobStatus.FatalError,
  JobStatus.Canceled,
  JobStatus.Differences,
  JobStatus.Incomplete,
]);

/** Whether a status in the catalog is one that a job ends with (catalog-and-jobs.md 5.4). */
export function isJobFinal(status: string): boolean {
  return FINAL.has(status);
}
