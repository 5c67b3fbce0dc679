/** Encryption and signatures of a backup (volume.md 13). @module */
import { type CryptoSession, type KeyPair } from "../../../crypto/mod.ts";
import { dataStreamOf } from "../attributes/mod.ts";
import type { FileOptions } from "../fileset/mod.ts";
import { FileType, type StreamNumber } from "../../../storage/volume/mod.ts";

/** What a job does to the contents of files. Plain data: threads get copies. */
export interface Protection {
  /** Contents are signed with it; absent if they are not. */
  readonly signer?: KeyPair | undefined;
  /** Contents are encrypted with it; absent if they are not. */
  readonly session?: CryptoSession | undefined;
}

/** Whether the contents of files of this type are encrypted and signed; empty ones are, too. */
export function isProtected(type: number): boolean {
  return type === FileType.emptyFile || type === FileType.regularFile ||
    type === FileType.rawDevice;
}

/** How the contents of a file of this type go onto the volume. */
export interface Treatment {
  readonly isEncrypted: boolean;
  /** Whether stretches of zeros are left out: never where data is encrypted. */
  readonly isSparse: boolean;
  readonly stream: StreamNumber;
}

/** What is done to the contents of a file of this type. */
export function treatmentOf(
  type: number,
  options: FileOptions,
  protection: Protection | undefined,
): Treatment {
  const isEncrypted = protection?.session !== undefined && isProtected(type);
  return {
    isEncrypted,
    isSparse: options.sparse && !isEncrypted,
    stream: dataStreamOf(options, isEncrypted),
  };
}
