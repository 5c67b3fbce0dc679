/** Clients that connect to the director by themselves, as processes (wire.md 12, 15.5). */
import { deepStrictEqual, doesNotMatch, match, ok } from "node:assert";
import { join } from "./support/paths.ts";
import { RESOURCE_FILES as files, Rewriter } from "./support/rewrite.ts";
import { Installation } from "./support/roost.ts";
import { makeSample } from "./support/sample.ts";
import { SilentRelay } from "./support/silent_relay.ts";
import { compareTrees, describeTree } from "./support/tree.ts";
import { waitFor } from "./support/wait_for.ts";

const heading = "Client Initiated Connections (waiting for jobs):";

/** The rows of `status director` about clients that wait. */
async function waiting(installation: Installation): Promise<string[]> {
  const status = await installation.console("status director");
  const rows = status.slice(status.indexOf(heading)).split("\n").slice(3);
  return rows.filter((row) => /^\d\d-/.test(row));
}

const isWaiting = (installation: Installation, count = 1): Promise<unknown> =>
  waitFor("the client to wait", async () => (await waiting(installation)).length === count);

/** What has to be in the clear besides, if the file daemon's own connection is. */
const unprotected = [files.file, files.storage, files.storageDaemon, files.storageDirector];

async function scene(
  protection: "TLS" | "no TLS",
  run: (installation: Installation, source: string, rewriter: Rewriter) => Promise<void>,
): Promise<void> {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await makeSample(source, { smallFiles: 80, sparseBytes: 2 ** 20, largeBytes: 3_000_000 });
    await using installation = await Installation.create({ backup: source });
    const rewriter = new Rewriter(installation);
    const port = await rewriter.value(files.director, "Port");
    const tls = protection === "TLS" ? [] : ["TLS Enable = no"];
    const comes = "Connection From Client To Director = yes";
    const only = "Connection From Director To Client = no";
    for (const file of protection === "TLS" ? [] : unprotected) await rewriter.add(file, ...tls);
    await rewriter.add(files.client, comes, only, ...tls);
    await rewriter.add(
      files.fileDirector,
      ...[comes, only, "Address = 127.0.0.1", `Port = ${port}`, ...tls],
    );
    await run(installation, source, rewriter);
  } finally {
    await Deno.remove(source, { recursive: true });
  }
}

for (const protection of ["TLS", "no TLS"] as const) {
  Deno.test(`a client that connects by itself serves status, estimate, backup and restore, ${protection}`, () =>
    scene(protection, async (installation, source) => {
      await installation.start();
      await isWaiting(installation);
      const [row = ""] = await waiting(installation);
      match(row, /^\d\d-\w{3}-\d\d \d\d:\d\d +54 +1 +roost-fd *$/);

      match(
        await installation.console("status client=roost-fd"),
        /roost-fd Version: .*\n.*started/,
      );
      match(await installation.console("estimate job=Backup"), /2000 OK estimate files=\d+/);
      match(
        await installation.console("resolve client=roost-fd localhost"),
        /resolves localhost to/,
      );

      const report = await installation.console(
        "run job=Backup level=Full yes",
        "wait",
        "messages",
      );
      match(report, /Client roost-fd has connected by itself\./);
      match(
        report,
        protection === "TLS" ? /Handshake: Immediate TLS/ : /Handshake: Cleartext/,
      );
      match(report, /Backup OK/);
      const restore = "restore client=roost-fd select current all done yes";
      match(await installation.console(restore, "wait", "messages"), /Restore OK/);
      deepStrictEqual(
        compareTrees(
          await describeTree(source),
          await describeTree(join(installation.folder, "restore", source)),
          (path, property) => property === "ctime" || path === "",
        ),
        [],
      );

      // The daemon's own port is closed to the director: nothing came about in the other direction.
      const refused = await installation.end("fd");
      doesNotMatch(refused.stderr, /rejected|Cannot accept Director/);
      await waitFor(
        "the director to notice",
        async () => (await waiting(installation)).length === 0,
      );
      const retry = /Failed to connect to Director "roost-dir". Retry in 1s. \(/;
      // Whoever comes first waits for the other, and comes back after a restart.
      const late = installation.console("status client=roost-fd");
      await installation.start("fd");
      match(await late, /roost-fd Version: /);
      await isWaiting(installation);
      await installation.end("dir");
      await installation.untilSaid("fd", retry);
      await installation.start("dir");
      await isWaiting(installation);
      match(await installation.console("status client=roost-fd"), /roost-fd Version: /);
      match(
        await installation.console("run job=Backup level=Full yes", "wait", "messages"),
        /Client roost-fd has connected by itself\.[^]*Backup OK/,
      );
      await isWaiting(installation);
      await installation.console("reload");
      await isWaiting(installation);
    }));
}

Deno.test("a job waits for its client to come, is canceled there, and several run at once", () =>
  scene("TLS", async (installation, source) => {
    await installation.start("dir", "sd");
    await installation.console("run job=Backup level=Full yes");
    await waitFor(
      "the job to wait for its client",
      async () =>
        /is waiting on Client roost-fd/.test(await installation.console("status director")),
    );
    await installation.start("fd");
    match(await installation.console("wait", "messages"), /Backup OK/);

    await isWaiting(installation);
    const fifo = join(source, "fifo");
    await new Deno.Command("mkfifo", { args: [fifo] }).output();
    const set = await Deno.readTextFile(
      join(installation.folder, "bareos-dir.d/fileset/SelfTest.conf"),
    );
    await installation.configure(
      "bareos-dir.d/fileset/SelfTest.conf",
      set.replace("Signature", "ReadFifo = yes\n      Signature").replace(
        /File = .*/,
        `File = ${fifo}`,
      ),
    );
    await installation.console("reload");
    await installation.console("run job=Backup level=Full yes");
    const running = (status: string): boolean => /Job Backup\..* is running/.test(status);
    await waitFor(
      "the file daemon to read the pipe",
      async () => running(await installation.console("status client=roost-fd")),
    );
    await isWaiting(installation);
    match(await installation.console("cancel jobid=2", "wait", "messages"), /Backup Canceled/);
    await isWaiting(installation);
  }));

Deno.test("Run On Incoming Connect Interval starts a job when its client comes, and not too often", () =>
  scene("TLS", async (installation, _source, rewriter) => {
    await rewriter.add("bareos-dir.d/job/Backup.conf", "Run On Incoming Connect Interval = 1 hour");
    await installation.start();
    await waitFor(
      "the job to end",
      async () => /Backup OK/.test(await installation.console("messages")),
    );
    const log = await installation.console("list joblog jobid=1");
    match(log, /Job triggered by: +Client/);
    await isWaiting(installation);
    await installation.end("fd");
    await installation.start("fd");
    await isWaiting(installation);
    const jobs = await installation.console("list jobs");
    ok(!/^\| +2 \|/m.test(jobs), jobs);
  }));

Deno.test("a client that may not come, or the wrong one, is refused and told why on both ends", () =>
  scene("TLS", async (installation, _source, rewriter) => {
    await rewriter.add(files.client, "Connection From Director To Client = yes");
    await installation.start();
    const log = join(installation.folder, "log/roost.log");
    const said = (pattern: RegExp): Promise<unknown> =>
      waitFor(
        `the director to say ${pattern}`,
        async () => pattern.test(await Deno.readTextFile(log).catch(() => "")),
      );
    await said(
      /Cannot accept Client "roost-fd" at 127\.0\.0\.1:\d+: Connection From Client To Director = no/,
    );
    // The director may not connect to it either: it says so.
    match(await installation.console("status client=roost-fd"), /Failed to connect to Client/);
    await installation.untilSaid("fd", /Failed to connect to Director "roost-dir". Retry in 60s/);
    await installation.untilSaid(
      "fd",
      /Cannot accept Director roost-dir at .*: Connection From Director To Client = no stands/,
    );
    await installation.end("fd");
    const text = await Deno.readTextFile(rewriter.path(files.fileDirector));
    await installation.configure(files.fileDirector, text.replace(/Password = .*/, "Password = x"));
    await installation.start("fd");
    await said(/R_CLIENT::roost-fd: .*the passwords on both ends differ, most likely/);
    await installation.untilSaid(
      "fd",
      /Retry in 60s\. \(.*the passwords of R_CLIENT::roost-fd on both ends differ/,
    );
  }));

Deno.test("a waiting connection that the network has swallowed is passed over for the client's next one", () =>
  scene("TLS", async (installation, _source, rewriter) => {
    using relay = new SilentRelay(installation.port("dir"));
    const text = await Deno.readTextFile(rewriter.path(files.fileDirector));
    await installation.configure(
      files.fileDirector,
      text.replace(/Port = \d+/, `Port = ${relay.port}`),
    );
    await installation.start();
    await isWaiting(installation);
    relay.swallow();
    const report = installation.console("run job=Backup level=Full yes", "wait", "messages");
    await waitFor("the director to speak to nobody", () => relay.swallowed > 0);
    relay.closeNear(); // the client notices, and comes again
    match(await report, /Client roost-fd has connected by itself\.[^]*Backup OK/);
  }));
