/**
 * Ciphers that authenticate what they encrypt (AES-GCM, ChaCha20-Poly1305), for many short messages
 * under one key: by the runtime, or by the system's OpenSSL where there is one, which is several times
 * as fast.
 *
 * @module
 */
import { createCipheriv, createDecipheriv } from "node:crypto";

/** The ciphers, by their names in `node:crypto`. */
export const aeadNames = ["aes-128-gcm", "aes-256-gcm", "chacha20-poly1305"] as const;

/** One of {@linkcode aeadNames}. */
export type AeadName = typeof aeadNames[number];

/** Bytes of the tag behind each message. */
export const aeadTagLength = 16;

/** A key, and what is done with it. Nonces have twelve bytes, and none may be used twice. */
export interface Aead {
  /**
   * Encrypts `content`, and after it one more byte if `more` is not negative, to `into` from `at` on,
   * the tag last; returns how many bytes that are.
   */
  seal(
    nonce: Uint8Array,
    additional: Uint8Array,
    content: Uint8Array,
    more: number,
    into: Uint8Array,
    at: number,
  ): number;
  /**
   * Decrypts a message whose tag comes last to the beginning of `into`, which may be the same memory;
   * returns the bytes of plaintext. -1 if it was not sealed so: then what is in `into` means nothing.
   */
  open(
    nonce: Uint8Array,
    additional: Uint8Array,
    sealed: Uint8Array,
    into: Uint8Array,
  ): number;
}

/** A cipher with a key by the runtime's own means. */
export function runtimeAead(name: AeadName, key: Uint8Array): Aead {
  const algorithm = name as "chacha20-poly1305";
  const options = { authTagLength: aeadTagLength };
  return {
    seal(nonce, additional, content, more, into, at) {
      const isLonger = more >= 0;
      const length = content.length + (isLonger ? 1 : 0);
      const cipher = createCipheriv(algorithm, key, nonce, options);
      cipher.setAAD(additional, { plaintextLength: length });
      into.set(cipher.update(content), at);
      if (isLonger) into.set(cipher.update(Uint8Array.of(more)), at + content.length);
      cipher.final();
      into.set(cipher.getAuthTag(), at + length);
      return length + aeadTagLength;
    },
    open(nonce, additional, sealed, into) {
      const length = sealed.length - aeadTagLength;
      if (length < 0) return -1;
      const decipher = createDecipheriv(algorithm, key, nonce, options);
      decipher.setAAD(additional, { plaintextLength: length });
      decipher.setAuthTag(sealed.slice(length));
      try {
        const plaintext = decipher.update(sealed.subarray(0, length));
        decipher.final();
        into.set(plaintext);
        return length;
      } catch {
        return -1;
      }
    },
  };
}
