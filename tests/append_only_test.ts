/** What was written for an append only pool stays, whatever the console is told to do. */
import assert from "node:assert/strict";
import { join } from "./support/paths.ts";
import { Installation } from "./support/roost.ts";
import { makeLargeFile } from "./support/sample.ts";

Deno.test("volumes of an append only pool cannot be truncated, relabelled or recycled", async () => {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await makeLargeFile(join(source, "large"), 300_000);
    await using installation = await Installation.create({ backup: source });
    const pool = (period: string): string =>
      `Pool { Name = Full; Pool Type = Backup; Label Format = "Full-"; Storage = File
         Maximum Volume Jobs = 1; Recycle = yes; Purge Oldest Volume = yes; Maximum Volumes = 3
         Action On Purge = Truncate; ${period} }\n`;
    await installation.configure(
      "bareos-dir.d/pool/Full.conf",
      pool("Append Only Period = 30 days"),
    );
    await installation.start();
    assert.match(
      await installation.console("run job=Backup level=Full yes", "wait", "messages"),
      /Termination: {12}Backup OK/,
    );
    const path = join(installation.folder, "volumes", "Full-0001");
    const before = await Deno.readFile(path);
    const label = await installation.run(["bls", "-L", path]);
    assert.match(label.stdout, /AppendOnly +: 2592000 s\n/);

    // whoever has the director takes the period out of its configuration first
    await installation.configure("bareos-dir.d/pool/Full.conf", pool(""));
    const refused = await installation.console(
      "reload",
      "purge volume=Full-0001 pool=Full yes",
      "truncate volstatus=Purged pool=Full storage=File yes",
      "purge volume=Full-0001 action=truncate pool=Full storage=File yes",
      "relabel storage=File oldvolume=Full-0001 volume=Other pool=Full slot=0",
      "label storage=File volume=Again pool=Full slot=0",
    );
    assert.match(
      refused,
      /3912 Failed to label Volume: ERR=Volume "Full-0001" is append only until/,
    );
    assert.match(refused, /Catalog record for Volume "Again", Slot 0 successfully created/);
    assert.deepEqual(await Deno.readFile(path), before);

    // the director's own wish to write over it is refused in the same way: another volume is used
    const log = await installation.console(
      "delete volume=Again pool=Full yes",
      "run job=Backup level=Full yes",
      "wait",
      "messages",
      "run job=Backup level=Full yes",
      "wait",
      "messages",
    );
    assert.match(log, /Termination: {12}Backup OK/);
    assert.deepEqual(await Deno.readFile(path), before);
    const files = await installation.run(["bls", "-j", path]);
    assert.equal(files.status, 0, files.stderr);
    assert.match(files.stdout, /End Job Session Record: /);
  } finally {
    await Deno.remove(source, { recursive: true });
  }
});
