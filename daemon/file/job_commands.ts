/** Commands that prepare and carry out a job (director-client.md 5 to 11, 14). @module */
import { encodeText } from "../../bytes/mod.ts";
import {
  directorToFile as hear,
  fileToDirector as say,
  JobMessageType,
  type JobStatus,
  Signal,
  TlsPolicy,
} from "../../protocol/mod.ts";
import { withCommas } from "../status_header.ts";
import { TraceLevel } from "../debug_trace.ts";
import { withHeartbeat } from "./heartbeat.ts";
import { KnownFilesWriter } from "./accurate/mod.ts";
import { backup, estimate } from "./backup_job.ts";
import { mostFiles, tooManyFiles } from "./backup/unit_builder.ts";
import type { DirectorSession, FileCommands, Verdict } from "./director_session.ts";
import { FileJob } from "./file_job.ts";
import {
  asCompatible,
  checkShadowing,
  type FileSet,
  FileSetBuilder,
  FileSetError,
  incompatibleCompression,
} from "./fileset/mod.ts";
import { openPlatform } from "./platform/mod.ts";
import { ProtectionError, protectionOf } from "./pki_settings.ts";
import { restore } from "./restore_job.ts";
import { expand, occasions, runNow, runScripts } from "./run_scripts.ts";
import { verifyDisk, verifyLevels, verifyVolume } from "./verify_job.ts";
import { connectStorage } from "./storage_connection.ts";

/** The commands of a job by their keyword. */
export const jobCommands: FileCommands = {
  "JobId=": { run: announceJob },
  "level = ": { run: setLevel },
  fileset: { run: readFileSet },
  accurate: { run: readAccurateList },
  "storage ": { run: connectToStorage },
  setauthorization: { run: setAuthorization },
  Run: { run: addScript },
  RunBeforeNow: { run: runBefore },
  RunBeforeJob: { run: runBeforeJob },
  RunAfterJob: { run: addAfterJob },
  backup: { run: runBackup },
  estimate: { run: runEstimate },
  "restore ": { run: runRestore },
  endrestore: { run: () => "stop" },
  pluginoptions: { run: pluginOptions },
  getSecureEraseCmd: { run: secureErase },
  restoreobject: { run: restoreObject },
  verify: { run: verify },
  bootstrap: { run: bootstrap },
  session: { run: (session) => answerOk(session, say.sessionOk.format({})) },
};

async function answerOk(session: DirectorSession, text: string): Promise<Verdict> {
  await session.say(text);
  return "go on";
}

async function announceJob(session: DirectorSession, text: string): Promise<Verdict> {
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

/** The bit of scripts that run once there is a volume shadow copy: never, on this system. */
const afterVss = 4;

const levels: readonly (readonly [word: RegExp, letter: string])[] = [
  [/^base$/, "B"],
  [/^full$/, "F"],
  [/differential/, "D"],
  [/incremental/, "I"],
];

async function setLevel(session: DirectorSession, text: string): Promise<Verdict> {
  const { job } = session;
  if (job === undefined) return "stop";
  const since = hear.since.parse(text);
  if (since !== undefined) {
    if (job.level === " ") job.level = "S";
    job.since = since.since + await clockDifference(session);
    await session.connection.sendSignal(Signal.EOD);
    return await answerOk(session, say.levelOk.format({}));
  }
  const level = (hear.levelRerunning.parse(text) ?? hear.level.parse(text))?.level;
  if (level === undefined) return session.fail(`Bad level command: ${text}`);
  if (level.includes("accurate")) job.isAccurate = true;
  if (hear.levelRerunning.matches(text)) job.isRerun = true;
  const word = level.replace("accurate_", "");
  const found = levels.find(([pattern]) => pattern.test(word));
  if (found === undefined) return session.fail(`Unknown backup level: ${level}\n`);
  job.level = found[1];
  return job.level === "F" || job.level === "B"
    ? await answerOk(session, say.levelOk.format({}))
    : "go on";
}

/** How many seconds our clock is ahead of the director's (director-client.md 5.3). */
async function clockDifference(session: DirectorSession): Promise<number> {
  const { connection, job } = session;
  let sum = 0;
  const rounds = 10;
  const discarded = 2;
  for (let round = 0; round < rounds; round++) {
    const start = Date.now() * 1000;
    await connection.sendSignal(Signal.BTIME);
    const time = await nextBtime(session);
    if (time === undefined) return 0;
    const roundTrip = Date.now() * 1000 - start;
    if (round >= discarded) sum += start - time - roundTrip / 2;
  }
  const difference = Math.trunc(sum / (rounds - discarded) / 1_000_000);
  if (Math.abs(difference) > 3) {
    const text =
      `DIR and FD clocks differ by ${difference} seconds, FD automatically compensating.\n`;
    const isMuch = Math.abs(difference) > 600;
    job?.message(isMuch ? JobMessageType.WARNING : JobMessageType.INFO, text);
  }
  return difference;
}

async function nextBtime(session: DirectorSession): Promise<number | undefined> {
  for (;;) {
    const frame = await session.connection.receive();
    if (frame === undefined) return undefined;
    if (frame.kind === "signal") continue;
    const fields = hear.btime.parse(frame.payload);
    if (fields !== undefined) return fields.microseconds;
  }
}

async function readFileSet(session: DirectorSession): Promise<Verdict> {
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
  const verdict = await answerOk(session, say.filesetOk.format({}));
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

async function readAccurateList(session: DirectorSession, text: string): Promise<Verdict> {
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
    const why = failure instanceof Error ? failure.message : String(failure);
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

async function connectToStorage(session: DirectorSession, text: string): Promise<Verdict> {
  const { job } = session;
  const fields = hear.storage.parse(text);
  if (job === undefined || fields === undefined) {
    await session.say(say.storageBad.format({}));
    return session.fail(`Bad storage command: ${text}`);
  }
  if (fields.authorization) useKey(job, fields.authorization);
  const { settings } = session.context;
  job.storagePolicy = fields.ssl;
  const connection = await connectStorage(job, settings, {
    address: fields.address,
    port: fields.port,
    giveUpAfter: settings.sdConnectTimeout,
  });
  if (connection === undefined) {
    await session.say(say.storageBad.format({}));
    return "stop";
  }
  if (job.announcement.jobId !== 0) {
    const encryption = connection.cipher ?? "None";
    job.message(JobMessageType.INFO, ` Encryption: ${encryption}\n`);
    job.message(
      JobMessageType.INFO,
      `Connected Storage daemon at ${fields.address}:${fields.port}, encryption: ${encryption}\n`,
    );
  }
  return await answerOk(session, say.storageOk.format({}));
}

/** Another key means another storage daemon: what was there is over (director-client.md 9.1). */
function useKey(job: FileJob, key: string): void {
  job.storage?.close();
  job.storage = undefined;
  job.isMultiStorage = true;
  job.key = key;
}

async function setAuthorization(session: DirectorSession, text: string): Promise<Verdict> {
  const fields = hear.setAuthorization.parse(text);
  if (session.job === undefined || fields === undefined) {
    await session.say(say.setAuthorizationBad.format({}));
    return "stop";
  }
  useKey(session.job, fields.authorization);
  return await answerOk(session, say.setAuthorizationOk.format({}));
}

async function addScript(session: DirectorSession, text: string): Promise<Verdict> {
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
  return await answerOk(session, say.runOk.format({}));
}

async function runBefore(session: DirectorSession): Promise<Verdict> {
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
  if (!job.isCanceled) return await answerOk(session, say.runBeforeNowOk.format({}));
  await session.say(say.runFailed.format({}));
  return "stop";
}

/** `Client Run Before Job`, of directors that send it at once (bacula.md 11.4). */
async function runBeforeJob(session: DirectorSession, text: string): Promise<Verdict> {
  const { job, context } = session;
  const command = hear.runBeforeJob.parse(text)?.command;
  if (job !== undefined && command !== undefined && mayRunScripts(session)) {
    await whileConnected(session, job, () =>
      runNow(job, command, {
        daemon: context.settings.name,
        allowedFolders: session.scriptFolders,
      }));
    if (!job.isCanceled) return await answerOk(session, say.runBeforeJobOk.format({}));
  }
  await session.say(say.runBeforeJobBad.format({}));
  return "stop";
}

/** `Client Run After Job`: runs at the end of a job that went well. */
async function addAfterJob(session: DirectorSession, text: string): Promise<Verdict> {
  const command = hear.runAfterJob.parse(text)?.command;
  if (session.job === undefined || command === undefined || !mayRunScripts(session)) {
    await session.say(say.runAfterJobBad.format({}));
    return "stop";
  }
  const when = occasions.after.bit;
  session.job.scripts.push({ onSuccess: true, onFailure: false, failsJob: false, when, command });
  return await answerOk(session, say.runAfterJobOk.format({}));
}

/** The obsolete forms are for directors that know no other, and follow the same permissions. */
function mayRunScripts(session: DirectorSession): boolean {
  if (!session.manner.isCompatible) return false;
  if (session.allows("runscript")) return true;
  session.refuse("runscript");
  return false;
}

async function runBackup(session: DirectorSession, text: string): Promise<Verdict> {
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

function tellWhatIsSaved(job: FileJob): void {
  const blocks = job.fileSet?.includes.flatMap(({ blocks }) => blocks) ?? [];
  const on = (isOn: boolean): string => isOn ? "enabled" : "disabled";
  const hasAttributes = blocks.some(({ options }) => options.extendedAttributes);
  const hasAcls = blocks.some(({ options }) => options.acl);
  job.message(JobMessageType.INFO, `Extended attribute support is ${on(hasAttributes)}\n`);
  job.message(JobMessageType.INFO, `ACL support is ${on(hasAcls)}\n`);
}

/** Does the job's work; a director that hangs up meanwhile cancels it. */
async function whileConnected(
  session: DirectorSession,
  job: FileJob,
  work: () => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const watch = session.connection.receive({ abort: stop.signal }).then(
    (frame) => {
      // A director says nothing while it waits: whatever comes is its end.
      if (frame === undefined || frame.kind === "signal") job.cancel();
    },
    () => {}, // we stopped watching
  );
  const { heartbeatInterval } = session.context.settings;
  try {
    await withHeartbeat(session.connection, heartbeatInterval, work);
  } finally {
    stop.abort(new Error("The work is done"));
    await watch;
  }
}

/** The storage daemon of a passive client, which the director has told to connect. */
async function passiveStorage(job: FileJob): Promise<FileJob["storage"]> {
  const timeout = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => timeout.resolve(undefined), 60_000);
  try {
    return await Promise.race([job.passiveStorage.promise, timeout.promise]);
  } catch {
    return undefined; // canceled meanwhile; the status says so
  } finally {
    clearTimeout(timer);
  }
}

async function runEstimate(session: DirectorSession, text: string): Promise<Verdict> {
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

async function runRestore(session: DirectorSession, text: string): Promise<Verdict> {
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
      where: plain?.where === "/" ? "" : plain?.where ?? "",
      regexWhere: regex?.regexWhere ?? "",
      keys: session.context.settings.pki?.restoreKeys,
      tellsFiles: session.context.settings.messageTypes.has(JobMessageType.RESTORED),
      secureEraseCommand: session.context.settings.secureEraseCommand,
    }, session.context));
  if (job.storage?.canSend) await job.storage.sendSignal(Signal.TERMINATE).catch(() => {});
  job.storage?.close();
  job.storage = undefined;
  if (!job.isMultiStorage) return "stop";
  await session.say(say.storageEnd.format({}));
  return job.isCanceled ? "stop" : "go on";
}

async function secureErase(session: DirectorSession): Promise<Verdict> {
  const command = session.context.settings.secureEraseCommand || "*None*";
  return await answerOk(session, say.getSecureEraseCommandOk.format({ command }));
}

async function restoreObject(session: DirectorSession, text: string): Promise<Verdict> {
  if (hear.restoreObjectEnd.matches(text)) {
    return await answerOk(session, say.restoreObjectOk.format({}));
  }
  // Objects are for plugins, of which we have none: name and bytes are read and forgotten.
  for (let frame = 0; frame < 2; frame++) {
    if (await session.connection.receive() === undefined) return "stop";
  }
  return "go on";
}

/** Options are for plugins, of which we have none: whoever has set them is told. */
async function pluginOptions(session: DirectorSession, text: string): Promise<Verdict> {
  const options = hear.pluginOptions.parse(text)?.options ?? "";
  const { job } = session;
  if (job !== undefined && job.announcement.jobId !== 0) {
    const said = `Plugin options "${options}" have no effect: this file daemon has no plugins\n`;
    job.message(JobMessageType.WARNING, said);
  }
  return await answerOk(session, say.pluginOptionsOk.format({}));
}

async function bootstrap(session: DirectorSession): Promise<Verdict> {
  if (!await session.readList(() => {})) return "stop";
  return await answerOk(session, say.bootstrapOk.format({}));
}

async function verify(session: DirectorSession, text: string): Promise<Verdict> {
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
  if (isVolume) {
    job.storage ??= await passiveStorage(job);
    if (job.storage === undefined) return session.fail("Improper calling sequence.\n");
  }
  job.become("R");
  const { connection } = session;
  await whileConnected(
    session,
    job,
    () => isVolume ? verifyVolume(job, connection) : verifyDisk(job, connection),
  );
  return "stop";
}
