/** The keys of a restore, and the key of the job that is being restored (volume.md 13). @module */
import {
  type Certificate,
  type CipherKey,
  type CipherStream,
  decodeSignatureData,
  DerError,
  type DigestName,
  fastCiphers,
  isSameKey,
  type OpeningKey,
  openSession,
  SessionError,
  signedDigests,
  type StreamMaker,
  type StreamMakers,
} from "../../../crypto/mod.ts";
import type { SignatureCheck } from "./signature_board.ts";

/** What a restore knows of keys. Plain data: it may be sent to a thread. */
export interface RestoreKeys {
  /** Keys that open encrypted files. */
  readonly opening: readonly OpeningKey[];
  /** Whose signatures are believed; absent if signatures are not looked at. */
  readonly signers?: readonly Certificate[] | undefined;
}

/** What opening the key of a job led to. */
type Opened = { readonly key: CipherKey } | { readonly failure: string };

/** Opens the files of a restore. The key of a job is the same for all its files, so it is kept. */
export class Decryption {
  readonly #keys: RestoreKeys;
  #record: Uint8Array | undefined;
  #opened: Opened = { failure: "" };
  #ciphers: StreamMakers | undefined;
  #streams: StreamMaker | undefined;

  /** With these keys. */
  constructor(keys: RestoreKeys) {
    this.#keys = keys;
  }

  /** Takes the session record before a file's data; the message if it does not open. */
  open(record: Uint8Array): string | undefined {
    if (this.#record === undefined || !isSameKey(this.#record, record)) {
      this.#record = record.slice();
      this.#streams = undefined;
      this.#opened = this.#tryToOpen(record);
    }
    return "failure" in this.#opened ? this.#opened.failure : undefined;
  }

  /** Begins the decryption of a file's data; undefined if key and cipher do not fit. */
  begin(): CipherStream | undefined {
    if ("failure" in this.#opened) return undefined;
    try {
      this.#ciphers ??= fastCiphers();
      this.#streams ??= this.#ciphers(this.#opened.key, "decrypt");
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return undefined;
    }
    return this.#streams();
  }

  #tryToOpen(record: Uint8Array): Opened {
    try {
      return { key: openSession(record, this.#keys.opening) };
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      return { failure: error.message };
    }
  }
}

/**
 * What is to be checked of a signature record, of the contents whose digest `digestOf` gives: the check, or
 * why it is not a trusted one. Contents that cannot be digested any more are believed: there is nothing
 * to be checked of them.
 */
export function signatureCheckOf(
  record: Uint8Array,
  signers: readonly Certificate[],
  digestOf: (name: DigestName) => Uint8Array | undefined,
): SignatureCheck | { readonly fault: string } | undefined {
  let signatures: ReturnType<typeof decodeSignatureData>;
  try {
    signatures = decodeSignatureData(record);
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return { fault: `Signature decoding failed: ${error.message}` };
  }
  for (const { keyId, digest: oid, signature } of signatures) {
    const signer = signers.find((one) => isSameKey(one.keyId, keyId));
    if (signer === undefined) continue;
    const name = signedDigests[oid];
    if (name === undefined) return { fault: `Unsupported digest algorithm ${oid}` };
    const digest = digestOf(name);
    return digest && { signer, oid, digest, signature };
  }
  return { fault: "Signer not found" };
}
