/** The plugin bpipe with daemons of Bacula 9.6 in every place: what one saves, the other gives back. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { hasBacula } from "./support/bacula.ts";
import { BaculaSite } from "./support/bacula_site.ts";
import { MixedInstallation } from "./support/mixed_installation.ts";
import { join } from "./support/paths.ts";
import { fromSource } from "./support/roost.ts";
import { makeLargeFile } from "./support/sample.ts";

/** A folder with something to dump in it, gone afterwards. */
async function withDump(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "roost-dump-" });
  try {
    await makeLargeFile(join(folder, "dump"), 700_000);
    await Deno.writeTextFile(join(folder, "ordinary"), "an ordinary file\n");
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The file at `path` is the dump; it is removed. */
async function assertDump(folder: string, path: string): Promise<void> {
  const [found, wanted] = await Promise.all([
    Deno.readFile(path),
    Deno.readFile(join(folder, "dump")),
  ]);
  strictEqual(found.length, wanted.length);
  ok(found.every((byte, index) => byte === wanted[index]), `${path} is not the dump`);
  await Deno.remove(path);
}

async function output(args: readonly string[]): Promise<string> {
  const [program, ...first] = fromSource;
  const { stdout, stderr } = await new Deno.Command(program, {
    args: [...first, ...args],
    env: { NO_COLOR: "1" },
  }).output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

/** The records of a plugin's file in each session of a volume: streams and lengths. */
async function recordsOf(folder: string): Promise<string[][]> {
  const text = await output(["bls", "-d", "200", "-vvv", "-V", "Vol-0001", folder]);
  const records = Array.from(
    text.matchAll(/^FileIndex=(\w+) +Stream=(\d+) .*DataLen=(\d+)/gm),
    ([, index = "", stream = "", length = ""]) => ({ index, text: `${stream}: ${length}` }),
  );
  const sessions: string[][] = [];
  for (const { index, text } of records) {
    if (index === "SOS_LABEL") sessions.push([]);
    if (index === "2") sessions.at(-1)?.push(text);
  }
  return sessions;
}

Deno.test({
  name:
    "under a bacula-dir, its file daemon and ours write the same and restore what the other has saved",
  ignore: !hasBacula(),
  fn: () =>
    withDump(async (folder) => {
      // A pipe and a redirection: commands of Bacula go to a shell.
      const line = `bpipe:/DB/dump:cat ${folder}/dump | cat:cat > ${folder}/%r.back; echo to %w`;
      const job = (name: string, directives: string): string =>
        `Job {\n  Name = ${name}\n  Client = bacula-fd\n  FileSet = Dump\n  Storage = File\n` +
        `  Pool = Default\n  Messages = Standard\n  ${directives}\n}\n`;
      await using site = await BaculaSite.start({
        ...{ source: join(folder, "ordinary"), client: "bacula", storage: "bacula" },
        resources: `FileSet {
  Name = Dump
  Include {
    Options {
      Signature = SHA1
      Sparse = yes
    }
    Plugin = "${line}"
    File = "${folder}/ordinary"
  }
}
${job("Dump", "Type = Backup\n  Level = Full")}
${job("VerifyDump", "Type = Verify\n  Level = VolumeToCatalog\n  Verify Job = Dump")}`,
      });
      const jobIds: string[] = [];
      const makers = ["bacula", "roost"] as const;
      for (const maker of makers) {
        await site.startClient(maker);
        match(await site.console("estimate job=Dump listing"), / \/DB\/dump\n2000 OK .* files=2 /);
        const saved = await site.run("run job=Dump");
        match(saved, /Termination: +Backup OK\n/, saved);
        match(saved, /FD Files Written: +2\n/);
        jobIds.push(/JobId (\d+): Start Backup/.exec(saved)?.[1] ?? "");
        const verify = await site.run("run job=VerifyDump");
        match(verify, /Termination: +Verify OK\n/, verify);
      }
      for (const maker of makers) {
        await site.startClient(maker);
        for (const jobId of jobIds) {
          const back = await site.run(`restore jobid=${jobId} all done`);
          match(back, /Termination: +Restore OK\n/, back);
          match(back, /Files Restored: +2\n/);
          match(back, new RegExp(`/DB/dump: to ${site.restored}\n`));
          await assertDump(folder, join(folder, "a.back"));
        }
      }
      const [theirs, ours] = await recordsOf(site.volumes);
      deepStrictEqual(ours, theirs);
      strictEqual(theirs?.length, 15);
      match(theirs?.join() ?? "", /^26: \d+,1: \d+,(?:2: 65536,){10}2: \d+,10: 20,26: 3$/);
      // Without daemons there are no programs: the contents are plain files.
      const where = join(folder, "extracted");
      await Deno.mkdir(where);
      const said = await output(["bextract", "-V", "Vol-0001", site.volumes, where]);
      match(said, /4 files restored\.\n/);
      await assertDump(folder, join(where, "DB/dump"));
    }),
});

Deno.test({
  name: "our director gives a bacula-fd the short form, and refuses lines that have none",
  ignore: !hasBacula(),
  fn: () =>
    withDump(async (folder) => {
      await using mixed = await MixedInstallation.start({ source: folder });
      const fileSet = (line: string): Promise<void> =>
        mixed.installation.configure(
          "bareos-dir.d/fileset/SelfTest.conf",
          `FileSet {\n  Name = SelfTest\n  Include {\n    Options {\n      Signature = MD5\n    }\n` +
            `    Plugin = "${line}"\n  }\n}\n`,
        );
      await fileSet(
        `bpipe:file=/DB/dump:reader=cat ${folder}/dump:writer=sh -c 'cat > ${folder}/back'`,
      );
      await mixed.console("reload");
      match(await mixed.console("estimate job=Backup listing"), / \/DB\/dump\n/);
      const report = await mixed.run("run job=Backup level=Full");
      match(report, /Termination: +Backup OK\n/, report);
      match(report, /FD Bytes Written: +700,000 /);
      const back = await mixed.run("restore client=roost-fd select current all done");
      match(back, /Termination: +Restore OK\n/, back);
      await assertDump(folder, join(folder, "back"));
      await fileSet("bpipe:file=/DB/dump:reader=psql db:5432:writer=cat");
      await mixed.console("reload");
      const refused = await mixed.run("run job=Backup level=Full");
      match(refused, /its file and its reader must be without colons, for a client of Bacula/);
      match(refused, /Termination: +\*\*\* Backup Error \*\*\*\n/);
      match(await mixed.console("estimate job=Backup"), /must be without colons/);
    }),
});
