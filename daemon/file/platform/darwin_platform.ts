import { encodeText } from "../../../bytes/mod.ts";
import { Stream } from "../../../storage/volume/mod.ts";
import { type DarwinLibrary, openDarwinLibrary } from "./darwin_library.ts";
import { darwinNumbers } from "./darwin_numbers.ts";
import { darwinStatLength, decodeDarwinStat } from "./darwin_stat.ts";
import type {
  AclKind,
  BytePath,
  Descriptor,
  DirectoryReader,
  Platform,
  PlatformStat,
} from "./platform.ts";
import { PosixFiles } from "./posix_files.ts";

/** `XATTR_NOFOLLOW`. */
const noFollow = 1;
/** `F_GETPATH`, and the room that its answer takes. */
const getPath = 50;
const pathRoom = 1024;
/** `ACL_TYPE_EXTENDED`: the only kind there is. */
const extendedAcl = 0x100;
/** Where the name stands in `struct dirent`, behind inode, place, lengths and type. */
const direntName = 21;
/** Where the name of the type stands in `struct statfs`. */
const statfsType = 72;
const batchLength = 16_384;

/**
 * {@linkcode Platform} over the C library of macOS. Written from its headers and manual; no machine
 * was there to try it on.
 */
export class DarwinPlatform extends PosixFiles implements Platform {
  /** See the interface. */
  readonly system = "darwin";
  /** See the interface: there are no lists to inherit apart from the others. */
  readonly aclStreams = { access: Stream.aclDarwinAccess, default: Stream.none };
  /** See the interface. */
  readonly forkSuffix: Uint8Array = encodeText("/..namedfork/rsrc");
  /** See the interface. */
  readonly attributeStream: number = Stream.xattrDarwin;
  readonly #darwin: DarwinLibrary;
  readonly #stat = new Uint8Array(darwinStatLength);

  /**
   * Opens the C library.
   * @throws {Error} if it cannot be called
   */
  constructor() {
    const library = openDarwinLibrary();
    super(library, darwinNumbers, library.__error());
    this.#darwin = library;
  }

  /** There is no /proc, but the system knows where an open directory is. */
  protected override pathOf(place: Descriptor): Uint8Array {
    const bytes = new Uint8Array(pathRoom);
    if (this.#darwin.fcntl(place, getPath, bytes) < 0) this.fail(this.errno[0] as number, "locate");
    return bytes.subarray(0, bytes.indexOf(0));
  }

  /** See the interface. */
  lstat(path: BytePath, at?: Descriptor): PlatformStat {
    return this.#statAt(path, at, this.numbers.at.noFollow);
  }

  /** See the interface. */
  stat(path: BytePath, at?: Descriptor): PlatformStat {
    return this.#statAt(path, at, 0);
  }

  /** See the interface. */
  fstat(file: Descriptor): PlatformStat {
    this.check(this.#darwin.fstat(file, this.#stat), "stat open file");
    return decodeDarwinStat(this.#stat);
  }

  #statAt(path: BytePath, at: Descriptor | undefined, flags: number): PlatformStat {
    this.path.prepare(path, at);
    const { at: start, bytes } = this.path;
    this.check(this.#darwin.fstatat(start, bytes, this.#stat, flags), "stat", path);
    return decodeDarwinStat(this.#stat);
  }

  /** See the interface. */
  readDirectory(path: BytePath, at?: Descriptor): DirectoryReader {
    const file = this.open(path, { directory: true, nonBlocking: true }, at);
    const stream = this.#darwin.fdopendir(file);
    if (stream === null) {
      const number = this.errno[0] as number;
      this.c.close(file);
      this.fail(number, "read directory", path);
    }
    let isOpen = true;
    const close = () => {
      if (isOpen) this.#darwin.closedir(stream);
      isOpen = false;
    };
    return { close, read: () => isOpen ? this.#readNames(stream, close) : undefined };
  }

  #readNames(stream: Deno.PointerObject, close: () => void): Uint8Array | undefined {
    const names: Uint8Array[] = [];
    for (let length = 0; length < batchLength;) {
      const entry = this.#darwin.readdir(stream);
      if (entry === null) {
        close();
        break;
      }
      const text = Deno.UnsafePointerView.getCString(entry as Deno.PointerObject, direntName);
      if (text === "." || text === "..") continue;
      const name = encodeText(`${text}\0`); // names of macOS are always UTF-8
      names.push(name);
      length += name.length;
    }
    if (names.length === 0) return undefined;
    const all = new Uint8Array(names.reduce((sum, { length }) => sum + length, 0));
    let used = 0;
    for (const name of names) {
      all.set(name, used);
      used += name.length;
    }
    return all;
  }

  /** See the interface. */
  fileSystemType(path: BytePath): string | undefined {
    this.path.prepareWhole(path);
    const answer = new Uint8Array(4096);
    this.check(this.#darwin.statfs(this.path.bytes, answer), "stat file system of", path);
    const name = answer.subarray(statfsType, answer.indexOf(0, statfsType));
    return name.length === 0 ? undefined : String.fromCharCode(...name);
  }

  /** See the interface. */
  setFlags(path: BytePath, flags: number, at?: Descriptor): void {
    this.path.prepareWhole(path, at);
    this.check(this.#darwin.lchflags(this.path.bytes, flags), "set flags of", path);
  }

  /** See the interface. */
  listAttributes(path: BytePath, at?: Descriptor): Uint8Array[] {
    this.path.prepareWhole(path, at);
    const { value } = this;
    const length = this.#darwin.listxattr(this.path.bytes, value, value.length, noFollow);
    if (this.isMissing(length)) return [];
    return splitNames(value.subarray(0, this.check(length, "list attributes of", path)));
  }

  /** See the interface. */
  readAttribute(path: BytePath, name: Uint8Array, at?: Descriptor): Uint8Array | undefined {
    this.path.prepareWhole(path, at);
    const { value, path: { bytes } } = this;
    const key = zeroEnded(name);
    const length = this.#darwin.getxattr(bytes, key, value, value.length, 0, noFollow);
    if (this.isMissing(length)) return undefined;
    return value.slice(0, this.check(length, "read extended attribute of", path));
  }

  /** See the interface. */
  writeAttribute(path: BytePath, name: Uint8Array, value: Uint8Array, at?: Descriptor): void {
    this.path.prepareWhole(path, at);
    const { bytes } = this.path;
    const key = zeroEnded(name);
    const result = this.#darwin.setxattr(bytes, key, value, value.length, 0, noFollow);
    this.check(result, "set extended attribute of", path);
  }

  /** See the interface. */
  removeAttribute(path: BytePath, name: Uint8Array, at?: Descriptor): void {
    this.path.prepareWhole(path, at);
    const result = this.#darwin.removexattr(this.path.bytes, zeroEnded(name), noFollow);
    if (!this.isMissing(result)) this.check(result, "remove extended attribute of", path);
  }

  /** See the interface. */
  readAcl(path: BytePath, kind: AclKind, at?: Descriptor): string | undefined {
    if (kind === "default") return undefined;
    this.path.prepareWhole(path, at);
    const acl = this.#darwin.acl_get_link_np(this.path.bytes, extendedAcl);
    this.path.release();
    if (acl === null) return undefined; // ENOENT: none
    const text = this.#darwin.acl_to_text(acl, new Uint8Array(8));
    const result = text === null
      ? undefined
      : Deno.UnsafePointerView.getCString(text as Deno.PointerObject);
    if (text !== null) this.#darwin.acl_free(text);
    this.#darwin.acl_free(acl);
    return result;
  }

  /** See the interface. */
  writeAcl(path: BytePath, kind: AclKind, text: string, at?: Descriptor): void {
    if (kind === "default") return;
    const acl = text.trim() === ""
      ? this.#darwin.acl_init(0)
      : this.#darwin.acl_from_text(encodeText(`${text}\0`));
    if (acl === null) this.fail(this.errno[0] as number, "set access control list of", path);
    this.path.prepareWhole(path, at);
    const result = this.#darwin.acl_set_link_np(this.path.bytes, extendedAcl, acl);
    const number = this.errno[0] as number;
    this.#darwin.acl_free(acl);
    if (result < 0) this.fail(number, "set access control list of", path);
    this.path.release();
  }
}

function zeroEnded(name: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(name.length + 1);
  bytes.set(name);
  return bytes;
}

function splitNames(bytes: Uint8Array): Uint8Array[] {
  const names: Uint8Array[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(0, start);
    names.push(bytes.slice(start, end));
    start = end + 1;
  }
  return names;
}
