import { copyWords } from "./copy_words.ts";
import { selectJobs } from "./copy_selection.ts";
import type { Job } from "../jobs/job.ts";
import type { JobServices } from "../jobs/job_services.ts";

/**
 * The job that an operator or a schedule starts: it selects jobs and starts a worker for each
 * (catalog-and-jobs.md 16.1).
 * @throws {JobFailure} if the directives do not say what to select
 */
export async function runCopyControl(
  job: Job,
  services: JobServices,
  now: number,
): Promise<void> {
  const { operation, action, done } = copyWords(job.type);
  const { resource, catalog, request } = job;
  const found = await selectJobs({
    job: resource,
    catalog,
    pool: job.pool.resource,
    poolId: job.poolId,
    now,
    abort: job.givenUp,
  });
  if (found.length === 0) {
    job.log.info(`No JobIds found to ${action}.`);
    return;
  }
  const were = found.length === 1 ? " was" : "s were";
  job.log.info(
    `The following ${found.length} JobId${were} chosen to be ${done}: ${found.join(",")}`,
  );
  const { maxConcurrentCopies: most } = resource;
  for (const jobId of most > 0 ? found.slice(0, most) : found) {
    if (job.isCanceled) return;
    job.log.info(`Using Catalog "${job.catalogResource.resource.name}"`);
    const worker = services.run({
      job: resource,
      trigger: "User",
      pool: request.pool,
      poolSource: request.poolSource,
      nextPool: request.nextPool ?? request.runLine?.nextPool,
      jobIds: [jobId],
      ignoreDuplicateCheck: true,
    });
    job.log.info(`Job queued. JobId=${worker}`);
    job.log.info(`${operation} JobId ${worker} started.`);
  }
}
