/**
 * A job's life, whatever its type (catalog-and-jobs.md 6 to 11): `job_control.ts` makes it,
 * `job_preparation.ts` and `level_selection.ts` settle level, pool and storage, `duplicates.ts` and
 * `quota.ts` may refuse it, `job_queue.ts` starts it when its limits allow, `job_runner.ts` leads it
 * from its start to its report, `watchdog.ts` ends it when it takes too long, `reschedule.ts` says
 * whether it is tried again. What it does meanwhile is its type's affair (`../job_types/`).
 *
 * @module
 */
export { type Claimed, type DeviceClaim, DeviceClaims, type GivingWay } from "./device_claims.ts";
export { Job } from "./job.ts";
export { type EndedJob, JobControl } from "./job_control.ts";
export { JobQueue } from "./job_queue.ts";
