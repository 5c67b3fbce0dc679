/**
 * The ciphers that file data may be encrypted with (volume.md 13.2), all in CBC mode.
 *
 * @module
 */

/** A cipher and its sizes in bytes. */
export interface ContentCipher {
  /** Its name in `PKI Cipher`. */
  readonly name: string;
  /** Its letters in the options of a file set, behind `E`. */
  readonly letters: string;
  /** Its object identifier on the volume. */
  readonly oid: string;
  readonly keyLength: number;
  /** Of a block, and so of the IV. */
  readonly blockLength: 8 | 16;
  /** Why it is better not used any more; absent if nothing is wrong with it. */
  readonly weakness?: string;
}

const shortBlock = "its blocks of 64 bits repeat in large amounts of data";
const nist = "2.16.840.1.101.3.4.1";
const camellia = "1.2.392.200011.61.1.1.1";

/**
 * All ciphers. The two names with `hmacsha1` have no object identifier of their own and cannot be told
 * on a volume: what they ask for is written as plain AES, which is what readers know.
 */
export const contentCiphers: readonly ContentCipher[] = [
  { name: "aes128", letters: "a1", oid: `${nist}.2`, keyLength: 16, blockLength: 16 },
  { name: "aes192", letters: "a2", oid: `${nist}.22`, keyLength: 24, blockLength: 16 },
  { name: "aes256", letters: "a3", oid: `${nist}.42`, keyLength: 32, blockLength: 16 },
  { name: "camellia128", letters: "c1", oid: `${camellia}.2`, keyLength: 16, blockLength: 16 },
  { name: "camellia192", letters: "c2", oid: `${camellia}.3`, keyLength: 24, blockLength: 16 },
  { name: "camellia256", letters: "c3", oid: `${camellia}.4`, keyLength: 32, blockLength: 16 },
  {
    ...{ name: "blowfish", letters: "b", oid: "1.3.6.1.4.1.3029.1.2" },
    ...{ keyLength: 16, blockLength: 8, weakness: shortBlock },
  },
  {
    ...{ name: "3des", letters: "3", oid: "1.2.840.113549.3.7" },
    ...{ keyLength: 24, blockLength: 8, weakness: shortBlock },
  },
  { name: "aes128hmacsha1", letters: "h1", oid: `${nist}.2`, keyLength: 16, blockLength: 16 },
  { name: "aes256hmacsha1", letters: "h2", oid: `${nist}.42`, keyLength: 32, blockLength: 16 },
];

/** The cipher of a name; undefined if there is none. */
export function cipherNamed(name: string): ContentCipher | undefined {
  return contentCiphers.find((cipher) => cipher.name === name.toLowerCase());
}

/** The cipher of an object identifier; undefined if it is none of these. */
export function cipherOf(oid: string): ContentCipher | undefined {
  return contentCiphers.find((cipher) => cipher.oid === oid);
}
