/** What plugins stored with a backup and want back before a restore (director-client.md 12). @module */
import { directorToFile, fileToDirector } from "../../../protocol/mod.ts";
import type { Job } from "../jobs/job.ts";
import type { ClientDialogue } from "./client_dialogue.ts";

/** Protocol numbers of file daemons from which on they take objects, and the names of plugins with them. */
const OBJECTS_SINCE = 3;
const PLUGIN_NAME_SINCE = 5;

/** Objects that come first, configurations of plugins, configurations that the director filled in. */
const OBJECT_TYPES = [25, 27, 28] as const;

/**
 * Sends what plugins stored in these jobs, the kinds of objects in their order; nothing if there is
 * nothing. A client that is too old is told of in the job's log. @throws {JobFailure}
 */
export async function sendRestoreObjects(
  dialogue: ClientDialogue,
  job: Job,
  fdVersion: number,
  jobIds: readonly number[],
): Promise<void> {
  if (jobIds.length === 0) return;
  if (fdVersion < OBJECTS_SINCE) return tellOfObjects(job, jobIds);
  const { connection } = dialogue;
  let count = 0;
  for (const type of OBJECT_TYPES) {
    for (const object of job.catalog.restoreObjects(jobIds, type)) {
      const { jobId, name, plugin, fileIndex, index, compression, fullLength, data } = object;
      const head = directorToFile.restoreObject.format({
        jobId,
        fullLength,
        index,
        type,
        compression,
        fileIndex,
        length: data.length,
        ...(fdVersion >= PLUGIN_NAME_SINCE && { plugin }),
      });
      await dialogue.say("RestoreObject", head);
      await dialogue.say("RestoreObject", name);
      connection.queue(data);
      await connection.flush();
      count++;
    }
  }
  if (count === 0) return;
  const end = directorToFile.restoreObjectEnd.format({});
  await dialogue.command("RestoreObject", end, fileToDirector.restoreObjectOk.format({}));
}

/** Warns where there are objects that the client is too old for. */
function tellOfObjects({ catalog, log, client }: Job, jobIds: readonly number[]): void {
  for (const type of OBJECT_TYPES) {
    for (const _object of catalog.restoreObjects(jobIds, type)) {
      log.warning(
        `Client "${client?.name}" may not be used to restore this job. Please upgrade your client.`,
      );
      return;
    }
  }
}
