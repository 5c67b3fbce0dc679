/** Debian's bacula-fd as the client of our director and our storage daemon (bacula.md 9, 19.3). */
import { deepStrictEqual, match } from "node:assert";
import { hasBacula } from "./support/bacula.ts";
import { MixedInstallation } from "./support/mixed_installation.ts";
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

Deno.test({
  name: "bacula-fd: full backup and restore through our director and storage daemon",
  ignore,
  fn: () =>
    withData(async (source) => {
      await using mixed = await MixedInstallation.start({ source, options: everything });
      const report = await mixed.run("run job=Backup level=Full");
      match(report, /Termination: +Backup OK/, report);
      match(report, /Client: +"roost-fd" 9\.6\.\d/, report);
      const restored = await mixed.run("restore client=roost-fd select all done");
      match(restored, /Termination: +Restore OK\n/, restored);
      deepStrictEqual(
        compareTrees(
          await describeTree(source),
          await describeTree(join(mixed.path("restore"), source)),
          unlike,
        ),
        [],
      );
    }),
});
