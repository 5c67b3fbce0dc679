/**
 * Files from records: the other end of a backup (director-client.md 11, 25; volume.md 7.4, 9, 14).
 *
 * {@linkcode RestoreTarget} takes records in the order of the volume and recreates each file, of any
 * type, under the name that a {@linkcode Destination} gives it: contents (decompressed, at their
 * offsets, compared with the digest), owner, mode, times, access control lists and extended
 * attributes. With a target directory nothing outside of it is ever written, whatever the backup
 * says. Encrypted files are decrypted and signatures verified with the keys that it is given. Synchronous, for a thread.
 *
 * @module
 */
export type { CheckOptions } from "./content_checks.ts";
export { replacePolicies, type ReplacePolicy } from "./create_file.ts";
export { type Destination, destinationOf, type DestinationOptions } from "./destination.ts";
export type { RestoreKeys } from "./decryption.ts";
export { type RestoreOptions, type RestoreRecord, RestoreTarget } from "./restore_target.ts";
export { PatientTarget } from "./patient_target.ts";
export { PlainMemory, plainMemoryLength } from "./plain_memory.ts";
export { breakRing, DigestMaker, DigestRing, makeRing, type RingMemory } from "./digest_ring.ts";
export type { RestoreCounters } from "./restore_reports.ts";
export {
  BoardEnd,
  type BoardMemory,
  checksOn,
  makeBoard,
  SignatureBoard,
  type SignatureCheck,
  SignatureHelper,
} from "./signature_board.ts";
export type { RestoredFile } from "./restored_file.ts";
