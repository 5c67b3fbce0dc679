/** `status` (console.md 14). @module */
import { directorToFile, JOB_LEVELS, jobTypeText } from "../../../protocol/mod.ts";
import { PRODUCT } from "../../version.ts";
import { connectClient, connectStorage, CONSOLE_PATIENCE } from "../daemon_connections.ts";
import { statusTime, withCommas, withSuffix } from "../formats.ts";
import type { Job } from "../job.ts";
import { previewRun } from "../job_preparation.ts";
import { nextDueTime } from "../schedule.ts";
import { longVersion } from "../version_text.ts";
import { passThrough } from "./pass_through.ts";
import type { ConsoleCommand, ConsoleSession } from "./session.ts";

/** Shows how the director and the daemons are. */
export const statusCommand: ConsoleCommand = {
  name: "status",
  help: "Report status",
  async run(session, args) {
    const { configuration } = session.director;
    const client = args.value("client");
    const storage = args.value("storage");
    if (client !== undefined) return await statusOfClient(session, client);
    if (storage !== undefined) return await statusOfStorage(session, storage);
    const word = args.first?.keyword.toLowerCase();
    if (word === "client") {
      const names = configuration.all("Client").map(({ name }) => name);
      return await statusOfClient(session, await session.choose("Client", "Select Client", names));
    }
    if (word === "storage") {
      const names = configuration.all("Storage").map(({ name }) => name);
      return await statusOfStorage(
        session,
        await session.choose("Storage", "Select Storage resource", names),
      );
    }
    if (word === "all") {
      session.print(directorStatus(session));
      for (const { name } of configuration.all("Storage")) await statusOfStorage(session, name);
      for (const { name } of configuration.all("Client")) await statusOfClient(session, name);
      return;
    }
    session.print(directorStatus(session));
  },
};

const statusPhrases: Readonly<Record<string, string>> = {
  C: "is waiting execution",
  R: "is running",
  B: "is blocked",
  T: "has terminated",
  W: "has terminated with warnings",
  E: "has erred",
  f: "has a fatal error",
  A: "has been canceled",
  s: "is waiting on max Storage jobs",
  c: "is waiting on max Client jobs",
  j: "is waiting on max Job jobs",
  d: "is waiting on max total jobs",
  p: "is waiting for higher priority jobs to finish",
  t: "is waiting for its start time",
};

const storagePhrases: Readonly<Record<string, string>> = {
  M: "is waiting for a mount request",
  m: "is waiting for an appendable Volume",
  F: "is waiting for Client to connect to Storage daemon",
  a: "SD despooling Attributes",
  l: "SD despooling Data",
};

function directorStatus(session: ConsoleSession): string {
  const { director } = session;
  const { resource, jobs, ended } = director;
  const running = jobs.length === 0
    ? "No Jobs running.\n"
    : " JobId Level   Name                       Status\n" +
      `${"=".repeat(70)}\n${jobs.map(runningLine).join("")}`;
  return `${resource.name} Version: ${longVersion()}\n` +
    `Daemon started ${
      statusTime(director.startTime)
    }. Jobs: run=${director.jobsRun}, running=${jobs.length} db:sqlite3, ${PRODUCT}\n` +
    scheduled(session) +
    `\nRunning Jobs:\nConsole connected at ${
      statusTime(Math.floor(Date.now() / 1000))
    }\n${running}====\n` +
    (ended.length === 0
      ? "No Terminated Jobs.\n"
      : "\nTerminated Jobs:\n JobId  Level    Files      Bytes   Status   Finished        Name \n" +
        `${"=".repeat(68)}\n${ended.map(endedLine).join("")}\n`);
}

function scheduled(session: ConsoleSession): string {
  const now = Math.floor(Date.now() / 1000);
  const lines = session.director.configuration.all("Job").flatMap((job) =>
    (job.enabled ? job.schedule?.run ?? [] : []).flatMap((runLine) => {
      const time = nextDueTime(runLine.times, now);
      if (time === undefined || time > now + 86_400) return [];
      const preview = previewRun(job, runLine);
      const level = JOB_LEVELS[preview.level]?.longText ?? "";
      return [{
        time,
        text: `${level.padEnd(14)} ${jobTypeText(job.type).padEnd(8)} ${
          String(preview.priority).padStart(3)
        }  ${statusTime(time).padEnd(18)} ${job.name.padEnd(18)} \n`,
      }];
    })
  ).toSorted((a, b) => a.time - b.time);
  const body = lines.length === 0
    ? "No Scheduled Jobs.\n"
    : "Level          Type     Pri  Scheduled          Name               Volume\n" +
      `${"=".repeat(83)}\n${lines.map(({ text }) => text).join("")}`;
  return `\nScheduled Jobs:\n${body}====\n`;
}

function runningLine(job: Job): string {
  const level = "DR".includes(job.type) ? "" : (JOB_LEVELS[job.level]?.longText ?? "").slice(0, 7);
  const phrase = storagePhrases[job.sdStatus] ?? statusPhrases[job.status] ??
    `is in unknown state ${job.status}`;
  return `${String(job.jobId).padStart(6)} ${level.padEnd(7)} ${job.uniqueName} ${phrase}\n`;
}

const endWords: Readonly<Record<string, string>> = {
  T: "OK",
  W: "OK -- with warnings",
  E: "Error",
  f: "Error",
  D: "Diffs",
  A: "Cancel",
  C: "Created",
};

function endedLine(job: Job): string {
  const level = "DR".includes(job.type) ? "" : (JOB_LEVELS[job.level]?.longText ?? "").slice(0, 4);
  return `${String(job.jobId).padStart(6)}  ${level.padEnd(6)} ${
    withCommas(job.counters.fdFiles).padStart(8)
  } ${withSuffix(job.counters.fdBytes).padStart(10)}  ${
    (endWords[job.status] ?? "Other").padEnd(7)
  }  ${statusTime(job.endTime)} ${job.resource.name}\n`;
}

async function statusOfClient(session: ConsoleSession, name: string): Promise<void> {
  const client = session.director.configuration.get("Client", name);
  if (client === undefined) {
    session.print(`Client "${name}" not found.\n`);
    return;
  }
  session.print(`Connecting to Client ${name} at ${client.address}:${client.port}\n`);
  const { connection } = await connectClient(client, {
    director: session.director.resource.name,
    patience: CONSOLE_PATIENCE,
  });
  session.print(" Handshake: Cleartext, Encryption: None\n");
  await passThrough(connection, directorToFile.status.format({}), (text) => session.print(text));
}

async function statusOfStorage(session: ConsoleSession, name: string): Promise<void> {
  const storage = session.director.configuration.get("Storage", name);
  if (storage === undefined) {
    session.print(`Storage resource ${name} not found.\n`);
    return;
  }
  session.print(
    `Connecting to Storage daemon ${name} at ${storage.address}:${storage.port}\n Encryption: None\n`,
  );
  const connection = await connectStorage(storage, {
    director: session.director.resource.name,
    patience: CONSOLE_PATIENCE,
  });
  const devices = storage.device.join(",");
  await passThrough(connection, `status ${devices}\n`, (text) => session.print(text));
}
