import type { DirectorCatalog } from "../director_catalog.ts";
import type { CatalogResource, JobResource } from "../resources.ts";
import type { Job } from "./job.ts";

/** What decides which jobs a connection starts. */
export interface IncomingConnect {
  readonly client: string;
  readonly jobs: readonly JobResource[];
  /** Jobs that wait or run. */
  readonly underWay: readonly Job[];
  readonly firstCatalog: CatalogResource;
  catalogOf(resource: CatalogResource): DirectorCatalog;
  /** UNIX seconds. */
  readonly now: number;
}

/**
 * The jobs that start because their client has connected by itself: those whose last start is longer
 * ago than their `Run On Incoming Connect Interval` (catalog-and-jobs.md 10). One that waits or runs
 * already is not started again, however long it takes.
 */
export function jobsOnConnect(incoming: IncomingConnect): JobResource[] {
  const { client, jobs, underWay, firstCatalog, now } = incoming;
  return jobs.filter((job) => {
    const interval = job.runOnIncomingConnectInterval;
    const isMeant = job.client?.name === client && interval > 0;
    if (!isMeant || !job.enabled || job.client?.enabled === false) return false;
    if (underWay.some(({ resource }) => resource.name === job.name)) return false;
    const catalog = incoming.catalogOf(job.catalog ?? job.client?.catalog ?? firstCatalog);
    const last = catalog.one(
      `SELECT JobId FROM Job WHERE Name = ? AND JobStatus IN ('T', 'W', 'C', 'R')
       AND JobTDate > ? LIMIT 1`,
      job.name,
      now - interval,
    );
    return last === undefined;
  });
}
