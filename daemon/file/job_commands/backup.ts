/** The commands that save files, or say what would be saved (director-client.md 10, 14). @module */
import { encodeText } from "../../../bytes/mod.ts";
import {
  directorToFile as hear,
  fileToDirector as say,
  JobMessageType,
} from "../../../protocol/mod.ts";
import { withCommas } from "../../status_header.ts";
import { backup, estimate } from "../backup_job.ts";
import { mostFiles, tooManyFiles } from "../backup/unit_builder.ts";
import type { DirectorSession, Verdict } from "../director_session.ts";
import type { FileJob } from "../file_job.ts";
import { incompatibleCompression } from "../fileset/mod.ts";
import { ProtectionError, protectionOf } from "../pki_settings.ts";
import { askPlugins } from "./plugins.ts";
import { passiveStorage } from "./storage.ts";
import { whileConnected } from "./while_connected.ts";

/** `backup`: saves the file set; the session ends with it. */
export async function runBackup(session: DirectorSession, text: string): Promise<Verdict> {
  const { job } = session;
  const fields = hear.backup.parse(text);
  if (job === undefined) return "stop";
  job.type = "B";
  if (session.context.settings.restoreOnly === true) {
    return session.fail("Filed in restore only mode, backups are not allowed, aborting...\n");
  }
  if (!session.allows("backup")) return session.refuse("backup");
  if (fields === undefined || job.fileSet === undefined) {
    await session.say(say.backupBad.format({}));
    return session.fail(`Bad backup command: ${text}`);
  }
  if (fields.fileIndex >= mostFiles) return session.fail(`${tooManyFiles}\n`);
  const { settings } = session.context;
  const unknown = incompatibleCompression(job.fileSet);
  if (unknown !== undefined) {
    session.fail(
      `Cannot compress with ${unknown}: a director of Bacula, or Compatible = yes in this file daemon, ` +
        "allows GZIP and LZO only. Change Compression in the FileSet.\n",
    );
    await session.say(say.backupBad.format({}));
    return "stop";
  }
  const problems = askPlugins(session, job);
  if (problems.length > 0) {
    session.fail(problems.join(""));
    await session.say(say.backupBad.format({}));
    return "stop";
  }
  job.storage ??= await passiveStorage(job);
  if (job.storage === undefined) {
    session.fail("Cannot contact Storage daemon\n");
    await session.say(say.backupBad.format({}));
    return "stop";
  }
  try {
    job.protection = protectionOf(settings.pki, job.fileSet, settings.compatible);
  } catch (error) {
    if (!(error instanceof ProtectionError)) throw error;
    session.fail(`${error.message}\n`);
    await session.say(say.backupBad.format({}));
    return "stop";
  }
  await session.say(say.backupOk.format({}));
  tellWhatIsSaved(job);
  job.message(JobMessageType.INFO, `Version: ${session.context.identity.versionText}\n`);
  job.become("R");
  await whileConnected(
    session,
    job,
    () => backup(job, fields.fileIndex, session.accurate?.finish(), session.context.crews),
  );
  return "stop";
}

/** Says in the job's log which lists beside the contents are saved. */
function tellWhatIsSaved(job: FileJob): void {
  const blocks = job.fileSet?.includes.flatMap(({ blocks }) => blocks) ?? [];
  const on = (isOn: boolean): string => isOn ? "enabled" : "disabled";
  const hasAttributes = blocks.some(({ options }) => options.extendedAttributes);
  const hasAcls = blocks.some(({ options }) => options.acl);
  job.message(JobMessageType.INFO, `Extended attribute support is ${on(hasAttributes)}\n`);
  job.message(JobMessageType.INFO, `ACL support is ${on(hasAcls)}\n`);
}

/** `estimate`: counts what a backup would save, with a listing if the director asks for one. */
export async function runEstimate(session: DirectorSession, text: string): Promise<Verdict> {
  const { job } = session;
  const fields = hear.estimate.parse(text);
  if (job === undefined || fields === undefined || !session.allows("estimate")) {
    if (job !== undefined && fields !== undefined) session.refuse("estimate");
    await session.say(say.estimateBad.format({}));
    return "stop";
  }
  let sums: Awaited<ReturnType<typeof estimate>>;
  try {
    await whileConnected(session, job, async () => {
      for (const problem of askPlugins(session, job)) await session.say(problem);
      sums = await estimate(
        job,
        fields.listing !== 0,
        session.accurate?.finish(),
        (line) => session.connection.send(encodeText(line)),
      );
    });
  } catch (error) {
    if (job.isCanceled) return "stop"; // nobody listens any more
    throw error;
  }
  return await session.answer(say.estimateOk.format({
    files: withCommas(sums?.files ?? 0),
    bytes: withCommas(sums?.bytes ?? 0),
  }));
}
