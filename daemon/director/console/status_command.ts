/** `status` and `.status` (console.md 14). @module */
import { directorToFile, directorToStorage } from "../../../protocol/mod.ts";
import type { ClientResource, StorageResource } from "../resources.ts";
import { Arguments } from "./arguments.ts";
import { CommandFailed } from "./command.ts";
import { askClient, askStorage } from "./daemons.ts";
import { distinct, findResource, resourceOf, storageOf } from "./selectors.ts";
import type { CommandHandler, ConsoleSession } from "./session.ts";
import { directorSections, statusDirector } from "./status_director.ts";
import { statusScheduler } from "./status_scheduler.ts";
import { statusSlots } from "./status_slots.ts";
import { statusSubscriptions } from "./status_subscriptions.ts";

/** `status`. */
export const status: CommandHandler = async (session, args) => {
  for (const { keyword } of args.all) {
    const word = keyword.toLowerCase();
    if (word === "all") return await statusOfAll(session, args);
    if (word.startsWith("dir")) return statusDirector(session, args);
    if (word === "client" || word === "fd") {
      await statusOfClient(session, await resourceOf(session, args, "Client"));
      return true;
    }
    if (word.startsWith("sched")) return statusScheduler(session, args);
    if (word.startsWith("sub")) return await statusSubscriptions(session, args);
    if (word.startsWith("conf")) return statusConfiguration(session);
    return await statusOfStorages(session, args);
  }
  const at = await session.dialogue.choose({
    header: "Status available for:",
    what: "",
    prompt: "Select daemon type for status",
    items: ["Director", "Storage", "Client", "Scheduler", "All"],
  });
  const none = new Arguments([]);
  if (at === 0) statusDirector(session, none);
  else if (at === 1) await statusOfStorages(session, none);
  else if (at === 2) await statusOfClient(session, await resourceOf(session, none, "Client"));
  else if (at === 3) statusScheduler(session, none);
  else await statusOfAll(session, none);
  return true;
};

async function statusOfAll(session: ConsoleSession, args: Arguments): Promise<void> {
  statusDirector(session, args);
  for (const storage of distinct(session, "Storage")) {
    await statusOfStorage(session, storage as StorageResource);
  }
  for (const client of distinct(session, "Client")) {
    await statusOfClient(session, client as ClientResource);
  }
}

async function statusOfStorages(session: ConsoleSession, args: Arguments): Promise<boolean> {
  const isSlots = args.has("slots");
  const storage = await storageOf(session, args, {
    takesWord: true,
    ...(isSlots && {
      header: "The defined Autochanger Storage resources are:",
      isMeant: (each: StorageResource) => each.autoChanger,
    }),
  });
  if (isSlots) return await statusSlots(session, args, storage);
  await statusOfStorage(session, storage);
  return true;
}

async function statusOfStorage(session: ConsoleSession, storage: StorageResource): Promise<void> {
  const { name } = storage;
  await askStorage(
    session,
    storage,
    directorToStorage.status.format({ devices: storage.device.join(",") }),
    {
      tellsEncryption: true,
      failure: `\nFailed to connect to Storage daemon ${name}.\n====`,
    },
  );
}

async function statusOfClient(session: ConsoleSession, client: ClientResource): Promise<void> {
  const { name } = client;
  if (!client.enabled) {
    session.print(`Client "${name}" is disabled; skipping status call\n`);
    return;
  }
  await askClient(session, client, directorToFile.status.format({}), {
    tellsEncryption: true,
    failure: `\nFailed to connect to Client ${name}.\n====`,
  });
}

/** Warnings of the configuration in force. */
function statusConfiguration(session: ConsoleSession): void {
  if (!session.access.allows("Command", "configure")) {
    throw new CommandFailed(
      'status configuration: is an invalid command or needs access right to the "configure" command.',
    );
  }
  const { warnings } = session.director.configuration;
  session.print(
    warnings.length === 0
      ? "No deprecated configuration settings detected.\n"
      : `Deprecated configuration settings detected:\n${
        warnings.map((text) => ` * ${text}\n`).join("")
      }`,
  );
}

/** What is said of an argument that is missing, or wrong; `code` names the kind of daemon. */
const badStatus = (code: 1900 | 2900 | 3900, given: string | undefined): string =>
  `${code} Bad .status command, ${
    (given ?? "") === "" ? "missing arguments" : "wrong argument"
  }.\n`;

/** `.status`, for monitors. */
export const dotStatus: CommandHandler = async (session, args) => {
  const { first } = args;
  const word = args.all.find(({ value }, at) => at > 0 && value === undefined)?.keyword ?? "";
  if (first === undefined) {
    session.print(badStatus(1900, undefined));
    return false;
  }
  const kind = first.keyword.toLowerCase();
  if (kind === "dir" || kind === "director") return ofDirector(session, args, word);
  if (kind === "client" || kind === "fd") {
    const client = findResource(session, "Client", first.value ?? "");
    if (client === undefined) {
      session.print(badStatus(2900, first.value));
      return false;
    }
    const command = word === ""
      ? directorToFile.status.format({})
      : directorToFile.dotStatus.format({ word });
    return await askClient(session, client, command, { isSilent: true }) !== undefined;
  }
  if (kind === "storage" || kind === "sd") {
    const storage = findResource(session, "Storage", first.value ?? "");
    if (storage === undefined) {
      session.print(badStatus(3900, first.value));
      return false;
    }
    const command = word === ""
      ? directorToStorage.status.format({ devices: storage.device.join(",") })
      : directorToStorage.dotStatus.format({ word });
    return await askStorage(session, storage, command, { isSilent: true }) !== undefined;
  }
  session.print(badStatus(1900, kind));
  return false;
};

function ofDirector(session: ConsoleSession, args: Arguments, word: string): boolean {
  const { director } = session;
  const line = (job: { jobId: number; status: string; errors: number }): string =>
    `JobId=${job.jobId} JobStatus=${job.status} JobErrors=${job.errors}\n`;
  const isPermitted = (name: string) => session.access.allows("Job", name);
  switch (word.toLowerCase()) {
    case "current":
      session.print("1000 OK .status\n");
      for (const { jobId, status, log, resource } of director.jobs) {
        if (!isPermitted(resource.name)) continue;
        session.print(line({ jobId, status, errors: log.errors }));
      }
      return true;
    case "last": {
      session.print("1000 OK .status\n");
      const last = director.ended.findLast(({ name }) => isPermitted(name));
      if (last !== undefined) session.print(line(last));
      return true;
    }
    default: {
      const section = directorSections[word.toLowerCase()];
      if (section === undefined) {
        session.print(badStatus(1900, word));
        return false;
      }
      section(session, args);
      return true;
    }
  }
}
