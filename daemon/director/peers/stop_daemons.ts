import { messageOf } from "../../../bytes/mod.ts";
import { AFTER_FAILURE_MS, cancelAtDaemons } from "./cancel_daemons.ts";
import type { ClientJob } from "./client_job.ts";
import type { Job } from "../jobs/job.ts";
import type { JobEnvironment } from "../jobs/job_environment.ts";
import type { StorageJob } from "./storage_job.ts";

/** What of a job is under way at the daemons. */
export interface DaemonsAtWork {
  /** As messages name the job: `Backup`, `Restore`, `Verify`. */
  readonly what: string;
  readonly clientJob: ClientJob | undefined;
  readonly storageJob: StorageJob | undefined;
}

/**
 * Tells why a job cannot go on and ends what it has begun at the daemons, so that it leaves nothing
 * behind: the client's session is read to its end, then both are told to cancel.
 */
export async function stopDaemons(
  job: Job,
  environment: JobEnvironment,
  error: unknown,
  { what, clientJob, storageJob }: DaemonsAtWork,
): Promise<void> {
  job.fail(error);
  job.abortLater(AFTER_FAILURE_MS, messageOf(error));
  await clientJob?.endedAfterFailure(what);
  const unfinished = clientJob?.hasEnded ? ["storage"] as const : ["client", "storage"] as const;
  await cancelAtDaemons(job, environment, unfinished);
  await storageJob?.ended().catch(() => {}); // it is the first failure that counts
}
