/** The commands of a restore (director-client.md 11, 12). @module */
import {
  directorToFile as hear,
  fileToDirector as say,
  JobMessageType,
  type JobStatus,
  Signal,
} from "../../../protocol/mod.ts";
import { parseRegexWhere, RegexWhereError } from "../../regex_where.ts";
import { withHeartbeat } from "../heartbeat.ts";
import type { DirectorSession, Verdict } from "../director_session.ts";
import { restore } from "../restore_job.ts";
import { restoringPlugins } from "./plugins.ts";
import { passiveStorage } from "./storage.ts";

/** `restore `: puts back what the storage daemon sends; several follow each other where there are several. */
export async function runRestore(session: DirectorSession, text: string): Promise<Verdict> {
  const { job } = session;
  if (job === undefined) return "stop";
  job.type = "R";
  job.level = " ";
  if (session.context.settings.backupOnly === true) {
    return session.fail("Filed in backup only mode, restores are not allowed, aborting...\n");
  }
  if (!session.allows("restore")) return session.refuse("restore");
  const regex = hear.restoreRegexWhere.parse(text);
  const plain = hear.restoreWhere.parse(text);
  const fields = regex ?? plain;
  if (fields === undefined) return session.fail(`Bad replace command. CMD=${text}\n`);
  if (regex !== undefined && !isRegexWhere(regex.regexWhere)) {
    return session.fail(`Bad where regexp. where=${regex.regexWhere}\n`);
  }
  const where = plain?.where === "/" ? "" : plain?.where ?? "";
  job.storage ??= await passiveStorage(job);
  if (job.storage === undefined) return session.fail("Improper calling sequence.\n");
  job.become("R" as JobStatus);
  job.message(JobMessageType.INFO, `Version: ${session.context.identity.versionText}\n`);
  await session.say(say.restoreOk.format({}));
  session.context.crews.trim();
  const { connection, context: { settings } } = session;
  await withHeartbeat(connection, settings.heartbeatInterval, () =>
    restore(job, {
      replace: fields.replace,
      prefixLinks: fields.prefixLinks !== 0,
      where,
      plugins: restoringPlugins(session, job, { where, replace: fields.replace }),
      regexWhere: regex?.regexWhere ?? "",
      keys: session.context.settings.pki?.restoreKeys,
      tellsFiles: session.context.settings.messageTypes.has(JobMessageType.RESTORED),
      secureEraseCommand: session.context.settings.secureEraseCommand,
    }, session.context.works));
  if (job.storage?.canSend) await job.storage.sendSignal(Signal.TERMINATE).catch(() => {});
  job.storage?.close();
  job.storage = undefined;
  if (!job.isMultiStorage) return "stop";
  await session.say(say.storageEnd.format({}));
  return job.isCanceled ? "stop" : "go on";
}

/** `restoreobject`: takes objects of plugins, one by one, and the end of them. */
export async function restoreObject(session: DirectorSession, text: string): Promise<Verdict> {
  if (hear.restoreObjectEnd.matches(text)) {
    return await session.accept(say.restoreObjectOk.format({}));
  }
  // The plugins that there are have no objects: name and bytes are read and forgotten.
  for (let frame = 0; frame < 2; frame++) {
    if (await session.connection.receive() === undefined) return "stop";
  }
  return "go on";
}

/** `bootstrap`: a leftover, read and forgotten; the storage daemon gets what counts (12). */
export async function bootstrap(session: DirectorSession): Promise<Verdict> {
  if (!await session.readList(() => {})) return "stop";
  return await session.accept(say.bootstrapOk.format({}));
}

function isRegexWhere(text: string): boolean {
  try {
    return parseRegexWhere(text).length > 0;
  } catch (error) {
    if (error instanceof RegexWhereError) return false;
    throw error;
  }
}
