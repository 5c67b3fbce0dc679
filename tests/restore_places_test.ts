/** Restores of what is not where one thinks: a volume that is away, a client that is another one. */
import { deepStrictEqual, match } from "node:assert";
import { join } from "./support/paths.ts";
import { scene } from "./support/scene.ts";
import { compareTrees, describeTree } from "./support/tree.ts";
import { nextSecond, waitFor } from "./support/wait_for.ts";

Deno.test("a restore asks for the one of its volumes that is away, and goes on when it is back", () =>
  scene(async ({ installation, source, job, path }) => {
    await Deno.writeTextFile(join(source, "old"), "old");
    await installation.start();
    match(await job("run job=Backup level=Full yes"), /Backup OK/);
    await nextSecond();
    await Deno.writeTextFile(join(source, "new"), "new");
    match(await job("run job=Backup level=Incremental yes"), /Backup OK/);
    const [volume, away] = [path("volumes/Full-0001"), path("away")];
    await Deno.rename(volume, away);
    const where = path("back");
    await installation.console(
      `restore client=roost-fd where=${where} select current all done yes`,
    );
    let said = ""; // a message is shown once
    await waitFor("the storage daemon to ask", async () => {
      const text = await installation.console("status storage=File", "messages");
      said += text;
      return /BLOCKED waiting for mount of volume "Full-0001"/.test(text) &&
        /Please mount read Volume "Full-0001" for:\n/.test(said);
    });
    await Deno.rename(away, volume);
    const report = await job("mount storage=File");
    match(report, /Termination: +Restore OK -- with warnings\n/, report); // that it was away
    match(report, /Files Restored: +3\n/);
    deepStrictEqual(
      compareTrees(
        await describeTree(source),
        await describeTree(join(where, source)),
        (name) => name === "",
      ),
      [],
    );
  }));

Deno.test("one client's files come back on another, which is told", () =>
  scene(async ({ installation, source, job, path }) => {
    await Deno.writeTextFile(join(source, "file"), "text");
    const client = await Deno.readTextFile(path("bareos-dir.d/client/roost-fd.conf"));
    // The same daemon under another name: what counts is whom the director asks for.
    await installation.configure(
      "bareos-dir.d/client/other-fd.conf",
      client.replace(/Name = .*/, "Name = other-fd"),
    );
    await installation.start();
    match(await job("run job=Backup level=Full yes"), /Backup OK/);
    const where = path("back");
    const report = await job(
      `restore client=roost-fd restoreclient=other-fd where=${where} select current all done yes`,
    );
    match(report, /Connected Client: other-fd at /, report);
    match(report, /Restore Client: +"other-fd" /);
    match(report, /Termination: +Restore OK\n/);
    match(await Deno.readTextFile(join(where, source, "file")), /^text$/);
    const refused = await installation.console(
      `restore client=roost-fd restoreclient=nobody where=${where} select current all done yes`,
    );
    match(refused, /invalid restoreclient argument: nobody/);
  }));
