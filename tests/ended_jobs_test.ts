/** What the status tells of the last jobs outlives a restart of each daemon. */
import { match, strictEqual } from "node:assert";
import { join } from "./support/paths.ts";
import { Installation } from "./support/roost.ts";
import { waitFor } from "./support/wait_for.ts";

Deno.test("status of director, storage and file daemon lists the last jobs after a restart, too", async () => {
  const folder = await Deno.makeTempDir({ prefix: "roost-ended-" });
  await Deno.writeTextFile(join(folder, "file"), "text\n");
  await using installation = await Installation.create({ backup: folder });
  try {
    await installation.start();
    await installation.console("run job=Backup yes", "wait");
    const statuses = ["status dir", "status client=roost-fd", "status storage=File"];
    const line = /^ +1 +Full +[23] .* OK +\d\d-\w{3}-\d\d \d\d:\d\d +Backup *$/gm;
    const told = async (): Promise<string[]> =>
      [...(await installation.console(...statuses)).matchAll(line)].map(([text]) => text);
    // The daemons are done with a job a little after the director has heard so.
    const before = await waitFor("all three to tell of the job", async () => {
      const lines = await told();
      return lines.length === 3 && lines;
    });
    for (const name of ["dir", "sd", "fd"] as const) await installation.end(name);
    await installation.start();
    strictEqual((await told()).join("\n"), before.join("\n"));
    match(await installation.console(".status dir last"), /JobId=1 JobStatus=T JobErrors=0/);
    match(await installation.console("wait jobid=1"), /JobStatus=OK \(T\)/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
