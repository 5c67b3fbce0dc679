/**
 * Our director between the recorded daemons: told what the recorded console was told, it says to them
 * what the recorded director said. The scripts are first tried against the recorded director.
 */
import { deepStrictEqual } from "node:assert";
import { ConsoleSession, dial, passwordKey } from "../protocol/mod.ts";
import { hasFixtures } from "./support/paths.ts";
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

function compare(name: string, connections: readonly PlayedConnection[]): void {
  for (const { link, played: { said, recordedSaid } } of connections) {
    deepStrictEqual(
      { name, link, said: comparable(said, VARYING) },
      { name, link, said: comparable(recordedSaid, VARYING) },
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
  fn: async () => {
    const workingDirectory = await Deno.makeTempDir();
    await using daemons = new RecordedDaemons();
    const { file, storage } = daemons.ports;
    const place = { workingDirectory, filePort: file, storagePort: storage };
    const director = await startDirector?.(place);
    try {
      const port = director?.ports[0] ?? 0;
      const connection = await dial({ address: "127.0.0.1", port, who: "Director" });
      const session = await ConsoleSession.login(connection, {
        key: passwordKey("console-pw"),
        version: "26.0.0",
        protocolVersion: "26.0.0",
      });
      for (const name of RECORDINGS) {
        const playing = daemons.play(name);
        playing.catch(() => {}); // awaited below; a failure ends the commands first
        for (const command of consoleCommands(name)) {
          if (command !== "quit") await Promise.race([session.call(command), failure(playing)]);
        }
        compare(name, await playing);
      }
      await session.close();
    } finally {
      await director?.stop();
      await Deno.remove(workingDirectory, { recursive: true });
    }
  },
});

/** Settles only if `work` fails. */
async function failure(work: Promise<unknown>): Promise<never> {
  await work;
  return await new Promise<never>(() => {});
}
