/**
 * Our director between the recorded daemons: told what the recorded console was told, it says to them
 * what the recorded director said. The scripts are first tried against the recorded director.
 */
import { deepStrictEqual } from "node:assert";
import { ConsoleSession, dial, passwordKey } from "../protocol/mod.ts";
import { fixture, hasFixtures } from "./support/paths.ts";
import {
  consoleCommands,
  type PlayedConnection,
  playRecordedDirector,
  RecordedDaemons,
  VARYING,
} from "./support/scripted_director.ts";
import { comparable } from "./support/scripted_peer.ts";
import { startDirector } from "./support/start_director.ts";

/** One after the other, as they were recorded: each begins with the catalog the last one left. */
const RECORDINGS = ["01", "02", "03", "04", "05", "06"];

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
      for (const name of RECORDINGS) compare(name, await play(name, daemons, session));
    }),
});

Deno.test({
  name: "a backup that the client refuses is led and reported as recorded in 13",
  ignore: !hasFixtures || startDirector === undefined,
  fn: () =>
    withDirector(async (daemons, session) => {
      compare("13", await play("13", daemons, session), [...VARYING, "jobId", "sdId"]);
      const recorded = Deno.readTextFileSync(fixture("transcripts/13-backup-denied.console.txt"));
      deepStrictEqual(failureLines(await session.call("messages")), failureLines(recorded));
    }),
});

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
