/** The scripts play whole recordings against themselves. */
import { deepStrictEqual } from "node:assert";
import { Connection, passwordKey } from "../protocol/mod.ts";
import { memoryPair } from "./support/memory_transport.ts";
import { hasFixtures } from "./support/paths.ts";
import { loadRecording } from "./support/recording.ts";
import { comparable, ScriptedPeer } from "./support/scripted_peer.ts";

for (const name of ["01", "03", "05", "06", "09", "10", "13", "19", "31"]) {
  Deno.test({
    name: `both sides of every daemon connection of recording ${name} play against each other`,
    ignore: !hasFixtures,
    fn: async () => {
      for (const recorded of loadRecording(name).connections) {
        if (recorded.link === "console-dir") continue;
        const [a, b] = memoryPair();
        const key = passwordKey("secret");
        const options = { recorded, key };
        const dialing = new ScriptedPeer(new Connection(a), {
          ...options,
          side: ">",
          ownName: "R_DIRECTOR::one",
        });
        const accepting = new ScriptedPeer(new Connection(b), {
          ...options,
          side: "<",
          ownName: "R_CLIENT::two",
        });
        const played = await Promise.all([dialing.play(), accepting.play()]);
        for (const { said, recordedSaid, aside, recordedAside } of played) {
          deepStrictEqual(comparable(said, []), comparable(recordedSaid, []));
          deepStrictEqual(comparable(aside, []), comparable(recordedAside, []));
        }
      }
    },
  });
}
