/**
 * Commands that ask how things are (storage-daemon.md 3.7, 3.8, 3.15, 13).
 *
 * @module
 */
import { directorToStorage as hear, storageToDirector as say } from "../../protocol/mod.ts";
import type { DirectorCommand, DirectorSession, Verdict } from "./director_session.ts";
import { STATUS_SECTIONS, statusReport, type StatusScope } from "./status_report.ts";
import type { StorageDevice } from "./storage_device.ts";

/** The table of this module. */
export const STATUS_COMMANDS: readonly DirectorCommand[] = [
  { prefix: "status", forMonitor: true, run: status },
  { prefix: ".status", forMonitor: true, run: dotStatus },
  { prefix: "stats", run: stats },
  { prefix: "setdebug=", run: setDebug },
  { prefix: "resolve", run: resolve },
];

async function status(session: DirectorSession, command: string): Promise<Verdict> {
  const wanted = hear.status.parse(command);
  if (wanted === undefined) {
    await session.answer(say.statusNoArgument.format({ command: "status", text: command }));
    return "stop";
  }
  const scope = scopeOf(session, wanted.devices, false);
  void session.say("\n");
  for (const line of statusReport(scope)) void session.say(`${line}\0`);
  await session.link.endOfData();
  return "go on";
}

function scopeOf(session: DirectorSession, names: string, isForProgram: boolean): StatusScope {
  const { context } = session;
  const wanted = new Set(names.split(",").map((name) => name.trim().toLowerCase()));
  wanted.delete("");
  const isWanted = (device: StorageDevice): boolean =>
    wanted.size === 0 || wanted.has(device.name.toLowerCase()) ||
    context.devices.changers.some((changer) =>
      wanted.has(changer.name.toLowerCase()) && changer.devices.includes(device.name)
    );
  return { context, devices: context.devices.devices.filter(isWanted), isForProgram };
}

async function dotStatus(session: DirectorSession, command: string): Promise<Verdict> {
  const word = hear.dotStatus.parse(command)?.word;
  if (word === undefined || word === "") {
    await session.answer(say.statusNoArgument.format({ command: ".status", text: command }));
    return "stop";
  }
  const { jobs } = session.context;
  if (word === "current" || word === "last") {
    const found = word === "last" ? jobs.finished.all.slice(-1) : [...jobs.running];
    void session.say(say.dotStatusOk.format({}));
    for (const { jobId, status, errors } of found) {
      void session.say(say.jobStatus.format({ jobId, status, errors }));
    }
    await session.link.endOfData();
    return "go on";
  }
  const section = STATUS_SECTIONS.find((each) => each.word === word);
  if (section === undefined) {
    await session.answer(say.statusUnknown.format({ text: command }));
    return "stop";
  }
  for (const line of section.lines(scopeOf(session, "", true))) void session.say(`${line}\0`);
  await session.link.endOfData();
  return "go on";
}

/** What was sampled since the last call. */
async function stats(session: DirectorSession): Promise<Verdict> {
  for (const sample of session.context.statistics.take()) await session.say(sample);
  await session.say(say.statsOk.format({}));
  return "stop";
}

async function setDebug(session: DirectorSession, command: string): Promise<Verdict> {
  const wanted = hear.setDebug.parse(command);
  if (wanted === undefined) {
    await session.say(say.setDebugBad.format({ command }));
    return "go on";
  }
  const { debug } = session.context;
  const { level, trace, timestamp } = wanted;
  const traceFile = debug.path;
  // Negative values of these two leave them as they are.
  debug.change({
    level,
    ...(trace >= 0 && { trace: trace > 0 }),
    ...(timestamp !== undefined && timestamp >= 0 && { timestamp: timestamp > 0 }),
  });
  await session.say(
    timestamp === undefined
      ? say.setDebugOkShort.format({ level, traceFile })
      : say.setDebugOk.format({ level, trace, timestamp, traceFile }),
  );
  return "go on";
}

async function resolve(session: DirectorSession, command: string): Promise<Verdict> {
  const host = hear.resolve.parse(command)?.host ?? "";
  const daemon = session.context.settings.name;
  const addresses = await lookUp(host);
  return await session.answer(
    addresses === undefined
      ? say.resolveFailed.format({ daemon, host })
      : say.resolveOk.format({ daemon, host, addresses }),
  );
}

async function lookUp(host: string): Promise<string | undefined> {
  for (const type of ["A", "AAAA"] as const) {
    try {
      const found = await Deno.resolveDns(host, type);
      if (found.length > 0) return found.join(" ");
    } catch {
      // not known by this kind of record; the caller says so if it is not known at all
    }
  }
  return undefined;
}
