import { TlsPolicy, tlsPolicyOf } from "../../../protocol/mod.ts";
import type { ClientMode } from "./client_mode.ts";
import { WaitingClients } from "./waiting_clients.ts";

export type { ClientMode } from "./client_mode.ts";

/**
 * What the director has found out about its clients since the configuration was loaded (wire.md 10),
 * and those that wait for it.
 */
export class ClientProbes {
  readonly #modes = new Map<string, ClientMode>();
  /** Clients that have connected by themselves. */
  readonly waiting: WaitingClients;

  /** Nothing is known yet; `waiting` outlives the configuration. */
  constructor(waiting: WaitingClients = new WaitingClients()) {
    this.waiting = waiting;
  }

  /** How the client of this name was reached last; `undefined` if it was not yet. */
  modeOf(client: string): ClientMode | undefined {
    return this.#modes.get(client);
  }

  /** Keeps how a client was reached. */
  remember(client: string, mode: ClientMode): void {
    this.#modes.set(client, mode);
  }
}

/**
 * The `ssl=` of a command that makes one daemon connect to another (wire.md 7.4): immediate TLS or
 * none where the client was reached that way, else the policy of the resource to connect to.
 */
export function dataPolicy(
  peer: { readonly tlsEnable: boolean; readonly tlsRequire: boolean },
  mode: ClientMode,
): TlsPolicy {
  if (mode === "cleartext") return tlsPolicyOf(peer.tlsEnable, peer.tlsRequire);
  return peer.tlsEnable ? TlsPolicy.automatic : TlsPolicy.none;
}
