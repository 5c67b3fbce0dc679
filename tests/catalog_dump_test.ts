/**
 * Dumps of catalogs, as the job that backs the catalog up makes them: complete while the director runs, for
 * their owner alone, and good enough to take the catalog's place.
 *
 * @module
 */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { DatabaseSync } from "node:sqlite";
import { freePort } from "./support/free_port.ts";
import { join } from "./support/paths.ts";
import { hasPostgres, PostgresServer } from "./support/postgres.ts";
import { farTime, fromSource, Installation } from "./support/roost.ts";
import { waitFor } from "./support/wait_for.ts";

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

Deno.test("a new installation backs its catalog up, and bextract finds it with nothing but the volumes", async () => {
  const folder = await Deno.makeTempDir({ prefix: "roost-whole-" });
  await Deno.writeTextFile(join(folder, "kept.txt"), "worth a backup\n");
  const home = join(folder, `its 100% "own" place`);
  const [program, ...first] = fromSource;
  const run = async (args: readonly string[], input = ""): Promise<string> => {
    const child = new Deno.Command(program, {
      args: [...first, ...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(input)).catch(() => {}); // it need not read
    await writer.close().catch(() => {});
    const { code, stdout, stderr } = await child.output();
    const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    strictEqual(code, 0, text);
    return text;
  };
  try {
    const ports = [freePort(), freePort(), freePort()].join(",");
    await run(["init", "--folder", home, "--backup", join(folder, "kept.txt"), "--ports", ports]);
    for (const name of ["WeeklyCycle", "AfterBackup"]) { // nothing is due while the test runs
      const schedule = join(home, `bareos-dir.d/schedule/${name}.conf`);
      const text = await Deno.readTextFile(schedule);
      await Deno.writeTextFile(schedule, text.replaceAll(/\bat \d\d:\d\d/g, `at ${farTime()}`));
    }
    const daemons = new Deno.Command(program, {
      args: [...first, "all", "-c", home],
      stdout: "null",
      stderr: "inherit",
    }).spawn();
    try {
      const port = Number(ports.split(",")[0]);
      await waitFor("the director", async () => {
        const connection = await Deno.connect({ hostname: "127.0.0.1", port }).catch(() => {});
        connection?.close();
        return connection !== undefined;
      });
      const commands = [
        "run job=Backup yes",
        "wait",
        "run job=BackupCatalog yes",
        "wait",
        "messages",
      ];
      const said = await run(["console", "-c", home], commands.join("\n"));
      strictEqual(said.match(/Termination: +Backup OK\n/g)?.length, 2, said);
    } finally {
      daemons.kill("SIGTERM");
      await daemons.status;
    }
    ok(await Deno.stat(join(home, "work/catalog.sql")).then(() => false, () => true), "it is gone");
    const bootstrap = join(home, "work/BackupCatalog.bsr");
    const back = join(folder, "back");
    await Deno.mkdir(back);
    await run(["bextract", "-c", home, "-b", bootstrap, "FileStorage", back]);
    using catalog = new DatabaseSync(join(back, home, "work/catalog.sql"), { readOnly: true });
    deepStrictEqual(
      catalog.prepare("SELECT Name, JobStatus FROM Job WHERE Name = 'Backup'").all().map((row) => ({
        ...row,
      })),
      [{ Name: "Backup", JobStatus: "T" }],
    );
    ok(await Deno.stat(join(back, home, "bareos-dir.d/job/Backup.conf")));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
