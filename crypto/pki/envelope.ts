/**
 * The two structures that go with encrypted and signed files: CryptoData, which carries the key of a
 * job for each who may read it (stream 22, volume.md 13.2), and SignatureData (stream 19, 13.4).
 *
 * Algorithms are bare object identifiers in them, not the sequences that X.509 has.
 *
 * @module
 */
import {
  DerError,
  derObjectIdentifier,
  DerReader,
  derSetOf,
  derValue,
  derZero,
  tag,
} from "./der.ts";

/** The key of a job for one who may read it. */
export interface Recipient {
  /** Identifier of the key that opens it. */
  readonly keyId: Uint8Array;
  /** The key of the job, encrypted by RSA (PKCS#1 v1.5). */
  readonly encryptedKey: Uint8Array;
}

/** The key of a job. */
export interface CryptoData {
  /** Object identifier of the cipher. */
  readonly cipher: string;
  readonly iv: Uint8Array;
  readonly recipients: readonly Recipient[];
}

/** The signature of a file by one key. */
export interface Signature {
  /** Identifier of the key. */
  readonly keyId: Uint8Array;
  /** Object identifier of the digest that is signed. */
  readonly digest: string;
  readonly signature: Uint8Array;
}

const rsaEncryption = "1.2.840.113549.1.1.1";
/** More recipients or signers than anybody has. */
const most = 1000;

const octets = (bytes: Uint8Array): Uint8Array => derValue(tag.octetString, bytes);

/** The record of stream 22. */
export function encodeCryptoData({ cipher, iv, recipients }: CryptoData): Uint8Array {
  const infos = recipients.map(({ keyId, encryptedKey }) =>
    derValue(
      tag.sequence,
      ...[derZero(), octets(keyId), derObjectIdentifier(rsaEncryption), octets(encryptedKey)],
    )
  );
  return derValue(
    tag.sequence,
    ...[derZero(), derObjectIdentifier(cipher), octets(iv), derSetOf(infos)],
  );
}

/** Reads a record of stream 22. @throws {DerError} if it is none */
export function decodeCryptoData(bytes: Uint8Array): CryptoData {
  const data = open(bytes);
  checkVersion(data);
  const cipher = data.objectIdentifier();
  const iv = data.read(tag.octetString).slice();
  const recipients = members(data, (info) => {
    const keyId = info.read(tag.octetString).slice();
    const algorithm = info.objectIdentifier();
    if (algorithm !== rsaEncryption) {
      throw new DerError(`the key is encrypted by ${algorithm}, RSA expected`);
    }
    return { keyId, encryptedKey: info.read(tag.octetString).slice() };
  });
  return { cipher, iv, recipients };
}

/** The record of stream 19. */
export function encodeSignatureData(signatures: readonly Signature[]): Uint8Array {
  const infos = signatures.map(({ keyId, digest, signature }) => {
    const algorithm = derObjectIdentifier(digest);
    return derValue(
      tag.sequence,
      ...[derZero(), octets(keyId), algorithm, algorithm, octets(signature)],
    );
  });
  return derValue(tag.sequence, derZero(), derSetOf(infos));
}

/** Reads a record of stream 19. @throws {DerError} if it is none */
export function decodeSignatureData(bytes: Uint8Array): readonly Signature[] {
  const data = open(bytes);
  checkVersion(data);
  return members(data, (info) => {
    const keyId = info.read(tag.octetString).slice();
    const digest = info.objectIdentifier();
    info.objectIdentifier(); // of the signature: writers differ in what they put there
    return { keyId, digest, signature: info.read(tag.octetString).slice() };
  });
}

/** The outermost sequence, behind which nothing may follow. */
function open(bytes: Uint8Array): DerReader {
  const outer = new DerReader(bytes);
  const data = outer.enter(tag.sequence);
  if (!outer.isAtEnd) throw new DerError("bytes follow the structure");
  return data;
}

function checkVersion(data: DerReader): void {
  const version = data.integer();
  if (version !== 0) throw new DerError(`version ${version}, 0 expected`);
}

/** The members of the set that ends a structure: sequences that begin with a version. */
function members<T>(data: DerReader, read: (info: DerReader) => T): T[] {
  const set = data.enter(tag.set);
  if (!data.isAtEnd) throw new DerError("bytes follow the set");
  const found: T[] = [];
  while (!set.isAtEnd) {
    if (found.length === most) throw new DerError(`more than ${most} members in a set`);
    const info = set.enter(tag.sequence);
    checkVersion(info);
    found.push(read(info));
    if (!info.isAtEnd) throw new DerError("bytes follow a member of the set");
  }
  return found;
}
