/**
 * Records of TLS 1.2 in CBC mode, for peers that know nothing better (OpenSSL 1.0): with the code over
 * the cipher text where both ends can (RFC 7366), else with the code inside of it (RFC 5246, 6.2.3.2).
 *
 * @module
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { Alert, TlsError } from "./alert.ts";
import type { CipherSuite } from "./cipher_suite.ts";
import { hmac, isSame } from "./hashes.ts";
import { joined } from "./joined.ts";
import type { RecordKeys } from "./master_secret.ts";
import { headerLength, maxPlaintext, type TlsRecord } from "./record.ts";
import type { RecordProtection } from "./record_protection.ts";

const blockLength = 16;
const macLengths = { sha1: 20, sha256: 32, sha384: 48 } as const;
/** The most padding with the byte that says how much there is. */
const maxPadding = 256;

/** CBC with a keyed hash. */
export class CbcProtection implements RecordProtection {
  readonly overhead: number;
  readonly #cipher: "aes-128-cbc" | "aes-256-cbc";
  readonly #mac: "sha1" | "sha256" | "sha384";
  readonly #keys: RecordKeys;
  readonly #isMacOutside: boolean;
  #sequence = 0;

  /** The protection that keys from the key block give. `isMacOutside` is encrypt-then-MAC. */
  constructor({ cipher, mac }: CipherSuite, keys: RecordKeys, isMacOutside: boolean) {
    this.#cipher = cipher as "aes-128-cbc";
    this.#mac = mac ?? "sha1";
    this.#keys = keys;
    this.#isMacOutside = isMacOutside;
    this.overhead = headerLength + blockLength + macLengths[this.#mac] + blockLength;
  }

  get count(): number {
    return this.#sequence;
  }

  seal(type: number, content: Uint8Array, into: Uint8Array, at: number): number {
    const iv = randomBytes(blockLength);
    const inner = this.#isMacOutside
      ? content
      : joined(content, this.#code(type, content.length, content));
    this.#sequence += this.#isMacOutside ? 0 : 1;
    const padding = blockLength - inner.length % blockLength;
    const cipher = createCipheriv(this.#cipher, this.#keys.key, iv);
    cipher.setAutoPadding(false);
    let body = joined(
      iv,
      cipher.update(joined(inner, new Uint8Array(padding).fill(padding - 1))),
    );
    if (this.#isMacOutside) {
      body = joined(body, this.#code(type, body.length, body));
      this.#sequence++;
    }
    into.set([type, 3, 3, body.length >> 8, body.length & 0xff], at);
    into.set(body, at + headerLength);
    return headerLength + body.length;
  }

  open(header: Uint8Array, body: Uint8Array): TlsRecord {
    const type = header[0] as number;
    const content = this.#isMacOutside
      ? this.#openOutside(type, body)
      : this.#openInside(type, body);
    if (content.length > maxPlaintext) {
      throw new TlsError(Alert.recordOverflow, "A record holds too much");
    }
    return { type, content };
  }

  #openOutside(type: number, body: Uint8Array): Uint8Array {
    const macLength = macLengths[this.#mac];
    const length = body.length - macLength;
    if (length < 2 * blockLength || length % blockLength !== 0) throw altered();
    const encrypted = body.subarray(0, length);
    const code = this.#code(type, length, encrypted);
    this.#sequence++;
    if (!isSame(code, body.slice(length))) throw altered();
    const plain = this.#decrypt(encrypted);
    const padding = (plain.at(-1) as number) + 1;
    // What is authentic can only be wrong if the peer is.
    if (padding > plain.length || plain.subarray(-padding).some((byte) => byte !== padding - 1)) {
      throw altered();
    }
    return plain.subarray(0, plain.length - padding);
  }

  /**
   * Padding and code are checked together, and a record with bad padding costs as much as one with a
   * bad code: which of the two was wrong must not be told by the answer nor by its time, as far as that
   * can be done here. The error ends the connection in both cases.
   */
  #openInside(type: number, body: Uint8Array): Uint8Array {
    const macLength = macLengths[this.#mac];
    if (
      body.length % blockLength !== 0 ||
      body.length < blockLength + Math.ceil((macLength + 1) / blockLength) * blockLength
    ) throw altered();
    const plain = this.#decrypt(body);
    const last = plain.at(-1) as number;
    const longest = plain.length - macLength - 1;
    // All comparisons look at the same bytes, whatever these are.
    let wrong = (longest - last) >> 31;
    const looked = Math.min(maxPadding, plain.length);
    for (let n = 0; n < looked; n++) {
      const isPadding = ~((last - n) >> 31);
      wrong |= isPadding & ((plain[plain.length - 1 - n] as number) ^ last);
    }
    const padding = wrong === 0 ? last : 0;
    const length = longest - padding;
    const content = plain.subarray(0, length);
    const code = this.#code(type, length, content);
    this.#sequence++;
    // As many blocks are hashed as without any padding.
    createHash(this.#mac).update(plain.subarray(0, padding)).digest();
    const isCodeRight = isSame(code, plain.slice(length, length + macLength));
    if (wrong !== 0 || !isCodeRight) throw altered();
    return content;
  }

  #decrypt(encrypted: Uint8Array): Uint8Array {
    const iv = encrypted.subarray(0, blockLength);
    const decipher = createDecipheriv(this.#cipher, this.#keys.key, iv);
    decipher.setAutoPadding(false);
    return decipher.update(encrypted.subarray(blockLength));
  }

  #code(type: number, length: number, bytes: Uint8Array): Uint8Array {
    const head = new Uint8Array(13);
    const view = new DataView(head.buffer);
    view.setBigUint64(0, BigInt(this.#sequence));
    head.set([type, 3, 3, length >> 8, length & 0xff], 8);
    return hmac(this.#mac, this.#keys.macKey, head, bytes);
  }
}

function altered(): TlsError {
  return new TlsError(Alert.badRecordMac, "A protected record was altered on its way");
}
