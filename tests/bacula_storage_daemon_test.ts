/**
 * Debian's bacula-sd as the storage daemon of our director, with our own file daemon and with
 * bacula-fd (bacula.md 10, 19.5, 19.11).
 */
import { doesNotMatch, match } from "node:assert";
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
import { waitFor } from "./support/wait_for.ts";

function scenario(
  name: string,
  options: Omit<MixedOptions, "source" | "storage">,
  run: (mixed: MixedInstallation, source: string) => Promise<void>,
): void {
  Deno.test({
    name: `bacula-sd: ${name}`,
    ignore: !hasBacula(),
    fn: () =>
      withData(async (source) => {
        await using mixed = await MixedInstallation.start({
          ...{ source, storage: "bacula" },
          ...options,
        });
        await run(mixed, source);
      }),
  });
}

for (const client of ["roost", "bacula"] as const) {
  const whose = client === "roost" ? "our file daemon" : "bacula-fd";
  scenario(
    `every level is backed up and restored with ${whose}`,
    { client, options: everything },
    backupEveryLevel,
  );
  scenario(
    `accurate backups see what has gone with ${whose}`,
    { client, options: everything },
    backupAccurately,
  );
}

scenario("a job with every kind of work there: scripts, GZIP, verify", {
  client: "bacula",
  options: "Signature = SHA1\nCompression = GZIP\nSparse = yes\nVerify = pins1\nHardLinks = yes",
  job: 'Client Run Before Job = "/bin/echo said before"',
  resources: "Job {\n  Name = VerifyVolume\n  JobDefs = DefaultJob\n  Type = Verify\n" +
    "  Level = VolumeToCatalog\n  Job To Verify = Backup\n}\n",
}, async (mixed, source) => {
  const report = await backup(mixed, "level=Full");
  match(report, /said before/);
  const [, files = ""] = /FD Files Written: +([\d,]+)\n/.exec(report) ?? [];
  match(report, new RegExp(`SD Files Written: +${files}\n`), report);
  match(report, /Last Volume Bytes: +[\d,]{5,} /, report);
  const { size } = await Deno.stat(`${mixed.volumes}/Full-0001`);
  const media = await mixed.console("llist volume=Full-0001");
  match(media.replaceAll(",", ""), new RegExp(`volbytes: ${size}\n`, "i"), media);
  match(await mixed.run("run job=VerifyVolume"), /Termination: +Verify OK\n/);
  await assertRestored(mixed, source);
});

scenario("volumes are labelled, mounted, released; its status is shown", {
  client: "roost",
  options: "Signature = XXH128\nCompression = LZ4\nHardLinks = yes",
}, async (mixed, source) => {
  const said = await mixed.console("label volume=Hand pool=Full storage=File drive=0 slot=0");
  match(said, /3000 OK label\. VolBytes=\d+ VolABytes=0 VolType=1 Volume="Hand"/, said);
  match(said, /Catalog record for Volume "Hand", Slot 0 successfully created\./, said);
  match(said, /3906 File device .* is always mounted\./, said);
  match(await backup(mixed, "level=Full"), /Volume name\(s\): +Hand\n/);
  await assertRestored(mixed, source);
  match(await mixed.console("mount storage=File"), /3906 File device .* is always mounted/);
  match(await mixed.console("unmount storage=File"), /300[12] |3901 /);
  match(await mixed.console("mount storage=File"), /300[12] |3906 /);
  match(await mixed.console("release storage=File"), /3921 Device .* already released|3022 Device/);
  const status = await mixed.console("status storage=File");
  match(status, /roost-sd Version: 9\.6\.\d/, status);
  match(status, /Device File: .*FileStorage/, status);
  doesNotMatch(status, /\0/);
  match(
    await mixed.console("setdevice storage=File device=FileStorage autoselect=yes"),
    /3003 Device .* already enabled/,
  );
  for (const command of ["resolve storage=File localhost", "setbandwidth storage=File limit=10"]) {
    match(
      await mixed.console(command),
      /is of Bacula and does not know "(?:resolve|setbandwidth)"/,
    );
  }
});

scenario("a job is canceled there and leaves nothing behind", {
  client: "bacula",
  clientMore: "Maximum Bandwidth Per Job = 20 kb/s", // it would take minutes
}, async (mixed) => {
  await mixed.console("run job=Backup level=Full yes");
  await waitFor(
    "data of the job",
    async () => /Files=[1-9]/.test(await mixed.console("status client=roost-fd")),
  );
  await mixed.console("cancel jobid=1");
  const report = await mixed.console("wait", "messages");
  match(report, /Termination: +Backup Canceled\n/, report);
  await mixed.untilIdle();
});

scenario("what must be configured is told where TLS is expected of it", {
  client: "roost",
}, async (mixed) => {
  const resource = "bareos-dir.d/storage/File.conf";
  const text = await Deno.readTextFile(mixed.path(resource));
  await mixed.installation.configure(resource, text.replace("TLS Enable = no", ""));
  await mixed.console("reload");
  match(
    await mixed.run("run job=Backup level=Full"),
    /If it is a daemon of Bacula, .*it needs TLS Enable = no in its Storage resource/,
  );
  await mixed.installation.configure(resource, text);
  await mixed.console("reload");
  await backup(mixed, "level=Full");
});

scenario("passive clients and copies are refused, and the reason is told", {
  client: "roost",
  clientMore: "Passive = yes",
}, async (mixed) => {
  match(
    await mixed.run("run job=Backup level=Full"),
    /Fatal error: Storage "File" is of Bacula, which knows no passive clients[^]*Backup Error/,
  );
  const resource = "bareos-dir.d/client/roost-fd.conf";
  const text = await Deno.readTextFile(mixed.path(resource));
  await mixed.installation.configure(resource, text.replace("Passive = yes", ""));
  const storage = await Deno.readTextFile(mixed.path("bareos-dir.d/storage/File.conf"));
  await mixed.installation.configure(
    "bareos-dir.d/storage/Again.conf",
    storage.replace(/Name = File\b/, "Name = Again"),
  );
  await mixed.installation.configure(
    "bareos-dir.d/pool/Copies.conf",
    "Pool {\n  Name = Copies\n  Pool Type = Backup\n  Storage = Again\n}\n",
  );
  await mixed.installation.configure(
    "bareos-dir.d/job/Copy.conf",
    "Job {\n  Name = Copy\n  JobDefs = DefaultJob\n  Type = Copy\n  Pool = Full\n" +
      "  Next Pool = Copies\n  Selection Type = PoolUncopiedJobs\n}\n",
  );
  await mixed.console("reload");
  await backup(mixed, "level=Full");
  const report = await mixed.run("run job=Copy");
  match(report, /is of Bacula, which knows no copies[^]*Copying Error/, report);
  await mixed.untilIdle();
});

scenario("a changer there: slots, labels by barcode, mounts, spooled backups, truncation, traces", {
  ...{ client: "roost", options: everything, slots: 4, job: "Spool Data = yes" },
}, async (mixed, source) => {
  const slots = await mixed.console("status slots storage=Changer drive=0");
  for (const slot of [1, 2, 3]) match(slots, new RegExp(`^ +${slot}\\*\\| +C000${slot} \\|`, "m"));
  const labelled = await mixed.console(
    "label barcodes storage=Changer pool=Full drive=0 slots=1-2 yes",
    "label storage=Changer volume=C0003 slot=3 drive=0 pool=Full",
    "update slots storage=Changer drive=0",
  );
  for (const slot of [1, 2, 3]) {
    const volume = `"C000${slot}"`;
    match(labelled, new RegExp(`Volume ${volume}, Slot ${slot} successfully created`), labelled);
    match(labelled, new RegExp(`Catalog record for Volume ${volume} is up to date`), labelled);
  }
  match(labelled, /3307 Issuing autochanger "unload Volume C0001, Slot 1, Drive 0" command\./);
  const mounts = await mixed.console(
    ...["mount storage=Changer slot=2 drive=0", "status storage=Changer"],
    ...["unmount storage=Changer drive=0", "mount storage=Changer slot=1 drive=0"],
    ...["release storage=Changer drive=0"],
    ...["setdebug level=50 trace=1 storage=Changer", "setdebug level=0 trace=0 storage=Changer"],
  );
  match(mounts, /load Volume , Slot 2, Drive 0", status is OK\.[^]*is mounted\./, mounts);
  match(mounts, /Slot 2 was last loaded in drive 0\.[^]*unmounted\.[^]*already released\./, mounts);
  match(mounts, /3000 OK setdebug=50 trace=1[^]*3000 OK setdebug=0 trace=0/, mounts);
  const saved = await backup(mixed, "level=Full storage=Changer");
  match(saved, /Volume name\(s\): +C000[1-3]\n/, saved);
  match(saved, /Despooling elapsed time/, saved);
  await assertRestored(mixed, source);
  const [, volume = "none"] = /Volume name\(s\): +(C000[1-3])\n/.exec(saved) ?? [];
  const truncated = await mixed.console(
    `purge volume=${volume} yes`,
    "truncate volstatus=Purged storage=Changer pool=Full drive=0 yes",
  );
  match(truncated, new RegExp(`The volume '${volume}' has been truncated`), truncated);
  await backup(mixed, "level=Full storage=Changer");
  await assertRestored(mixed, source);
});
