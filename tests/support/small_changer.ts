/** A changer of folders that both Bacula's storage daemon and ours can use: a script of a few lines. @module */
import { join } from "./paths.ts";
import { writeScript } from "./script.ts";

/**
 * Loading is a link from the archive device to the folder of a slot, which holds one file named as its barcode, or,
 * as a drive of Bacula wants it, to that file.
 */
const SCRIPT = `#!/bin/sh
# changer operation slot archive-device drive
c="$1" op="$2" slot="$3" device="$4" drive="$5"
mark="$c/loaded$drive"
case "$op" in
  slots) ls -d "$c"/slot* | wc -l ;;
  list) for s in "$c"/slot*; do echo "\${s#"$c"/slot}:$(ls "$s" | head -1)"; done ;;
  loaded) cat "$mark" 2>/dev/null || echo 0 ;;
  load)
    if [ -e "$c/holds-files" ]; then ln -sfn "$c/slot$slot/$(ls "$c/slot$slot" | head -1)" "$device"
    else ln -sfn "$c/slot$slot" "$device"; fi
    echo "$slot" > "$mark"
    ;;
  unload)
    rm -f "$device" "$mark"
    ;;
  *) echo "no such operation: $op" >&2; exit 1 ;;
esac
`;

/** Where a small changer was made, and its resources. */
export interface SmallChanger {
  /** The resources `Autochanger { Name = Changer }` and its drives, for a storage daemon. */
  readonly resources: string;
}

/** Makes slots, of which all but the last hold a blank volume `C0001`, `C0002` ..., and the script, in a folder. */
export async function makeSmallChanger(
  folder: string,
  { slots, drives = 1, holdsFiles = false }: {
    readonly slots: number;
    readonly drives?: number;
    readonly holdsFiles?: boolean;
  },
): Promise<SmallChanger> {
  for (let slot = 1; slot <= slots; slot++) {
    const place = join(folder, `slot${slot}`);
    await Deno.mkdir(place, { recursive: true });
    if (slot < slots) await Deno.writeTextFile(join(place, `C000${slot}`), "");
  }
  if (holdsFiles) await Deno.writeTextFile(join(folder, "holds-files"), "");
  const script = join(folder, "change");
  writeScript(script, SCRIPT);
  const names = Array.from({ length: drives }, (_, drive) => `Drive${drive}`);
  const devices = names.map((name, drive) =>
    `Device {
  Name = ${name}
  Drive Index = ${drive}
  Media Type = Slot
  Archive Device = "${join(folder, `drive${drive}`)}"
  Device Type = File
  Autochanger = yes
  LabelMedia = no
  Random Access = yes
  AutomaticMount = yes
  RemovableMedia = yes
  AlwaysOpen = yes
  Spool Directory = "${folder}"
}
`
  );
  const resources = `Autochanger {
  Name = Changer
  Device = ${names.join(", ")}
  Changer Device = "${folder}"
  Changer Command = "${script} %c %o %S %a %d"
}
${devices.join("")}`;
  return { resources };
}
