/** Absolute Job Timeout of the storage and of the file daemon. */
import { doesNotMatch, match } from "node:assert/strict";
import { join } from "./support/paths.ts";
import { Installation } from "./support/roost.ts";

/** A daemon's own file, and what its messages begin with. */
const daemons = [
  ["bareos-fd.d/client/myself.conf", "roost-fd"],
  ["bareos-sd.d/storage/roost-sd.conf", "roost-sd"],
] as const;

for (const [file, name] of daemons) {
  Deno.test(`${name} ends a job that takes longer than it may`, async () => {
    const source = await Deno.makeTempDir({ prefix: "roost-data-" });
    try {
      await Deno.writeFile(join(source, "file"), new Uint8Array(12_000_000));
      await using installation = await Installation.create({ backup: source });
      const give = async (path: string, lines: string): Promise<void> => {
        const text = await Deno.readTextFile(join(installation.folder, path));
        await installation.configure(path, text.replace(/\{/, `{\n  ${lines}\n`));
      };
      await give(file, "Absolute Job Timeout = 2\n  # no more");
      await give("bareos-dir.d/job/Backup.conf", "Maximum Bandwidth = 200 k");
      await installation.start();
      const report = await installation.console("run job=Backup yes", "wait", "messages");
      match(
        report,
        new RegExp(
          `${name} JobId 1: Fatal error: The job takes longer than Absolute Job Timeout = 2 s`,
        ),
      );
      match(report, /Termination: +(Backup Canceled|\*\*\* Backup Error \*\*\*)\n/);
      doesNotMatch(report, /Elapsed time: +\d+ min/);
    } finally {
      await Deno.remove(source, { recursive: true });
    }
  });
}
