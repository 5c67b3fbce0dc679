import type { Attributes } from "../../../storage/volume/mod.ts";
import type { AclKind, Descriptor } from "../platform/mod.ts";
import type { BackupReadParser } from "./backup_read.ts";
import type { DecryptedStream } from "./decrypted_stream.ts";
import type { FileWriter } from "./file_writer.ts";
import type { Location } from "./parent_directories.ts";
import type { ProgramSink } from "./plugin_target.ts";

/** The file whose records are coming. */
export interface CurrentFile {
  /** Its record. */
  readonly attributes: Attributes;
  /** The name that it gets, without a slash at the end of a directory. */
  readonly target: string;
  /** The same as bytes. */
  readonly path: Uint8Array;
  /** The target that a link gets; else empty. */
  readonly link: string;
  /** Its name in the open directory. */
  readonly location: Location;
  /** What was made. */
  readonly kind:
    | "regular"
    | "directory"
    | "symbolicLink"
    | "hardLink"
    | "special"
    | "stream"
    | "program";
  /** The program that takes its contents, of a plugin's file. */
  readonly sink: ProgramSink | undefined;
  /** Takes its contents; undefined if it has none, or cannot take more. */
  writer: FileWriter | undefined;
  /** Takes a Windows stream apart, once one has come. */
  backupRead: BackupReadParser | undefined;
  /** Whether the key that its data is encrypted with has come. */
  hasSession: boolean;
  /** Decrypts its data, once some has come. */
  decrypted: DecryptedStream | undefined;
  /** Whether a signature has come. */
  isSigned: boolean;
  /** Whether its data came with offsets. */
  isSparse: boolean;
  /** Whether something went wrong: its attributes are set nevertheless, it does not count. */
  hasFailed: boolean;
  /** Whether it was told that its contents are not those of the digest, the signature or the size. */
  hasFault: boolean;
  /** The open resource fork, once a record of it has come. */
  fork: Descriptor | undefined;
  /** What the Finder keeps of it. */
  finderInfo: Uint8Array | undefined;
  /** Lists to be set at its end. */
  readonly acls: { readonly kind: AclKind; readonly text: string }[];
  /** Records of extended attributes to be set at its end. */
  readonly extendedAttributes: Uint8Array[];
}

/** A file that is done, for who prints or counts. */
export interface RestoredFile {
  /** Its record on the volume. */
  readonly attributes: Attributes;
  /** Its name now; directories end in a slash. */
  readonly target: string;
  /** Its link target now. */
  readonly link: string;
}
