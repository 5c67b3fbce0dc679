import { messageOf } from "../../bytes/mod.ts";
import { JobStatus } from "../../protocol/mod.ts";
import type { VolumeRecord } from "../../storage/volume/mod.ts";
import type { AppendSession } from "./append_session.ts";
import { DirectorLostError } from "./director_link.ts";
import { FileNumbers } from "./file_numbers.ts";
import type { RecordSource } from "./record_source.ts";
import { purposeOf } from "./replica_sender.ts";
import { JobEndedError, type StorageJob } from "./storage_job.ts";

/**
 * Copies what the bootstrap of a job selects from one device of this daemon to another
 * (storage-daemon.md 8.2). The session that is written says of itself what the first session that is
 * read said. Never throws: errors become job messages.
 */
export async function copyWithin(
  job: StorageJob,
  source: RecordSource,
  append: AppendSession,
): Promise<void> {
  const numbers = new FileNumbers();
  let isAdopted = false;
  try {
    await append.acquire(true);
    const found = await source.run({
      begin: () => {
        job.setStatus(JobStatus.Running);
        return Promise.resolve();
      },
      take: (record) => {
        if (!isAdopted) adopt(job, source, record);
        isAdopted = true;
        job.throwIfOver();
        return append.take(numbers.next(record), record.stream, record.data);
      },
    });
    if (found) append.complete();
    else job.log.fatal(`No Volume names found for ${purposeOf(job)}.\n`);
  } catch (error) {
    const isEnd = error instanceof JobEndedError || error instanceof DirectorLostError;
    if (!isEnd && !job.aborted.aborted) {
      job.log.fatal(messageOf(error));
    }
  }
  await append.finishCopy();
  await source.finish();
}

/** A copy bears its original's names; a virtual full takes over type and level only. */
function adopt(job: StorageJob, source: RecordSource, record: VolumeRecord): void {
  const label = source.labelOf(record);
  if (label === undefined) return;
  const { jobType: type, jobLevel: level } = label;
  job.identity = job.type === "c" || job.type === "g"
    ? {
      job: label.job,
      jobName: label.jobName,
      clientName: label.clientName,
      fileSet: label.fileSetName,
      fileSetMd5: label.fileSetMd5,
      type,
      level,
    }
    : { ...job.identity, type, level };
}
