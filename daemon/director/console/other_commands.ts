/** Commands of one step: `estimate`, `label`, `show`, `help` and the like. @module */
import { bashSpaces } from "../../../protocol/mod.ts";
import { connectStorage, CONSOLE_PATIENCE } from "../daemon_connections.ts";
import { longVersion } from "../version_text.ts";
import { passThrough } from "./pass_through.ts";
import type { ConsoleCommand } from "./session.ts";

const version: ConsoleCommand = {
  name: "version",
  help: "Print Director version",
  run(session) {
    session.print(`${session.director.resource.name} Version: ${longVersion()}\n`);
  },
};

const time: ConsoleCommand = {
  name: "time",
  help: "Print current time",
  run(session) {
    const now = new Date();
    const day = now.toLocaleDateString("en-US", { weekday: "short" });
    const two = (value: number): string => String(value).padStart(2, "0");
    const month = now.toLocaleDateString("en-US", { month: "short" });
    session.print(
      `${day} ${two(now.getDate())}-${month}-${now.getFullYear()} ${two(now.getHours())}:${
        two(now.getMinutes())
      }:${two(now.getSeconds())}\n`,
    );
  },
};

const help: ConsoleCommand = {
  name: "help",
  help: "Print help on specific command",
  run(session) {
    session.print("  Command       Description\n  =======       ===========\n");
    for (const { name, help } of session.commands) {
      if (!name.startsWith(".")) session.print(`  ${name.padEnd(13)} ${help}\n`);
    }
  },
};

const reload: ConsoleCommand = {
  name: "reload",
  help: "Reload conf file",
  run: (session) => session.print(session.director.reload()),
};

const use: ConsoleCommand = {
  name: "use",
  help: "Use specific catalog",
  run(session) {
    session.print(`Using Catalog "${session.director.configuration.first("Catalog").name}"\n`);
  },
};

const quit = (name: string): ConsoleCommand => ({
  name,
  help: "Terminate Bconsole session",
  run: (session) => session.quit(),
});

const show: ConsoleCommand = {
  name: "show",
  help: "Show resource records",
  run(session, args) {
    const { configuration } = session.director;
    const types = [
      "Director",
      "Client",
      "Job",
      "JobDefs",
      "Storage",
      "Catalog",
      "Schedule",
      "FileSet",
      "Pool",
      "Messages",
      "Console",
      "Profile",
    ] as const;
    const word = args.first?.keyword.toLowerCase() ?? "all";
    const wanted = types.filter((type) =>
      word === "all" || `${type.toLowerCase()}s`.startsWith(word)
    );
    if (wanted.length === 0) session.print(`Resource ${word} not found\n`);
    for (const type of wanted) {
      for (const resource of configuration.all(type)) {
        if (args.first?.value !== undefined && resource.name !== args.first.value) continue;
        session.print(`${type} {\n`);
        const source = configuration.sourceOf(resource);
        for (const [name, { value }] of source?.entries ?? []) {
          session.print(`  ${name} = ${shown(value)}\n`);
        }
        session.print("}\n\n");
      }
    }
  },
};

function shown(value: unknown): string {
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (typeof value === "number") return String(value);
  if (Array.isArray(value)) {
    return value.map((item) =>
      typeof item === "object" && item !== null && "text" in item
        ? `"${item.text}"`
        : typeof item === "string"
        ? `"${item}"`
        : "{ ... }"
    ).join(", ");
  }
  return `"${String(value)}"`;
}

const label: ConsoleCommand = {
  name: "label",
  help: "Label a tape",
  async run(session, args) {
    const { director } = session;
    const { configuration } = director;
    const storageName = args.value("storage") ?? await session.choose(
      "Storage",
      "Select Storage resource",
      configuration.all("Storage").map(({ name }) => name),
    );
    const storage = configuration.get("Storage", storageName);
    const volume = args.value("volume") ?? await session.ask("Enter new Volume name: ");
    const poolName = args.value("pool") ?? await session.choose(
      "Pool",
      "Select the Pool",
      configuration.all("Pool").map(({ name }) => name),
    );
    const pool = configuration.get("Pool", poolName);
    if (storage === undefined || pool === undefined) {
      session.print(`Storage resource ${storageName} or Pool ${poolName} not found.\n`);
      return;
    }
    if (!/^[A-Za-z0-9:._-][A-Za-z0-9:._/-]{0,126}$/.test(volume)) {
      session.print(`Illegal character in a volume name.\n`);
      return;
    }
    if (director.catalog.mediaByName(volume) !== undefined) {
      session.print(`Media record for new Volume "${volume}" already exists.\n`);
      return;
    }
    session.print(
      `Connecting to Storage daemon ${storage.name} at ${storage.address}:${storage.port} ...\n`,
    );
    const connection = await connectStorage(storage, {
      director: director.resource.name,
      patience: CONSOLE_PATIENCE,
    });
    session.print(`Sending label command for Volume "${volume}" Slot 0 ...\n`);
    const device = bashSpaces(storage.device[0] ?? "");
    const command = `label ${device} VolumeName=${bashSpaces(volume)} PoolName=${
      bashSpaces(pool.name)
    } MediaType=${
      bashSpaces(storage.mediaType)
    } Slot=0 drive=-1 MinBlocksize=${pool.minimumBlockSize} MaxBlocksize=${pool.maximumBlockSize}`;
    let bytes: number | undefined;
    await passThrough(connection, command, (text) => {
      session.print(text);
      const match = /^3000 OK label\..*VolBytes=(\d+)/.exec(text);
      if (match !== null) bytes = Number(match[1]);
    });
    if (bytes === undefined) {
      session.print("Label command failed for Volume " + `${volume}.\n`);
      return;
    }
    director.catalog.createMedia({
      volumeName: volume,
      poolId: director.catalog.pool(pool),
      mediaType: storage.mediaType,
      volStatus: "Append",
      enabled: 1,
      volBytes: bytes,
      labelDate: Math.floor(Date.now() / 1000),
      recycle: pool.recycle,
      volRetention: pool.volumeRetention,
      volUseDuration: pool.volumeUseDuration,
      maxVolJobs: pool.maximumVolumeJobs,
      maxVolFiles: pool.maximumVolumeFiles,
      maxVolBytes: pool.maximumVolumeBytes,
      storageId: director.catalog.storage(storage),
    });
    session.print(
      `Catalog record for Volume "${volume}", Slot 0 successfully created.\nRequesting to mount ${device} ...\n`,
    );
  },
};

const names = (
  name: string,
  type: "Job" | "Client" | "Storage" | "Pool" | "FileSet" | "Catalog" | "Schedule" | "Messages",
): ConsoleCommand => ({
  name,
  help: `List all ${type} resources`,
  run(session) {
    for (const resource of session.director.configuration.all(type)) {
      session.print(`${resource.name}\n`);
    }
  },
});

const dotHelp: ConsoleCommand = {
  name: ".help",
  help: "Print parsable information about a command",
  run(session) {
    for (const { name } of session.commands) session.print(`${name}\n`);
  },
};

/** These commands. */
export const otherCommands: readonly ConsoleCommand[] = [
  help,
  label,
  reload,
  show,
  time,
  use,
  version,
  quit("quit"),
  quit("exit"),
  names(".jobs", "Job"),
  names(".clients", "Client"),
  names(".storages", "Storage"),
  names(".pools", "Pool"),
  names(".filesets", "FileSet"),
  names(".catalogs", "Catalog"),
  names(".schedules", "Schedule"),
  names(".msgs", "Messages"),
  dotHelp,
  { ...time, name: ".time" },
  { name: ".messages", help: "", run: (session) => void session.execute("messages") },
  quit(".quit"),
  quit(".exit"),
];
