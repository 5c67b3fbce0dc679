/**
 * Our director between the recorded daemons: told what the recorded console was told, it says to them
 * what the recorded director said. The scripts are first tried against the recorded director.
 */
import { deepStrictEqual, strictEqual } from "node:assert";
import { ConsoleSession, dial, passwordKey } from "../protocol/mod.ts";
import { Catalog } from "../storage/catalog/mod.ts";
import { fixture, hasFixtures, join } from "./support/paths.ts";
import { fromSource } from "./support/roost.ts";
import { recordingNames } from "./support/recording.ts";
import {
  consoleCommands,
  type PlayedConnection,
  playRecordedDirector,
  RecordedDaemons,
  VARYING,
} from "./support/scripted_director.ts";
import { comparable, type PlayedFrame } from "./support/scripted_peer.ts";
import { startDirector } from "./support/start_director.ts";

/** One after the other, as they were recorded: each begins with the catalog the last one left. */
const RECORDINGS = ["01", "02", "03", "04", "05", "06"];

/** Those whose job logs are compared, too: in the others, times have changed the text. */
const BACKUPS = ["01", "02", "03", "04"];

function recordedConsole(name: string): string {
  const full = recordingNames().find((known) => known.startsWith(`${name}-`));
  return Deno.readTextFileSync(fixture(`transcripts/${full}.console.txt`));
}

/** What stands in a job log from run to run and from system to system alike. */
const ALIKE: readonly (readonly [RegExp, string])[] = [
  [/^\d\d-\w{3} \d\d:\d\d /, ""],
  [/\d{4}-\d\d-\d\d[_ ]\d\d[.:]\d\d[.:]\d\d(_\d\d)?/g, "(time)"],
  [/\d\d-\w{3}-\d{4} [\d:]+/, "(time)"],
  [/(Elapsed time|Rate|OS Information|Bareos binary info): .*/, "$1"],
  [/127\.0\.0\.1:\d+/, "(address)"],
  [/rec-dir(.*) \d\d\.\d\.\d~.*/, "rec-dir$1 (version)"],
];

/** The lines of a job log in the order of their text: daemons speak when they like. */
function jobLog(text: string): string[] {
  const from = text.search(/^.*JobId \d+: Version/m);
  const to = text.indexOf("\n", text.indexOf("Termination:"));
  return text.slice(from, to).split("\n").map((line) =>
    ALIKE.reduce((changed, [what, by]) => changed.replace(what, by), line)
  ).toSorted();
}

function compare(
  name: string,
  connections: readonly PlayedConnection[],
  varying: readonly string[] = VARYING,
): void {
  for (const { link, played: { said, recordedSaid } } of connections) {
    deepStrictEqual(
      { name, link, said: comparable(said, varying) },
      { name, link, said: comparable(recordedSaid, varying) },
    );
  }
}

for (const name of RECORDINGS) {
  Deno.test({
    name: `the daemons' scripts of ${name} play against the recorded director`,
    ignore: !hasFixtures,
    fn: async () => {
      await using daemons = new RecordedDaemons();
      const [played] = await Promise.all([
        daemons.play(name),
        playRecordedDirector(name, daemons.ports),
      ]);
      compare(name, played);
    },
  });
}

Deno.test({
  name: `the director says to the recorded daemons of ${RECORDINGS.join(", ")} what was recorded`,
  ignore: !hasFixtures || startDirector === undefined,
  fn: () =>
    withDirector(async (daemons, session) => {
      for (const name of RECORDINGS) {
        compare(name, await play(name, daemons, session));
        const log = await session.call("messages");
        if (BACKUPS.includes(name)) deepStrictEqual(jobLog(log), jobLog(recordedConsole(name)));
      }
    }),
});

Deno.test({
  name: "a backup that the client refuses is led and reported as recorded in 13",
  ignore: !hasFixtures || startDirector === undefined,
  fn: () =>
    withDirector(async (daemons, session) => {
      compare("13", await play("13", daemons, session), [...VARYING, "jobId", "sdId"]);
      deepStrictEqual(
        failureLines(await session.call("messages")),
        failureLines(recordedConsole("13")),
      );
    }),
});

Deno.test({
  name: "the director says to the recorded daemons of 14 what was recorded, but for its volume",
  ignore: !hasFixtures || startDirector === undefined,
  fn: () =>
    withDirector(async (daemons, session) => {
      // Those before were not played: other ids, and another history of the volume.
      const connections = (await play("14", daemons, session)).map(({ link, played }) => ({
        link,
        played: {
          ...played,
          said: played.said.filter(isNoAnswer),
          recordedSaid: played.recordedSaid.filter(isNoAnswer),
        },
      }));
      compare("14", connections, [...VARYING, "jobId", "sdId"]);
    }),
});

Deno.test({
  name: "the director copies between the recorded daemons of 15 as recorded",
  ignore: !hasFixtures || startDirector === undefined,
  fn: () =>
    withDirector(
      async (daemons, session) => {
        const connections = (await play("15", daemons, session)).map(withoutAnswers);
        strictEqual(connections.length, 12);
        compare("15", connections, VARYING);
        const log = await session.call("messages");
        for (const jobId of [14, 15, 16]) {
          deepStrictEqual(linesOf(log, jobId), linesOf(recordedConsole("15"), jobId));
        }
        deepStrictEqual(copyRows(await session.call("list jobs")), copyRows(recordedConsole("15")));
      },
      // the jobs of the recordings before, from the volume that they wrote
      async (folder) => {
        const [program, ...args] = fromSource;
        const { success } = await new Deno.Command(program, {
          args: [
            ...args,
            ...["bscan", "-s", "-B", "sqlite3", "-w", folder, "-n", "catalog"],
            fixture("volumes/Main-0001"),
          ],
        }).output();
        strictEqual(success, true);
        const catalog = Catalog.open(join(folder, "catalog.db"));
        const storageId = catalog.storage({ name: "File1", autoChanger: false });
        const then = { volStatus: "Append", volBytes: 6_563_222, volBlocks: 11, volJobs: 6 };
        catalog.updateMedia(1, { storageId, ...then });
        catalog.run("DELETE FROM Job WHERE JobId > 13"); // they came later
        catalog.run("UPDATE sqlite_sequence SET seq = 13 WHERE name = 'Job'");
        catalog.close();
      },
    ),
});

Deno.test({
  name: "the director migrates between the recorded daemons of 16 as recorded",
  ignore: !hasFixtures || startDirector === undefined,
  fn: () =>
    withDirector(
      async (daemons, session) => {
        compare("16", (await play("16", daemons, session)).map(withoutAnswers), VARYING);
        const log = await session.call("messages");
        for (const jobId of [28, 29]) {
          deepStrictEqual(linesOf(log, jobId), linesOf(recordedConsole("16"), jobId));
        }
        const rows = (text: string) => copyRows(text).filter((row) => Number(row[0]) >= 27);
        deepStrictEqual(rows(await session.call("list jobs")), rows(recordedConsole("16")));
      },
      // so many volumes and jobs had been before
      (folder) => {
        const catalog = Catalog.open(join(folder, "catalog.db"));
        for (const volumeName of ["Main-0001", "Copies-0002"]) {
          catalog.createMedia(
            { volumeName, mediaType: "Other", volStatus: "Used" } as { volumeName: string },
          );
        }
        catalog.run(
          "INSERT INTO Job (JobId, Job, Name, Type, Level, JobStatus) VALUES (26, '', '', 'D', ' ', 'T')",
        );
        catalog.run("DELETE FROM Job");
        catalog.close();
      },
    ),
});

function withoutAnswers({ link, played }: PlayedConnection): PlayedConnection {
  const { said, recordedSaid } = played;
  return {
    link,
    played: {
      ...played,
      said: said.filter(isNoAnswer),
      recordedSaid: recordedSaid.filter(isNoAnswer),
    },
  };
}

/** What the director itself has logged for a job, in its order; paths and times left out. */
function linesOf(text: string, jobId: number): string[] {
  const lines = text.split("\n");
  return lines.flatMap((line, at) => {
    if (!line.includes(`rec-dir JobId ${jobId}: `)) return [];
    let end = at + 1;
    while (/^ {2}\S/.test(lines[end] ?? "")) end++;
    return lines.slice(at, end);
  }).map((line) =>
    ALIKE.reduce((changed, [what, by]) => changed.replace(what, by), line)
      .replace(/(?:\/[\w.-]+)+\/rec-dir\.restore\.\d+\.bsr/, "(bootstrap)")
      .replace(/JobId: JobId/, "JobId")
  );
}

/** Id, name, type, level, files and status of the jobs in a table that left something on a volume. */
function copyRows(text: string): string[][] {
  return text.split("\n").filter((line) => /^\| +\d+ \| \w+ +\|/.test(line)).map((line) => {
    const cells = line.split("|").map((cell) => cell.trim());
    return [1, 2, 6, 7, 8, 10].map((at) => cells[at] ?? "");
  }).filter((row) => /^[BcgCM]$/.test(row[2] ?? "") && row[5] === "T").toSorted((a, b) =>
    Number(a[0]) - Number(b[0])
  );
}

function isNoAnswer({ name }: PlayedFrame): boolean {
  return !name.startsWith("catalogAnswer.");
}

/** The fatal messages of a job log, and what the report says of its end; JobIds left out. */
function failureLines(log: string): string[] {
  const from = log.indexOf("denied-fd JobId", log.indexOf("Connected Storage daemon"));
  const lines = log.slice(from).split("\n").map((line) => line.replace(/JobId:? +\d+/, "JobId"));
  const isTold = /Fatal error|, got|^$|errors:|Errors:|status:|Files Written:|Termination:/i;
  const end = lines.findIndex((line) => line.includes("Termination:"));
  return lines.slice(0, end + 1).filter((line) => isTold.test(line))
    .map((line) => line.replace(/^\d\d-\w{3} \d\d:\d\d /, ""));
}

/** Runs a fresh director between the recorded daemons, and a console on it. */
async function withDirector(
  work: (daemons: RecordedDaemons, session: ConsoleSession) => Promise<void>,
  prepare: (workingDirectory: string) => Promise<void> | void = () => {},
): Promise<void> {
  const workingDirectory = await Deno.makeTempDir();
  await prepare(workingDirectory);
  await using daemons = new RecordedDaemons();
  const { file, denied, storage, second } = daemons.ports;
  const place = {
    workingDirectory,
    filePort: file,
    deniedPort: denied,
    storagePort: storage,
    secondPort: second,
  };
  const director = await startDirector?.(place);
  try {
    const connection = await dial({
      address: "127.0.0.1",
      port: director?.ports[0] ?? 0,
      who: "Director",
    });
    const session = await ConsoleSession.login(connection, {
      key: passwordKey("console-pw"),
      version: "26.0.0",
      protocolVersion: "26.0.0",
    });
    await work(daemons, session);
    await session.close();
  } finally {
    await director?.stop();
    await Deno.remove(workingDirectory, { recursive: true });
  }
}

/** Gives the director the commands of a recording while the daemons play theirs. */
async function play(
  name: string,
  daemons: RecordedDaemons,
  session: ConsoleSession,
): Promise<readonly PlayedConnection[]> {
  const playing = daemons.play(name);
  playing.catch(() => {}); // awaited below; a failure ends the commands first
  for (const command of consoleCommands(name)) {
    if (command !== "quit" && command !== "messages") {
      await Promise.race([session.call(command), failure(playing)]);
    }
  }
  return await playing;
}

/** Settles only if `work` fails. */
async function failure(work: Promise<unknown>): Promise<never> {
  await work;
  return await new Promise<never>(() => {});
}
