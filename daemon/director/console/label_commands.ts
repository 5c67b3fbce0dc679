/** `label`, `relabel`, `add`, `create` (console.md 15.1, 15.2). @module */
import { directorToStorage } from "../../../protocol/mod.ts";
import type { DirectorCatalog, MediaRecord } from "../director_catalog.ts";
import type { PoolResource, StorageResource } from "../resources.ts";
import { poolDefaults } from "../volumes/volume_selection.ts";
import type { Arguments } from "./arguments.ts";
import { chosenSlots, readSlots, withLoaded } from "./changer.ts";
import { CommandFailed } from "./command.ts";
import type { StorageFlavour } from "../peers/storage_probes.ts";
import { askStorage } from "./daemons.ts";
import { volumeNameProblem } from "./names.ts";
import { mountCommand } from "./mount_commands.ts";
import { driveOf, resourceOf, storageOf } from "./selectors.ts";
import type { CommandHandler, ConsoleSession } from "./session.ts";
import { volumeOf } from "./update_commands.ts";
import { newEncryptionKey } from "./update_volume.ts";

/** A volume that is to be labelled, or labelled anew. */
interface Labelling {
  readonly session: ConsoleSession;
  readonly catalog: DirectorCatalog;
  readonly storage: StorageResource;
  readonly pool: PoolResource;
  readonly drive: number;
  readonly isEncrypted: boolean;
  readonly volume: string;
  readonly slot: number;
  readonly old?: MediaRecord;
}

const tail = { tail: " ..." };

/** Sends the command, and enters the volume if it went well. */
async function labelOne(of: Labelling): Promise<boolean> {
  const { session, storage, pool, volume, slot, old } = of;
  if (of.isEncrypted) session.print("Generating new hardware encryption key\n");
  const fields = {
    device: storage.device[0] ?? "",
    volume,
    pool: pool.name,
    mediaType: storage.mediaType,
    slot,
    drive: of.drive,
    minBlockSize: pool.minimumBlockSize,
    maxBlockSize: pool.maximumBlockSize,
    appendOnly: pool.appendOnlyPeriod || undefined,
  };
  const fresh = directorToStorage.label.format(fields);
  if (old === undefined) {
    const announce = `Sending label command for Volume "${volume}" Slot ${slot} ...\n`;
    const made = await sendLabel(of, () => fresh, announce);
    return made !== undefined && enterVolume(of, made.bytes);
  }
  const anew = (newName: string): string =>
    directorToStorage.relabel.format({ ...fields, volume: newName, oldVolume: old.volumeName });
  const announce = `Sending relabel command from "${old.volumeName}" to "${volume}" ...\n`;
  let keepsFile = false;
  let made = await sendLabel(of, (flavour) => {
    keepsFile = flavour === "bacula" && !storage.autoChanger && old.volumeName !== volume;
    return anew(keepsFile ? old.volumeName : volume);
  }, announce);
  if (made !== undefined && keepsFile) {
    const isFile = made.type === FILE_VOLUME;
    made = await sendLabel(of, () => isFile ? fresh : anew(volume));
    if (made !== undefined && isFile) {
      session.print(
        `The file of Volume "${old.volumeName}" stays where it is, with nothing in it but a label.\n`,
      );
    }
  }
  return made !== undefined && enterVolume(of, made.bytes);
}

/** `VolType` of a file, in the answers of Bacula's storage daemon. */
const FILE_VOLUME = 1;

/**
 * Sends a command that writes a label; what the answer says of the volume, `undefined` if it failed.
 *
 * In a folder, a storage daemon of Bacula writes the new label into the file of the old name and looks for it under the
 * new one ever after (seen with bacula-sd 9.6.7), so there a volume is emptied under its own name and the new one made
 * beside it. What lies in a changer's slot, or is a tape, has no name but its label.
 */
async function sendLabel(
  { session, storage, volume }: Labelling,
  command: (flavour: StorageFlavour) => string,
  announce?: string,
): Promise<{ readonly bytes: number; readonly type?: number } | undefined> {
  let bytes: number | undefined;
  let type: number | undefined;
  const answer = await askStorage(session, storage, command, {
    ...tail,
    ...(announce === undefined ? { isSilent: true } : { announce }),
    take: (text) => {
      session.print(text);
      const match = /^3000 OK label\..*VolBytes=(\d+)(?:.* VolType=(\d+))?/.exec(text);
      if (match === null) return;
      bytes = Number(match[1]);
      if (match[2] !== undefined) type = Number(match[2]);
    },
  });
  if (answer !== undefined && bytes !== undefined) {
    return { bytes, ...(type !== undefined && { type }) };
  }
  session.print(`Label command failed for Volume ${volume}.\n`);
  return undefined;
}

function enterVolume(of: Labelling, volBytes: number): true {
  const { session, catalog, storage, pool, volume, slot, old } = of;
  if (old !== undefined) {
    catalog.run("DELETE FROM Media WHERE MediaId = ?", old.mediaId);
    session.print(`Old volume "${old.volumeName}" deleted from catalog.\n`);
  }
  catalog.createMedia({
    ...poolDefaults({ pool, catalog }),
    volumeName: volume,
    poolId: catalog.pool(pool),
    mediaType: storage.mediaType,
    volStatus: "Append",
    enabled: 1,
    volBytes,
    labelDate: Math.floor(Date.now() / 1000),
    slot,
    inChanger: slot > 0,
    storageId: catalog.storage(storage),
    ...(of.isEncrypted && { encryptionKey: newEncryptionKey() }),
  });
  session.print(`Catalog record for Volume "${volume}", Slot ${slot} successfully created.\n`);
  return true;
}

/** Mounts what was labelled, where the session wants that. */
async function mountAfter(of: Omit<Labelling, "volume" | "slot">): Promise<void> {
  const { session, storage, drive } = of;
  const device = storage.device[0] ?? "";
  if (!session.mountsLabelled) {
    session.print("Do not forget to mount the drive!!!\n");
    return;
  }
  session.print(`Requesting to mount ${device} ...\n`);
  const fields = { device, drive, slot: undefined };
  await askStorage(session, storage, (flavour) => mountCommand(fields, flavour), {
    isSilent: true,
  });
}

/** A name for a new volume: from the line, or asked for until it is one. */
async function newVolumeName(
  session: ConsoleSession,
  args: Arguments,
  catalog: DirectorCatalog,
): Promise<string> {
  let name = args.filled("volume");
  for (;;) {
    name ??= await session.ask("Enter new Volume name: ");
    const problem = volumeNameProblem(name);
    if (problem === undefined && catalog.mediaByName(name) === undefined) return name;
    const text = problem ?? `Media record for new Volume "${name}" already exists.`;
    if (session.isBatch) throw new CommandFailed(text);
    session.tell("error", text);
    name = undefined;
  }
}

const label: CommandHandler = async (session, args) => {
  const catalog = await session.catalog(args);
  const storage = await storageOf(session, args, { takesWord: true });
  const drive = await driveOf(session, args, storage);
  const isEncrypted = args.has("encrypt");
  const scene = { session, catalog, storage, drive, isEncrypted };
  if (args.has("barcode", "barcodes")) return await labelBarcodes(scene, args);
  const volume = await newVolumeName(session, args, catalog);
  const slot = args.has("slot")
    ? args.number("slot", 0)
    : storage.autoChanger
    ? await session.dialogue.number("Enter slot (0 or Enter for none): ")
    : 0;
  const pool = await resourceOf(session, args, "Pool");
  const isOk = await labelOne({ ...scene, pool, volume, slot });
  if (isOk) await mountAfter({ ...scene, pool });
  return isOk;
};

/** Labels every volume with a barcode that the catalog does not know. */
async function labelBarcodes(
  scene: Pick<Labelling, "session" | "catalog" | "storage" | "drive" | "isEncrypted">,
  args: Arguments,
): Promise<boolean> {
  const { session, catalog, storage } = scene;
  const all = await readSlots(session, storage) ?? [];
  const chosen = chosenSlots(args);
  const slots = all.filter(({ kind, slot }) => kind === "slot" && chosen?.has(slot) !== false)
    .map((slot) => withLoaded(slot, all))
    .filter(({ volume }) => volume !== "");
  if (slots.length === 0) {
    throw new CommandFailed("No Volumes found to label, or no barcodes.", "warning");
  }
  session.print("The following Volumes will be labeled:\nSlot  Volume\n==============\n");
  for (const { slot, volume } of slots) session.print(`${String(slot).padStart(4)}  ${volume}\n`);
  if (
    !args.has("yes") && !await session.confirm("Do you want to label these Volumes? (yes|no): ")
  ) return false;
  const pool = await resourceOf(session, args, "Pool");
  let isOk = true;
  for (const { slot, volume } of slots) {
    if (catalog.mediaByName(volume) !== undefined) {
      session.tell(
        "error",
        `Media record for Slot ${slot} Volume "${volume}" already exists.\n`,
      );
      continue;
    }
    if (pool.cleaningPrefix !== "" && volume.startsWith(pool.cleaningPrefix)) {
      catalog.createMedia({
        ...poolDefaults({ pool, catalog }),
        volumeName: volume,
        poolId: catalog.pool(pool),
        mediaType: storage.mediaType,
        volStatus: "Cleaning",
        enabled: 1,
        slot,
        inChanger: true,
        storageId: catalog.storage(storage),
      });
      session.print(`Catalog record for cleaning tape "${volume}" successfully created.\n`);
      continue;
    }
    isOk = await labelOne({ ...scene, pool, volume, slot }) && isOk;
  }
  return isOk;
}

const relabel: CommandHandler = async (session, args) => {
  const catalog = await session.catalog(args);
  const storage = await storageOf(session, args);
  const drive = await driveOf(session, args, storage);
  const old = await volumeOf(session, args, catalog, ["oldvolume"]);
  if (old.volStatus !== "Purged" && old.volStatus !== "Recycle") {
    throw new CommandFailed(
      `Volume "${old.volumeName}" has VolStatus ${old.volStatus}. It must be Purged or Recycled before relabeling.`,
    );
  }
  const volume = await newVolumeName(session, args, catalog);
  const slot = args.has("slot") ? args.number("slot", 0) : old.slot;
  const pool = await resourceOf(session, args, "Pool");
  const scene = { session, catalog, storage, drive, isEncrypted: args.has("encrypt"), pool };
  const isOk = await labelOne({ ...scene, volume, slot, old });
  if (isOk) await mountAfter(scene);
  return isOk;
};

/** Digits of the numbers behind a base name. */
const digits = 4;

/** Volumes that may be added at once where a pool has no limit. */
const mostAtOnce = 1000;

/** How many volumes a pool still takes; asks for another limit if it is full. */
async function roomIn(
  session: ConsoleSession,
  catalog: DirectorCatalog,
  poolId: number,
): Promise<number> {
  const limit = (): number =>
    Number(catalog.one("SELECT MaxVols AS most FROM Pool WHERE PoolId = ?", poolId)?.most ?? 0);
  const count = catalog.volumeCount(poolId);
  while (limit() > 0 && limit() <= count) {
    session.print(`Pool already has maximum volumes=${limit()}\n`);
    const most = await session.dialogue.number("Enter new maximum (zero for unlimited): ");
    catalog.run("UPDATE Pool SET MaxVols = ? WHERE PoolId = ?", most, poolId);
  }
  return limit() === 0 ? mostAtOnce : limit() - count;
}

const add: CommandHandler = async (session, args) => {
  session.print(
    "You probably don't want to be using this command since it\n" +
      "creates database records without labeling the Volumes.\n" +
      'You probably want to use the "label" command.\n\n',
  );
  const catalog = await session.catalog(args);
  const pool = await resourceOf(session, args, "Pool");
  const storages = session.director.configuration.all("Storage");
  const types = [...new Set(storages.map(({ mediaType }) => mediaType))];
  const typeAt = await session.dialogue.choose({
    header: "Media Types defined in conf file:",
    what: "Media Type",
    prompt: "Select the Media Type",
    items: types,
  });
  const mediaType = types[typeAt] ?? "";
  const poolId = catalog.pool(pool);
  const max = await roomIn(session, catalog, poolId);
  let count = -1;
  while (count < 0 || count > max) {
    count = await session.dialogue.number(
      `Enter number of Volumes to create. 0=>fixed name. Max=${max}: `,
    );
    if (count > max) session.print(`The number must be between 0 and ${max}\n`);
  }
  const base = await session.ask(count === 0 ? "Enter Volume name: " : "Enter base volume name: ");
  const problem = volumeNameProblem(base);
  if (problem !== undefined) throw new CommandFailed(problem);
  let start = 1;
  if (count > 0) {
    start = await session.dialogue.number("Enter the starting number: ");
    if (start < 1) throw new CommandFailed("Start number must be greater than zero.");
  }
  const slot = await session.dialogue.number("Enter slot (0 for none): ");
  const inChanger = slot > 0 && await session.confirm("InChanger? yes/no: ");
  const storage = storages.find((each) => each.mediaType === mediaType);
  const total = Math.max(1, count);
  for (let at = 0; at < total; at++) {
    const volumeName = count === 0 ? base : `${base}${String(start + at).padStart(digits, "0")}`;
    if (catalog.mediaByName(volumeName) !== undefined) {
      throw new CommandFailed(`Media record for new Volume "${volumeName}" already exists.`);
    }
    catalog.createMedia({
      ...poolDefaults({ pool, catalog }),
      volumeName,
      poolId,
      mediaType,
      volStatus: "Append",
      enabled: 1,
      slot: slot === 0 ? 0 : slot + at,
      inChanger,
      storageId: storage === undefined ? 0 : catalog.storage(storage),
    });
  }
  session.print(`${total} Volumes created in pool ${pool.name}\n`);
  return true;
};

const create: CommandHandler = async (session, args) => {
  const catalog = await session.catalog(args);
  const pool = await resourceOf(session, args, "Pool");
  if (catalog.poolIdByName(pool.name) !== undefined) {
    throw new CommandFailed(
      `Error: Pool ${pool.name} already exists.\nUse update to change it.`,
    );
  }
  catalog.pool(pool);
  catalog.linkPool(pool);
  session.print(`Pool ${pool.name} created.\n`);
  return true;
};

/** These commands by their names. */
export const labelCommands: Readonly<Record<string, CommandHandler>> = {
  label,
  relabel,
  add,
  create,
};
