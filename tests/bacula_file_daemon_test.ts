/** Debian's bacula-fd as the client of our director and our storage daemon (bacula.md 9, 19.3, 19.4). */
import { doesNotMatch, match, rejects, strictEqual } from "node:assert";
import { hasBacula } from "./support/bacula.ts";
import { MixedInstallation, type MixedOptions } from "./support/mixed_installation.ts";
import {
  assertRestored,
  backup,
  backupAccurately,
  backupEveryLevel,
  everything,
  withData,
} from "./support/mixed_scenario.ts";
import { join } from "./support/paths.ts";
import { nextSecond, waitFor } from "./support/wait_for.ts";

function scenario(
  name: string,
  options: Omit<MixedOptions, "source">,
  run: (mixed: MixedInstallation, source: string) => Promise<void>,
): void {
  Deno.test({
    name: `bacula-fd: ${name}`,
    ignore: !hasBacula(),
    fn: () =>
      withData(async (source) => {
        await using mixed = await MixedInstallation.start({ source, ...options });
        await run(mixed, source);
      }),
  });
}

scenario("every level is backed up and restored", { options: everything }, backupEveryLevel);

scenario("accurate backups see what has gone", { options: everything }, backupAccurately);

scenario(
  "a Full leaves out what its base job has",
  { options: everything, job: "Base = Backup" },
  async (mixed, source) => {
    await backup(mixed, "level=Base");
    await nextSecond();
    await Deno.writeTextFile(join(source, "small/d0/f1"), "changed since the base job\n");
    await Deno.remove(join(source, "small/d0/f3"));
    await Deno.writeTextFile(join(source, "new"), "new\n");
    const report = await backup(mixed, "level=Full");
    match(report, /Using BaseJobId\(s\): 1\n/, report);
    match(report, /Base files\/Used files: +\d+\/\d+ \(\d+\.\d\d%\)\n/, report);
    const saved = await mixed.console("list basefiles jobid=2 limit=1000");
    match(saved, /\/small\/d0\/f2\n/);
    doesNotMatch(saved, /\/small\/d0\/f[13]\n/);
    const restore = await mixed.run("restore client=roost-fd select current all done");
    match(restore, /Termination: +Restore OK\n/, restore);
    const there = join(mixed.path("restore"), source, "small/d0");
    strictEqual(await Deno.readTextFile(join(there, "f1")), "changed since the base job\n");
    strictEqual(
      await Deno.readTextFile(join(there, "f2")),
      await Deno.readTextFile(join(source, "small/d0/f2")),
    );
    await rejects(Deno.stat(join(there, "f3")), Deno.errors.NotFound);
  },
);

const codecs = ["Compression = GZIP\nSignature = SHA1", "Compression = LZO\nSignature = SHA256"];
for (const codec of codecs) {
  scenario(
    `${codec.replace("\n", ", ")}, sparse`,
    { options: `${codec}\nSparse = yes\nHardLinks = yes\nACL Support = yes\nXattr Support = yes` },
    async (mixed, source) => {
      match(await backup(mixed, "level=Full"), /Client: +"roost-fd" 9\.6\.\d/);
      await assertRestored(mixed, source);
    },
  );
}

const unknown = {
  "Compression = LZ4": "Compression = LZ4",
  "Compression = LZ4HC": "Compression = LZ4HC",
  "Compression = LZFAST": "Compression = LZFAST",
  "Signature = XXH128": "Signature = XXH128",
  "Shadowing = LocalWarn": "Shadowing = LocalWarn",
  "Size = 1M-2M": "Size",
};

scenario("options that it would misread refuse job and estimate", {}, async (mixed, source) => {
  for (const [options, named] of Object.entries(unknown)) {
    await mixed.fileSet(options, source);
    await mixed.console("reload");
    const refusal = new RegExp(
      `Client "roost-fd" runs Bacula 9\\.6\\.\\d .*which does not know ${named} of FileSet "SelfTest"`,
    );
    const report = await mixed.run("run job=Backup level=Full");
    match(report, refusal, report);
    match(report, /Termination: +\*\*\* Backup Error \*\*\*\n/, report);
    match(report, /FD Files Written: +0\n/, report);
    match(await mixed.console("estimate job=Backup level=Full"), refusal);
  }
  await mixed.fileSet("Signature = MD5", source);
  await mixed.console("reload");
  await backup(mixed, "level=Full");
});

scenario("estimate counts and lists what a backup saves", {}, async (mixed, source) => {
  const estimate = await mixed.console("estimate job=Backup level=Full listing");
  match(estimate, new RegExp(`^-rw.* ${source}/small/d0/f1$`, "m"), estimate);
  const [, files = "", bytes = ""] = /2000 OK estimate files=([\d,]+) bytes=([\d,]+)/
    .exec(estimate) ?? [];
  const report = await backup(mixed, "level=Full");
  match(report, new RegExp(`FD Files Written: +${files}\n`), `${estimate}${report}`);
  match(bytes, /^[\d,]{7,}$/);
});

scenario("its status is shown", {}, async (mixed) => {
  await backup(mixed, "level=Full");
  const status = await waitFor("the job to be among the terminated ones", async () => {
    const status = await mixed.console("status client=roost-fd");
    return /Terminated Jobs:/.test(status) && /\d+ +Full .* OK .* Backup/.test(status) && status;
  });
  match(status, /roost-fd Version: 9\.6\.\d/);
  doesNotMatch(status, /\0/);
});

scenario("scripts run there before and after the job", {
  job: `RunScript {
    Runs When = Before
    Command = "/bin/sh -c 'echo said before %j'"
  }
  Client Run After Job = "/bin/echo said after"`,
}, async (mixed) => {
  const report = await backup(mixed, "level=Full");
  match(report, /roost-fd JobId 1: .*said before Backup\.\d/, report);
  match(report, /roost-fd JobId 1: .*said after/, report);
});

scenario("a script that fails ends the job", {
  job: `Client Run Before Job = "/bin/false"`,
}, async (mixed) => {
  const report = await mixed.run("run job=Backup level=Full");
  match(report, /Client "roost-fd" RunScript failed/, report);
  match(report, /Termination: +\*\*\* Backup Error \*\*\*\n/, report);
});

const verify = (name: string, level: string): string =>
  `Job {
  Name = ${name}
  JobDefs = DefaultJob
  Type = Verify
  Level = ${level}
  ${level === "InitCatalog" ? "" : "Job To Verify = Backup"}
}
`;

scenario("verify jobs of every level", {
  options: "Signature = MD5\nVerify = pinsmc5",
  resources: verify("VerifyInit", "InitCatalog") + verify("VerifyVolume", "VolumeToCatalog") +
    verify("VerifyDisk", "DiskToCatalog"),
}, async (mixed, source) => {
  await backup(mixed, "level=Full");
  for (const name of ["VerifyInit", "VerifyInit level=Catalog", "VerifyVolume", "VerifyDisk"]) {
    const report = await mixed.run(`run job=${name}`);
    match(report, /Termination: +Verify OK\n/, `${name}: ${report}`);
  }
  await Deno.writeTextFile(join(source, "small/d0/f1"), "changed\n");
  const report = await mixed.run("run job=VerifyDisk");
  match(report, /File: .*\/small\/d0\/f1\n/, report);
  match(report, /Termination: +Verify Differences\n/, report);
});

scenario("a job is canceled while its data come", {
  clientMore: "Maximum Bandwidth Per Job = 20 kb/s", // it would take minutes
}, async (mixed) => {
  await mixed.console("run job=Backup level=Full yes");
  await waitFor("data of the job", async () => {
    const status = await mixed.console("status client=roost-fd");
    return /\/\w/.test(status.split("Running Jobs")[1] ?? "") &&
      /Files=[1-9]|Files Examined=[1-9]/.test(status);
  });
  match(await mixed.console("cancel jobid=1"), /2001 Job "?Backup.*"? marked to be canceled/);
  const report = await mixed.console("wait", "messages");
  match(report, /Termination: +Backup Canceled\n/, report);
  await mixed.untilIdle();
});

scenario("a job is canceled while its script runs", {
  job: 'Client Run Before Job = "/bin/sleep 600"',
}, async (mixed) => {
  await mixed.console("run job=Backup level=Full yes");
  await waitFor(
    "the script",
    async () =>
      /Backup\..* is (?:running|waiting)/.test(await mixed.console("status client=roost-fd")),
  );
  await mixed.console("cancel jobid=1");
  const report = await mixed.console("wait", "messages");
  match(report, /Termination: +Backup Canceled\n/, report);
  strictEqual(/^(?:.*) Fatal error: Network error/m.exec(report), null);
});

scenario("it cannot be a passive client, which the job says", {
  clientMore: "Passive = yes",
}, async (mixed) => {
  match(
    await mixed.run("run job=Backup level=Full"),
    /Client "roost-fd" doesn't support passive client mode\.[^]*Backup Error/,
  );
  // The client is not asked for its status then.
  match(await mixed.console("status storage=File"), /No Jobs running/);
});
