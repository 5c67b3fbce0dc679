/** Commands about the daemon and its running jobs (director-client.md 15, 16, 19). @module */
import { lookup } from "node:dns/promises";
import { directorToFile as hear, fileToDirector as say, Signal } from "../../protocol/mod.ts";
import { TraceLevel } from "../debug_trace.ts";
import type { DirectorSession, FileCommands, Verdict } from "./director_session.ts";
import { dotStatus, statusReport } from "./status_report.ts";

/** These commands by their keyword. */
export const daemonCommands: FileCommands = {
  cancel: { run: cancel },
  status: { run: status, forMonitor: true },
  ".status": { run: shortStatus, forMonitor: true },
  "setbandwidth=": { run: setBandwidth },
  "setdebug=": { run: setDebug },
  "resolve ": { run: resolve },
};

async function cancel(session: DirectorSession, text: string): Promise<Verdict> {
  const fields = hear.cancel.parse(text);
  if (fields === undefined) return await session.answer(say.cancelBad.format({}));
  const job = session.context.jobs.get(fields.job);
  if (job === undefined) return await session.answer(say.jobNotFound.format({ job: fields.job }));
  job.cancel();
  session.context.debug.tell(TraceLevel.events, () => `job ${fields.job} is canceled`);
  return await session.answer(say.cancelOk.format({ job: fields.job }));
}

async function status(session: DirectorSession): Promise<Verdict> {
  session.connection.queue("\n");
  // The blocks of a status end with a zero byte, which is part of the frame.
  for (const block of statusReport(session.context)) session.connection.queue(`${block}\0`);
  await session.connection.sendSignal(Signal.EOD);
  return "go on";
}

async function shortStatus(session: DirectorSession, text: string): Promise<Verdict> {
  const word = hear.dotStatus.parse(text)?.word ?? "";
  if (word === "") {
    await session.answer(say.dotStatusMissing.format({}));
    return "stop";
  }
  const answer = dotStatus(session.context, word);
  if (answer === undefined) {
    session.connection.queue(`Bad .status command: ${text}\n`);
    await session.answer(say.dotStatusWrong.format({}));
    return "stop";
  }
  for (const text of answer.texts) {
    session.connection.queue(answer.areBlocks ? `${text}\0` : text);
  }
  await session.connection.sendSignal(Signal.EOD);
  return "go on";
}

async function setBandwidth(session: DirectorSession, text: string): Promise<Verdict> {
  const fields = hear.setBandwidth.parse(text);
  if (fields === undefined || fields.bytesPerSecond < 0) {
    await session.say(say.setBandwidthBad.format({ command: text.trim() }));
    return "stop";
  }
  if (fields.job === "") session.context.bandwidth = fields.bytesPerSecond;
  else {
    const job = session.context.jobs.get(fields.job);
    if (job === undefined) session.connection.queue(say.jobNotFound.format({ job: fields.job }));
    else job.ownBandwidth = fields.bytesPerSecond;
  }
  await session.say(say.setBandwidthOk.format({}));
  return "go on";
}

async function setDebug(session: DirectorSession, text: string): Promise<Verdict> {
  const fields = hear.setDebug.parse(text);
  if (fields === undefined) {
    await session.say(say.setDebugBad.format({ command: text.trim() }));
    return "stop";
  }
  const { debug } = session.context;
  const { level, trace, hangup = -1, timestamp = -1 } = fields;
  // A negative value leaves things as they are.
  debug.change({
    ...(level >= 0 && { level }),
    ...(trace >= 0 && { trace: trace > 0 }),
    ...(hangup >= 0 && { hangup }),
    ...(timestamp >= 0 && { timestamp: timestamp > 0 }),
  });
  const { settings } = debug;
  const now = {
    level: settings.level,
    trace: Number(settings.trace),
    hangup: Number(settings.hangup > 0),
  };
  if (session.manner.isBacula) {
    await session.say(say.setDebugOkOld.format(now));
    return "go on";
  }
  await session.say(say.setDebugOk.format({
    ...now,
    timestamp: fields.timestamp === undefined ? undefined : Number(settings.timestamp),
    traceFile: debug.path,
  }));
  return "go on";
}

async function resolve(session: DirectorSession, text: string): Promise<Verdict> {
  const host = hear.resolve.parse(text)?.host ?? "";
  const daemon = session.context.settings.name;
  try {
    // As the daemon itself would find it: by the system's files, too.
    const found = await lookup(host, { all: true });
    const addresses = [...new Set(found.map(({ address }) => address))].join(" ");
    return await session.answer(say.resolveOk.format({ daemon, host, addresses }));
  } catch {
    // Whatever the reason, the director only wants to know that there is no address.
    return await session.answer(say.resolveFailed.format({ daemon, host }));
  }
}
