/**
 * Base jobs (catalog-and-jobs.md 12.3): a Full leaves out what a job of level Base has saved of the same
 * files, of this client or of another.
 *
 * @module
 */
import { BaseFileWriter } from "../../../storage/catalog/mod.ts";
import type { ClientJob } from "../peers/client_job.ts";
import { needsBaseDigests } from "../peers/fileset_lines.ts";
import { longRead } from "../long_reads.ts";
import type { Job } from "../jobs/job.ts";

/**
 * Tells the client of a Full what its base jobs have saved, and prepares the job to take what is as it
 * was. Without a base job that has run, and with a client that knows none, everything is saved.
 * @throws {JobFailure}
 */
export async function sendBaseList(job: Job, clientJob: ClientJob): Promise<void> {
  const { catalog, log, resource } = job;
  if (resource.base.length === 0) return;
  const jobIds = newestBaseJobs(job);
  if (jobIds.length === 0) return;
  if (!clientJob.knowsBaseJobs) {
    log.warning(
      `Client "${job.client?.name}" runs a version of Bareos that knows no base jobs. Everything is saved.`,
    );
    return;
  }
  log.info(`Using BaseJobId(s): ${jobIds.join(",")}`);
  const files = new BaseFileWriter(catalog, job.jobId, jobIds);
  job.base = { jobIds, total: 0, files };
  const estimated = jobIds.reduce((sum, id) => sum + (catalog.job(id)?.jobFiles ?? 0), 0);
  const withDigest = needsBaseDigests(job.fileSet);
  const known = longRead(catalog, { kind: "currentFiles", jobIds, withDeleted: false }, {
    abort: job.givenUp,
  });
  const total = await clientJob.sendAccurateList(known, estimated, withDigest);
  job.base = { jobIds, total, files };
}

/** The newest good run at level Base of each job that `Base` names. */
function newestBaseJobs({ catalog, log, resource, jobId: own }: Job): number[] {
  const found: number[] = [];
  for (const { name } of resource.base) {
    const newest = catalog.newestJob({ name, type: "B", levels: ["B"], isGood: true });
    if (newest === undefined) {
      log.info(`No Base backup of job "${name}" found in catalog.`);
    } else if (newest.purgedFiles) {
      log.warning(
        `The files of Base backup ${newest.jobId} of job "${name}" have been purged from the catalog.`,
      );
    } else if (newest.jobId !== own) found.push(newest.jobId);
  }
  return found;
}
