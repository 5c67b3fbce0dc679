/** What the accepting side knows of a handshake that has begun. @module */
import type { Transport } from "../transport.ts";
import type { CipherSuite } from "./cipher_suite.ts";
import type { Credentials } from "./credentials.ts";
import type { DhGroup } from "./finite_field.ts";
import type { HandshakeLayer, HandshakeMessage } from "./handshake_layer.ts";
import type { ClientHello } from "./messages.ts";
import type { RecordLayer } from "./record_layer.ts";

/** Gives the key of an identity, or nothing if nobody of that name is known. */
export type KeyFinder = (
  identity: Uint8Array,
) => Uint8Array | undefined | Promise<Uint8Array | undefined>;

/** What an accepting side knows once it has read the first ClientHello. */
export interface Request {
  readonly transport: Transport;
  readonly records: RecordLayer;
  readonly handshake: HandshakeLayer;
  readonly message: HandshakeMessage;
  readonly hello: ClientHello;
  /** The suites of the chosen version that both ends have, in our order. */
  readonly suites: readonly CipherSuite[];
  readonly keyOf?: KeyFinder | undefined;
  readonly credentials?: Credentials | undefined;
  /** The group for suites that agree on keys in one of numbers. */
  readonly dhGroup?: DhGroup | undefined;
}
