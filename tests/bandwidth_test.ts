/** Limits of bandwidth with real daemons: given by the configuration, changed while jobs run. */
import { doesNotMatch, match, ok } from "node:assert";
import { join } from "./support/paths.ts";
import type { Installation } from "./support/roost.ts";
import { clientFile, jobFile, scene } from "./support/scene.ts";
import { waitFor } from "./support/wait_for.ts";

/** At this rate a job would take hours. */
const crawl = "2 k/s";
const size = 24 << 20;

async function limited(
  file: string,
  directives: readonly string[],
  run: (installation: Installation) => Promise<void>,
): Promise<void> {
  await scene(async ({ installation, source, withDirectives }) => {
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size; at += 65_536) {
      crypto.getRandomValues(bytes.subarray(at, at + 65_536));
    }
    await Deno.writeFile(join(source, "large"), bytes);
    await withDirectives(file, ...directives);
    await installation.start();
    await run(installation);
  });
}

/** Waits until the job's data flows, and looks again: it must not have come far. */
async function crawls(installation: Installation, daemon: "client" | "storage"): Promise<string> {
  const command = `status ${daemon}=${daemon === "client" ? "roost-fd" : "File"}`;
  const running = (text: string): string | undefined => /(?:^|\n)\s*Files=.*/.exec(text)?.[0];
  await waitFor("data to flow", async () => running(await installation.console(command)));
  const status = await installation.console("version", "version", command);
  const line = running(status) ?? "";
  ok(line !== "", `the job is over: ${status}`);
  const bytes = Number(/Bytes=([\d,]+)/.exec(line)?.[1]?.replaceAll(",", ""));
  ok(bytes < size / 2, status);
  return status;
}

Deno.test("Maximum Bandwidth of a job holds until setbandwidth changes it while the job runs", () =>
  limited(
    jobFile,
    [`Maximum Bandwidth = ${crawl}`],
    async (installation) => {
      await installation.console("run job=Backup level=Full yes");
      match(await crawls(installation, "client"), /Bwlimit=2,048\n/);
      // Though it takes minutes until the first part of the file is through.
      await waitFor(
        "the status to tell how far it has come",
        async () => / Bytes=[1-9]/.test(await installation.console("status client=roost-fd")),
      );
      const change = await installation.console("setbandwidth jobid=1 limit=1000000");
      match(change, /OK Limiting bandwidth to 1000000kb\/s Backup\./);
      match(await installation.console("wait", "messages"), /Backup OK/);
    },
  ));

Deno.test("a client's limit goes for all jobs of the daemon, and setbandwidth client= lifts it", () =>
  limited(
    clientFile,
    [`Maximum Bandwidth Per Job = ${crawl}`, "Allow Bandwidth Bursting = yes"],
    async (installation) => {
      await installation.console("run job=Backup level=Full yes");
      match(await crawls(installation, "client"), / bwlimit=2kB\/s/);
      match(
        await installation.console("setbandwidth client=roost-fd limit=0"),
        /OK Limiting bandwidth to 0kb\/s roost-fd/,
      );
      match(await installation.console("wait", "messages"), /Backup OK/);

      // A restore is limited as well, and a canceled one does not wait for its allowance.
      await installation.console("setbandwidth client=roost-fd limit=2");
      await installation.console("restore where=/nowhere select current all done yes");
      await crawls(installation, "client");
      match(await installation.console("cancel jobid=2"), /marked to be cancel+ed/);
      const report = await installation.console("wait", "messages");
      match(report, /Restore Canceled/);
      await waitFor(
        "the client to be free",
        async () => /No Jobs running/.test(await installation.console("status client=roost-fd")),
      );
    },
  ));

Deno.test("a storage daemon's limit is lifted for all its jobs by setbandwidth storage=", () =>
  limited(
    "bareos-sd.d/storage/roost-sd.conf",
    [`Maximum Bandwidth Per Job = ${crawl}`],
    async (installation) => {
      await installation.console("run job=Backup level=Full yes");
      match(await crawls(installation, "storage"), / bwlimit=2kB\/s/);
      match(
        await installation.console("setbandwidth storage=File limit=0"),
        /OK Limiting bandwidth to 0kb\/s File/,
      );
      const report = await installation.console("wait", "messages");
      match(report, /Backup OK/);
      doesNotMatch(report, /not found/);
    },
  ));
