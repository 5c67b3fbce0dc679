import type { DirectorCatalog } from "../director_catalog.ts";
import { fileSetDigest } from "../peers/fileset_digest.ts";
import { fileSetValues } from "../peers/fileset_lines.ts";
import { chooseLevel, type ChosenLevel } from "./level_selection.ts";
import { Job, type JobNames } from "./job.ts";
import type { JobRequest } from "./job_request.ts";
import { chooseCatalog, choosePool, chooseStorage } from "../volumes/pool_choice.ts";
import type { CatalogResource, FileSetResource } from "../resources.ts";

/** What making a job needs. */
export interface JobMaker {
  readonly names: JobNames;
  /** The catalog of jobs that name none. */
  readonly firstCatalog: CatalogResource;
  catalogOf(resource: CatalogResource): DirectorCatalog;
  /** A FileSet as configuration text, for its record. */
  fileSetText(fileSet: FileSetResource): string;
  /** UNIX seconds. */
  now(): number;
}

/** Types of jobs that have no level of their own. */
const WITHOUT_LEVEL = "DAO";

/** The level that a job is asked to run at. */
function wishedLevel(request: JobRequest): string {
  const { job, runLine } = request;
  if (job.type === "R" || WITHOUT_LEVEL.includes(job.type)) return " ";
  const configured = request.level ?? runLine?.level ?? job.level;
  if (configured !== "") return configured;
  return job.type === "V" ? "C" : job.type === "B" ? "I" : "F";
}

/**
 * Makes a job with its unique name and its row in the catalog (catalog-and-jobs.md 5.5). What it will
 * do is decided by {@linkcode determineJob} once it has its log.
 */
export function createJob(request: JobRequest, maker: JobMaker): Job {
  const now = maker.now();
  const client = request.client ?? request.job.client;
  const level = wishedLevel(request);
  const pool = choosePool(request, level, false);
  const catalogResource = chooseCatalog(request, pool.resource, client, maker.firstCatalog);
  const catalog = maker.catalogOf(catalogResource.resource);
  const job = new Job({
    request,
    uniqueName: request.again?.row?.uniqueName ?? maker.names.next(request.job.name, now),
    level,
    client,
    fileSet: request.fileSet ?? request.job.fileSet,
    pool,
    storage: chooseStorage(request, pool.resource),
    catalogResource,
    catalog,
    priority: request.priority ?? request.runLine?.priority ?? request.job.priority,
    scheduledTime: request.when ?? now,
    firstScheduledTime: request.again?.firstScheduledTime ?? request.when ?? now,
  }, maker.now);
  job.rescheduleCount = request.again?.count ?? 0;
  if (client !== undefined) {
    const row = catalog.client(client);
    job.clientId = row.clientId;
    job.clientUname = row.uname;
  }
  job.poolId = catalog.pool(pool.resource);
  job.jobId = request.again?.row?.jobId ?? catalog.createJob({
    job: job.uniqueName,
    name: request.job.name,
    type: job.type,
    level: job.type === "R" ? "F" : level,
    schedTime: job.scheduledTime,
    clientId: job.clientId,
    comment: request.comment ?? "",
  });
  return job;
}

/**
 * Decides what a new job will do: FileSet record, level and since time, pool and storage of that
 * level (catalog-and-jobs.md 6, 7). This happens before it enters the queue, which counts by what is
 * decided here. The job has its log already.
 */
export function determineJob(job: Job, maker: JobMaker): void {
  const { request, catalog, fileSet } = job;
  if (fileSet !== undefined && "BVR".includes(job.type)) {
    job.fileSetDigest = fileSetDigest(fileSetValues(fileSet));
    const row = catalog.fileSet(
      fileSet.name,
      job.fileSetDigest,
      maker.fileSetText(fileSet),
      fileSet.ignoreFileSetChanges,
    );
    job.fileSetId = row.fileSetId;
    job.fileSetCreateTime = row.createTime;
  }
  if (job.type === "B") {
    const chosen = levelOf(job, maker.now());
    job.level = chosen.level;
    job.levelNote = chosen.note;
    job.since = chosen.since;
    job.previousJob = chosen.previousJob;
    for (const message of chosen.messages) job.log.info(message);
    job.pool = choosePool(request, job.level, chosen.isUpgraded);
    job.poolId = catalog.pool(job.pool.resource);
    job.storage = chooseStorage(request, job.pool.resource);
  }
  if (job.type === "R") {
    job.bootstrap = request.bootstrap ?? job.resource.bootstrap;
    job.counters.filesExpected = request.files ?? 0;
  }
}

function levelOf(job: Job, now: number): ChosenLevel {
  const { request, resource, catalog, clientId, fileSetId } = job;
  const filter = { name: resource.name, type: "B", clientId, fileSetId };
  return chooseLevel(
    {
      level: job.level,
      since: request.since,
      maxFullInterval: resource.maxFullInterval,
      maxVirtualFullInterval: resource.maxVirtualFullInterval,
      maxDiffInterval: resource.maxDiffInterval,
      rerunFailedLevels: resource.rerunFailedLevels,
    },
    {
      newestGood: (levels) => catalog.newestJob({ ...filter, levels, isGood: true }),
      newestFailed: (levels) => {
        const found = catalog.newestJob({ ...filter, levels, isGood: false });
        return found?.jobId === job.jobId ? undefined : found;
      },
    },
    now,
  );
}
