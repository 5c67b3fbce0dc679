import type { Algorithm } from "../../../compress/mod.ts";
import type { DigestName } from "../../../crypto/mod.ts";

/** How files are compressed; `level` is that of gzip, 1 to 9. */
export interface Compression {
  /** Name of the algorithm, as the Compression directive has it. */
  readonly algorithm: Algorithm;
  /** Of gzip; 0 elsewhere. */
  readonly level: number;
}

/** Ciphers that an Options block may ask for (director-client.md 6.3). */
export type CipherName =
  | "3des"
  | "aes128"
  | "aes192"
  | "aes256"
  | "blowfish"
  | "camellia128"
  | "camellia192"
  | "camellia256"
  | "aes128hmacsha1"
  | "aes256hmacsha1";

/** What to do about entries that lie below another, or are the same (director-client.md 23.6). */
export type Shadowing = "none" | "localWarn" | "localRemove" | "globalWarn" | "globalRemove";

/** What the letters of an Options block say (director-client.md 6.3). Plain data: threads get copies. */
export interface FileOptions {
  /** `M`, `S`: the digest, if any. */
  readonly signature: DigestName | undefined;
  /** `Z`: the compression, if any. */
  readonly compression: Compression | undefined;
  /** `E`: the cipher, if the block asks for one. */
  readonly cipher: CipherName | undefined;
  /** `Ef`: fail rather than save in the clear. */
  readonly forceEncryption: boolean;
  /** `e`: what matches is left out. */
  readonly exclude: boolean;
  /** Without `f`: do not enter other file systems. */
  readonly oneFileSystem: boolean;
  /** Without `h`: enter directories. */
  readonly recurse: boolean;
  /** Without `H`: names of one file are saved once. */
  readonly hardLinks: boolean;
  /** `s`: leave out stretches of zeros. */
  readonly sparse: boolean;
  /** `r`: read fifos that are named as entries. */
  readonly readFifo: boolean;
  /** `p`: save what other systems can read. */
  readonly portable: boolean;
  /** `m`: the time of change of the inode does not count. */
  readonly mtimeOnly: boolean;
  /** `k`: set the time of access back. */
  readonly keepAccessTime: boolean;
  /** `K`: read without setting the time of access. */
  readonly noAccessTime: boolean;
  /** `i`: patterns do not tell capitals from small letters. */
  readonly ignoreCase: boolean;
  /** `A`: save access control lists. */
  readonly acl: boolean;
  /** `X`: save extended attributes. */
  readonly extendedAttributes: boolean;
  /** `R`: save resource forks. */
  readonly hfsPlus: boolean;
  /** `W`: wild cards do not match a slash. */
  readonly enhancedWild: boolean;
  /** `c`: look whether a file changed while it was read. */
  readonly checkFileChanges: boolean;
  /** `N`: leave out what is marked so. */
  readonly honorNoDump: boolean;
  /** Without `x`: the system's own exceptions count (Windows). */
  readonly autoExclude: boolean;
  /** `d`. */
  readonly shadowing: Shadowing;
  /** `C`: what accurate mode compares; undefined if the block does not say. */
  readonly accurate: string | undefined;
  /** `V`: what a verify job compares, each time behind a `V`. */
  readonly verify: string;
  /** `J`: what a base job compares; undefined if the block does not say. */
  readonly baseJob: string | undefined;
  /** `P`: how many leading components names lose. */
  readonly stripPath: number;
  /** `z`: sizes of regular files that are saved; undefined for all. */
  readonly size: SizeRange | undefined;
  /** Not a letter: contents go in streams and chunks that Bacula and 13.2 know. */
  readonly isCompatible: boolean;
}

/** Sizes in bytes, both ends included. */
export interface SizeRange {
  /** Not less than this. */
  readonly from: number;
  /** Not more than this; `Infinity` for no end. */
  readonly to: number;
}

/** The options of a block without letters. */
export const defaultOptions: FileOptions = {
  signature: undefined,
  compression: undefined,
  cipher: undefined,
  forceEncryption: false,
  exclude: false,
  oneFileSystem: true,
  recurse: true,
  hardLinks: true,
  sparse: false,
  readFifo: false,
  portable: false,
  mtimeOnly: false,
  keepAccessTime: false,
  noAccessTime: false,
  ignoreCase: false,
  acl: false,
  extendedAttributes: false,
  hfsPlus: false,
  enhancedWild: false,
  checkFileChanges: false,
  honorNoDump: false,
  autoExclude: true,
  shadowing: "none",
  accurate: undefined,
  verify: "",
  baseJob: undefined,
  stripPath: 0,
  size: undefined,
  isCompatible: false,
};

/** How a pattern is written. */
export type PatternKind = "wild" | "regex";

/** What a pattern is compared with: every name, directories, other files, their last component. */
export type PatternScope = "all" | "directories" | "files" | "baseNames";

/** One pattern of an Options block. */
export interface Pattern {
  /** How it is written. */
  readonly kind: PatternKind;
  /** What it is compared with. */
  readonly scope: PatternScope;
  /** Its text. */
  readonly text: string;
}

/** An Options block. */
export interface OptionsBlock {
  /** What its letters say. */
  readonly options: FileOptions;
  /** Its patterns. */
  readonly patterns: readonly Pattern[];
  /** File systems that are entered; all if empty. */
  readonly fileSystemTypes: readonly string[];
  /** Drives that are entered (Windows); all if empty. */
  readonly driveTypes: readonly string[];
  /** Its plugin commands. */
  readonly plugins: readonly string[];
}

/** A file that a plugin saves: what a program writes (volume.md 15.1). */
export interface PluginFile {
  /** Its name on the volume. */
  readonly name: Uint8Array;
  /** The line of the FileSet, which goes onto the volume as well. */
  readonly line: string;
  /** The program and its arguments. */
  readonly program: readonly string[];
  /** What is added to the environment of the program. */
  readonly environment: Readonly<Record<string, string>>;
  /** How its contents are saved; an object of its own, as the options of a block are. */
  readonly options: FileOptions;
}

/** An Include or Exclude block. */
export interface SelectionBlock {
  /** Its Options blocks, in order. */
  readonly blocks: readonly OptionsBlock[];
  /** Files and directories, as bytes; those of an Include block have no slashes at the end. */
  readonly entries: readonly Uint8Array[];
  /** Lines for plugins. */
  readonly plugins: readonly string[];
  /** What the lines stand for, once plugins have been asked; they come behind the entries. */
  readonly pluginFiles: readonly PluginFile[];
  /** A directory with one of these in it is left out. */
  readonly ignoreDirectoriesContaining: readonly string[];
  /** What accurate mode compares: of the last block that says so. */
  readonly accurate: string;
  /** What a verify job compares: a `V`, then that of all blocks (director-client.md 13). */
  readonly verify: string;
  /** What a base job compares: of the last block that says so. */
  readonly baseJob: string;
}

/** What a job saves and what it leaves out. Plain data: threads get copies. */
export interface FileSet {
  /** What is saved. */
  readonly includes: readonly SelectionBlock[];
  /** What is left out of it. */
  readonly excludes: readonly SelectionBlock[];
}
