import type { JobRequest } from "../jobs/job_request.ts";
import type { Picked } from "../jobs/job.ts";
import type {
  CatalogResource,
  ClientResource,
  JobResource,
  PoolResource,
  RunLine,
  StorageResource,
} from "../resources.ts";

interface LevelPool {
  readonly name: string;
  readonly ofRun: (run: RunLine) => PoolResource | undefined;
  readonly ofJob: (job: JobResource) => PoolResource | undefined;
}

/** The pools by level, and how reports call them. */
const LEVEL_POOLS: Readonly<Record<string, LevelPool>> = {
  F: { name: "FullPool", ofRun: (run) => run.fullPool, ofJob: (job) => job.fullBackupPool },
  f: {
    name: "VFullPool",
    ofRun: (run) => run.virtualFullPool,
    ofJob: (job) => job.virtualFullBackupPool,
  },
  I: {
    name: "IncPool",
    ofRun: (run) => run.incrementalPool,
    ofJob: (job) => job.incrementalBackupPool,
  },
  D: {
    name: "DiffPool",
    ofRun: (run) => run.differentialPool,
    ofJob: (job) => job.differentialBackupPool,
  },
};

/**
 * The pool that a backup of this level writes to (catalog-and-jobs.md 7).
 * @param isUpgraded whether the level is another one than wished for, which forces level pools
 */
export function choosePool(
  request: JobRequest,
  level: string,
  isUpgraded: boolean,
): Picked<PoolResource> {
  const { job, runLine, pool } = request;
  const byLevel = LEVEL_POOLS[level];
  if (pool !== undefined && !isUpgraded) {
    return { resource: pool, source: request.poolSource ?? "command line" };
  }
  if (runLine?.pool !== undefined && !hasLevelPools(runLine)) {
    return { resource: runLine.pool, source: "Run Pool override" };
  }
  if (job.type === "B" && byLevel !== undefined) {
    const ofRun = runLine && byLevel.ofRun(runLine);
    if (ofRun !== undefined) return { resource: ofRun, source: `Run ${byLevel.name} override` };
    const ofJob = byLevel.ofJob(job);
    if (ofJob !== undefined) return { resource: ofJob, source: `Job ${byLevel.name} override` };
  }
  if (pool !== undefined) return { resource: pool, source: request.poolSource ?? "command line" };
  if (runLine?.pool !== undefined) return { resource: runLine.pool, source: "Run Pool override" };
  return { resource: job.pool, source: "Job resource" };
}

function hasLevelPools(run: RunLine): boolean {
  return Object.values(LEVEL_POOLS).some(({ ofRun }) => ofRun(run) !== undefined);
}

/** The storage of a job: what was asked for, else the pool's, else the job's. */
export function chooseStorage(
  request: JobRequest,
  pool: PoolResource,
): Picked<StorageResource> | undefined {
  const { job, runLine, storage } = request;
  if (storage !== undefined) {
    return { resource: storage, source: request.storageSource ?? "command line" };
  }
  if (runLine?.storage !== undefined) {
    return { resource: runLine.storage, source: "Run storage override" };
  }
  const [ofPool] = pool.storage;
  if (ofPool !== undefined) return { resource: ofPool, source: "Pool resource" };
  const [ofJob] = job.storage;
  return ofJob && { resource: ofJob, source: "Job resource" };
}

/** The catalog of a job: the pool's over the job's over the client's over the first one. */
export function chooseCatalog(
  request: JobRequest,
  pool: PoolResource,
  client: ClientResource | undefined,
  first: CatalogResource,
): Picked<CatalogResource> {
  const wishes: readonly [CatalogResource | undefined, string][] = [
    [request.catalog, "command line"],
    [pool.catalog, "Pool resource"],
    [request.job.catalog, "Job resource"],
    [client?.catalog, "Client resource"],
  ];
  for (const [resource, source] of wishes) {
    if (resource !== undefined) return { resource, source };
  }
  return { resource: first, source: "Default catalog" };
}
