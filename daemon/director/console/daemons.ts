/** One command to a daemon over a connection of its own (console.md 14.4, 14.5, 17, 18). @module */
import { messageOf } from "../../../bytes/mod.ts";
import { TraceLevel } from "../../debug_trace.ts";
import type { Connection } from "../../../protocol/mod.ts";
import {
  callerOf,
  connectClient,
  connectStorage,
  CONSOLE_PATIENCE,
  encryptionOf,
  handshakeText,
} from "../peers/daemon_connections.ts";
import type { StorageFlavour } from "../peers/storage_probes.ts";
import type { ClientResource, StorageResource } from "../resources.ts";
import { CommandFailed } from "./command.ts";
import { passThrough } from "./pass_through.ts";
import type { ConsoleSession } from "./session.ts";

/** How a command to a daemon is told of. */
export interface AskOptions {
  /** Behind the address in `Connecting to Storage daemon X at HOST:PORT`. */
  readonly tail?: string;
  /** Say nothing of the connection. */
  readonly isSilent?: boolean;
  /** Tell how the connection is protected. */
  readonly tellsEncryption?: boolean;
  /** What is said if the daemon cannot be reached. */
  readonly failure?: string;
  /** The answer is one text, behind which nothing comes. */
  readonly isOneText?: boolean;
  /** Said once the connection stands. */
  readonly announce?: string;
  /** Takes each text of the answer in place of the console. */
  readonly take?: (text: string) => void;
}

/** Puts a command to a storage daemon; the texts of its answer, undefined if it cannot be reached. */
export async function askStorage(
  session: ConsoleSession,
  storage: StorageResource,
  command: string | ((flavour: StorageFlavour) => string),
  options: AskOptions = {},
): Promise<string[] | undefined> {
  const { name, address, port } = storage;
  if (options.isSilent !== true) {
    session.output.decorate(
      `Connecting to Storage daemon ${name} at ${address}:${port}${options.tail ?? ""}\n`,
    );
  }
  return await ask(session, options, "Failed to connect to Storage daemon.", async () => {
    const { connection, flavour } = await connectStorage(storage, {
      ...patience(session),
      storageProbes: session.director.storageProbes,
    });
    if (options.tellsEncryption === true) {
      session.output.decorate(` Encryption: ${encryptionOf(connection)}\n`);
    }
    if (typeof command === "string") return { connection, command };
    try {
      return { connection, command: command(flavour) };
    } catch (error) {
      connection.close();
      throw error;
    }
  });
}

/** Puts a command to a file daemon; the texts of its answer, undefined if it cannot be reached. */
export async function askClient(
  session: ConsoleSession,
  client: ClientResource,
  command: string,
  options: AskOptions = {},
): Promise<string[] | undefined> {
  const { name, address, port } = client;
  if (options.isSilent !== true) {
    session.output.decorate(`Connecting to Client ${name} at ${address}:${port}\n`);
  }
  return await ask(session, options, "Failed to connect to Client.", async () => {
    const reached = await connectClient(client, {
      ...patience(session),
      probes: session.director.probes,
      onProbe: () =>
        session.output.decorate(
          "Probing client protocol... (result will be saved until config reload)\n",
        ),
    });
    const { connection } = reached;
    if (options.tellsEncryption === true) {
      session.output.decorate(` ${handshakeText(reached)},`);
      session.output.decorate(` Encryption: ${encryptionOf(connection)}\n`);
    }
    return { connection, command };
  });
}

/** The command, where the storage daemon knows it; it would end the session of one that does not. */
export function unless(
  lacking: readonly StorageFlavour[],
  storage: StorageResource,
  command: string,
): (flavour: StorageFlavour) => string {
  return (flavour) => {
    if (!lacking.includes(flavour)) return command;
    const whose = flavour === "bacula" ? "of Bacula" : "an old one of Bareos";
    throw new CommandFailed(
      `The storage daemon of Storage "${storage.name}" is ${whose} and does not know ` +
        `"${command.split(/[ =]/)[0]}".`,
    );
  };
}

const patience = (session: ConsoleSession) => ({
  ...callerOf(session.director.resource),
  patience: CONSOLE_PATIENCE,
});

async function ask(
  session: ConsoleSession,
  options: AskOptions,
  failure: string,
  connect: () => Promise<{ readonly connection: Connection; readonly command: string }>,
): Promise<string[] | undefined> {
  await session.flush();
  const texts: string[] = [];
  try {
    const { connection, command } = await connect();
    const { debug } = session.director;
    debug.tell(TraceLevel.commands, () => `> ${connection.who}: ${command}`);
    if (options.announce !== undefined) session.print(options.announce);
    await passThrough(connection, command, (text) => {
      texts.push(text);
      debug.tell(TraceLevel.commands, () => `< ${connection.who}: ${text}`);
      if (options.take === undefined) session.print(text);
      else options.take(text);
    }, options.isOneText === true ? 1 : undefined);
    return texts;
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    session.print(`${options.failure ?? failure}\n`);
    session.director.log.warning(messageOf(error));
    return undefined;
  }
}
