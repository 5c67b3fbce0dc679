/** Jobs that are canceled whatever they wait for: the client is free at once, and nothing is left over. */
import { match, ok } from "node:assert";
import { join } from "./support/paths.ts";
import { writeScript } from "./support/script.ts";
import { jobFile, type Scene, scene } from "./support/scene.ts";
import { forever, sleeps } from "./support/sleepers.ts";
import { waitFor } from "./support/wait_for.ts";

async function clientSays({ installation }: Scene, pattern: RegExp): Promise<boolean> {
  return pattern.test(await installation.console("status client=roost-fd"));
}

/**
 * Waits until the client has nothing to do. It is free at once, not when a time-out frees it (15 s for an answer,
 * 30 s for a thread, a minute for a fifo): it takes no longer than a few calls of the console take on this
 * machine, some half a second each where nothing else runs, or than the shortest of those.
 */
async function untilFree(it: Scene): Promise<void> {
  const began = performance.now();
  for (let calls = 1; !await clientSays(it, /No Jobs running/); calls++) {
    const isLate = calls >= 20 && performance.now() - began > 12_000;
    ok(!isLate, `the client is not free after ${calls} calls`);
  }
}

/** Cancels the only job once `isReady`, and waits until the client has nothing to do. */
async function cancel(it: Scene, isReady: () => boolean | Promise<boolean>): Promise<void> {
  const { installation } = it;
  await waitFor("the job to wait", isReady);
  const answer = await installation.console("cancel all yes");
  match(answer, /marked to be cancel+ed/);
  await untilFree(it);
}

async function reportOf({ installation }: Scene): Promise<string> {
  return await installation.console("wait", "messages");
}

const fileSet = (source: string, options: string, ...entries: string[]): string =>
  `  Include {\n    Options {\n      ${options}\n    }\n` +
  entries.map((entry) => `    File = "${entry.replaceAll("@", source)}"\n`).join("") + "  }\n";

Deno.test("a job that waits for its script, which ignores signals and has children", () =>
  scene(async (it) => {
    const { installation, source, path, withDirectives } = it;
    await Deno.writeTextFile(join(source, "file"), "text");
    const script = path("script");
    writeScript(
      script,
      `#!/bin/sh\ntrap "" TERM\nsleep ${forever}1 &\necho begun\nwait\nwait\n`,
    );
    await withDirectives(
      jobFile,
      `Client Run Before Job = "${script}"`,
      'Client Run After Job = "/bin/echo not on failure"',
    );
    await installation.start();
    await installation.console("run job=Backup level=Full yes");
    await cancel(it, () => sleeps(forever * 10 + 1));
    await waitFor("the script's child to be gone", () => !sleeps(forever * 10 + 1));
    match(await reportOf(it), /Termination: +Backup Canceled/);
    // The next job does not mind.
    await Deno.writeTextFile(script, "#!/bin/sh\necho short\n");
    match(await it.job("run job=Backup level=Full yes"), /ClientBeforeJob: short[^]*Backup OK/);
  }));

Deno.test("a backup that waits for a program of the file set, for a fifo, or works on without end", () =>
  scene(async (it) => {
    const { installation, source, withFileSet } = it;
    await Deno.mkdir(join(source, "d"));
    await Deno.writeTextFile(join(source, "d/file"), "text");
    new Deno.Command("mkfifo", { args: [join(source, "fifo")] }).outputSync();
    const endless = await Deno.create(join(source, "endless"));
    await endless.truncate(2 ** 43);
    endless.close();
    const saving = () => clientSays(it, /JobId \d+ Job Backup\S+ is running\.[^]*SDReadSeqNo/);
    const cases:
      readonly (readonly [fileSet: string, isReady: () => boolean | Promise<boolean>])[] = [
        [
          fileSet(source, "Signature = MD5", `\\\\|sleep ${forever}2`),
          () => sleeps(forever * 10 + 2),
        ],
        [fileSet(source, "Read Fifo = yes", "@/fifo", "@/d"), saving],
        [fileSet(source, "Signature = SHA512\n      Sparse = yes", "@/endless"), saving],
        [fileSet(source, "Compression = GZIP9", "@/endless"), saving],
      ];
    for (const [at, [text, isReady]] of cases.entries()) {
      await withFileSet(text);
      await (at === 0 ? installation.start() : installation.console("reload"));
      await installation.console("run job=Backup level=Full yes");
      await cancel(it, isReady);
      match(await reportOf(it), /Termination: +Backup Canceled/, text);
    }
    await waitFor("the program to be gone", () => !sleeps(forever * 10 + 2));
  }));

Deno.test("a backup and a restore whose storage daemon is stuck", () =>
  scene(async (it) => {
    const { installation, source } = it;
    const data = new Uint8Array(32 << 20);
    for (let at = 0; at < data.length; at += 65_536) {
      crypto.getRandomValues(data.subarray(at, at + 65_536));
    }
    await Deno.writeFile(join(source, "large"), data);
    await installation.start();
    const bytes = async (): Promise<string | undefined> =>
      / Bytes=([1-9][\d,]*)/.exec(await installation.console("status client=roost-fd"))?.[1];
    const limit = (rate: number) =>
      installation.console(`setbandwidth client=roost-fd limit=${rate}`);
    for (
      const [command, type] of [["run job=Backup level=Full yes", "Backup"], [
        restoreAll,
        "Restore",
      ]] as const
    ) {
      if (type === "Restore") match(await it.job("run job=Backup level=Full yes"), /Backup OK/);
      await limit(type === "Restore" ? 200 : 10); // so that it is met in the middle: it would take minutes
      await installation.console(command);
      await waitFor("data to flow", bytes);
      const storage = installation.pid("sd");
      Deno.kill(storage, "SIGSTOP");
      try {
        await limit(0);
        let last: string | undefined;
        let equal = 0;
        let since = performance.now();
        await waitFor("the job to get no further", async () => {
          const now = await bytes();
          ok(now !== undefined, "the job runs");
          if (now !== last) [last, equal, since] = [now, 0, performance.now()];
          else equal++;
          return equal >= 4 && performance.now() - since > 1_000;
        });
        // The console waits for the storage daemon, too; the client does not.
        const canceled = installation.console("cancel all yes");
        await untilFree(it);
        Deno.kill(storage, "SIGCONT");
        await canceled;
      } finally {
        Deno.kill(storage, "SIGCONT");
      }
      match(await reportOf(it), new RegExp(`Termination: +${type} Canceled`));
    }
  }));

const restoreAll = "restore client=roost-fd where=/nowhere select current all done yes";

Deno.test("a verify of the disk, and an estimate whose director goes away", () =>
  scene(async (it) => {
    const { installation, source, withFileSet } = it;
    const endless = await Deno.create(join(source, "endless"));
    await endless.truncate(2 ** 43);
    endless.close();
    await installation.configure(
      "bareos-dir.d/job/Verify.conf",
      "Job {\n  Name = Verify\n  JobDefs = DefaultJob\n  Type = Verify\n  Level = InitCatalog\n}\n",
    );
    await withFileSet(fileSet(source, "Signature = SHA512", "@/endless"));
    await installation.start();
    await installation.console("run job=Verify yes");
    await cancel(it, () => clientSays(it, /Verify Job started/));
    match(await reportOf(it), /Termination: +Verify Canceled/);

    await withFileSet(fileSet(source, "Signature = SHA512", `\\\\|sleep ${forever}3`));
    await installation.console("reload");
    const estimate = installation.console("estimate job=Backup").catch(() => {});
    await waitFor("the estimate to begin", () => sleeps(forever * 10 + 3));
    await installation.end("dir", "SIGKILL");
    await estimate;
    await waitFor("the estimate to end", () => !sleeps(forever * 10 + 3));
  }));
