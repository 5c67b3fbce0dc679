/**
 * Dumps of catalogs, as the job that backs the catalog up makes them: complete while the director runs, for
 * their owner alone, and good enough to take the catalog's place.
 *
 * @module
 */
import { match, ok, strictEqual } from "node:assert";
import { join } from "./support/paths.ts";
import { hasPostgres, PostgresServer } from "./support/postgres.ts";
import { Installation } from "./support/roost.ts";

/** An installation that backs up one file. */
async function install(folder: string): Promise<Installation> {
  await Deno.writeTextFile(join(folder, "kept.txt"), "worth a backup\n");
  return await Installation.create({ backup: folder });
}

Deno.test("the catalog is dumped while the director runs, and restored from its dump", async () => {
  const folder = await Deno.makeTempDir({ prefix: "roost-dumped-" });
  await using installation = await install(folder);
  try {
    const work = join(installation.folder, "work");
    const words = ["-c", installation.folder];
    strictEqual((await installation.run(["dir", "-t", ...words])).status, 0);
    const isMade = await Deno.stat(join(work, "catalog.db")).then(() => true, () => false);
    strictEqual(isMade, false, "a test of the configuration makes no catalog");

    await installation.start();
    match(await installation.console("run job=Backup yes", "wait", "messages"), /Backup OK/);
    strictEqual(((await Deno.stat(join(work, "catalog.db"))).mode ?? 0) & 0o777, 0o600);
    const dumped = await installation.run(["catalog", "dump", "MyCatalog", ...words]);
    strictEqual(dumped.status, 0, dumped.stderr);
    const dump = join(work, "catalog.sql");
    match(dumped.stdout, new RegExp(`dumped into ${dump}`));
    strictEqual(((await Deno.stat(dump)).mode ?? 0) & 0o777, 0o600);

    // The catalog is lost; the dump takes its place.
    for (const name of ["dir", "sd", "fd"] as const) await installation.end(name);
    for (const end of ["", "-wal", "-shm"]) {
      await Deno.remove(join(work, `catalog.db${end}`)).catch(() => {}); // the last two may be gone
    }
    await Deno.copyFile(dump, join(work, "catalog.db"));
    await installation.start();
    const restored = await installation.console(
      `restore client=roost-fd fileset=SelfTest where=${folder}/back select all done yes`,
      "wait",
    );
    match(restored, /Job queued/);
    const back = await Deno.readTextFile(join(folder, "back", folder, "kept.txt"));
    strictEqual(back, "worth a backup\n");

    const removal = ["catalog", "dump", "--remove", ...words];
    strictEqual((await installation.run(removal)).status, 0);
    ok(await Deno.stat(dump).then(() => false, () => true));
    strictEqual((await installation.run(removal)).status, 0, "once more is no error");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a dump that fails leaves the former one, and says why", async () => {
  await using installation = await Installation.create({ backup: Deno.cwd() });
  const words = ["-c", installation.folder];
  const dump = join(installation.folder, "kept.sql");
  await Deno.writeTextFile(dump, "former");
  const failed = await installation.run(["catalog", "dump", "--to", dump, ...words]);
  strictEqual(failed.status, 1); // no director has made a catalog
  match(failed.stderr, /Cannot dump the catalog into .*kept\.sql: /);
  strictEqual(await Deno.readTextFile(dump), "former");
  for await (const { name } of Deno.readDir(installation.folder)) {
    ok(!name.endsWith(".new"), name);
  }
  match(
    (await installation.run(["catalog", "dump", "Other", ...words])).stderr,
    /there is no Catalog resource "Other"/,
  );
});

Deno.test("a catalog in PostgreSQL is dumped by pg_dump, and loaded by psql", {
  ignore: !hasPostgres,
}, async () => {
  await using server = await PostgresServer.start();
  await using installation = await Installation.create({ backup: Deno.cwd() });
  const database = server.createDatabase("TEMPLATE template0");
  const empty = server.createDatabase("TEMPLATE template0");
  const words = ["-c", installation.folder];
  await installation.configure(
    "bareos-dir.d/catalog/MyCatalog.conf",
    `Catalog { Name = MyCatalog; DbDriver = postgresql; DbName = "${database}"; DbUser = postgres
      DbSocket = "${server.folder}"; DbPort = ${server.port} }`,
  );
  strictEqual((await installation.run(["catalog", "create", ...words])).status, 0);
  const file = join(installation.folder, "dump.sql");
  const dumped = await installation.run(["catalog", "dump", "--to", file, ...words]);
  strictEqual(dumped.status, 0, dumped.stderr);
  strictEqual(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600);
  const place = ["-h", server.folder, "-p", String(server.port), "-U", server.user, "-d", empty];
  const loaded = await new Deno.Command("psql", {
    args: ["-X", "-v", "ON_ERROR_STOP=1", ...place, "-f", file],
  }).output();
  ok(loaded.success, new TextDecoder().decode(loaded.stderr));
  strictEqual(server.sql(empty, "SELECT VersionId FROM public.Version"), "2250");
});
