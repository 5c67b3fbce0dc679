/** Clients that connect to the director by themselves (wire.md 12, 15.5). @module */
import {
  acceptTlsLate,
  authenticateAcceptor,
  AuthenticationError,
  certificateSettingsOf,
  type Connection,
  directorToWaitingFile as say,
  type Hello,
  policyTowards,
  sayIfHeard,
  Signal,
  tlsPolicyOf,
} from "../../../protocol/mod.ts";
import { VERSION, VERSION_DATE } from "../../version.ts";
import type { ClientResource } from "../resources.ts";
import type { WaitingClients } from "./waiting_clients.ts";

/** What is needed to take a client in. */
export interface ClientEntrance {
  /** The director's own name. */
  readonly director: string;
  /** The Client resource of the hello's name, if there is one. */
  readonly client: ClientResource | undefined;
  readonly waiting: WaitingClients;
  /** Counts the client as authenticated; false if there is no room. */
  admit(): Promise<boolean>;
  /** UNIX seconds. */
  now(): number;
}

/**
 * Authenticates a client that has said hello and puts its connection to those that wait; undefined if
 * there is no room.
 * @throws {AuthenticationError} if it may not come, is unknown, or has another password
 */
export async function admitClient(
  connection: Connection,
  hello: Extract<Hello, { kind: "client" }>,
  { director, client, waiting, admit, now }: ClientEntrance,
): Promise<ClientResource | undefined> {
  connection.who = `Client ${hello.name}`;
  const mode = connection.cipher === undefined ? "cleartext" : "tls";
  if (client === undefined || !client.connectionFromClientToDirector) {
    await sayIfHeard(connection, Signal.TERMINATE);
    throw new AuthenticationError(
      `Cannot accept Client "${hello.name}" at ${connection.peer}: ${
        client === undefined
          ? "there is no Client resource of that name"
          : "Connection From Client To Director = no stands in its Client resource"
      }`,
    );
  }
  try {
    await authenticateAcceptor(connection, {
      ownName: `R_DIRECTOR::${director}`,
      owner: { type: "R_CLIENT", name: hello.name },
      key: client.password.key,
      tlsPolicy: policyTowards(hello, tlsPolicyOf(client.tlsEnable, client.tlsRequire)),
      startTls: acceptTlsLate(connection, certificateSettingsOf(client)),
    });
  } catch (error) {
    await sayIfHeard(connection, say.refused.format({}));
    throw error;
  }
  if (!await admit()) return undefined;
  connection.keepAlive({ seconds: client.heartbeatInterval });
  await connection.send(say.accepted.format({ director, version: VERSION, date: VERSION_DATE }));
  waiting.add(hello.name, { connection, mode, fdVersion: hello.fdVersion, since: now() });
  return client;
}
