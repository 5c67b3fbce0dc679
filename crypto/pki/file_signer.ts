/** Signatures of files (volume.md 13.4). @module */
import { createPrivateKey } from "node:crypto";
import type { Digest } from "../digest.ts";
import { fastDigests } from "../fast_digests.ts";
import { encodeSignatureData } from "./envelope.ts";
import type { KeyPair } from "./key_pair.ts";
import { openNativeSigner } from "./openssl_signer.ts";
import { beginSignature, isSignatureOf, signedDigest } from "./rsa.ts";

/** A file that is being signed. */
export interface FileSignature {
  /** Adds bytes of the file. */
  update(bytes: Uint8Array): void;
  /** The record of stream 19. */
  finish(): Uint8Array;
}

/** Signs files with one key: one after the other or several at once, in one thread. */
export class FileSigner {
  readonly #begin: () => { update(bytes: Uint8Array): void; sign(): Uint8Array };
  readonly #keyId: Uint8Array;
  /** Who signs. */
  readonly maker: "OpenSSL" | "the runtime";

  /** Takes the fastest way of this machine. */
  constructor({ certificate, privateKey }: KeyPair) {
    this.#keyId = certificate.keyId;
    const { publicKey } = certificate;
    const native = openNativeSigner(privateKey, publicKey.length);
    const createDigest = fastDigests();
    const probe = new Uint8Array(32).fill(7);
    const isRight = native !== undefined &&
      isSignatureOf(publicKey, native(probe), { oid: signedDigest, digest: probe });
    this.maker = isRight ? "OpenSSL" : "the runtime";
    if (isRight) {
      this.#begin = () => {
        const digest: Digest = createDigest("SHA256");
        return { update: (bytes) => digest.update(bytes), sign: () => native(digest.digest()) };
      };
      return;
    }
    const key = createPrivateKey(privateKey);
    this.#begin = () => beginSignature(key);
  }

  /** Begins the signature of a file. */
  begin(): FileSignature {
    const running = this.#begin();
    return {
      update: (bytes) => running.update(bytes),
      finish: () => {
        const signature = running.sign();
        return encodeSignatureData([{ keyId: this.#keyId, digest: signedDigest, signature }]);
      },
    };
  }
}
