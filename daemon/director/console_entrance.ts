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
import { logInWithPam } from "./pam/pam_login.ts";
import { encryptionOf } from "./peers/daemon_connections.ts";
import type { ConsoleResource, DirectorConfiguration, UserResource } from "./resources.ts";

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
  /** Its resource, or that of the user who logged in with PAM; nothing for the default console. */
  readonly console: ConsoleResource | UserResource | undefined;
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
  const user = console?.usePamAuthentication === true
    ? await pamUser(connection, { configuration, refused, isModern })
    : undefined;
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
      : `You are logged in as: ${user?.name ?? hello.name}`;
    await connection.send(say.information.format({ text: `${SERVICES_TEXT}\n${who}` }));
  } else {
    const encryption = encryptionOf(connection);
    await connection.send(say.acceptedOldEncryption.format({ ...greeting, encryption }));
  }
  const who = user === undefined ? `console ${hello.name}` : `user ${user.name} (${hello.name})`;
  return { console: user ?? console, who: isDefault ? "the default console" : who };
}

/**
 * The user who logs in at a console with PAM.
 * @throws {AuthenticationError} if PAM refuses, or the director has no User resource of that name
 */
async function pamUser(
  connection: Connection,
  { configuration, refused, isModern }: {
    readonly configuration: DirectorConfiguration;
    readonly refused: string;
    readonly isModern: boolean;
  },
): Promise<UserResource> {
  if (!isModern) {
    await connection.send(say.refused.format({}));
    throw new AuthenticationError(`${refused}: consoles before 18.2 cannot log in with PAM`);
  }
  let name: string;
  try {
    name = await logInWithPam(connection);
  } catch (cause) {
    if (!(cause instanceof AuthenticationError)) throw cause;
    throw new AuthenticationError(`${refused}: ${cause.message}`, [], { cause });
  }
  const user = configuration.get("User", name);
  if (user !== undefined) return user;
  throw new AuthenticationError(
    `${refused}: there is no User resource "${name}", which says what this user of PAM may do`,
  );
}
