/**
 * Where copies, migrations and virtual full backups go (catalog-and-jobs.md 15.1, 16.3).
 *
 * @module
 */
import { JobFailure } from "../jobs/job_failure.ts";
import type { Destination } from "../jobs/job.ts";
import type { JobRequest } from "../jobs/job_request.ts";
import type { PoolResource, StorageResource } from "../resources.ts";

/** The Next Pool of a job that reads `readPool`. @throws {JobFailure} if there is none, or no storage */
export function chooseNextPool(request: JobRequest, readPool: PoolResource): Destination {
  const { job, runLine, nextPool } = request;
  const wishes: readonly [PoolResource | undefined, string, string][] = [
    [nextPool ?? runLine?.nextPool, "Run NextPool override", "Run NextPool override"],
    [job.nextPool, "Job's NextPool resource", "Job's NextPool resource"],
    [readPool.nextPool, "Job Pool's NextPool resource", "Pool's NextPool resource"],
  ];
  for (const [pool, source, short] of wishes) {
    if (pool === undefined) continue;
    const [storage] = pool.storage;
    if (storage === undefined) {
      throw new JobFailure(`No Storage specification found in Next Pool "${pool.name}".`);
    }
    return {
      pool: { resource: pool, source },
      storage: { resource: storage, source: `Storage from ${short}` },
    };
  }
  throw new JobFailure(`No Next Pool specification found in Pool "${readPool.name}".`);
}

/** Whether two Storage resources are one daemon (storage-daemon.md 8.1). */
export function isSameDaemon(a: StorageResource, b: StorageResource): boolean {
  return a.address === b.address && a.port === b.port && a.password.key === b.password.key;
}
