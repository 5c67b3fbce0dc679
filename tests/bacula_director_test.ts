/** Debian's bacula-dir leads file daemons and storage daemons, its own and ours (bacula.md 11, 12, 19). */
import { deepStrictEqual, match } from "node:assert";
import { hasBacula } from "./support/bacula.ts";
import { BaculaSite } from "./support/bacula_site.ts";
import type { Maker } from "./support/mixed_installation.ts";
import { join } from "./support/paths.ts";
import { makeSample } from "./support/sample.ts";
import { compareTrees, describeTree } from "./support/tree.ts";

const ignore = !hasBacula();
/** What Bacula saves of everything a file has. */
const everything = "Signature = MD5\nHardLinks = yes\nACL Support = yes\nXattr Support = yes";
const unlike = (path: string, property: string) => property === "ctime" || path === "";

async function withData(run: (source: string) => Promise<void>): Promise<void> {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await makeSample(source, { smallFiles: 60, sparseBytes: 2 ** 20, largeBytes: 5_000_000 });
    await run(source);
  } finally {
    await Deno.remove(source, { recursive: true });
  }
}

const pairs: readonly (readonly [client: Maker, storage: Maker])[] = [
  ["roost", "bacula"],
  ["bacula", "roost"],
  ["roost", "roost"],
  ["bacula", "bacula"],
];

for (const [client, storage] of pairs) {
  Deno.test({
    name:
      `bacula-dir: full backup and restore, file daemon of ${client}, storage daemon of ${storage}`,
    ignore,
    fn: () =>
      withData(async (source) => {
        await using site = await BaculaSite.start({ source, client, storage, options: everything });
        const report = await site.run("run job=Backup level=Full");
        match(report, /Termination: +Backup OK\n/, report);
        const restored = await site.run("restore client=bacula-fd select current all done");
        match(restored, /Termination: +Restore OK\n/, restored);
        deepStrictEqual(
          compareTrees(
            await describeTree(source),
            await describeTree(join(site.restored, source)),
            unlike,
          ),
          [],
        );
      }),
  });
}
