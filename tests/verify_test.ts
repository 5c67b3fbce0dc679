/** Verify jobs of every level with real daemons, when nothing has changed and when something has. */
import { doesNotMatch, match, ok } from "node:assert";
import { join } from "./support/paths.ts";
import { Installation } from "./support/roost.ts";
import { makeSample } from "./support/sample.ts";

const levels = {
  VerifyFirst: "InitCatalog",
  VerifyCatalog: "Catalog",
  VerifyVolume: "VolumeToCatalog",
  VerifyDisk: "DiskToCatalog",
} as const;

async function scene(
  run: (installation: Installation, source: string) => Promise<void>,
): Promise<void> {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await makeSample(source, { smallFiles: 700, sparseBytes: 2 ** 21, largeBytes: 3_000_000 });
    await Deno.writeTextFile(join(source, "empty"), "");
    await Deno.writeTextFile(join(source, "line\nfeed"), "in its name");
    await Deno.symlink("empty", join(source, "link"));
    await using installation = await Installation.create({ backup: source });
    for (const [name, level] of Object.entries(levels)) {
      const verified = level === "InitCatalog" || level === "Catalog"
        ? ""
        : "  Job To Verify = Backup\n";
      await installation.configure(
        `bareos-dir.d/job/${name}.conf`,
        `Job {\n  Name = ${name}\n  JobDefs = DefaultJob\n  Type = Verify\n  Level = ${level}\n${verified}}\n`,
      );
    }
    const fileSet = "bareos-dir.d/fileset";
    for (const { name } of Deno.readDirSync(join(installation.folder, fileSet))) {
      const text = await Deno.readTextFile(join(installation.folder, fileSet, name));
      if (!text.includes(source)) continue;
      await installation.configure(
        `${fileSet}/${name}`,
        text.replace(/Options \{/i, "Options {\n  Verify = pinsmc5\n"),
      );
    }
    await installation.start();
    await run(installation, source);
  } finally {
    await Deno.remove(source, { recursive: true });
  }
}

const runJob = (installation: Installation, name: string): Promise<string> =>
  installation.console(`run job=${name} yes`, "wait", "messages");

Deno.test("verify jobs find nothing where nothing has changed", () =>
  scene(async (installation) => {
    match(await runJob(installation, "VerifyCatalog"), /Unable to find JobId of previous InitCat/);
    const backup = await runJob(installation, "Backup");
    match(backup, /Backup OK/);
    const written = /FD Files Written: +(\d+)\n/.exec(backup)?.[1];
    for (const [name, level] of Object.entries(levels)) {
      // What a Catalog level compares with is an InitCatalog run of the same job.
      const job = level === "InitCatalog" ? "VerifyCatalog level=InitCatalog" : name;
      const report = await runJob(installation, job);
      match(report, /Termination: +Verify OK\n/, `${level}: ${report}`);
      match(report, new RegExp(`Verify Level: +${level}\n`));
      match(report, new RegExp(`Files Examined: +${written}\n`));
      doesNotMatch(report, /New file:|differ/);
    }
  }));

Deno.test("verify jobs tell what is new, gone or different", () =>
  scene(async (installation, source) => {
    match(await runJob(installation, "Backup"), /Backup OK/);
    match(await runJob(installation, "VerifyCatalog level=InitCatalog"), /Verify OK/);
    const changed = join(source, "small/d1");
    const [first, second, third] = [...Deno.readDirSync(changed)].map(({ name }) => name).sort();
    ok(first !== undefined && second !== undefined && third !== undefined);
    const { mtime } = await Deno.stat(join(changed, first));
    const text = await Deno.readTextFile(join(changed, first));
    await Deno.writeTextFile(join(changed, first), text.replace(/^./s, "!"));
    await Deno.utime(join(changed, first), mtime ?? 0, mtime ?? 0);
    await Deno.chmod(join(changed, second), 0o751);
    await Deno.remove(join(changed, third));
    await Deno.writeTextFile(join(changed, "new"), "new");

    for (const name of ["VerifyCatalog", "VerifyDisk"]) {
      const report = await runJob(installation, name);
      match(report, /Termination: +Verify Differences\n/, report);
      const lines = report.split("\n").map((line) => line.replace(/^.*?JobId \d+: /, ""));
      const under = (file: string): string[] => {
        const start = lines.indexOf(`File: ${join(changed, file)}`);
        ok(start >= 0, `${file}: ${report}`);
        const end = lines.findIndex((line, at) => at > start && !line.startsWith("      "));
        return lines.slice(start + 1, end);
      };
      ok(under(first).some((line) => /^ {6}\w+ digest differs\. File=\S+ Cat=\S+$/.test(line)));
      ok(under(second).some((line) => /^ {6}st_mode {2}differ\. Cat: \w+ File: 81e9$/.test(line)));
      ok(lines.includes(`New file: ${join(changed, "new")}`), report);
      match(report, /Warning: The following files are in the Catalog but not on disk:\n/);
      ok(lines.includes(`      ${join(changed, third)}`), report);
    }
    // The volume is still what the catalog says.
    match(await runJob(installation, "VerifyVolume"), /Termination: +Verify OK\n/);
  }));

Deno.test("a verify says which file it could not read, and a damaged volume is no success", () =>
  scene(async (installation, source) => {
    match(await runJob(installation, "Backup"), /Backup OK/);
    const folder = join(installation.folder, "volumes");
    const [volume] = [...Deno.readDirSync(folder)].map(({ name }) => name);
    const bytes = await Deno.readFile(join(folder, volume ?? ""));
    bytes[2_000_000] = (bytes[2_000_000] ?? 0) ^ 1;
    await Deno.writeFile(join(folder, volume ?? ""), bytes);
    const report = await runJob(installation, "VerifyVolume");
    match(report, /checksum mismatch|Volume data error/);
    doesNotMatch(report, /Termination: +Verify OK\n/);
    if (Deno.uid() === 0) return; // root reads everything
    await Deno.chmod(join(source, "empty"), 0);
    match(await runJob(installation, "VerifyDisk"), /Cannot open ".*empty": ERR=/);
  }));
