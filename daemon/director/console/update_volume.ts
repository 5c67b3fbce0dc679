/** What can be changed of a volume, as data: keyword, menu item, question, texts (console.md 15.3). @module */
import { parseSize, parseTime } from "../../config/mod.ts";
import type { DirectorCatalog, MediaChanges, MediaRecord } from "../director_catalog.ts";
import { poolDefaults } from "../volumes/volume_selection.ts";
import { CommandFailed } from "./command.ts";
import { periodWords } from "../report/formats.ts";
import { chooseResource, findResource } from "./selectors.ts";
import type { ConsoleSession } from "./session.ts";

/** One thing that can be changed. */
interface Change {
  /** Keywords of `update volume`. */
  readonly keywords: readonly string[];
  /** The item of the menu. */
  readonly item: string;
  /** What is said of the present value. */
  current?(media: MediaRecord, catalog: DirectorCatalog): string;
  /** The question for a new value, or what gets one. */
  readonly question?: string | ((session: ConsoleSession, media: MediaRecord) => Promise<string>);
  /** Changes the volume and says so. */
  apply(of: ChangeScene, value: string): void;
}

/** What a change works on. */
interface ChangeScene {
  readonly session: ConsoleSession;
  readonly catalog: DirectorCatalog;
  readonly media: MediaRecord | undefined;
  /** Chosen in the menu, not by keyword. */
  readonly isMenu?: boolean;
}

function change(of: ChangeScene, changes: MediaChanges, told: string): void {
  if (of.media === undefined) throw new CommandFailed("No Volume given.");
  of.catalog.updateMedia(of.media.mediaId, changes);
  of.session.print(`${told}\n`);
}

function number(text: string): number {
  if (!/^\d{1,15}$/.test(text.trim())) {
    throw new CommandFailed(`Expected a positive integer, got: ${text}`);
  }
  return Number(text.trim());
}

function yesNo(text: string): boolean {
  if (/^yes$/i.test(text)) return true;
  if (/^no$/i.test(text)) return false;
  throw new CommandFailed("Invalid value. It must be YES or NO.");
}

const statuses = [
  ...["Append", "Archive", "Disabled", "Full", "Used", "Cleaning", "Recycle", "Read-Only"],
  "Error",
];

const poolName = (catalog: DirectorCatalog, poolId: number): string =>
  String(catalog.one("SELECT Name AS name FROM Pool WHERE PoolId = ?", poolId)?.name ?? "");

/** The PoolId of a name that the console may use. */
function permittedPool({ session, catalog }: ChangeScene, name: string): number {
  const poolId = catalog.poolIdByName(name);
  if (poolId !== undefined && session.allows("Pool", name)) return poolId;
  throw new CommandFailed(`Error: Pool resource "${name}" does not exist.`);
}

const chooseStatus = async (session: ConsoleSession, media: MediaRecord): Promise<string> => {
  const items = [
    ...["Append", "Archive", "Disabled", "Full", "Used", "Cleaning"],
    ...(media.volStatus === "Purged" ? ["Recycle"] : []),
    "Read-Only",
  ];
  const at = await session.dialogue.choose({
    header: "Possible Values are:",
    what: "",
    prompt: "Choose new Volume Status",
    items,
  });
  return items[at] ?? "";
};

/** Takes a pool's settings over for one of its volumes, or for all. */
function fromPool(
  of: ChangeScene,
  poolId: number,
  mediaIds: readonly number[],
  text: string,
): void {
  const name = poolName(of.catalog, poolId);
  const pool = of.session.director.configuration.get("Pool", name);
  if (pool === undefined) throw new CommandFailed(`Error: Pool resource "${name}" does not exist.`);
  const changes = poolDefaults({ pool, catalog: of.catalog });
  for (const mediaId of mediaIds) of.catalog.updateMedia(mediaId, changes);
  of.session.print(`${text} updated from "${name}" Pool record.\n`);
}

const allOf = (catalog: DirectorCatalog, poolId: number): number[] =>
  catalog.media({ poolId }).map(({ mediaId }) => mediaId);

const enabledWords: Readonly<Record<string, number>> = {
  ...{ yes: 1, no: 0, archived: 2, true: 1, false: 0, "0": 0, "1": 1, "2": 2 },
};

const actionWord = (value: number): string => value === 1 ? "Truncate" : "None";

/** Every change in the order of the menu. */
const changes: readonly Change[] = [
  {
    keywords: ["volstatus"],
    item: "Volume Status",
    current: ({ volStatus }) => `Current Volume status is: ${volStatus}`,
    question: chooseStatus,
    apply(of, value) {
      const volStatus = statuses.find((word) => word.toLowerCase() === value.toLowerCase());
      if (volStatus === undefined) {
        throw new CommandFailed(`Invalid VolStatus specified: ${value}`);
      }
      change(of, { volStatus }, `New Volume status is: ${volStatus}`);
    },
  },
  {
    keywords: ["volretention"],
    item: "Volume Retention Period",
    current: ({ volRetention }) => `Current retention period is: ${periodWords(volRetention)}`,
    question: "Enter Volume Retention period: ",
    apply(of, value) {
      const volRetention = parseTime(value);
      if (volRetention === undefined) {
        throw new CommandFailed(`Invalid retention period specified: ${value}`);
      }
      change(of, { volRetention }, `New retention period is: ${periodWords(volRetention)}`);
    },
  },
  {
    keywords: ["voluse"],
    item: "Volume Use Duration",
    current: ({ volUseDuration }) => `Current use duration is: ${periodWords(volUseDuration)}`,
    question: "Enter Volume Use Duration: ",
    apply(of, value) {
      const volUseDuration = parseTime(value);
      if (volUseDuration === undefined) {
        throw new CommandFailed(`Invalid use duration specified: ${value}`);
      }
      change(of, { volUseDuration }, `New use duration is: ${periodWords(volUseDuration)}`);
    },
  },
  {
    keywords: ["maxvoljobs"],
    item: "Maximum Volume Jobs",
    current: ({ maxVolJobs }) => `Current max jobs is: ${maxVolJobs}`,
    question: "Enter new Maximum Jobs: ",
    apply(of, value) {
      change(of, { maxVolJobs: number(value) }, `New max jobs is: ${number(value)}`);
    },
  },
  {
    keywords: ["maxvolfiles"],
    item: "Maximum Volume Files",
    current: ({ maxVolFiles }) => `Current max files is: ${maxVolFiles}`,
    question: "Enter new Maximum Files: ",
    apply(of, value) {
      change(of, { maxVolFiles: number(value) }, `New max files is: ${number(value)}`);
    },
  },
  {
    keywords: ["maxvolbytes"],
    item: "Maximum Volume Bytes",
    current: ({ maxVolBytes }) => `Current value is: ${maxVolBytes}`,
    question: "Enter new Maximum Bytes: ",
    apply(of, value) {
      const maxVolBytes = parseSize(value);
      if (maxVolBytes === undefined) {
        throw new CommandFailed(`Invalid max. bytes specification: ${value}`);
      }
      change(of, { maxVolBytes }, `New Max bytes is: ${maxVolBytes}`);
    },
  },
  {
    keywords: ["recycle"],
    item: "Recycle Flag",
    current: ({ recycle }) => `Current recycle flag is: ${recycle ? "yes" : "no"}`,
    question: "Enter new Recycle status: ",
    apply(of, value) {
      const recycle = yesNo(value);
      change(of, { recycle }, `New Recycle flag is: ${recycle ? "yes" : "no"}`);
    },
  },
  {
    keywords: ["slot"],
    item: "Slot",
    current: ({ slot }) => `Current Slot is: ${slot}`,
    question: "Enter new Slot: ",
    apply(of, value) {
      const slot = number(value === "" ? "0" : value);
      const pool = of.session.director.configuration.get(
        "Pool",
        poolName(of.catalog, of.media?.poolId ?? 0),
      );
      const most = pool?.maximumVolumes ?? 0;
      if (most > 0 && slot > most) {
        throw new CommandFailed(`Invalid slot, it must be between 0 and MaxVols=${most}`);
      }
      if (slot > 0 && of.media !== undefined) {
        of.catalog.freeSlot(slot, of.media.storageId, of.media.mediaId);
      }
      change(of, { slot }, `New Slot is: ${slot}`);
    },
  },
  {
    keywords: ["inchanger"],
    item: "InChanger Flag",
    current: ({ inChanger }) => `Current InChanger flag is: ${Number(inChanger)}`,
    question: (session, media) =>
      session.ask(`Set InChanger flag for Volume "${media.volumeName}": yes/no: `),
    apply(of, value) {
      const inChanger = yesNo(value);
      const told = of.isMenu === true ? Number(inChanger) : inChanger ? "yes" : "no";
      change(of, { inChanger }, `New InChanger flag is: ${told}`);
    },
  },
  {
    keywords: [],
    item: "Volume Files",
    current: ({ volFiles }) =>
      "Warning changing Volume Files can result\nin loss of data on your Volume\n\n" +
      `Current Volume Files is: ${volFiles}`,
    question: async (session, media) => {
      const files = await session.dialogue.number("Enter new number of Files for Volume: ");
      if (files === media.volFiles + 1) return String(files);
      session.print("Normally, you should only increase Volume Files by one!\n");
      return await session.confirm("Increase Volume Files? (yes/no): ") ? String(files) : "";
    },
    apply(of, value) {
      if (value === "") return;
      change(of, { volFiles: number(value) }, `New Volume Files is: ${number(value)}`);
    },
  },
  {
    keywords: ["pool"],
    item: "Pool",
    current: ({ poolId }, catalog) => `Current Pool is: ${poolName(catalog, poolId)}`,
    question: "Enter new Pool name: ",
    apply(of, value) {
      const poolId = permittedPool(of, value);
      change(of, { poolId }, `New Pool is: ${value}`);
      of.catalog.run(
        "UPDATE Pool SET NumVols = (SELECT count(*) FROM Media WHERE Media.PoolId = Pool.PoolId)",
      );
    },
  },
  {
    keywords: ["frompool"],
    item: "Volume from Pool",
    apply(of) {
      const { media } = of;
      if (media !== undefined) fromPool(of, media.poolId, [media.mediaId], "Volume defaults");
    },
  },
  {
    keywords: ["allfrompool"],
    item: "All Volumes from Pool",
    apply(of, value) {
      const poolId = of.media?.poolId ?? permittedPool(of, value);
      fromPool(of, poolId, allOf(of.catalog, poolId), "All Volume defaults");
    },
  },
  {
    keywords: ["fromallpools"],
    item: "All Volumes from all Pools",
    apply(of) {
      for (const { name } of of.session.director.configuration.all("Pool")) {
        const poolId = of.catalog.poolIdByName(name);
        if (poolId === undefined || !of.session.access.allows("Pool", name)) continue;
        fromPool(of, poolId, allOf(of.catalog, poolId), "All Volume defaults");
      }
    },
  },
  {
    keywords: ["enabled"],
    item: "Enabled",
    current: ({ enabled }) => `Current Enabled is: ${enabled}`,
    question: "Enter new Enabled: ",
    apply(of, value) {
      const enabled = enabledWords[value.toLowerCase()];
      if (enabled === undefined) {
        throw new CommandFailed("Invalid Enabled value, it must be yes, no, or archived");
      }
      change(of, { enabled }, `New Enabled is: ${enabled}`);
    },
  },
  {
    keywords: ["recyclepool"],
    item: "RecyclePool",
    current: ({ recyclePoolId }, catalog) =>
      recyclePoolId === 0
        ? "No current RecyclePool"
        : `Current RecyclePool is: ${poolName(catalog, recyclePoolId)}`,
    question: async (session) => {
      const names = [
        "*None*",
        ...session.director.configuration.all("Pool").map(({ name }) => name)
          .filter((name) => session.access.allows("Pool", name)),
      ];
      const at = await session.dialogue.choose({
        header: "Defined Pools:",
        what: "Pool",
        prompt: "Select the Pool",
        items: names,
      });
      return names[at] ?? "*None*";
    },
    apply(of, value) {
      const recyclePoolId = value === "*None*" || value === "" ? 0 : permittedPool(of, value);
      change(of, { recyclePoolId }, `New RecyclePool is: ${value || "*None*"}`);
    },
  },
  {
    keywords: ["actiononpurge"],
    item: "Action On Purge",
    current: ({ actionOnPurge }) => `Current ActionOnPurge is: ${actionWord(actionOnPurge)}`,
    question: "Enter new ActionOnPurge (one of: Truncate, None): ",
    apply(of, value) {
      const actionOnPurge = /^truncate$/i.test(value) ? 1 : 0;
      change(of, { actionOnPurge }, `New ActionOnPurge is: ${actionWord(actionOnPurge)}`);
    },
  },
  {
    keywords: ["storage"],
    item: "Storage",
    current: ({ storageId }, catalog) => {
      const name = catalog.storageName(storageId);
      return name === undefined
        ? "Warning, could not find current Storage"
        : `Current Storage is: ${name}`;
    },
    question: async (session) => (await chooseResource(session, "Storage")).name,
    apply(of, value) {
      const storage = findResource(of.session, "Storage", value);
      if (storage === undefined) throw new CommandFailed(`Storage resource "${value}": not found`);
      change(of, { storageId: of.catalog.storage(storage) }, `New Storage is: ${value}`);
    },
  },
];

/** Every keyword of `update volume`. */
export const volumeKeywords: ReadonlySet<string> = new Set([
  ...changes.flatMap(({ keywords }) => keywords),
  "encrypt",
]);

/** Applies one keyword. @throws CommandFailed if its value is wrong */
export function changeVolume(
  session: ConsoleSession,
  catalog: DirectorCatalog,
  media: MediaRecord | undefined,
  keyword: string,
  value: string | undefined,
): void {
  if (keyword === "encrypt") return encrypt({ session, catalog, media }, value ?? "");
  const found = changes.find(({ keywords }) => keywords.includes(keyword));
  // What was changed before on the same line counts.
  const fresh = media && catalog.mediaByName(media.volumeName);
  found?.apply({ session, catalog, media: fresh }, value ?? "");
}

/** A new key for the encryption of a drive: 32 random bytes in base64. */
export function newEncryptionKey(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))));
}

/** Gives a volume a key for the drive's encryption, takes it away, or replaces it. */
function encrypt(of: ChangeScene, value: string): void {
  const { session, catalog, media } = of;
  if (media === undefined) throw new CommandFailed("No Volume given.");
  const { volumeName, volStatus, encryptionKey } = media;
  const word = value.toLowerCase();
  const needsPurged = (doing: string): void => {
    if (volStatus === "Purged") return;
    throw new CommandFailed(
      `${doing} encryption key ${
        doing === "Removing" ? "from" : "for"
      } volume '${volumeName}' requires volstatus=Purged`,
    );
  };
  const generate = (): void => {
    catalog.updateMedia(media.mediaId, { encryptionKey: newEncryptionKey() });
    session.print(
      `Generated new encryption key for volume '${volumeName}' in catalog.\n` +
        "If the volume is currently mounted, remount before use!\n",
    );
  };
  if (word === "yes") {
    if (encryptionKey !== "") {
      session.print(`Encryption key for volume '${volumeName}' already configured.\n`);
    } else generate();
  } else if (word === "no") {
    if (encryptionKey === "") {
      session.print(`No encryption key for volume '${volumeName}' configured.\n`);
      return;
    }
    needsPurged("Removing");
    catalog.updateMedia(media.mediaId, { encryptionKey: "" });
    session.print(`Removed encryption key for volume '${volumeName}' from catalog.\n`);
  } else if (word === "rotate") {
    needsPurged("Rotating");
    generate();
  } else throw new CommandFailed("Valid values for Encrypt are yes/no/rotate");
}

/** The menu of all changes, until the user has done enough. */
export async function volumeMenu(
  session: ConsoleSession,
  catalog: DirectorCatalog,
  before: MediaRecord,
): Promise<void> {
  for (;;) {
    const media = catalog.mediaByName(before.volumeName) ?? before;
    session.print(`Updating Volume "${media.volumeName}"\n`);
    const at = await session.dialogue.choose({
      header: "Parameters to modify:",
      what: "",
      prompt: "Select parameter to modify",
      items: [...changes.map(({ item }) => item), "Done"],
    });
    const chosen = changes[at];
    if (chosen === undefined) {
      session.print("Selection terminated.\n");
      return;
    }
    if (chosen.current !== undefined) session.print(`${chosen.current(media, catalog)}\n`);
    try {
      const value = chosen.question === undefined
        ? ""
        : typeof chosen.question === "string"
        ? await session.ask(chosen.question)
        : await chosen.question(session, media);
      chosen.apply({ session, catalog, media, isMenu: true }, value);
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      session.tell("error", error.message);
    }
  }
}
