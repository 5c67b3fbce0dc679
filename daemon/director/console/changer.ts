/** Autochangers: what is in their slots, and moving it (console.md 14.6, 15.3, 17). @module */
import { directorToStorage, storageToDirector } from "../../../protocol/mod.ts";
import type { DirectorCatalog } from "../director_catalog.ts";
import type { StorageResource } from "../resources.ts";
import type { Arguments } from "./arguments.ts";
import { CommandFailed } from "./command.ts";
import { askStorage } from "./daemons.ts";
import { driveOf, storageOf } from "./selectors.ts";
import type { CommandHandler, ConsoleSession } from "./session.ts";

/** A slot of an autochanger, or a drive. */
export interface Slot {
  readonly kind: "drive" | "slot" | "import";
  /** Number of the slot, or of the drive from 0. */
  readonly slot: number;
  /** The name of what is in it by its barcode; empty if there is none. */
  readonly volume: string;
  /** Whether something is in it. */
  readonly isFull: boolean;
  /** Drive: the slot that its volume came from; 0 if none is loaded. */
  readonly loadedFrom: number;
}

/** The slots and drives as the changer lists them; undefined if it cannot be asked. */
export async function readSlots(
  session: ConsoleSession,
  storage: StorageResource,
): Promise<Slot[] | undefined> {
  const device = storage.device[0] ?? "";
  const ask = async (what: string): Promise<string[] | undefined> =>
    await askStorage(
      session,
      storage,
      directorToStorage.autochangerList.format({ what, device }),
      {
        tail: " ...",
        take: (text) => {
          if (/^3[0-9]{3} /.test(text)) session.print(text);
        },
      },
    );
  const texts = await ask("listall");
  if (texts === undefined) return undefined;
  const slots = parseSlots(texts.join(""));
  if (slots.length > 0) return slots;
  return parseSlots((await ask("list") ?? []).join(""));
}

/** Reads the lines of `listall` (`S:1:F:Vol`, `D:0:F:1:Vol`, `I:20:E`) and of `list` (`1:Vol`). */
export function parseSlots(text: string): Slot[] {
  return text.split("\n").flatMap((line): Slot[] => {
    const parts = line.trim().split(":");
    const [first = "", number = "", state = ""] = parts;
    const isFull = state === "F";
    if (/^\d+$/.test(first) && parts.length >= 2) {
      const isListed = number !== "";
      return [{
        kind: "slot",
        slot: Number(first),
        volume: number,
        isFull: isListed,
        loadedFrom: 0,
      }];
    }
    if (!/^\d+$/.test(number)) return [];
    if (first === "D") {
      return [{
        kind: "drive",
        slot: Number(number),
        volume: isFull ? parts[4] ?? "" : "",
        isFull,
        loadedFrom: isFull ? Number(parts[3] ?? 0) : 0,
      }];
    }
    if (first !== "S" && first !== "I") return [];
    return [{
      kind: first === "S" ? "slot" : "import",
      slot: Number(number),
      volume: isFull ? parts[3] ?? "" : "",
      isFull,
      loadedFrom: 0,
    }];
  });
}

/** Slots of a list such as `1,3-5`; undefined if it is none. */
export function parseSlotList(text: string): ReadonlySet<number> | undefined {
  const found = new Set<number>();
  for (const part of text.split(",")) {
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part.trim());
    if (match === null) return undefined;
    const [from, to] = [Number(match[1]), Number(match[2] ?? match[1])];
    if (to < from) return undefined;
    for (let slot = from; slot <= to; slot++) found.add(slot);
  }
  return found;
}

/** The slots that `slots=` names; `undefined` for all. @throws CommandFailed if it names none */
export function chosenSlots(args: Arguments): ReadonlySet<number> | undefined {
  const text = args.filled("slots", "slot");
  const chosen = text === undefined ? undefined : parseSlotList(text);
  if (text !== undefined && chosen === undefined) {
    throw new CommandFailed(`Invalid slots: ${text}. Give numbers and ranges, such as 1,3-5.`);
  }
  return chosen;
}

/** Brings slots and the InChanger flag of volumes into the catalog, as `update slots` does. */
export async function updateSlots(
  session: ConsoleSession,
  args: Arguments,
  storage: StorageResource,
  catalog: DirectorCatalog,
): Promise<boolean> {
  const isScan = args.has("scan");
  const chosen = chosenSlots(args);
  const drive = isScan ? await driveOf(session, args, storage) : 0;
  const slots = (await readSlots(session, storage) ?? []).filter(({ kind }) => kind !== "import");
  const largest = Math.max(0, ...slots.map(({ kind, slot }) => kind === "slot" ? slot : 0));
  for (const slot of chosen ?? []) {
    if (slot > largest) {
      session.tell("warning", `Slot ${slot} greater than max ${largest} ignored.`);
    }
  }
  const shown = slots.filter(({ kind, slot }) => kind === "slot" && chosen?.has(slot) !== false)
    .map((slot) => withLoaded(slot, slots));
  if (shown.length === 0) {
    throw new CommandFailed(
      isScan ? "No slots in changer to scan." : "No Volumes found to update, or no barcodes.",
      "warning",
    );
  }
  const storageId = catalog.storage(storage);
  for (const { slot, volume: barcode, isFull } of shown) {
    const volume = !isScan
      ? barcode
      : isFull
      ? await volumeInSlot(session, storage, slot, drive)
      : "";
    if (volume === undefined) continue;
    const media = volume === "" ? undefined : catalog.mediaByName(volume);
    catalog.freeSlot(slot, storageId, media?.mediaId ?? 0);
    if (volume === "") session.print(`No VolName for Slot=${slot} InChanger set to zero.\n`);
    else if (media === undefined) {
      session.print(
        `Volume "${volume}" not found in catalog. Slot=${slot} InChanger set to zero.\n`,
      );
    } else if (media.slot === slot && media.inChanger && media.storageId === storageId) {
      session.print(`Catalog record for Volume "${volume}" is up to date.\n`);
    } else {
      catalog.updateMedia(media.mediaId, { slot, inChanger: true, storageId });
      session.print(
        `Catalog record for Volume "${volume}" updated to reference slot ${slot}.\n`,
      );
    }
  }
  return true;
}

/**
 * The name on the label of what is in a slot, which is loaded to read it; empty if it has none, undefined
 * if that could not be found out.
 */
async function volumeInSlot(
  session: ConsoleSession,
  storage: StorageResource,
  slot: number,
  drive: number,
): Promise<string | undefined> {
  const command = directorToStorage.readLabel.format({
    device: storage.device[0] ?? "",
    slot,
    drive,
  });
  let volume: string | undefined;
  await askStorage(session, storage, command, {
    tail: " ...",
    take: (text) => {
      const found = storageToDirector.readLabelOk.parse(text);
      if (found === undefined) session.print(text);
      if (found !== undefined || text.startsWith("3902 ")) volume = found?.volume ?? "";
    },
  });
  return volume;
}

/** What is moved from where to where. */
interface Move {
  readonly from: number;
  readonly to: number;
  /** The drive that the volume is in and has to leave first. */
  readonly drive: number | undefined;
}

/** The commands that move volumes between the slots of a changer. */
export type Transfer = "import" | "export" | "move";

/** Which slots each command takes from, and where it puts what it takes. */
const transfers: Readonly<
  Record<Transfer, { readonly from: Slot["kind"]; readonly to: Slot["kind"] }>
> = {
  import: { from: "import", to: "slot" },
  export: { from: "slot", to: "import" },
  move: { from: "slot", to: "slot" },
};

const warn = (text: string): CommandFailed => new CommandFailed(text, "warning");

function planned(
  args: Arguments,
  what: Transfer,
  slots: readonly Slot[],
): Move[] {
  const { from, to } = transfers[what];
  const given = (keyword: string): ReadonlySet<number> | undefined => {
    const text = args.filled(keyword);
    const list = text === undefined ? undefined : parseSlotList(text);
    if (text !== undefined && list === undefined) throw warn(`Invalid slot selection ${text}.`);
    return list;
  };
  const [source, target] = [given("srcslots"), given("dstslots")];
  const volume = args.filled("volume");
  if (what === "export" && source === undefined && volume === undefined) {
    throw warn("Cannot perform an export operation without source slot selection");
  }
  if (what === "move" && (source === undefined || target === undefined)) {
    throw warn("Cannot perform a move operation without source and/or destination selection");
  }
  const filled = slots.map((slot) => withLoaded(slot, slots))
    .filter(({ kind, isFull }) => kind === from && isFull);
  let sources = source === undefined ? filled : filled.filter(({ slot }) => source.has(slot));
  if (source !== undefined && sources.length < source.size) {
    throw warn(
      what === "import"
        ? "Not all slots in source selection are import slots and filled."
        : "Not all slots in source selection are normal slots and filled.",
    );
  }
  if (volume !== undefined) {
    sources = sources.filter((slot) => slot.volume === volume);
    if (sources.length === 0) {
      throw warn(`No volume named ${volume} in changer or in selected source slots.`);
    }
  }
  const free = slots.map((slot) => withLoaded(slot, slots))
    .filter(({ kind, isFull }) => kind === to && !isFull);
  const targets = target === undefined ? free : free.filter(({ slot }) => target.has(slot));
  if (target !== undefined && source !== undefined) {
    if ([...source].some((slot) => target.has(slot))) {
      throw warn("Source slot selection and destination slot selection overlap.");
    }
    if (source.size > target.size) {
      throw warn("Source slot selection doesn't fit into destination slot selection.");
    }
  }
  if (target !== undefined && targets.length < target.size) {
    throw warn(
      what === "export"
        ? "Not all slots in destination selection are export slots and empty."
        : "Not all slots in destination selection are normal slots and empty.",
    );
  }
  if (sources.length > targets.length) {
    throw warn(
      what === "export"
        ? `Not enough free export slots available to export ${sources.length} volumes`
        : `Not enough free slots available to import ${sources.length} volumes`,
    );
  }
  if (sources.length === 0) throw warn("Nothing to do");
  return sources.map(({ slot }, at) => ({
    from: slot,
    to: targets[at]?.slot ?? 0,
    drive: slots.find(({ kind, loadedFrom }) => kind === "drive" && loadedFrom === slot)?.slot,
  }));
}

/** A slot with the volume that was loaded from it into a drive, if one was. */
export function withLoaded(slot: Slot, slots: readonly Slot[]): Slot {
  if (slot.kind === "drive" || slot.isFull) return slot;
  const drive = slots.find(({ kind, loadedFrom }) => kind === "drive" && loadedFrom === slot.slot);
  return drive === undefined ? slot : { ...slot, volume: drive.volume, isFull: true };
}

const transfer = (what: Transfer): CommandHandler => async (session, args) => {
  const catalog = await session.catalog(args);
  const storage = await storageOf(session, args, {
    header: "The defined Autochanger Storage resources are:",
    isMeant: (each) => each.autoChanger,
  });
  const slots = await readSlots(session, storage);
  if (slots === undefined || slots.length === 0) throw warn("No slots in changer.");
  for (const { from, to, drive } of planned(args, what, slots)) {
    if (drive !== undefined && !await released(session, storage, drive)) {
      throw warn(`Failed to release volume in drive ${drive}`);
    }
    const command = directorToStorage.autochangerTransfer.format({
      device: storage.device[0] ?? "",
      source: from,
      destination: to,
    });
    const answer = await askStorage(session, storage, command, { tail: " ..." });
    if (answer?.some((text) => text.startsWith("3308")) !== true) {
      throw warn(`Failed to move volume from source slot ${from} to destination slot ${to}`);
    }
  }
  return await updateSlots(session, args, storage, catalog);
};

/** Lets a drive give its volume back to the slot that it came from. */
async function released(
  session: ConsoleSession,
  storage: StorageResource,
  drive: number,
): Promise<boolean> {
  const device = storage.device[0] ?? "";
  const command = directorToStorage.release.format({ device, drive });
  const answer = await askStorage(session, storage, command, { tail: " ..." });
  return answer?.some((text) => /^(3022|3921) /.test(text)) === true;
}

/** `import`, `export`, `move`. */
export const transferCommands: Readonly<Record<Transfer, CommandHandler>> = {
  import: transfer("import"),
  export: transfer("export"),
  move: transfer("move"),
};
