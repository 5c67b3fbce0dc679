/** The PKI directives of a file daemon (volume.md 13.1, director-client.md 9). @module */
import { messageOf } from "../../bytes/mod.ts";
import {
  cipherNamed,
  type ContentCipher,
  type KeyPair,
  makeSession,
  type OpeningKey,
  PkiError,
  readCertificate,
  readKeyPair,
  readOpeningKey,
} from "../../crypto/mod.ts";
import type { Protection } from "./backup/protection.ts";
import type { FileSet } from "./fileset/mod.ts";
import type { RestoreKeys } from "./restore/mod.ts";

/** The directives. */
export interface PkiDirectives {
  readonly pkiSignatures: boolean;
  readonly pkiEncryption: boolean;
  /** Path of a PEM file with certificate and private key. */
  readonly pkiKeyPair: string | undefined;
  /** Paths of PEM files with certificates, perhaps with their keys. */
  readonly pkiSigner: readonly string[];
  readonly pkiMasterKey: readonly string[];
  readonly pkiCipher: string;
}

/** Keys and certificates, read. */
export interface PkiSettings {
  readonly isSigning: boolean;
  readonly isEncrypting: boolean;
  readonly cipher: ContentCipher;
  /** Signs what is saved; its owner can restore what is encrypted. */
  readonly keyPair: KeyPair;
  /** Who else can restore it. */
  readonly masters: readonly KeyPair["certificate"][];
  /** What a restore needs of them. */
  readonly restoreKeys: RestoreKeys;
}

/** A file set wants what the keys do not allow; the message is that of the job log. */
export class ProtectionError extends Error {
  override readonly name = "ProtectionError";
}

/**
 * Reads the files that the directives name; undefined if there is no key pair.
 * @throws {PkiError} naming directive and file, if one cannot be used
 */
export function readPki(directives: PkiDirectives): PkiSettings | undefined {
  const { pkiKeyPair, pkiSignatures, pkiEncryption, pkiCipher } = directives;
  if (pkiKeyPair === undefined || pkiKeyPair === "") return undefined;
  const keyPair = fromFile("PKI Key Pair", pkiKeyPair, readKeyPair);
  const signers = directives.pkiSigner.map((file) => fromFile("PKI Signer", file, readOther));
  const masters = directives.pkiMasterKey.map((file) =>
    fromFile("PKI Master Key", file, readOther)
  );
  const cipher = cipherNamed(pkiCipher);
  if (cipher === undefined) throw new PkiError(`Cannot use PKI Cipher ${pkiCipher}: it is unknown`);
  const { certificate, privateKey } = keyPair;
  const opening: OpeningKey[] = [{ keyId: certificate.keyId, privateKey }];
  for (const { key } of [...signers, ...masters]) if (key !== undefined) opening.push(key);
  const isSigning = pkiSignatures || pkiEncryption;
  return {
    ...{ isSigning, isEncrypting: pkiEncryption, cipher, keyPair },
    masters: masters.map(({ certificate }) => certificate),
    restoreKeys: {
      opening,
      signers: isSigning
        ? [certificate, ...signers.map(({ certificate }) => certificate)]
        : undefined,
    },
  };
}

/** The cipher of 13.2 with `Compatible = yes`, whatever is configured (director-client.md 22). */
const compatibleCipher = cipherNamed("aes128");

/**
 * What a job with this file set does to contents: encryption has a fresh key for each job. With
 * `isCompatible` its cipher is one that every reader has.
 * @throws {ProtectionError} if the file set wants what is not configured
 */
export function protectionOf(
  pki: PkiSettings | undefined,
  fileSet: FileSet,
  isCompatible = false,
): Protection | undefined {
  const options = fileSet.includes.flatMap(({ blocks }) => blocks.map(({ options }) => options));
  const names = new Set(options.flatMap(({ cipher }) => cipher ?? []));
  if (names.size > 1) throw new ProtectionError("Fileset contains multiple cipher settings");
  const [name] = names;
  if (name !== undefined && pki === undefined) {
    throw new ProtectionError(
      "Fileset contains cipher settings but PKI Key Pair is not configured",
    );
  }
  const isEncrypting = pki !== undefined && (pki.isEncrypting || name !== undefined);
  if (options.some(({ forceEncryption }) => forceEncryption) && !isEncrypting) {
    throw new ProtectionError("Fileset forces encryption but encryption is not configured");
  }
  if (pki === undefined || !(pki.isSigning || isEncrypting)) return undefined;
  const signer = pki.keyPair;
  if (!isEncrypting) return { signer };
  const cipher = (isCompatible ? compatibleCipher : undefined) ??
    (name === undefined ? undefined : cipherNamed(name)) ?? pki.cipher;
  return { signer, session: makeSession(cipher, [signer.certificate, ...pki.masters]) };
}

/** What a user should know of the cipher; nothing if it is a good one. */
export function cipherWarnings({ isEncrypting, cipher }: PkiSettings): readonly string[] {
  if (!isEncrypting) return [];
  const { name, weakness } = cipher;
  const warnings: string[] = [];
  if (weakness !== undefined) {
    warnings.push(`warning: PKI Cipher = ${name} is weak: ${weakness}. Use aes256 if you can.`);
  }
  const plain = name.replace("hmacsha1", "");
  if (plain !== name) {
    warnings.push(
      `warning: PKI Cipher = ${name} cannot be told on a volume: data is encrypted with ${plain}, ` +
        "and signatures protect it.",
    );
  }
  return warnings;
}

/** A certificate, and its private key where the file has it. */
function readOther(pem: string): { certificate: KeyPair["certificate"]; key?: OpeningKey } {
  const certificate = readCertificate(pem);
  return pem.includes("PRIVATE KEY-----")
    ? { certificate, key: readOpeningKey(pem) }
    : { certificate };
}

const readableByOthers = 0o007;

function fromFile<T>(directive: string, file: string, read: (pem: string) => T): T {
  const fail = (why: string, cause?: unknown): never => {
    throw new PkiError(`Cannot use ${directive} = "${file}": ${why}`, { cause });
  };
  try {
    const pem = Deno.readTextFileSync(file);
    const mode = Deno.statSync(file).mode ?? 0;
    if (pem.includes("PRIVATE KEY-----") && (mode & readableByOthers) !== 0) {
      fail(
        `it has a private key, and its mode ${(mode & 0o777).toString(8)} lets everybody at it. ` +
          `Run: chmod o= "${file}"`,
      );
    }
    return read(pem);
  } catch (error) {
    if (error instanceof PkiError && error.message.startsWith("Cannot use PKI ")) throw error;
    return fail(messageOf(error), error);
  }
}
