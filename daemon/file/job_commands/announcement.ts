/** The command that announces a job (director-client.md 5.1). @module */
import { directorToFile as hear, fileToDirector as say, TlsPolicy } from "../../../protocol/mod.ts";
import { TraceLevel } from "../../debug_trace.ts";
import type { DirectorSession, Verdict } from "../director_session.ts";
import { FileJob } from "../file_job.ts";

/** `JobId=`: begins a job, or console work, whose number is 0. */
export async function announceJob(session: DirectorSession, text: string): Promise<Verdict> {
  const fields = hear.jobId.parse(text);
  if (fields === undefined) {
    await session.say(say.jobIdBad.format({}));
    return session.fail(`Bad Job Command: ${text}`);
  }
  const { context, connection } = session;
  const most = context.settings.maximumConcurrentJobs;
  if (fields.jobId !== 0 && context.jobs.size >= most) {
    // The text goes into the director's message, which says that the job was rejected.
    const text = `2901 Bad Job: ${most} jobs are running (Maximum Concurrent Jobs = ${most})\n`;
    await session.say(text);
    return "stop";
  }
  const job: FileJob = new FileJob(
    {
      jobId: fields.jobId,
      name: fields.job,
      volSessionId: fields.sdId,
      volSessionTime: fields.sdTime,
      key: fields.authorization,
    },
    {
      director: session.director.name,
      daemon: context.settings.name,
      isForBacula: session.manner.isBacula,
      routedTypes: context.settings.messageTypes,
      local(type, text, seconds) {
        context.local.write(type, text, seconds);
        context.debug.tell(TraceLevel.messages, () => `message of type ${type}: ${text}`);
      },
      send: (line) => {
        if (connection.canSend && fields.jobId !== 0) {
          connection.send(line).catch(() => job.cancel());
        }
      },
      sent: () => connection.flush().catch(() => job.cancel()),
      bandwidth: {
        ofDaemon: () => session.director.maximumBandwidthPerJob || context.bandwidth,
        bursts: context.settings.allowBandwidthBursting === true,
      },
      hangupAfter: () => context.debug.settings.hangup,
    },
  );
  job.storagePolicy = fields.ssl ?? TlsPolicy.none;
  session.job = job;
  if (fields.jobId !== 0) session.begin(job);
  await session.say(say.jobIdOk.format({ information: context.identity.versionText }));
  return "go on";
}
