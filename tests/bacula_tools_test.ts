/** Volumes that our storage daemon writes for a bacula-dir, read by Bacula's own tools and storage daemon (bacula.md 14). */
import { deepStrictEqual, doesNotMatch, match, strictEqual } from "node:assert";
import { LabelFormat } from "../storage/volume/mod.ts";
import { hasBacula, makeCatalog } from "./support/bacula.ts";
import { BaculaSite } from "./support/bacula_site.ts";
import { join } from "./support/paths.ts";
import { makeSample } from "./support/sample.ts";
import { compareTrees, describeTree } from "./support/tree.ts";
import { waitFor } from "./support/wait_for.ts";

const ignore = !hasBacula() || ["bls", "bextract", "bscan"].some((name) => !isThere(name));
const everything = "Signature = MD5\nHardLinks = yes\nACL Support = yes\nXattr Support = yes";
const unlike = (path: string, property: string) => property === "ctime" || path === "";

function isThere(name: string): boolean {
  try {
    return Deno.statSync(`/usr/sbin/${name}`).isFile;
  } catch {
    return false;
  }
}

async function tool(name: string, ...args: string[]): Promise<string> {
  const { stdout, stderr } = await new Deno.Command(`/usr/sbin/${name}`, {
    args,
    signal: AbortSignal.timeout(600_000),
  }).output();
  const decoder = new TextDecoder();
  return decoder.decode(stdout) + decoder.decode(stderr);
}

async function withData(run: (source: string) => Promise<void>): Promise<void> {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await makeSample(source, { smallFiles: 60, sparseBytes: 2 ** 20, largeBytes: 5_000_000 });
    await run(source);
  } finally {
    await Deno.remove(source, { recursive: true });
  }
}

/** A configuration that Bacula's tools accept for the volumes of a site. */
async function toolConfiguration(site: BaculaSite): Promise<string> {
  await Deno.mkdir(site.path("scan"));
  const path = site.path("tools.conf");
  const text = `Storage {
  Name = tools-sd
  WorkingDirectory = "${site.path("scan")}"
  Pid Directory = "${site.folder}"
}
Director { Name = bacula-dir; Password = "unused" }
Device {
  Name = FileStorage
  Media Type = File
  Archive Device = "${site.volumes}"
  Random Access = yes
  AutomaticMount = yes
  RemovableMedia = no
  AlwaysOpen = no
}
Messages { Name = Standard; stdout = all }
`;
  await Deno.writeTextFile(path, text, { mode: 0o600 });
  return path;
}

const settings: Readonly<Record<string, string>> = {
  "none": "",
  "GZIP": "Compression = GZIP",
  "LZO": "Compression = LZO",
  "sparse": "Sparse = yes",
};

for (const [name, more] of Object.entries(settings)) {
  Deno.test({
    name: `bls, bextract, bscan and a storage daemon of Bacula read what ours wrote: ${name}`,
    ignore,
    fn: () =>
      withData(async (source) => {
        await using site = await BaculaSite.start({
          ...{ source, client: "roost", storage: "roost" },
          options: `${everything}\n${more}`,
        });
        const report = await site.run("run job=Backup level=Full");
        match(report, /Termination: +Backup OK\n/, report);
        const [volume] = [...Deno.readDirSync(site.volumes)].map((entry) => entry.name);
        if (volume === undefined) throw new Error("There is no volume");
        const head = Deno.readFileSync(join(site.volumes, volume)).subarray(36, 56);
        strictEqual(new TextDecoder().decode(head), LabelFormat.bacula.id);

        const wanted = await describeTree(source);
        const conf = await toolConfiguration(site);
        const listed = await tool("bls", "-c", conf, "-V", volume, "FileStorage");
        match(listed, /\/small\/d0\/f1\n/, listed);
        doesNotMatch(listed, /SE0206|Error/, listed);
        const out = site.path("extracted");
        await Deno.mkdir(out);
        const extracted = await tool("bextract", "-c", conf, "-V", volume, "FileStorage", out);
        // Bacula's bextract knows neither access control lists nor extended attributes.
        doesNotMatch(extracted, /SE0206|Error: (?!Unknown stream=(1007|1008|1998) )/, extracted);
        deepStrictEqual(
          compareTrees(wanted, await describeTree(join(out, source)), (path, property) =>
            unlike(path, property) || property.startsWith("xattr")),
          [],
        );
        await makeCatalog(site.path("scan"));
        const scanned = await tool(
          ...["bscan", "-c", conf, "-V", volume, "-s", "-m", "-v", "-n", "bacula"] as const,
          "FileStorage",
        );
        match(scanned, /End of all Volumes/, scanned);
        doesNotMatch(scanned, /SE0206|Unknown stream/, scanned);

        await site.startStorage("bacula");
        await site.startClient("bacula");
        const restored = await site.run("restore client=bacula-fd select current all done");
        match(restored, /Termination: +Restore OK\n/, restored);
        const got = await describeTree(join(site.restored, source));
        deepStrictEqual(compareTrees(wanted, got, unlike), []);
      }),
  });
}

Deno.test({
  name: "bacula-dir labels, mounts and releases with our storage daemon, and cancels a job there",
  ignore,
  fn: () =>
    withData(async (source) => {
      await using site = await BaculaSite.start({
        ...{ source, client: "bacula", storage: "roost" },
        job: `Client Run Before Job = "/bin/sleep 300"`,
      });
      const labelled = await site.console(
        "label volume=Hand-0001 pool=Default storage=File slot=0 drive=0",
        "mount storage=File slot=0 drive=0",
        "release storage=File drive=0",
        "unmount storage=File drive=0",
        "mount storage=File slot=0 drive=0",
        "list volumes",
      );
      match(labelled, /3000 OK label\. VolBytes=\d+ VolABytes=0 VolType=1 Volume="Hand-0001"/);
      doesNotMatch(labelled, /Label command failed/, labelled);
      match(labelled, /Hand-0001 *\| *Append/, labelled);
      const again = await site.console(
        "label volume=Hand-0001 pool=Default storage=File slot=0 drive=0",
      );
      match(again, /already/, again);
      await site.console("run job=Backup level=Full yes");
      // Its script begins when both daemons have been told of the job; the storage daemon waits for the client then.
      await waitFor(
        "the script",
        async () =>
          /JobId 1 Job Backup\.\S+ is running/.test(
            await site.console("status client=bacula-fd"),
          ),
      );
      const canceled = await site.console("cancel jobid=1 yes", "wait", "messages");
      match(canceled, /Termination: +Backup Canceled\n/, canceled);
      // The client goes on with the script; the storage daemon has nothing left of the job.
      await waitFor("the storage daemon to forget the job", async () => {
        const status = await site.console("status storage=File");
        return /No Jobs running/.test(status) && !/Backup\.20|BLOCKED/.test(status);
      });
    }),
});
