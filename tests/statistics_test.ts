/** Statistics of devices and jobs, from the storage daemon into the catalog. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { join } from "./support/paths.ts";
import { Installation } from "./support/roost.ts";
import { waitFor } from "./support/wait_for.ts";

/** Adds directives behind the brace that opens a resource's file. */
async function give(installation: Installation, file: string, lines: string): Promise<void> {
  const text = await Deno.readTextFile(join(installation.folder, file));
  await installation.configure(file, text.replace(/\{/, `{\n${lines}\n`));
}

Deno.test("samples of devices and jobs come into the catalog, and can be listed and pruned", async () => {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await Deno.writeFile(join(source, "data"), crypto.getRandomValues(new Uint8Array(60_000)));
    await Deno.truncate(join(source, "data"), 3_000_000);
    await using installation = await Installation.create({ backup: source });
    await give(
      installation,
      "bareos-sd.d/storage/roost-sd.conf",
      "Collect Device Statistics = yes\nCollect Job Statistics = yes\nStatistics Collect Interval = 1",
    );
    await give(installation, "bareos-dir.d/storage/File.conf", "Collect Statistics = yes");
    await give(
      installation,
      "bareos-dir.d/director/roost-dir.conf",
      "Statistics Collect Interval = 1",
    );
    // Slow enough for a sample to be taken while it runs.
    await give(installation, "bareos-dir.d/job/Backup.conf", "Maximum Bandwidth = 500 k");
    await installation.start();
    match(await installation.console("run job=Backup yes", "wait", "messages"), /Backup OK/);

    const rows = (sql: string) => {
      using database = new DatabaseSync(join(installation.folder, "work/catalog.db"), {
        readOnly: true,
        timeout: 30_000,
      });
      return database.prepare(sql).all() as Record<string, number | string>[];
    };
    await waitFor("samples of the job", () => rows("SELECT * FROM JobStats").length > 0);
    const [device] = rows("SELECT * FROM Device");
    strictEqual(device?.Name, "FileStorage");
    const jobs = rows("SELECT * FROM JobStats ORDER BY SampleTime, JobBytes");
    ok(jobs.every(({ JobId, DeviceId }) => JobId === 1 && DeviceId === device.DeviceId));
    match(String(jobs[0]?.SampleTime), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    await waitFor(
      "samples of the device",
      () => rows("SELECT * FROM DeviceStats WHERE NumWriters = 1 AND MediaId > 0").length > 0,
    );
    const [volume] = rows("SELECT MediaId FROM Media");
    // Of a moment before the volume is mounted a sample has none.
    const writing = rows("SELECT * FROM DeviceStats WHERE NumWriters = 1 AND MediaId > 0");
    deepStrictEqual(new Set(writing.map(({ MediaId }) => MediaId)), new Set([volume?.MediaId]));

    const console = await installation.console(
      "list jobstatistics jobid=1",
      "update stats days=0",
      "prune stats yes",
    );
    match(console, /deviceid \| +sampletime +\| jobid \| jobfiles \| +jobbytes/);
    match(console, /Updating 1 job\(s\)\./);
    strictEqual(rows("SELECT * FROM JobHisto").length, 1);
    // More of them may have come in meanwhile: the storage daemon sends what it sampled every second.
    const left = new Set(rows("SELECT * FROM JobStats").map((row) => JSON.stringify(row)));
    ok(jobs.every((row) => left.has(JSON.stringify(row))), "they are too young to be pruned");
  } finally {
    await Deno.remove(source, { recursive: true });
  }
});
