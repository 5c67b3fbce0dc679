/** The fastest way of this machine to ciphers that authenticate. @module */
import { type Aead, type AeadName, aeadTagLength, runtimeAead } from "./aead.ts";
import { type AeadMaker, openNativeAeads } from "./openssl_aead.ts";

/** What the library can do; opened when it is needed first, once a thread. */
class Native {
  #makers: ReadonlyMap<AeadName, AeadMaker> | undefined;

  maker(name: AeadName): AeadMaker | undefined {
    this.#makers ??= new Map([...openNativeAeads()].filter(([name, make]) => isAlike(name, make)));
    return this.#makers.get(name);
  }
}

const native = new Native();

/**
 * A cipher with a key: by the system's OpenSSL, which is several times as fast, where there is one that
 * makes the same of a known message; else by the runtime. For one thread.
 */
export function fastAead(name: AeadName, key: Uint8Array): Aead {
  return native.maker(name)?.(key) ?? runtimeAead(name, key);
}

/** Whether records are sealed by the system's OpenSSL here. */
export function isNativeAead(name: AeadName): boolean {
  return native.maker(name) !== undefined;
}

/** Whether the library seals as the runtime does, opens that again, and refuses what was altered. */
function isAlike(name: AeadName, make: AeadMaker): boolean {
  const sample = (length: number): Uint8Array =>
    new Uint8Array(length).map((_, at) => at * 7 + length);
  const key = sample(name === "aes-128-gcm" ? 16 : 32);
  const [nonce, additional, content] = [sample(12), sample(5), sample(1000)];
  const sealed = [runtimeAead(name, key), make(key)].map((aead) => {
    const into = new Uint8Array(content.length + 1 + aeadTagLength);
    aead.seal(nonce, additional, content, 23, into, 0);
    return into;
  });
  const [expected = nonce, found = nonce] = sealed;
  if (!expected.every((byte, at) => byte === found[at])) return false;
  const opener = make(key);
  const altered = found.with(3, (found[3] ?? 0) ^ 1);
  return opener.open(nonce, additional, altered, altered.slice()) === -1 &&
    opener.open(nonce, additional, found, found) === content.length + 1 &&
    content.every((byte, at) => byte === found[at]);
}
