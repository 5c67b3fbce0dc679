/**
 * Debian's bacula-sd as the storage daemon of our director, with our own file daemon and with
 * bacula-fd (bacula.md 10, 19.5, 19.11).
 */
import { hasBacula } from "./support/bacula.ts";
import { MixedInstallation, type MixedOptions } from "./support/mixed_installation.ts";
import {
  backupAccurately,
  backupEveryLevel,
  everything,
  withData,
} from "./support/mixed_scenario.ts";

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
