import { periodWords } from "../report/formats.ts";
import type { Job } from "../jobs/job.ts";

/**
 * Prunes what the client's jobs have left behind, after every job that has a client
 * (catalog-and-jobs.md 20.2, 20.3).
 * @param now UNIX seconds
 */
export function autoPrune(job: Job, now: number): void {
  const { client, resource, catalog } = job;
  if (client === undefined) return;
  const prunesJobs = resource.pruneJobs || client.autoPrune;
  const prunesFiles = resource.pruneFiles || client.autoPrune;
  if (!prunesJobs && !prunesFiles) return;
  const pool = job.pool.resource;
  if (prunesJobs) {
    const period = pool.jobRetention || client.jobRetention;
    job.log.info(`Begin pruning Jobs older than ${periodWords(period)}.`);
    const old = catalog.prunableJobs(job.clientId, now - period, false);
    catalog.deleteJobs(old);
    job.log.info(
      old.length === 0
        ? "No Jobs found to prune."
        : `Pruned ${old.length} Jobs for client ${client.name} from catalog.`,
    );
  }
  if (prunesFiles) {
    const period = pool.fileRetention || client.fileRetention;
    job.log.info("Begin pruning Files.");
    const old = catalog.prunableJobs(job.clientId, now - period, true);
    catalog.purgeFiles(old);
    job.log.info(
      old.length === 0
        ? "No Files found to prune."
        : `Pruned Files from ${old.length} Jobs for client ${client.name} from catalog.`,
    );
  }
  job.log.info("End auto prune.\n\n");
}
