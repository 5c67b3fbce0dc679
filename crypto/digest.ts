/**
 * Digests of file data (volume.md 12) behind one interface.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { Xxh128 } from "./xxh128.ts";

/** The digests that file data may have, in the order in which the first one asked for wins. */
export const digestNames = ["MD5", "SHA1", "SHA256", "SHA512", "XXH128"] as const;

/** The name of a digest. */
export type DigestName = (typeof digestNames)[number];

/** A digest under way. */
export interface Digest {
  /** Adds bytes; they are not kept. */
  update(bytes: Uint8Array): void;
  /** The digest of all bytes added; the object is used up. */
  digest(): Uint8Array;
}

const nodeNames: Readonly<Record<Exclude<DigestName, "XXH128">, string>> = {
  MD5: "md5",
  SHA1: "sha1",
  SHA256: "sha256",
  SHA512: "sha512",
};

/** Begins a digest. */
export function createDigest(name: DigestName): Digest {
  return name === "XXH128" ? new Xxh128() : createHash(nodeNames[name]);
}
