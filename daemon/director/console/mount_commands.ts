/** `mount`, `unmount`, `umount`, `release` (console.md 17). @module */
import { directorToStorage } from "../../../protocol/mod.ts";
import type { StorageFlavour } from "../peers/storage_probes.ts";
import type { Arguments } from "./arguments.ts";
import { askStorage } from "./daemons.ts";
import { driveOf, storageOf } from "./selectors.ts";
import type { CommandHandler, ConsoleSession } from "./session.ts";

/** The command; Bacula demands a slot (bacula.md 10.6). */
export function mountCommand(
  fields: { readonly device: string; readonly drive: number; readonly slot: number | undefined },
  flavour: StorageFlavour,
): string {
  const slot = fields.slot ?? (flavour === "bacula" ? 0 : undefined);
  return directorToStorage.mount.format({ ...fields, slot });
}

type Action = "mount" | "unmount" | "release";

const act =
  (action: Action): CommandHandler => async (session: ConsoleSession, args: Arguments) => {
    await session.catalog(args);
    const storage = await storageOf(session, args, { takesWord: true });
    const everyDrive = args.has("alldrives") && action !== "mount";
    const drives = everyDrive
      ? storage.device.map((_device, at) => at)
      : [await driveOf(session, args, storage)];
    const slot = action !== "mount"
      ? undefined
      : args.has("slot")
      ? args.number("slot", 0)
      : storage.autoChanger
      ? await session.dialogue.number("Enter autochanger slot: ")
      : undefined;
    let isOk = true;
    for (const drive of drives) {
      const device = storage.device[everyDrive ? drive : 0] ?? storage.device[0] ?? "";
      const command = action === "mount"
        ? (flavour: StorageFlavour) => mountCommand({ device, drive, slot }, flavour)
        : directorToStorage[action].format({ device, drive });
      const answer = await askStorage(session, storage, command, { tail: " ..." });
      isOk = isOk && answer !== undefined;
    }
    return isOk;
  };

/** These commands by their names. */
export const mountCommands: Readonly<Record<string, CommandHandler>> = {
  mount: act("mount"),
  unmount: act("unmount"),
  umount: act("unmount"),
  release: act("release"),
};
