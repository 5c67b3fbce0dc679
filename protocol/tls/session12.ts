/** What both ends of TLS 1.2 make of the secret they share: keys, and the two Finished. @module */
import { CbcProtection } from "./cbc_protection.ts";
import type { CipherSuite } from "./cipher_suite.ts";
import { checkFinished, type HandshakeLayer } from "./handshake_layer.ts";
import {
  type MasterBinding,
  masterSecretOf12,
  type RecordKeys,
  recordKeysOf,
  verifyData,
} from "./master_secret.ts";
import { handshakeMessage, HandshakeType } from "./messages.ts";
import { ContentType } from "./record.ts";
import type { RecordLayer } from "./record_layer.ts";
import { Protection12, type RecordProtection } from "./record_protection.ts";

/** What the hellos have agreed on. */
export interface Agreement {
  readonly records: RecordLayer;
  readonly handshake: HandshakeLayer;
  readonly suite: CipherSuite;
  readonly clientRandom: Uint8Array;
  readonly serverRandom: Uint8Array;
  /** Extended master secret (RFC 7627). */
  readonly isExtended: boolean;
  /** Encrypt-then-MAC (RFC 7366). */
  readonly isMacOutside: boolean;
}

/** Keys of a session, from the ClientKeyExchange on. */
export class Session12 {
  readonly #agreement: Agreement;
  readonly #own: "client" | "server";
  readonly #master: Uint8Array;
  readonly #keys: { readonly client: RecordKeys; readonly server: RecordKeys };

  /** `premaster` is what both ends know; the transcript ends with the ClientKeyExchange. */
  constructor(agreement: Agreement, own: "client" | "server", premaster: Uint8Array) {
    const { suite, handshake, clientRandom, serverRandom, isExtended } = agreement;
    const binding: MasterBinding = isExtended
      ? { sessionHash: handshake.transcriptHash(suite.hash) }
      : { clientRandom, serverRandom };
    this.#agreement = agreement;
    this.#own = own;
    this.#master = masterSecretOf12(suite.hash, premaster, binding);
    this.#keys = recordKeysOf(suite, this.#master, clientRandom, serverRandom);
  }

  /** Changes to the own keys and says so, with the own Finished. */
  async finish(): Promise<void> {
    const { records, handshake } = this.#agreement;
    await records.write(ContentType.changeCipherSpec, Uint8Array.of(1));
    records.protectWriting(this.#protection(this.#own));
    await handshake.write(handshakeMessage(HandshakeType.finished, this.#verify(this.#own)));
  }

  /** Reads the peer's change of keys and checks its Finished. */
  async readFinish(): Promise<void> {
    const { records, handshake } = this.#agreement;
    const peer = this.#own === "client" ? "server" : "client";
    await handshake.readChange();
    records.protectReading(this.#protection(peer));
    const message = await handshake.read(HandshakeType.finished);
    checkFinished(message, this.#verify(peer));
    handshake.refuseRest("Finished");
    handshake.add(message.raw);
  }

  #verify(sender: "client" | "server"): Uint8Array {
    const { handshake, suite } = this.#agreement;
    return verifyData(suite.hash, this.#master, sender, handshake.transcriptHash(suite.hash));
  }

  #protection(sender: "client" | "server"): RecordProtection {
    const { suite, isMacOutside } = this.#agreement;
    const keys = this.#keys[sender];
    return suite.mac === undefined
      ? new Protection12(suite, keys)
      : new CbcProtection(suite, keys, isMacOutside);
  }
}
