/** What a job saves, and what the catalog knows of it (director-client.md 6, 7). @module */
import { messageOf } from "../../../bytes/mod.ts";
import {
  directorToFile as hear,
  fileToDirector as say,
  JobMessageType,
} from "../../../protocol/mod.ts";
import { KnownFilesWriter } from "../accurate/mod.ts";
import type { DirectorSession, Verdict } from "../director_session.ts";
import type { FileJob } from "../file_job.ts";
import {
  asCompatible,
  checkShadowing,
  type FileSet,
  FileSetBuilder,
  FileSetError,
} from "../fileset/mod.ts";
import { openPlatform } from "../platform/mod.ts";
import { expand } from "../run_scripts.ts";
import { whileConnected } from "./while_connected.ts";

/** `fileset`: reads the lines of the file set, once a session. */
export async function readFileSet(session: DirectorSession): Promise<Verdict> {
  const { job } = session;
  if (job === undefined || session.hasFileSet) return "stop";
  session.hasFileSet = true;
  const builder = new FileSetBuilder({
    expand: (command) => expand(command, job, session.context.settings.name),
    aborted: job.aborted,
  });
  if (!await session.readList((line) => builder.add(line))) return "stop";
  try {
    // A program that gives names may take its time.
    await whileConnected(session, job, async () => {
      const fileSet = await builder.build();
      job.fileSet = session.manner.isCompatible ? asCompatible(fileSet) : fileSet;
    });
  } catch (error) {
    if (job.isCanceled) return "stop";
    if (!(error instanceof FileSetError)) throw error;
    return error.jobMessage === undefined ? "stop" : session.fail(error.jobMessage);
  }
  const verdict = await session.accept(say.filesetOk.format({}));
  if (job.fileSet !== undefined) job.fileSet = withoutShadows(job, job.fileSet);
  return verdict;
}

/** What is left of a file set when its entries are compared as it asks (director-client.md 23.6). */
function withoutShadows(job: FileJob, fileSet: FileSet): FileSet {
  const asks = fileSet.includes.some(({ blocks }) =>
    blocks.some(({ options }) => options.shadowing !== "none")
  );
  if (!asks) return fileSet;
  return checkShadowing(fileSet, openPlatform(), ({ type, text }) => {
    // Console work would take a message for an answer (17).
    if (job.announcement.jobId !== 0) job.message(type, text);
  });
}

/** `accurate`: keeps the list of the files that the catalog knows. */
export async function readAccurateList(session: DirectorSession, text: string): Promise<Verdict> {
  const fields = hear.accurate.parse(text);
  if (fields === undefined) {
    await session.say(say.accurateBad.format({}));
    return "stop";
  }
  const { job, context: { settings } } = session;
  if (job === undefined) return "stop";
  session.accurate?.discard();
  const list = session.accurate = new KnownFilesWriter({
    ...{ folder: settings.workingDirectory, daemon: settings.name },
    ...{ job: job.announcement.name, expected: fields.files },
  });
  let sent = 0;
  let failure: unknown;
  const isWhole = await session.readList((entry) => {
    sent++;
    if (failure !== undefined) return; // the rest of the list has to be read all the same
    try {
      list.add(entry);
    } catch (error) {
      failure = error;
    }
  });
  if (!isWhole) return "stop";
  try {
    if (failure === undefined) list.finish(); // the last piece of it may not fit, either
  } catch (error) {
    failure = error;
  }
  if (failure !== undefined) {
    const why = messageOf(failure);
    return session.fail(`Cannot keep the accurate list in ${settings.workingDirectory}: ${why}\n`);
  }
  if (list.duplicates > 0) {
    session.message(
      JobMessageType.ERROR,
      `${list.duplicates} duplicate files were sent by the director and removed. ` +
        "This may indicate problems with the database.\n",
    );
  }
  if (sent > fields.files) {
    session.message(
      JobMessageType.ERROR,
      `The director send too many files. ${sent} were sent but only ${fields.files} were anticipated. ` +
        "The accurate job may be in a corrupted state.\n",
    );
  }
  return "go on";
}
