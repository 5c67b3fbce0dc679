/** Volumes that are purged give their space back: `purge volume action=truncate` and `truncate`. */
import { match, ok, strictEqual } from "node:assert/strict";
import { join } from "./support/paths.ts";
import { Installation } from "./support/roost.ts";

Deno.test("purged volumes are truncated where that is allowed, and written again", async () => {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await Deno.writeFile(join(source, "data"), new Uint8Array(300_000).fill(7));
    await using installation = await Installation.create({ backup: source });
    const pool = "bareos-dir.d/pool/Full.conf";
    const text = await Deno.readTextFile(join(installation.folder, pool));
    await installation.configure(pool, text.replace(/\{/, "{\n  Action On Purge = Truncate\n"));
    await installation.start();
    const size = (): number => Deno.statSync(join(installation.folder, "volumes/Full-0001")).size;

    match(
      await installation.console("run job=Backup level=Full yes", "wait", "messages"),
      /Backup OK/,
    );
    const whole = size();
    ok(whole > 300_000);
    const kept = await installation.console(
      "truncate",
      "truncate volstatus=Full yes",
      "truncate volstatus=Purged yes",
      "purge volume action=truncate storage=File pool=Full allpools",
    );
    match(kept, /required parameter 'volstatus' missing|missing parameter/);
    match(kept, /'volstatus' must be 'Purged'/);
    match(kept, /No results to list\./);
    strictEqual(size(), whole, "a volume that is not purged stays as it is");

    match(await installation.console("purge volume=Full-0001 yes"), /Marking it purged\.\n/);
    match(
      await installation.console("purge volume action=truncate storage=File pool=Full"),
      /The volume "Full-0001" has been truncated\n/,
    );
    const empty = size();
    ok(empty < 70_000, `${empty} bytes are left`);
    const listed = await installation.console("llist volumes pool=Full");
    match(listed, new RegExp(` volbytes: ${String(empty).replace(/\B(?=(\d{3})+$)/g, ",")}\n`));
    match(listed, / volfiles: 0\n/);
    match(listed, / volstatus: Purged\n/);
    match(
      await installation.console("purge volume action=truncate storage=File pool=Full"),
      /No Volumes found to perform truncate action\.\n/,
    );

    // Recycled, written again, purged again, and given up by the other command.
    match(
      await installation.console("run job=Backup level=Full yes", "wait", "messages"),
      /Backup OK/,
    );
    ok(size() > 300_000);
    match(await installation.console("purge volume=Full-0001 yes"), /Marking it purged\.\n/);
    match(
      await installation.console("truncate volstatus=Purged pool=Full yes"),
      /The volume 'Full-0001' has been truncated\.\n/,
    );
    strictEqual(size(), empty);
  } finally {
    await Deno.remove(source, { recursive: true });
  }
});

Deno.test("a pool without Action On Purge keeps the data of purged volumes", async () => {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await Deno.writeFile(join(source, "data"), new Uint8Array(300_000).fill(7));
    await using installation = await Installation.create({ backup: source });
    await installation.start();
    match(
      await installation.console("run job=Backup level=Full yes", "wait", "messages"),
      /Backup OK/,
    );
    const report = await installation.console(
      "purge volume=Full-0001 yes",
      "purge volume action=truncate storage=File pool=Full",
    );
    match(report, /The option "Action On Purge = Truncate" was not defined in the Pool resource\./);
    match(report, /Unable to truncate volume "Full-0001"\n/);
    ok(Deno.statSync(join(installation.folder, "volumes/Full-0001")).size > 300_000);
  } finally {
    await Deno.remove(source, { recursive: true });
  }
});
