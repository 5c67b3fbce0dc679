/**
 * A whole installation with its catalog in PostgreSQL: a server of the test's own, real daemons, and
 * what they leave in the tables that a Bareos director has.
 */
import { deepStrictEqual, doesNotMatch, match, strictEqual } from "node:assert";
import { existsSync } from "node:fs";
import { encodeText } from "../bytes/mod.ts";
import { Catalog } from "../storage/catalog/mod.ts";
import { addArchive } from "./support/archive_device.ts";
import { join } from "./support/paths.ts";
import { hasPostgres, PostgresServer } from "./support/postgres.ts";
import { Installation } from "./support/roost.ts";
import { compareTrees, describeTree } from "./support/tree.ts";
import { nextSecond, waitFor } from "./support/wait_for.ts";

const password = "not 'quite\\ simple";

/** An installation whose catalog is in a database that is not made yet, and the folder that it saves. */
async function withServer(
  run: (scene: {
    readonly server: PostgresServer;
    readonly installation: Installation;
    readonly source: string;
    catalog(...args: readonly string[]): Promise<string>;
  }) => Promise<void>,
): Promise<void> {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await using server = await PostgresServer.start({
      roost: { method: "scram-sha-256", password },
    });
    await using installation = await Installation.create({ backup: source });
    await installation.configure(
      "bareos-dir.d/catalog/MyCatalog.conf",
      `Catalog { Name = MyCatalog; dbname = bareos; dbuser = roost
        dbpassword = "${
        password.replace("\\", "\\\\")
      }"; dbaddress = 127.0.0.1; dbport = ${server.port} }\n`,
    );
    const catalog = async (...args: readonly string[]): Promise<string> => {
      const { status, stdout, stderr } = await installation.run([
        "catalog",
        ...args,
        "-c",
        installation.folder,
      ]);
      return `${status} ${stdout}${stderr}`;
    };
    await run({ server, installation, source, catalog });
  } finally {
    await Deno.remove(source, { recursive: true });
  }
}

const options = { ignore: !hasPostgres };

Deno.test(
  "backups, restore, copy, lists, pruning, bscan and dbcheck with a catalog in PostgreSQL",
  options,
  () =>
    withServer(async ({ server, installation, source, catalog }) => {
      await addArchive(installation);
      await installation.configure(
        "bareos-dir.d/pool/Full.conf",
        `Pool { Name = Full; Pool Type = Backup; Label Format = "Full-"; Storage = File
       Next Pool = Archive; Maximum Volume Jobs = 1 }\n`,
      );
      await installation.configure(
        "bareos-dir.d/job/CopyJob.conf",
        `Job { Name = CopyJob; Type = Copy; Pool = Full; Client = roost-fd; FileSet = SelfTest
       Messages = Standard; Selection Type = PoolUncopiedJobs }\n`,
      );
      const early = await installation.run(["dir", "-t", "-c", installation.folder]);
      match(early.stdout + early.stderr, /Catalog "MyCatalog".*database "?bareos"? does not exist/);
      match(
        await catalog("create"),
        /^0 Made the database bareos\nMade the tables of version 2250\n/,
      );
      match(await catalog("create"), /^1 .*there is a catalog of version 2250 already/);
      // As Bareos' three scripts, called one after the other, say it.
      match(
        await catalog("create", "--if-missing"),
        /^0 In Catalog "MyCatalog" .*there is a catalog of version 2250 already\n/,
      );
      match(await catalog("upgrade"), /^0 The catalog has version 2250\n/);
      strictEqual(server.sql("bareos", "SHOW server_encoding"), "SQL_ASCII");

      const odd = new Uint8Array([...new TextEncoder().encode(`${source}/odd\\ \t`), 0xff, 0xe9]);
      await Deno.writeTextFile(join(source, "plain"), "one");
      await Deno.mkdir(join(source, "folder"));
      await Deno.writeTextFile(join(source, "folder/inside"), "two");
      const maker = new Deno.Command("xargs", { args: ["-0", "touch"], stdin: "piped" }).spawn();
      const writer = maker.stdin.getWriter();
      await writer.write(odd);
      await writer.close();
      strictEqual((await maker.status).success, true);

      await installation.start();
      const full = await installation.console("run job=Backup level=Full yes", "wait", "messages");
      match(full, /Termination: {12}Backup OK/);
      strictEqual(
        server.sql(
          "bareos",
          `SELECT encode(convert_to(Path || Name, 'SQL_ASCII'), 'hex') FROM File JOIN Path USING (PathId)
         WHERE Name LIKE 'odd%'`,
        ),
        odd.toHex(),
      );
      await nextSecond();
      await Deno.writeTextFile(join(source, "folder/later"), "three");
      match(
        await installation.console("run job=Backup level=Incremental yes", "wait", "messages"),
        /Termination: {12}Backup OK/,
      );
      match(
        await installation.console("run job=CopyJob yes", "wait", "messages"),
        /Termination: {12}Copying OK/,
      );

      const lists = await installation.console(
        "list jobs",
        "list volumes",
        "list files jobid=1",
        "list jobmedia jobid=1",
        "list volumes jobid=1",
        "list jobtotals",
        "llist pools",
        "list copies",
        "list joblog jobid=1",
        "status director",
        "sqlquery",
        "SELECT Name, JobId FROM Job WHERE JobId = 1;",
        "",
        ".bvfs_update",
        `.bvfs_lsfiles jobid=1,2 path=${source}/folder/`,
        "show catalog",
      );
      match(
        lists,
        /\| +1 \| Backup {2}\| roost-fd \| [-0-9]{10} [:0-9]{8} \| 00:00:\d\d \| B +\| F/,
      );
      match(lists, /running=0 db:postgresql, Roost/);
      match(lists, /Full-0001 +\| (?:Full|Used)/);
      match(lists, new RegExp(`${source}/folder/inside`));
      match(lists, /\| name +\| jobid \|\n/);
      match(lists, /\tlater\n/);
      doesNotMatch(lists, /Query failed|Cannot query/);

      const where = join(installation.folder, "restored");
      match(
        await installation.console(
          `restore client=roost-fd where=${where} select current all done yes`,
          "wait",
          "messages",
        ),
        /Restore OK/,
      );
      const unlike = (path: string, property: string) => property === "ctime" || path === "";
      const [saved, restored] = [
        await describeTree(source),
        await describeTree(join(where, source)),
      ];
      deepStrictEqual(compareTrees(saved, restored, unlike), []);

      match(
        await installation.console(
          "prune files client=roost-fd yes",
          "prune jobs client=roost-fd yes",
          "prune stats yes",
        ),
        /No Files found to prune|Pruned/,
      );
      await installation.end("dir");

      // The director that finds a job of a crash marks it, and the next JobId goes on behind the last one.
      server.sql("bareos", "UPDATE Job SET JobStatus = 'R' WHERE JobId = 2");
      await installation.start("dir");
      strictEqual(server.sql("bareos", "SELECT JobStatus FROM Job WHERE JobId = 2"), "f");
      await installation.end("dir");

      server.sql("bareos", "INSERT INTO Client (Name, UName) VALUES ('gone-fd', '')");
      const checked = await installation.run(["dbcheck", "-c", installation.folder, "-b", "-f"]);
      match(checked.stdout, /Found 1 orphaned Client records\. Mended 1\.\n/);
      match(
        (await installation.run(["dbcheck", "-c", installation.folder, "-B"])).stdout,
        /db_name=bareos\ndb_driver=postgresql\ndb_user=roost\ndb_password=\ndb_address=127.0.0.1\n/,
      );

      await installation.configure(
        "bareos-dir.d/catalog/Small.conf",
        "Catalog { Name = Small; DbDriver = sqlite3; DbName = small; DbUser = x }\n",
      );
      match(
        await catalog("copy", "-C", "MyCatalog", "--to", "Small"),
        /^0 [^]*\bFile: \d+\n[^]*\bJob: \d+\n/,
      );
      const small = Catalog.open(join(installation.folder, "work/small.db"));
      strictEqual(small.job(1)?.jobStatus, "T");
      strictEqual(
        [...small.currentFiles([1])].map(({ path }) => encodeText(path).toHex()).includes(
          odd.toHex(),
        ),
        true,
      );
      small.close();
      match(await catalog("copy", "-C", "MyCatalog", "--to", "Small"), /^1 .*is not empty/);

      server.sql("postgres", "CREATE DATABASE scanned TEMPLATE bareos");
      for (const table of ["Job", "File", "Media", "JobMedia", "Path", "Client", "Pool"]) {
        server.sql("scanned", `DELETE FROM ${table}`);
      }
      const scanned = await new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "-A", "cli/main.ts", "bscan", "-s", "-n", "scanned", "-u", "roost"],
          ...["-o", server.folder, "-t", `${server.port}`, join(installation.folder, "volumes")],
        ],
        env: { PGPASSWORD: password },
        stdout: "piped",
        stderr: "piped",
      }).output();
      match(new TextDecoder().decode(scanned.stdout), /Records added or updated in the catalog/);
      strictEqual(
        server.sql("scanned", "SELECT count(*) FROM File WHERE JobId = 1"),
        server.sql("bareos", "SELECT count(*) FROM File WHERE JobId = 1"),
      );
      // The next job's number does not collide with those that bscan gave.
      match(server.sql("scanned", "SELECT nextval('job_jobid_seq') > max(JobId) FROM Job"), /^t$/);
    }),
);

Deno.test(
  "rights that the director's role lacks on a catalog that is there are missed, and given",
  options,
  () =>
    withServer(async ({ server, installation, catalog }) => {
      // By the socket, where the server lets everybody in.
      const path = "bareos-dir.d/catalog/MyCatalog.conf";
      const text = await Deno.readTextFile(join(installation.folder, path));
      const place = `dbsocket = "${server.folder}"`;
      await installation.configure(path, text.replace("dbaddress = 127.0.0.1", place));
      match(await catalog("create"), /^0 /);
      // The tables are another role's, as where an administrator has loaded a dump.
      server.sql("bareos", "CREATE ROLE maker; GRANT CREATE ON SCHEMA public TO maker");
      server.sql("bareos", "ALTER ROLE roost NOSUPERUSER; REASSIGN OWNED BY roost TO maker");
      server.sql("bareos", "CREATE TABLE report (n integer); GRANT SELECT ON version TO roost");
      const grant = ["create", "--if-missing"];
      match(
        await catalog(...grant),
        /^1 .*roost may not use .*\bjob\b.*\bjob_jobid_seq\b.*--admin/,
      );
      // Who may not give them, does not seem to.
      server.sql("bareos", "CREATE ROLE stranger LOGIN");
      match(await catalog(...grant, "--admin", "stranger"), /^1 .*Cannot give rights/);
      match(
        await catalog(...grant, "--admin", "postgres"),
        /^0 Gave the role roost the rights on the tables\nIn Catalog "MyCatalog" .*already\n$/,
      );
      match(await catalog(...grant), /^0 In Catalog/);
      strictEqual(
        server.sql("bareos", "SELECT has_table_privilege('roost', 'report', 'SELECT')"),
        "f",
      );
      server.sql(
        "bareos",
        "SET ROLE roost; INSERT INTO Storage (Name) VALUES ('c'); DELETE FROM Storage",
      );
      // A single one that is taken away is missed too.
      server.sql("bareos", "REVOKE UPDATE ON Media FROM roost");
      match(await catalog(...grant), /^1 .*the role roost may not use media\. /);
    }),
);

Deno.test(
  "a director goes on when its server has restarted, and with the jobs that ran meanwhile",
  options,
  () =>
    withServer(async ({ server, installation, source, catalog }) => {
      await Deno.writeTextFile(join(source, "plain"), "one");
      match(await catalog("create"), /^0 /);
      await installation.start();
      match(
        await installation.console("run job=Backup level=Full yes", "wait", "messages"),
        /Backup OK/,
      );
      server.end();
      await server.begin();
      // The connection was lost while nobody used it: nothing is told, nothing fails.
      match(
        await installation.console("run job=Backup level=Full yes", "wait", "messages"),
        /Backup OK/,
      );
      // The same while a job runs, which waits at its client for a file.
      const [waits, goes] = [join(source, "waits"), join(source, "goes")];
      await installation.configure(
        "bareos-dir.d/job/Waiting.conf",
        `Job { Name = Waiting; JobDefs = DefaultJob; Client = roost-fd
        Client Run Before Job = "sh -c 'touch ${waits}; until test -e ${goes}; do sleep 0.05; done'" }\n`,
      );
      await installation.console("reload", "run job=Waiting level=Full yes");
      await waitFor("the job to wait", () => existsSync(waits));
      server.end();
      match(
        (await installation.run(["console", "-c", installation.folder], "version\n")).stdout,
        /roost/,
      );
      await server.begin();
      await Deno.writeTextFile(goes, "");
      match(await installation.console("wait", "messages"), /Backup OK/);
      strictEqual(server.sql("bareos", "SELECT string_agg(JobStatus, '') FROM Job"), "TTT");
      strictEqual(
        server.sql(
          "bareos",
          "SELECT count(*) FROM File JOIN Job USING (JobId) WHERE Job.Name = 'Waiting' AND File.Name = 'goes'",
        ),
        "1",
      );
    }),
);

Deno.test(
  "what is no catalog of ours is refused with what to do",
  options,
  () =>
    withServer(async ({ server, installation, catalog }) => {
      const test = async (): Promise<string> => {
        const { stdout, stderr } = await installation.run(["dir", "-t", "-c", installation.folder]);
        return stdout + stderr;
      };
      server.sql("postgres", "CREATE DATABASE bareos TEMPLATE template0 ENCODING 'UTF8'");
      match(await test(), /Encoding error for database "bareos"\. Wanted SQL_ASCII, got UTF8/);
      server.sql("postgres", "DROP DATABASE bareos");
      server.sql("postgres", "CREATE DATABASE bareos");
      match(await test(), /relation "version" does not exist.*roost catalog create/);
      match(await catalog("create"), /^0 Made the tables of version 2250\n/);
      server.sql("bareos", "UPDATE version SET VersionId = 2171");
      match(await test(), /Version error for database "bareos"\. Wanted 2250, got 2171: .*upgrade/);
      server.sql("bareos", "UPDATE version SET VersionId = 2260");
      match(await test(), /Version error for database "bareos"\. Wanted 2250, got 2260/);
      match(await catalog("upgrade"), /^1 .*there is no step from version 2260/);
      server.sql("postgres", "ALTER ROLE roost PASSWORD 'another'");
      match(await test(), /password authentication failed for user "roost"/);
    }),
);
