/**
 * Our director between the recorded daemons: told what the recorded console was told, it says to them
 * what the recorded director said. The scripts are first tried against the recorded director.
 */
import { deepStrictEqual } from "node:assert";
import { ConsoleSession, dial, passwordKey } from "../protocol/mod.ts";
import { fixture, hasFixtures } from "./support/paths.ts";
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
): Promise<void> {
  const workingDirectory = await Deno.makeTempDir();
  await using daemons = new RecordedDaemons();
  const { file, denied, storage } = daemons.ports;
  const place = { workingDirectory, filePort: file, deniedPort: denied, storagePort: storage };
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
