/** How much a client may have saved (catalog-and-jobs.md 21). @module */
import type { Job } from "./job.ts";
import { JobFailure } from "./job_failure.ts";
import type { QuotaFacts } from "../report/report.ts";
import type { ClientResource } from "../resources.ts";

/** Jobs scheduled this long after the end of the retention do not count yet, in seconds. */
const MARGIN = 5;

/** Whether a client has a quota. */
function hasQuota(client: ClientResource | undefined): client is ClientResource {
  return client !== undefined && (client.hardQuota > 0 || client.softQuota > 0);
}

/**
 * Tests the quotas of a backup that starts, and tells how much its storage daemon may write:
 * `undefined` for no limit.
 * @param now UNIX seconds
 * @throws {JobFailure} if nothing more may be saved
 */
export function testQuotas(job: Job, now: number): number | undefined {
  const { client, catalog, clientId } = job;
  if (!hasQuota(client)) return undefined;
  const used = usedBy(job, client, now);
  if (!client.quotaIncludeFailedJobs) job.log.info("Quota does NOT include Failed Jobs");
  if (client.hardQuota > 0 && used > client.hardQuota) {
    throw new JobFailure("Quota Exceeded. Job terminated.");
  }
  if (!testSoftQuota(job, client, used, now)) {
    throw new JobFailure("Soft Quota exceeded / Grace Time expired. Job terminated.");
  }
  const { graceTime, quotaLimit } = catalog.quota(clientId);
  const limits = client.hardQuota > 0 ? [client.hardQuota] : [];
  if (graceTime > 0 && now > graceTime + client.softQuotaGracePeriod) {
    limits.push(client.strictQuotas ? client.softQuota : Math.max(quotaLimit, client.softQuota));
  }
  // 0 would mean no limit to the storage daemon.
  return limits.length === 0 ? undefined : Math.max(1, Math.min(...limits) - used);
}

/** Looks at the soft quota again after a backup, so that the grace period starts. */
export function retestSoftQuota(job: Job, now: number): void {
  const { client } = job;
  if (!hasQuota(client)) return;
  testSoftQuota(job, client, usedBy(job, client, now) + job.counters.sdBytes, now);
}

/** What the report of a backup tells; nothing for a client without quotas. */
export function quotaFacts(job: Job, now: number): QuotaFacts | undefined {
  const { client } = job;
  if (job.type !== "B" || !hasQuota(client)) return undefined;
  const { graceTime, quotaLimit } = job.catalog.quota(job.clientId);
  return {
    used: usedBy(job, client, now) + job.counters.sdBytes,
    burst: quotaLimit,
    soft: client.softQuota,
    hard: client.hardQuota,
    graceEnd: graceTime === 0 ? 0 : graceTime + client.softQuotaGracePeriod,
  };
}

function usedBy(job: Job, client: ClientResource, now: number): number {
  return job.catalog.usedBytes({
    clientId: job.clientId,
    exceptJobId: job.jobId,
    since: now - client.jobRetention + MARGIN,
    includeFailed: client.quotaIncludeFailedJobs,
  });
}

/** `false` if the soft quota ends the job. */
function testSoftQuota(job: Job, client: ClientResource, used: number, now: number): boolean {
  const { softQuota, softQuotaGracePeriod, strictQuotas } = client;
  if (softQuota === 0 || softQuotaGracePeriod === 0) return true;
  const { catalog, clientId, log } = job;
  const { graceTime, quotaLimit } = catalog.quota(clientId);
  if (used <= softQuota) {
    if (graceTime !== 0) {
      catalog.setQuota(clientId, { graceTime: 0, quotaLimit: 0 });
      log.info("Soft Quota reset, Grace Period ends now.");
    }
    return true;
  }
  if (graceTime === 0) {
    catalog.setQuota(clientId, { graceTime: now, quotaLimit });
    log.error("Softquota Exceeded, Grace Period starts now.");
    return true;
  }
  if (now <= graceTime + softQuotaGracePeriod) {
    log.error("Softquota Exceeded, will be enforced after Grace Period expires.");
    return true;
  }
  if (quotaLimit < 1) {
    catalog.setQuota(clientId, { graceTime, quotaLimit: used });
    log.warning("Softquota Exceeded and Grace Period expired.");
    log.info(`Setting Burst Quota to ${used} Bytes.`);
    return false;
  }
  if (strictQuotas) return false; // the use is above the soft quota
  if (used < quotaLimit) return true;
  log.warning("Soft Quota exceeded, enforcing Burst Quota Limit.");
  return false;
}
