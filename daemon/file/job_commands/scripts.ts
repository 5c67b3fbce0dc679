/** Programs that run before and after a job (director-client.md 8, bacula.md 11.4). @module */
import {
  directorToFile as hear,
  fileToDirector as say,
  JobMessageType,
} from "../../../protocol/mod.ts";
import type { DirectorSession, Verdict } from "../director_session.ts";
import { occasions, runNow, runScripts } from "../run_scripts.ts";
import { whileConnected } from "./while_connected.ts";

/** The bit of scripts that run once there is a volume shadow copy: never, on this system. */
const afterVss = 4;

/** `Run`: notes a script and when it is to run. */
export async function addScript(session: DirectorSession, text: string): Promise<Verdict> {
  const fields = hear.run.parse(text);
  if (session.job === undefined || fields === undefined) {
    await session.say(say.runFailed.format({}));
    return "stop";
  }
  if (!session.allows("runscript")) {
    session.refuse("runscript");
    await session.say(say.runFailed.format({}));
    return "stop";
  }
  session.job.scripts.push({
    onSuccess: fields.onSuccess === 1,
    onFailure: fields.onFailure === 1,
    failsJob: fields.abortOnError === 1,
    when: fields.when,
    command: fields.command,
  });
  return await session.accept(say.runOk.format({}));
}

/** `RunBeforeNow`: runs the noted scripts that come before the job. */
export async function runBefore(session: DirectorSession): Promise<Verdict> {
  const { job, context } = session;
  if (job === undefined) return "stop";
  await whileConnected(session, job, () =>
    runScripts(job, occasions.before, {
      daemon: context.settings.name,
      allowedFolders: session.scriptFolders,
    }));
  for (const { when, command } of job.scripts) {
    if ((when & afterVss) === 0 || (when & occasions.before.bit) !== 0) continue;
    job.message(
      JobMessageType.INFO,
      `There are no volume shadow copies here: run script "${command}" for AfterVSS is not run\n`,
    );
  }
  if (!job.isCanceled) return await session.accept(say.runBeforeNowOk.format({}));
  await session.say(say.runFailed.format({}));
  return "stop";
}

/** `Client Run Before Job`, of directors that send it at once (bacula.md 11.4). */
export async function runBeforeJob(session: DirectorSession, text: string): Promise<Verdict> {
  const { job, context } = session;
  const command = hear.runBeforeJob.parse(text)?.command;
  if (job !== undefined && command !== undefined && mayRunScripts(session)) {
    await whileConnected(session, job, () =>
      runNow(job, command, {
        daemon: context.settings.name,
        allowedFolders: session.scriptFolders,
      }));
    if (!job.isCanceled) return await session.accept(say.runBeforeJobOk.format({}));
  }
  await session.say(say.runBeforeJobBad.format({}));
  return "stop";
}

/** `Client Run After Job`: runs at the end of a job that went well. */
export async function addAfterJob(session: DirectorSession, text: string): Promise<Verdict> {
  const command = hear.runAfterJob.parse(text)?.command;
  if (session.job === undefined || command === undefined || !mayRunScripts(session)) {
    await session.say(say.runAfterJobBad.format({}));
    return "stop";
  }
  const when = occasions.after.bit;
  session.job.scripts.push({ onSuccess: true, onFailure: false, failsJob: false, when, command });
  return await session.accept(say.runAfterJobOk.format({}));
}

/** The obsolete forms are for directors that know no other, and follow the same permissions. */
function mayRunScripts(session: DirectorSession): boolean {
  if (!session.manner.isCompatible) return false;
  if (session.allows("runscript")) return true;
  session.refuse("runscript");
  return false;
}
