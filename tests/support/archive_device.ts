/** A further device of an {@linkcode Installation}'s storage daemon, for copies and migrations. @module */
import { join } from "./paths.ts";
import type { Installation } from "./roost.ts";

/** Adds the device and the Storage `Archive`, and a pool on it, before anything is started. */
export async function addArchive(
  installation: Installation,
  { pool = "Archive", directives = "" }: { pool?: string; directives?: string } = {},
): Promise<void> {
  const archive = join(installation.folder, "archive");
  await Deno.mkdir(archive);
  await installation.configure(
    "bareos-sd.d/device/Archive.conf",
    `Device { Name = Archive; Media Type = Archive; Archive Device = "${archive}"
       Device Type = File; Label Media = yes; Random Access = yes; Removable Media = no
       Maximum Concurrent Jobs = 10 }\n`,
  );
  const file = await Deno.readTextFile(
    join(installation.folder, "bareos-dir.d/storage/File.conf"),
  );
  await installation.configure(
    "bareos-dir.d/storage/Archive.conf",
    file.replace("Name = File", "Name = Archive").replace("= FileStorage", "= Archive")
      .replace("Media Type = File", "Media Type = Archive"),
  );
  await installation.configure(
    `bareos-dir.d/pool/${pool}.conf`,
    `Pool { Name = ${pool}; Pool Type = Backup; Label Format = "${pool}-"; Storage = Archive
       ${directives} }\n`,
  );
}
