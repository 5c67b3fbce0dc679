/**
 * A network that goes silent between two daemons in the middle of a job ends the job with an error, within ten
 * heartbeat intervals (docs/troubleshooting.md), and leaves nothing behind. Each takes half a minute
 * and needs a network namespace, so it runs where it is asked for: ROOST_SLOW=1 deno test -A <this file>, as root.
 */
import { match, ok, strictEqual } from "node:assert";
import { existsSync } from "node:fs";
import { fromFileUrl } from "./support/paths.ts";
import type { CutOutcome } from "./support/silent_cut.ts";

const isPossible = Deno.env.get("ROOST_SLOW") === "1" && Deno.build.os === "linux" &&
  Deno.uid() === 0 && existsSync("/usr/bin/unshare");
const program = fromFileUrl(new URL("support/silent_cut.ts", import.meta.url));

const pairs: Readonly<Record<string, RegExp>> = {
  "fd-sd":
    /roost-sd JobId 1: Fatal error: Network error reading from FD\. ERR=Cannot receive from File daemon/,
  "dir-fd":
    /roost-dir JobId 1: Fatal error: Network error with FD during Backup: ERR=Cannot receive/,
  "dir-sd": /roost-dir JobId 1: Fatal error: Director's comm line to SD dropped\. Cannot receive/,
};

for (const [pair, error] of Object.entries(pairs)) {
  Deno.test({
    name: `a silent cut between ${pair.replace("-", " and ")} ends the job and frees the daemons`,
    ignore: !isPossible,
    fn: async () => {
      const run = `ip link set lo up && exec "$0" run -A "$1" ${pair}`;
      const { stdout, stderr } = await new Deno.Command("unshare", {
        args: ["-n", "sh", "-c", run, Deno.execPath(), program],
      }).output();
      const [text, problems] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
      ok(text?.startsWith("{"), problems);
      const { report, seconds, isFree }: CutOutcome = JSON.parse(text ?? "");
      match(report, error);
      match(report, /Termination: +\*\*\* Backup Error \*\*\*/);
      ok(seconds < 300, `${seconds} s`);
      strictEqual(isFree, true);
    },
  });
}
