import type { FileStat, WideNumber } from "../../../storage/volume/mod.ts";

/**
 * A path or a name as the system knows it: bytes without a zero, not empty, of any length. Names
 * need not be UTF-8; `encodeText` makes them from the program's texts.
 */
export type BytePath = Uint8Array;

/** The number of an open file or directory. */
export type Descriptor = number;

/** What the system says of a file, with the fractions of its times. */
export interface PlatformStat extends FileStat {
  /** 0 to 999,999,999 beyond `atime`. */
  readonly atimeNanoseconds: number;
  /** 0 to 999,999,999 beyond `mtime`. */
  readonly mtimeNanoseconds: number;
  /** 0 to 999,999,999 beyond `ctime`. */
  readonly ctimeNanoseconds: number;
  /** BSD file flags (`chflags`); 0 elsewhere. */
  readonly flags: number;
  /** Whether the owner asks that the file be left out of backups; BSD and macOS. */
  readonly noDump: boolean;
}

/** A moment to which a file's time is set; seconds may be negative. */
export interface FileTime {
  /** Seconds since 1970 UTC. */
  readonly seconds: number;
  /** 0 to 999,999,999 beyond them. */
  readonly nanoseconds: number;
}

/** How to open a file; the opposites are the defaults. */
export interface OpenOptions {
  /** `read` if absent. */
  readonly access?: "read" | "write" | "readWrite";
  /** Make the file if it is missing. */
  readonly create?: boolean;
  /** With `create`: fail if there is anything under the name, even a dangling symbolic link. */
  readonly exclusive?: boolean;
  /** Cut the file to nothing. */
  readonly truncate?: boolean;
  /** Permission bits of a new file, less the umask; 0o600 if absent. */
  readonly mode?: number;
  /** Follow a symbolic link in the last place; it is an error (ELOOP) if not. */
  readonly follow?: boolean;
  /** Leave the time of access alone where that is permitted, silently do not where it is not. */
  readonly noAccessTime?: boolean;
  /** Do not wait for the other end of a fifo, nor for a device. */
  readonly nonBlocking?: boolean;
  /** Only a directory will do. */
  readonly directory?: boolean;
  /** Just a place to start from (`at`), without the right to read it where the system can do that. */
  readonly place?: boolean;
}

/** Names of a directory, without `.` and `..`, in the directory's own order. */
export interface DirectoryReader {
  /**
   * The next names, each followed by a zero byte, some thousand at once; undefined at the end. The
   * array is the caller's.
   * @throws {SystemError} if the directory cannot be read further
   */
  read(): Uint8Array | undefined;
  /** Ends it; more than once does no harm. */
  close(): void;
}

/** Which access control list: of the file, or of those to be made in a directory. */
export type AclKind = "access" | "default";

/**
 * The system under the file daemon: synchronous calls, for use in threads. Paths are bytes and may
 * be longer than the system takes at once. A call with `at` starts at that open directory instead of
 * the current one. Nothing but `open` with `follow` and `stat` follows a symbolic link in the last
 * place. Every failure is a {@linkcode SystemError}.
 */
export interface Platform {
  /** Which system it is. */
  readonly system: "linux" | "darwin";
  /** Whether the process may do what only root may. */
  readonly isRoot: boolean;

  /** What a name stands for. */
  lstat(path: BytePath, at?: Descriptor): PlatformStat;
  /** What a name stands for in the end, symbolic links followed. */
  stat(path: BytePath, at?: Descriptor): PlatformStat;
  /** What an open file is. */
  fstat(file: Descriptor): PlatformStat;
  /** Starts to read a directory. */
  readDirectory(path: BytePath, at?: Descriptor): DirectoryReader;
  /** The target of a symbolic link. */
  readLink(path: BytePath, at?: Descriptor): Uint8Array;
  /** The type of the file system that holds a path, such as `ext4`; undefined if nobody knows. */
  fileSystemType(path: BytePath): string | undefined;
  /** The name of a user; undefined if there is none. */
  userName(uid: number): string | undefined;
  /** The name of a group; undefined if there is none. */
  groupName(gid: number): string | undefined;
  /** The number of the user of a name; undefined if there is none. */
  userId(name: string): number | undefined;
  /** The number of the group of a name; undefined if there is none. */
  groupId(name: string): number | undefined;

  /** Opens a file for the calls below. */
  open(path: BytePath, options?: OpenOptions, at?: Descriptor): Descriptor;
  /** Closes it; delayed errors of writing appear here. */
  close(file: Descriptor): void;
  /** Reads up to `into.length` bytes, from `position` if given; 0 at the end of the file. */
  read(file: Descriptor, into: Uint8Array, position?: number): number;
  /**
   * Waits until there is something to read, an end included, at most so many milliseconds. A fifo that
   * nobody has opened to write yet has nothing to read.
   */
  waitReadable(file: Descriptor, timeoutMs: number): boolean;
  /**
   * Waits until bytes would be taken, or an error were told, at most so many milliseconds: of a fifo or
   * device that was opened `nonBlocking`.
   */
  waitWritable(file: Descriptor, timeoutMs: number): boolean;
  /** Writes as many bytes as are taken at once; 0 if the other end of a fifo has to read first. */
  writeSome(file: Descriptor, bytes: Uint8Array): number;
  /** Writes all bytes, at `position` if given. */
  write(file: Descriptor, bytes: Uint8Array, position?: number): void;
  /** Cuts or extends a file. */
  truncate(file: Descriptor, size: number): void;
  /**
   * Where the next data at or behind `position` begins; undefined if there are only holes up to the
   * end. A system that knows no holes answers `position`.
   */
  nextData(file: Descriptor, position: number): number | undefined;
  /** Where the next hole at or behind `position` begins; the end of the file counts as one. */
  nextHole(file: Descriptor, position: number): number;

  /** Makes a directory with the bits of `mode` less the umask. */
  makeDirectory(path: BytePath, mode: number, at?: Descriptor): void;
  /** Makes a fifo, socket or device node: type and bits in `mode`, the device in the host's encoding. */
  makeNode(path: BytePath, mode: number, device: WideNumber, at?: Descriptor): void;
  /** Makes a symbolic link. */
  makeSymbolicLink(target: BytePath, path: BytePath, at?: Descriptor): void;
  /** Gives an existing file another name. */
  makeLink(
    existing: BytePath,
    path: BytePath,
    existingAt?: Descriptor,
    at?: Descriptor,
  ): void;
  /** Removes a name that is not a directory's. */
  remove(path: BytePath, at?: Descriptor): void;
  /** Removes an empty directory. */
  removeDirectory(path: BytePath, at?: Descriptor): void;
  /** Gives a file another name instead. */
  rename(from: BytePath, to: BytePath, fromAt?: Descriptor, toAt?: Descriptor): void;

  /** Sets owner and group. */
  setOwner(path: BytePath, uid: number, gid: number, at?: Descriptor): void;
  /** Sets the permission bits; a symbolic link has none on most systems and is refused. */
  setMode(path: BytePath, mode: number, at?: Descriptor): void;
  /** Sets the times of access and of change. */
  setTimes(path: BytePath, accessed: FileTime, modified: FileTime, at?: Descriptor): void;
  /** Sets owner and group of an open file. */
  setOwnerOf(file: Descriptor, uid: number, gid: number): void;
  /** Sets the permission bits of an open file. */
  setModeOf(file: Descriptor, mode: number): void;
  /** Sets the times of an open file. */
  setTimesOf(file: Descriptor, accessed: FileTime, modified: FileTime): void;
  /** Sets the BSD flags; nothing happens where there are none. */
  setFlags(path: BytePath, flags: number, at?: Descriptor): void;

  /** Names of the extended attributes; none where the file system has none. */
  listAttributes(path: BytePath, at?: Descriptor): Uint8Array[];
  /** The value of an extended attribute; undefined if it is gone. */
  readAttribute(path: BytePath, name: Uint8Array, at?: Descriptor): Uint8Array | undefined;
  /** Sets an extended attribute. */
  writeAttribute(path: BytePath, name: Uint8Array, value: Uint8Array, at?: Descriptor): void;
  /** Removes an extended attribute; it does no harm if it is gone. */
  removeAttribute(path: BytePath, name: Uint8Array, at?: Descriptor): void;
  /** The text of a list that says more than the permission bits, volume.md 14.1; else undefined. */
  readAcl(path: BytePath, kind: AclKind, at?: Descriptor): string | undefined;
  /** Sets a list from its text; an empty text removes it. */
  writeAcl(path: BytePath, kind: AclKind, text: string, at?: Descriptor): void;
  /** Stream numbers of this system's lists. */
  readonly aclStreams: Readonly<Record<AclKind, number>>;
  /** What behind a file's name is the name of its resource fork; undefined on systems without forks. */
  readonly forkSuffix?: Uint8Array | undefined;
  /** Stream number of this system's extended attributes. */
  readonly attributeStream: number;
}
