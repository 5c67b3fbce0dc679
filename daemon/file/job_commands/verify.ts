/** The command that compares files or volumes with the catalog (director-client.md 13). @module */
import {
  directorToFile as hear,
  fileToDirector as say,
  JobMessageType,
} from "../../../protocol/mod.ts";
import type { DirectorSession, Verdict } from "../director_session.ts";
import { verifyDisk, verifyLevels, verifyVolume } from "../verify_job.ts";
import { askPlugins } from "./plugins.ts";
import { passiveStorage } from "./storage.ts";
import { whileConnected } from "./while_connected.ts";

/** `verify`: compares what the director sends with the disk, or what a volume holds with its digests. */
export async function verify(session: DirectorSession, text: string): Promise<Verdict> {
  const { job } = session;
  if (job === undefined) return "stop";
  job.type = "V";
  const level = hear.verify.parse(text)?.level.toLowerCase();
  if (!session.allows("verify") || level === undefined) {
    if (level === undefined) session.fail(`Bad verify command: ${text}`);
    else session.refuse("verify");
    await session.say(say.verifyBad.format({ command: text.trim() }));
    return "stop";
  }
  await session.say(say.verifyOk.format({}));
  const letter = verifyLevels[level];
  if (letter === undefined) {
    session.fail(`Bad verify level: ${level}\n`);
    await session.say(say.verifyBadLevel.format({ level }));
    return "stop";
  }
  job.level = letter;
  const isVolume = letter === "O";
  if (!isVolume) {
    for (const problem of askPlugins(session, job)) job.message(JobMessageType.WARNING, problem);
  }
  if (isVolume) {
    job.storage ??= await passiveStorage(job);
    if (job.storage === undefined) return session.fail("Improper calling sequence.\n");
  }
  job.become("R");
  const { connection } = session;
  await whileConnected(
    session,
    job,
    () =>
      isVolume ? verifyVolume(job, connection) : verifyDisk(job, connection, session.context.works),
  );
  return "stop";
}
