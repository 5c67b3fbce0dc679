/** What every pair of daemons must be able to do, whosever they are. @module */
import { deepStrictEqual, match } from "node:assert";
import type { MixedInstallation } from "./mixed_installation.ts";
import { join } from "./paths.ts";
import { makeSample } from "./sample.ts";
import { compareTrees, describeTree } from "./tree.ts";
import { nextSecond } from "./wait_for.ts";

/** The options of a FileSet that save everything a file has, whosever the file daemon is. */
export const everything =
  "Signature = MD5\nHardLinks = yes\nACL Support = yes\nXattr Support = yes";

/** Runs with a folder of files of every kind, which is gone afterwards. */
export async function withData(run: (source: string) => Promise<void>): Promise<void> {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await makeSample(source, { smallFiles: 60, sparseBytes: 2 ** 20, largeBytes: 3_000_000 });
    await nextSecond(); // or an incremental takes for changed what was made as the full began
    await run(source);
  } finally {
    await Deno.remove(source, { recursive: true });
  }
}

/** Restores the present state of the client and compares it with `source`, byte for byte. */
export async function assertRestored(mixed: MixedInstallation, source: string): Promise<void> {
  const report = await mixed.run("restore client=roost-fd select current all done");
  match(report, /Termination: +Restore OK\n/, report);
  const restored = join(mixed.path("restore"), source);
  // Bacula sets a folder's time before the files of a later job come into it.
  const isLeft = (path: string, property: string) =>
    mixed.client === "bacula" && property === "mtime" && path === changedFolder;
  const unlike = (path: string, property: string) =>
    property === "ctime" || path === "" || isLeft(path, property);
  deepStrictEqual(
    compareTrees(await describeTree(source), await describeTree(restored), unlike),
    [],
  );
  await Deno.remove(restored, { recursive: true });
}

/** The folder in which files change from job to job. */
const changedFolder = "./small/d0";

/** Runs the backup job and returns its report. */
export async function backup(mixed: MixedInstallation, words: string): Promise<string> {
  const report = await mixed.run(`run job=Backup ${words}`);
  match(report, /Termination: +Backup OK\n/, report);
  return report;
}

/**
 * A full, an incremental and a differential backup with changes between them; after each the client's
 * state is restored.
 */
export async function backupEveryLevel(mixed: MixedInstallation, source: string): Promise<void> {
  match(await backup(mixed, "level=Full"), /FD Files Written: +\d\d+\n/);
  await assertRestored(mixed, source);

  await nextSecond();
  await Deno.writeTextFile(join(source, "small/d0/f1"), "changed once\n");
  await Deno.writeTextFile(join(source, "new"), "new\n");
  match(await backup(mixed, "level=Incremental"), /Backup Level: +Incremental, since/);
  await assertRestored(mixed, source);

  await nextSecond();
  await Deno.writeTextFile(join(source, "small/d0/f2"), "changed later\n");
  match(await backup(mixed, "level=Differential"), /Backup Level: +Differential, since/);
  await assertRestored(mixed, source);
}

/** The same of an accurate job, which knows what has gone and what came with an old date. */
export async function backupAccurately(mixed: MixedInstallation, source: string): Promise<void> {
  await backup(mixed, "level=Full accurate=yes");
  await nextSecond();
  await Deno.remove(join(source, "small/d0/f3"));
  await Deno.writeTextFile(join(source, "small/d0/old"), "came with an old date\n");
  await Deno.utime(join(source, "small/d0/old"), 1_000_000_000, 1_000_000_000);
  const report = await backup(mixed, "level=Incremental accurate=yes");
  match(report, /Sent Accurate information/, report);
  await assertRestored(mixed, source);
}
