import { catalogTime } from "../report/formats.ts";
import type { Job } from "../jobs/job.ts";
import type { JobServices } from "../jobs/job_services.ts";
import type { JobResource } from "../resources.ts";

/** What a Consolidate job has done so far. */
interface Progress {
  /** Full backups that were consolidated in this run. */
  fulls: number;
}

/**
 * A Consolidate job: starts a virtual full for every Always Incremental job that has more old
 * incrementals than it is to keep (catalog-and-jobs.md 15.2).
 */
export function runConsolidate(job: Job, services: JobServices, now: number): void {
  const progress: Progress = { fulls: 0 };
  for (const resource of services.jobs) {
    if (!resource.alwaysIncremental) continue;
    job.log.info(`Looking at always incremental job ${resource.name}`);
    consolidate(job, resource, services, now, progress);
  }
}

function consolidate(
  job: Job,
  resource: JobResource,
  services: JobServices,
  now: number,
  progress: Progress,
): void {
  const { catalog, log } = job;
  const { name, alwaysIncrementalJobRetention: retention } = resource;
  const until = now - retention;
  if (retention > 0) {
    log.info(`${name}: considering jobs older than ${catalogTime(until)} for consolidation.`);
  }
  const old = chainOf(job, resource, until);
  const empty = old.filter((jobId) => catalog.job(jobId)?.jobFiles === 0);
  const all = chainOf(job, resource, now);
  if (empty.length > 0) {
    log.info(`${name}: purging empty jobids ${empty.join(",")}`);
    catalog.deleteJobs(empty);
  }
  const incrementals = all.length - empty.length - 1;
  if (incrementals < 1 || incrementals <= resource.alwaysIncrementalKeepNumber) {
    log.info(`${name}: less incrementals than required, not consolidating`);
    return;
  }
  const most = incrementals - resource.alwaysIncrementalKeepNumber + 1;
  let list = old.filter((jobId) => !empty.includes(jobId)).slice(0, most);
  if (list.length < 2) {
    log.info(`${name}: less than two jobs to consolidate found, doing nothing.`);
    return;
  }
  if (!takesFull(job, resource, list, now, progress)) list = list.slice(1);
  if (list.length < 2) {
    log.info(`${name}: less than two jobs to consolidate found, doing nothing.`);
    return;
  }
  log.info(`${name}: Start new consolidation`);
  const jobId = services.run({
    job: resource,
    trigger: "User",
    level: "f",
    jobIds: list,
    priority: job.priority,
    accurate: job.isAccurate,
    spoolData: job.request.spoolData ?? job.resource.spoolData,
    ignoreDuplicateCheck: true,
  });
  log.info(`Job queued. JobId=${jobId}`);
  log.info(`${name} JobId ${jobId} started.`);
}

/** Whether the full backup at the head of the list is merged with the incrementals. */
function takesFull(
  job: Job,
  resource: JobResource,
  [full = 0]: readonly number[],
  now: number,
  progress: Progress,
): boolean {
  const { alwaysIncrementalMaxFullAge: maximumAge } = resource;
  if (maximumAge === 0) return true;
  const jobTDate = job.catalog.job(full)?.jobTDate ?? 0;
  if (jobTDate > now - maximumAge) return false;
  const { maxFullConsolidations } = job.resource;
  if (maxFullConsolidations > 0 && progress.fulls >= maxFullConsolidations) return false;
  progress.fulls++;
  return true;
}

/** The jobs that make up the state at `before`, oldest first. */
function chainOf({ catalog }: Job, { client, fileSet }: JobResource, before: number): number[] {
  if (client === undefined || fileSet === undefined) return [];
  return catalog.currentJobs({
    clientId: catalog.client(client).clientId,
    fileSetName: fileSet.name,
    level: "I",
    before,
  });
}
