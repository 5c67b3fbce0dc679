/** `enable`, `disable`, `setip`, `resolve`, `var`, `memory`, `setdebug`, `setdevice`, `setbandwidth` (console.md 13.2, 18). @module */
import { directorToFile, directorToStorage } from "../../../protocol/mod.ts";
import { resolve as lookUp } from "./resolve_name.ts";
import { expandLabelFormat, type Variables } from "../volumes/label_format.ts";
import type { ClientResource, StorageResource } from "../resources.ts";
import type { Arguments } from "./arguments.ts";
import { CommandFailed } from "./command.ts";
import { askClient, askStorage, unless } from "./daemons.ts";
import type { StorageFlavour } from "../peers/storage_probes.ts";
import { selectJobs } from "./job_selection.ts";
import { distinct, findResource, resourceOf, type SelectableType, storageOf } from "./selectors.ts";
import { statusHeader } from "./status_director.ts";
import type { CommandHandler, ConsoleSession } from "./session.ts";

/** The kinds that can be turned off, by keyword. */
const kinds: readonly (readonly [keyword: string, type: SelectableType, key: string])[] = [
  ["job", "Job", "jobs"],
  ["client", "Client", "clients"],
  ["schedule", "Schedule", "schedules"],
];

const toggle = (isEnabled: boolean): CommandHandler => async (session, args) => {
  const word = isEnabled ? "enabled" : "disabled";
  const kind = kinds.find(([keyword]) => args.has(keyword)) ?? kinds[0];
  if (kind === undefined) throw new RangeError("There are no kinds");
  const [keyword, type, key] = kind;
  const name = args.filled(keyword);
  const found = name === undefined
    ? await resourceOf(session, args, type, {
      ...(type === "Client" && { prompt: "Select Client resource" }),
      isMeant: (resource) => (resource as { enabled?: boolean }).enabled !== isEnabled,
    })
    : findResource(session, type, name);
  if (found === undefined) throw new CommandFailed(`${type} "${name}" not found.`);
  // Lasts until the configuration is read anew, which makes new resources.
  Object.assign(found, { enabled: isEnabled });
  session.print(`${type} "${found.name}" ${word}\n`);
  session.output.put(key, [found.name]);
  session.tell(
    "warning",
    `${
      isEnabled ? "Enabling" : "Disabling"
    } is a temporary operation until the director reloads.\n` +
      'For a permanent setting, please set the value of the "Enabled"\n' +
      "directive in the relevant configuration resource file.\n",
  );
  return true;
};

/** `enable`. */
export const enable: CommandHandler = toggle(true);
/** `disable`. */
export const disable: CommandHandler = toggle(false);

/** `setip`: the address of the client that is called like the console. */
export const setip: CommandHandler = (session) => {
  if (session.name === "") throw new CommandFailed("No corresponding client found.");
  const client = session.director.configuration.get("Client", session.name);
  if (client === undefined) throw new CommandFailed(`Client "${session.name}" not found.`);
  const address = session.peerAddress;
  Object.assign(client, { address });
  session.print(`Client "${client.name}" address set to ${address}\n`);
};

/** The host that `resolve` asks for. @throws CommandFailed if that, or the name of a daemon, is missing */
function hostOf(args: Arguments): string {
  const daemons = [["Client", "client", "fd"], ["Storage", "storage", "sd"]] as const;
  for (const [title, ...keywords] of daemons) {
    if (args.has(...keywords) && args.filled(...keywords) === undefined) {
      throw new CommandFailed(`${title} name missing.`);
    }
  }
  const host = args.all.find(({ value }) => value === undefined)?.keyword;
  if (host === undefined) throw new CommandFailed("Hostname missing.");
  return host;
}

/** `resolve`: what a daemon, or the director, finds for the name of a host. */
export const resolve: CommandHandler = async (session, args) => {
  const host = hostOf(args);
  if (args.has("client", "fd")) {
    const name = args.filled("client", "fd") ?? "";
    const client = findResource(session, "Client", name);
    if (client === undefined) throw new CommandFailed(`Client "${name}" not found.`);
    return await askClient(session, client, directorToFile.resolve.format({ host }), {
      tellsEncryption: true,
      isOneText: true,
    }) !== undefined;
  }
  if (args.has("storage", "sd")) {
    const name = args.filled("storage", "sd") ?? "";
    const storage = findResource(session, "Storage", name);
    if (storage === undefined) throw new CommandFailed(`Storage "${name}" not found.`);
    const command = directorToStorage.resolve.format({ host });
    return await askStorage(session, storage, unless(["bacula", "old"], storage, command), {
      tellsEncryption: true,
      isOneText: true,
    }) !== undefined;
  }
  const { name } = session.director.resource;
  const addresses = await lookUp(host);
  session.print(
    addresses === undefined
      ? `${name} Failed to resolve ${host}\n`
      : `${name} resolves ${host} to ${addresses}\n`,
  );
  return addresses !== undefined;
};

/** `var`: expansion of a label format. */
export const expand: CommandHandler = (session) => {
  const text = session.line.replace(/^\S+\s*/, "");
  const now = new Date();
  const parts: Readonly<Record<string, number>> = {
    Year: now.getFullYear(),
    Month: now.getMonth() + 1,
    Day: now.getDate(),
    Hour: now.getHours(),
    Minute: now.getMinutes(),
    Second: now.getSeconds(),
    WeekDay: now.getDay(),
  };
  const { configuration, resource, catalog } = session.director;
  const variables: Variables = {
    builtIn: (name) => name === "Dir" ? resource.name : String(parts[name] ?? ""),
    counter(name) {
      const counter = configuration.get("Counter", name);
      return counter && String(catalog.counter(counter));
    },
    environment: (name) => Deno.env.get(name),
  };
  session.print(`${expandLabelFormat(text, variables)}\n`);
};

/** `memory`. */
export const memory: CommandHandler = (session) => session.print(statusHeader(session));

/** `setdebug`. */
export const setdebug: CommandHandler = async (session, args) => {
  // -1 leaves a setting as it is.
  const flag = (keyword: string): number => args.number(keyword, -1);
  const level = args.value("level") === undefined
    ? await session.dialogue.number("Enter new debug level: ")
    : args.number("level", 0);
  const values = {
    level,
    trace: flag("trace"),
    hangup: flag("hangup"),
    timestamp: flag("timestamp"),
  };
  const ofDirector = (): void => {
    const { debug } = session.director;
    debug.change({
      level,
      ...(values.trace >= 0 && { trace: values.trace > 0 }),
      ...(values.hangup >= 0 && { hangup: values.hangup }),
      ...(values.timestamp >= 0 && { timestamp: values.timestamp > 0 }),
    });
    const { settings, path } = debug;
    session.print(
      `level=${settings.level} trace=${Number(settings.trace)} hangup=${settings.hangup} ` +
        `timestamp=${Number(settings.timestamp)} tracefilename=${path}\n`,
    );
  };
  const ofStorage = async (storage: StorageResource): Promise<void> => {
    const { trace, timestamp } = values;
    await askStorage(
      session,
      storage,
      (flavour) =>
        directorToStorage.setDebug.format(
          // Bacula's has no time stamps, and nothing that stays as it is.
          flavour === "bacula"
            ? { level, trace: Math.max(0, trace), timestamp: undefined }
            : { level, trace, timestamp },
        ),
      { isOneText: true },
    );
  };
  const ofClient = async (client: ClientResource): Promise<void> => {
    await askClient(session, client, directorToFile.setDebug.format(values), { isOneText: true });
  };
  if (args.has("all")) return await everywhere(session, ofDirector, ofStorage, ofClient);
  if (args.has("dir", "director")) return ofDirector();
  if (args.has("client", "fd")) return await ofClient(await resourceOf(session, args, "Client"));
  if (args.has("storage", "sd")) return await ofStorage(await storageOf(session, args));
  const at = await session.dialogue.choose({
    header: "Available daemons are: ",
    what: "",
    prompt: "Select daemon type to set debug level",
    items: ["Director", "Storage", "Client", "All"],
  });
  if (at === 0) ofDirector();
  else if (at === 1) await ofStorage(await storageOf(session, args));
  else if (at === 2) await ofClient(await resourceOf(session, args, "Client"));
  else await everywhere(session, ofDirector, ofStorage, ofClient);
};

/** Does something with the director, every storage daemon and every client, each address once. */
async function everywhere(
  session: ConsoleSession,
  ofDirector: () => void,
  ofStorage: (storage: StorageResource) => Promise<void>,
  ofClient: (client: ClientResource) => Promise<void>,
): Promise<void> {
  ofDirector();
  for (const storage of distinct(session, "Storage")) await ofStorage(storage as StorageResource);
  for (const client of distinct(session, "Client")) await ofClient(client as ClientResource);
}

/** `setdevice`. */
export const setdevice: CommandHandler = async (session, args) => {
  for (const keyword of ["storage", "device", "autoselect"]) {
    if (args.filled(keyword) === undefined) throw new CommandFailed(`Argument missing: ${keyword}`);
  }
  const autoselect = args.value("autoselect") ?? "";
  if (!/^(yes|no)$/i.test(autoselect)) {
    throw new CommandFailed(
      `Bad value for argument autoselect: ${autoselect} (expected YES or NO)`,
    );
  }
  const name = args.value("storage") ?? "";
  const storage = findResource(session, "Storage", name);
  if (storage === undefined) throw new CommandFailed(`Storage "${name}" not found.`);
  const device = args.value("device") ?? "";
  const autoSelect = autoselect.toLowerCase() === "yes" ? 1 : 0;
  const command = directorToStorage.setDevice.format({ device, autoSelect });
  const enable = directorToStorage[autoSelect === 1 ? "enable" : "disable"]
    .format({ device, drive: 0 });
  const known = unless(["old"], storage, command);
  const choose = (flavour: StorageFlavour) => flavour === "bacula" ? enable : known(flavour);
  return await askStorage(session, storage, choose, { isOneText: true }) !== undefined;
};

/** `setbandwidth`. */
export const setbandwidth: CommandHandler = async (session, args) => {
  const given = args.filled("limit");
  const limit = given !== undefined && /^\d/.test(given)
    ? Number.parseInt(given)
    : await session.dialogue.number("Enter new bandwidth limit kb/s: ");
  const bytesPerSecond = limit * 1024;
  if (args.has("client")) {
    const client = await resourceOf(session, args, "Client");
    const command = directorToFile.setBandwidth.format({ bytesPerSecond, job: "" });
    return await limited(
      session,
      await askClient(session, client, command, { take: () => {}, isOneText: true }),
      "Client",
      `${client.name}`,
      limit,
    );
  }
  if (args.has("storage")) {
    const storage = await storageOf(session, args);
    const command = directorToStorage.setBandwidth.format({ bytesPerSecond, job: "" });
    return await limited(
      session,
      await askStorage(session, storage, unless(["bacula"], storage, command), {
        take: () => {},
        isOneText: true,
      }),
      "Storage daemon",
      storage.name,
      limit,
    );
  }
  let isOk = true;
  for (const job of await selectJobs(session, args, { verb: "limit", gerund: "limiting" })) {
    if (job.client === undefined) continue;
    const command = directorToFile.setBandwidth.format({ bytesPerSecond, job: job.uniqueName });
    const answer = await askClient(session, job.client, command, {
      take: () => {},
      isOneText: true,
    });
    isOk = await limited(session, answer, "Client", job.uniqueName, limit) && isOk;
  }
  return isOk;
};

function limited(
  session: ConsoleSession,
  answer: readonly string[] | undefined,
  daemon: string,
  what: string,
  limit: number,
): Promise<boolean> {
  const isOk = answer?.some((text) => text.startsWith("2000 OK")) === true;
  if (isOk) session.print(`OK Limiting bandwidth to ${limit}kb/s ${what}\n`);
  else if (answer !== undefined) {
    session.tell("error", `Failed to set bandwidth limit on ${daemon}.`);
  }
  return Promise.resolve(isOk);
}
