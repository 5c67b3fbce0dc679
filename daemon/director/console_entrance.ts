/** How a console logs in to a director (wire.md 6, 13). @module */
import {
  acceptTlsLate,
  authenticateAcceptor,
  AuthenticationError,
  certificateSettingsOf,
  type Connection,
  DEFAULT_CONSOLE,
  directorToConsole as say,
  type Hello,
  sayIfHeard,
  tlsPolicyOf,
} from "../../protocol/mod.ts";
import { SERVICES_TEXT, VERSION, VERSION_DATE } from "../version.ts";
import { consoleResource } from "./director_gate.ts";
import { refusePam } from "./pam_refusal.ts";
import { encryptionOf } from "./peers/daemon_connections.ts";
import type { ConsoleResource, DirectorConfiguration } from "./resources.ts";

/** The hello of a console. */
export type ConsoleHello = Extract<Hello, { kind: "console" }>;

/** What the entrance needs to know of the director. */
export interface ConsoleEntrance {
  readonly configuration: DirectorConfiguration;
  /** Whether as many consoles are connected as `Maximum Console Connections` lets in. */
  readonly isFull: boolean;
  /** Takes the connection out of those that wait for being known; false if it is to end. */
  admit(): Promise<boolean>;
  warn(text: string): void;
}

/** A console that was let in. */
export interface AdmittedConsole {
  /** Its resource; nothing for the default console. */
  readonly console: ConsoleResource | undefined;
  /** How it is called in messages. */
  readonly who: string;
}

/**
 * Authenticates a console and greets it.
 * @returns nothing if it was sent away politely
 * @throws {AuthenticationError} if it is unknown, or does not know the password
 */
export async function admitConsole(
  connection: Connection,
  hello: ConsoleHello,
  entrance: ConsoleEntrance,
): Promise<AdmittedConsole | undefined> {
  const { configuration } = entrance;
  const director = configuration.first("Director");
  connection.who = `Console ${hello.name}`;
  const refused = `Cannot accept Console "${hello.name}" at ${connection.peer}`;
  const isDefault = hello.name === DEFAULT_CONSOLE;
  const console = isDefault ? undefined : configuration.get("Console", hello.name);
  const resource = consoleResource(configuration, hello.name);
  const isModern = (hello.version ?? 0) >= 1802;
  if (resource === undefined) {
    if (!isModern) await sayIfHeard(connection, say.refused.format({}));
    throw new AuthenticationError(`${refused}: there is no Console resource of that name`);
  }
  try {
    await authenticateAcceptor(connection, {
      ownName: `R_DIRECTOR::${director.name}`,
      owner: { type: "R_CONSOLE", name: hello.name },
      key: resource.password.key,
      tlsPolicy: tlsPolicyOf(resource.tlsEnable, resource.tlsRequire),
      startTls: acceptTlsLate(connection, certificateSettingsOf(resource)),
    });
  } catch (error) {
    if (!isModern) await sayIfHeard(connection, say.refused.format({}));
    throw error;
  }
  if (console?.usePamAuthentication === true) {
    throw new AuthenticationError(`${refused}: ${await refusePam(connection, isModern)}`);
  }
  if (!await entrance.admit()) return undefined;
  if (entrance.isFull) {
    const limit = director.maximumConsoleConnections;
    entrance.warn(
      `Console "${hello.name}" from ${connection.peer} is beyond Maximum Console Connections = ${limit}`,
    );
    if (!isDefault) {
      await connection.send(say.refused.format({}));
      return undefined;
    }
  }
  const greeting = { director: director.name, version: VERSION, date: VERSION_DATE };
  if (isModern) {
    connection.queue(say.accepted.format(greeting));
    const who = isDefault
      ? "You are connected using the default console"
      : `You are logged in as: ${hello.name}`;
    await connection.send(say.information.format({ text: `${SERVICES_TEXT}\n${who}` }));
  } else {
    const encryption = encryptionOf(connection);
    await connection.send(say.acceptedOldEncryption.format({ ...greeting, encryption }));
  }
  return { console, who: isDefault ? "the default console" : `console ${hello.name}` };
}
