/** What the connecting side has said when a handshake has begun. @module */
import type { Transport } from "../transport.ts";
import type { CipherSuite } from "./cipher_suite.ts";
import type { Credentials } from "./credentials.ts";
import type { HandshakeLayer } from "./handshake_layer.ts";
import type { KeyExchange } from "./key_exchange.ts";
import type { ClientHello } from "./messages.ts";
import type { RecordLayer } from "./record_layer.ts";

/** A pre-shared key and the name by which the acceptor finds it (wire.md 8.3, 8.4). */
export interface PresharedKey {
  readonly identity: Uint8Array;
  readonly key: Uint8Array;
}

/** What a connecting side has said so far. */
export interface Offer {
  readonly transport: Transport;
  readonly records: RecordLayer;
  readonly handshake: HandshakeLayer;
  readonly hello: ClientHello;
  readonly suites: readonly CipherSuite[];
  readonly exchange: KeyExchange;
  readonly presharedKey?: PresharedKey | undefined;
  readonly credentials?: Credentials | undefined;
}
