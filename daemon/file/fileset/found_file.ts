import { FileType, type FileTypeNumber } from "../../../storage/volume/mod.ts";
import type { PlatformStat, SystemError } from "../platform/mod.ts";
import type { FileOptions, PluginFile, SelectionBlock } from "./file_set.ts";
import type { Notice } from "./notices.ts";

/** A file with several names, of which the first one found is saved with its data. */
export interface HardLink {
  /** The name that was found first. */
  readonly firstPath: Uint8Array;
  /** For who saves it: the FileIndex of the first name; 0 until it is saved. */
  fileIndex: number;
  /** For who saves it: stream of the first name's digest; 0 for none. */
  digestStream: number;
  /** For who saves it: the first name's digest. */
  digest: Uint8Array | undefined;
}

/** Something the walk found, or could not look at. */
export interface FoundFile {
  /** Its full name, without a slash at the end. */
  readonly path: Uint8Array;
  /**
   * What it is, as on volumes; a kind that is not saved says why. Directories that are not entered
   * (`noRecursion`, `otherFileSystem`, `invalidFileSystem`) are saved as `directory`.
   */
  readonly type: FileTypeNumber;
  /** Whether it belongs on the volume. */
  readonly isSaved: boolean;
  /** What the system said of it; undefined for `noStat`. */
  readonly stat: PlatformStat | undefined;
  /** Target of a symbolic link, first name of a hard link; else empty. */
  readonly link: Uint8Array;
  /** The file behind several names, for the first of them and the others. */
  readonly hardLink: HardLink | undefined;
  /** The options by which it was selected. */
  readonly options: FileOptions;
  /** The Include block that it belongs to. */
  readonly include: SelectionBlock;
  /** The entry of the FileSet that led to it. */
  readonly top: Uint8Array;
  /** The plugin's file, if it is one. */
  readonly plugin?: PluginFile | undefined;
  /** Why it could not be looked at. */
  readonly error: SystemError | undefined;
  /** What a backup says about it (director-client.md 23.1, 24.2); undefined if nothing. */
  readonly notice: Notice | undefined;
}

/** The type under which a found file is written to a volume. */
export function savedType(file: Pick<FoundFile, "type">): FileTypeNumber {
  switch (file.type) {
    case FileType.noRecursion:
    case FileType.otherFileSystem:
    case FileType.invalidFileSystem:
      return FileType.directory;
    default:
      return file.type;
  }
}
