import { JOB_LEVELS, jobStatusText, jobTypeText } from "../../../protocol/mod.ts";
import { PLATFORM, PRODUCT } from "../../version.ts";
import { compressionOf } from "../peers/fileset_lines.ts";
import { catalogTime, withSuffix } from "./formats.ts";
import { chosen, type Job } from "../jobs/job.ts";
import { NOT_AVAILABLE, type PercentCodes } from "../percent_codes.ts";
import { quotaFacts } from "../jobs/quota.ts";
import type { ReportFacts } from "./report.ts";
import type { DirectorResource } from "../resources.ts";
import { shortVersion } from "./version_text.ts";

/** What the report of a job tells. */
export function jobFacts(job: Job, director: DirectorResource, now: number): ReportFacts {
  const { counters, client, fileSet, copy } = job;
  const volumes = volumeNames(copy?.data ?? job);
  const last = volumes[volumes.length - 1];
  return {
    director: director.name,
    version: shortVersion(),
    osInformation: PLATFORM,
    binaryInfo: PRODUCT,
    jobId: job.jobId,
    uniqueName: job.uniqueName,
    type: job.type,
    level: job.level,
    status: job.status,
    levelNote: job.levelNote,
    client: client && { name: client.name, uname: job.clientUname },
    fileSet: fileSet && { name: fileSet.name, createTime: job.fileSetCreateTime },
    pool: chosen(job.pool),
    catalog: chosen(job.catalogResource),
    storage: chosen(job.storage),
    scheduledTime: job.scheduledTime,
    startTime: job.startTime,
    endTime: job.endTime,
    priority: job.priority,
    allowMixedPriority: job.resource.allowMixedPriority,
    fdFiles: counters.fdFiles,
    readBytes: counters.readBytes,
    fdBytes: counters.fdBytes,
    sdFiles: counters.sdFiles,
    sdBytes: counters.sdBytes,
    quota: quotaFacts(job, now),
    compression: compressionOf(fileSet),
    baseFiles: job.base && { total: job.base.total, used: job.base.files.count },
    vss: counters.vss,
    encryption: counters.encryption,
    accurate: job.isAccurate,
    volumeNames: volumes,
    volSessionId: job.volSessionId,
    volSessionTime: job.volSessionTime,
    lastVolumeBytes: last === undefined ? 0 : job.catalog.mediaByName(last)?.volBytes ?? 0,
    jobErrors: job.log.errors,
    sdErrors: counters.sdErrors,
    fdStatus: job.fdStatus,
    sdStatus: job.sdStatus,
    secureErase: {
      director: director.secureEraseCommand || undefined,
      file: job.secureErase.file,
      storage: job.secureErase.storage,
    },
    triggeredBy: job.trigger,
    filesExpected: counters.filesExpected,
    copy: copy && {
      previousJobId: copy.previous.jobId,
      previousJob: copy.previous.job,
      newJobId: copy.data?.jobId ?? 0,
      level: copy.previous.level,
      readPool: chosen(job.pool),
      readStorage: chosen(copy.readStorage),
      writePool: chosen(copy.destination.pool),
      writeStorage: chosen(copy.destination.storage),
      isEmpty: job.hasNothingToCopy,
    },
    verifyJob: (job.request.verifyJob ?? job.resource.jobToVerify)?.name ?? "",
  };
}

/** The volumes of a job in the order in which it came to them. */
export function volumeNames(job: Job): string[] {
  return [...new Set(job.catalog.jobMedia(job.jobId).map(({ volumeName }) => volumeName))];
}

const EXIT_TEXTS: Readonly<Record<string, string>> = {
  T: "OK",
  W: "OK -- with warnings",
  E: "Error",
  e: "Error",
  f: "Fatal Error",
  A: "Canceled",
  D: "Differences",
};

/** The percent codes of a job in scripts, mail commands and file lists (23.4). */
export function jobCodes(job: Job, director: DirectorResource): PercentCodes {
  const yesNo = (value: boolean): string => value ? "yes" : "no";
  const volumes = () => volumeNames(job).join("|") || NOT_AVAILABLE;
  return {
    b: () => String(job.counters.fdBytes),
    B: () => `${withSuffix(job.counters.fdBytes)}B`,
    c: job.client?.name ?? NOT_AVAILABLE,
    C: yesNo(job.request.cloned ?? false),
    d: director.name,
    D: director.name,
    e: () => EXIT_TEXTS[job.status] ?? (jobStatusText(job.status) || "Unknown term code"),
    f: job.fileSet?.name ?? NOT_AVAILABLE,
    F: () => String(job.counters.fdFiles),
    h: job.client?.address ?? NOT_AVAILABLE,
    i: () => String(job.jobId),
    j: job.uniqueName,
    l: () => JOB_LEVELS[job.level]?.longText ?? "",
    n: job.resource.name,
    N: () => String(job.copy?.data?.jobId ?? NOT_AVAILABLE),
    O: () => String(job.copy?.previous.jobId ?? NOT_AVAILABLE),
    p: job.pool.resource.name,
    P: String(Deno.pid),
    r: "",
    s: () => job.since === 0 ? NOT_AVAILABLE : catalogTime(job.since),
    t: jobTypeText(job.type),
    v: volumes,
    V: volumes,
    w: job.storage?.resource.name ?? NOT_AVAILABLE,
    x: yesNo(job.isSpooling),
  };
}
