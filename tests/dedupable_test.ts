/**
 * Volumes on a device of type `dedupable` with real daemons: backups and restores over several volumes,
 * places by the numbers of blocks, the tools, recycling, and a storage daemon that is killed.
 */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { join } from "./support/paths.ts";
import type { Installation } from "./support/roost.ts";
import { makeSample } from "./support/sample.ts";
import { type Scene, scene } from "./support/scene.ts";
import { compareTrees, describeTree } from "./support/tree.ts";
import { waitFor } from "./support/wait_for.ts";

const sampleSize = { smallFiles: 300, sparseBytes: 4 * 2 ** 20, largeBytes: 3_000_000 };
const unlike = (path: string, property: string) => property === "ctime" || path === "";

async function configure(
  installation: Installation,
  { volumeBytes = "50G", options = "" }: { volumeBytes?: string; options?: string } = {},
): Promise<void> {
  await installation.configure(
    "bareos-sd.d/device/FileStorage.conf",
    `Device { Name = FileStorage; Media Type = File; Archive Device = "${
      join(installation.folder, "volumes")
    }"
       Device Type = dedupable; Label Media = yes; Random Access = yes; Automatic Mount = yes
       Removable Media = no; Always Open = no; Maximum Concurrent Jobs = 10; ${options} }\n`,
  );
  await installation.configure(
    "bareos-dir.d/pool/Full.conf",
    `Pool { Name = Full; Pool Type = Backup; Label Format = "Full-"; Storage = File
       Maximum Volume Bytes = ${volumeBytes} }\n`,
  );
}

/** Where jobs lie on volumes, as the catalog has it. */
async function placesOf(
  installation: Installation,
  job = "",
): Promise<{ startBlock: number; endBlock: number }[]> {
  const listed = await installation.console(`llist jobmedia ${job}`);
  const numbers = (name: string): number[] =>
    [...listed.matchAll(new RegExp(`^ *${name}: ([\\d,]+)`, "gm"))]
      .map(([, digits = ""]) => Number(digits.replaceAll(",", "")));
  deepStrictEqual([...new Set([...numbers("startfile"), ...numbers("endfile")])], [0], listed);
  const ends = numbers("endblock");
  return numbers("startblock").map((startBlock, at) => ({ startBlock, endBlock: ends[at] ?? 0 }));
}

async function restoresFile({ installation, job }: Scene, path: string): Promise<string> {
  const where = join(installation.folder, "one");
  const report = await job(`restore client=roost-fd where=${where} file=${path} yes`);
  match(report, /Termination: +Restore OK\n/, report);
  deepStrictEqual(await Deno.readFile(join(where, path)), await Deno.readFile(path));
  await Deno.remove(where, { recursive: true });
  return report;
}

Deno.test("dedupable volumes keep jobs, whole and by the file, and the tools read them", () =>
  scene(async (it) => {
    const { installation, source, path, job, restored } = it;
    await makeSample(source, sampleSize);
    await configure(installation, { volumeBytes: "2000000" });
    await installation.start();
    match(await job("run job=Backup level=Full yes"), /Termination: +Backup OK\n/);
    const volumes = [...Deno.readDirSync(path("volumes"))].map(({ name }) => name).toSorted();
    ok(volumes.length > 1, volumes.join(" "));
    for (const name of volumes) {
      deepStrictEqual(
        [...Deno.readDirSync(path(`volumes/${name}`))].map(({ name }) => name).toSorted(),
        ["aligned.data", "blocks", "config", "parts", "unaligned.data"],
      );
    }
    const { differences, report } = await restored();
    match(report, /Termination: +Restore OK\n/, report);
    deepStrictEqual(differences, []);
    await restoresFile(it, join(source, "large"));

    // tools: by the folder, and by the configuration
    const listed = await installation.run(["bls", "-j", "-V", volumes.join("|"), path("volumes")]);
    match(listed.stdout, /Begin Job Session Record: File:blk=0:1 /);
    const sd = ["-c", installation.folder];
    const where = path("extracted");
    await Deno.mkdir(where);
    const extracted = await installation.run([
      ...["bextract", ...sd, "-V", volumes.join("|"), "FileStorage", where],
    ]);
    strictEqual(extracted.status, 0, extracted.stderr);
    deepStrictEqual(
      compareTrees(await describeTree(source), await describeTree(join(where, source)), unlike),
      [],
    );
    const before = await placesOf(installation, "jobid=1");
    ok(before.length >= volumes.length, String(before.length));
    await installation.end("dir");
    const scanned = await installation.run([
      ...["bscan", "-s", "-m", ...sd, "-B", "sqlite3", "-w", path("work"), "-n", "again"],
      ...["-V", volumes.join("|"), "FileStorage"],
    ]);
    strictEqual(scanned.status, 0, scanned.stderr);
    const [catalog = ""] = [...Deno.readDirSync(path("work"))].map(({ name }) => name)
      .filter((name) => name.endsWith(".db") && name !== "again.db");
    for (const suffix of ["-wal", "-shm"]) {
      await Deno.remove(path(`work/${catalog}${suffix}`)).catch(() => {}); // there may be none
    }
    await Deno.rename(path("work/again.db"), path(`work/${catalog}`));
    await installation.start("dir");
    deepStrictEqual(await placesOf(installation, "jobid=1"), before);
    await restoresFile(it, join(source, "large"));
  }));

Deno.test("places on dedupable volumes are numbers of blocks, and a restore goes to them", () =>
  scene(async (it) => {
    const { installation, source, job } = it;
    await configure(installation, { options: "Maximum Block Size = 64512" });
    await installation.start();
    for (const name of ["first", "second", "third"]) {
      const bytes = new Uint8Array(1_000_000);
      for (let at = 0; at < bytes.length; at += 65_536) {
        crypto.getRandomValues(bytes.subarray(at, Math.min(at + 65_536, bytes.length)));
      }
      await Deno.writeFile(join(source, name), bytes);
      match(await job("run job=Backup level=Full yes"), /Termination: +Backup OK\n/);
    }
    // Each job saves all files so far, in blocks of 64512 bytes; the volume's label is block 0.
    let last = 0;
    for (const [number, { startBlock, endBlock }] of (await placesOf(installation)).entries()) {
      const blocks = endBlock - startBlock + 1;
      const wanted = (number + 1) * 1_000_000 / 64_512;
      ok(startBlock > last && startBlock <= last + 2, `${startBlock} after ${last}`);
      ok(blocks > wanted && blocks < wanted + 4, `${blocks} blocks, wanted are ${wanted}`);
      last = endBlock;
    }
    const report = await restoresFile(it, join(source, "third"));
    const [, at] = /Forward spacing Volume "Full-0001" to file:block 0:(\d+)\./.exec(report) ?? [];
    ok(Number(at) > 30 && Number(at) < 200, report);
  }));

Deno.test("equal files are equal blocks of the aligned file, at whatever places they were saved", () =>
  scene(async ({ installation, source, path, job, restored }) => {
    await configure(installation, { options: 'Device Options = "BlockSize=8k"' });
    const bytes = new Uint8Array(800_000);
    for (let at = 0; at < bytes.length; at += 50_000) {
      crypto.getRandomValues(bytes.subarray(at, at + 50_000));
    }
    for (let number = 0; number < 4; number++) {
      await Deno.writeTextFile(join(source, `${number}-before`), "x".repeat(number * 777));
      await Deno.writeFile(join(source, `${number}-equal`), bytes);
    }
    await installation.start();
    match(await job("run job=Backup level=Full yes"), /Termination: +Backup OK\n/);
    const aligned = await Deno.readFile(path("volumes/Full-0001/aligned.data"));
    const distinct = new Set<string>();
    for (let at = 0; at < aligned.length; at += 8192) {
      distinct.add(new TextDecoder("latin1").decode(aligned.subarray(at, at + 8192)));
    }
    strictEqual(aligned.length % 8192, 0);
    ok(aligned.length > 4 * 700_000 && distinct.size * 8192 <= bytes.length, `${distinct.size}`);
    deepStrictEqual((await restored()).differences, []);
  }));

Deno.test("a dedupable volume is purged, truncated and used again", () =>
  scene(async ({ installation, source, path, job, restored }) => {
    await makeSample(source, sampleSize);
    await configure(installation);
    await installation.start();
    match(await job("run job=Backup level=Full yes"), /Termination: +Backup OK\n/);
    await installation.console(
      "purge volume=Full-0001 yes",
      "truncate volstatus=Purged storage=File drive=0 yes",
    );
    ok((await Deno.stat(path("volumes/Full-0001/aligned.data"))).size === 0);
    await Deno.writeTextFile(join(source, "later"), "after it was emptied\n");
    match(await job("run job=Backup level=Full yes"), /Recycled volume|Termination: +Backup OK\n/);
    deepStrictEqual((await restored()).differences, []);
  }));

Deno.test("after a storage daemon was killed its dedupable volume is appended to", () =>
  scene(async ({ installation, source, path, job, restored }) => {
    await makeSample(source, { ...sampleSize, largeBytes: 40_000_000 });
    await configure(installation);
    await installation.start();
    match(await job("run job=Backup level=Full yes"), /Termination: +Backup OK\n/);
    const used = async (): Promise<number> =>
      (await Deno.stat(path("volumes/Full-0001/blocks"))).size;
    const before = await used();
    await installation.console("setbandwidth limit=1000 client=roost-fd");
    await installation.console("run job=Backup level=Full yes");
    await waitFor("some blocks of the second job", async () => await used() > before);
    await installation.end("sd", "SIGKILL").catch(() => {}); // as it was told
    await installation.start("sd");
    await installation.console("wait", "messages", "setbandwidth limit=0 client=roost-fd");
    const report = await job("run job=Backup level=Full yes");
    match(report, /The sizes do not match! Volume=\d+ Catalog=\d+\nCorrecting Catalog\n/);
    match(report, /Termination: +Backup OK -- with warnings\n/);
    deepStrictEqual((await restored()).differences, []);
    const listed = await installation.run(["bls", "-V", "Full-0001", path("volumes")]);
    // of what the killed job has left, the one record that did not come to its end
    const problems = listed.stderr.trim().split("\n").filter((line) => line !== "");
    ok(problems.length <= 1 && problems.every((line) => /session 2 .* is incomplete/.test(line)));
  }));
