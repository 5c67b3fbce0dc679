import { encodeText } from "../../../bytes/mod.ts";
import { Stream } from "../../../storage/volume/mod.ts";
import { type LinuxLibrary, openLinuxLibrary } from "./libc.ts";
import { linuxNumbers } from "./linux_numbers.ts";
import type { AclKind, BytePath, Descriptor } from "./platform.ts";
import { countAclEntries, formatAcl, parseAcl } from "./posix_acl.ts";
import { PosixFiles } from "./posix_files.ts";

const aclNames: Readonly<Record<AclKind, Uint8Array>> = {
  access: encodeText("system.posix_acl_access"),
  default: encodeText("system.posix_acl_default"),
};

/** Extended attributes and access control lists of Linux, GNU's C library or musl. */
export class LinuxAttributes extends PosixFiles {
  /** See the interface. */
  readonly aclStreams = { access: Stream.aclLinuxAccess, default: Stream.aclLinuxDefault };
  /** See the interface. */
  readonly attributeStream: number = Stream.xattrLinux;
  /** The library with the functions that only Linux has. */
  protected readonly linux: LinuxLibrary;
  readonly #name = new Uint8Array(1024);

  /**
   * Opens the C library.
   * @throws {Error} if it cannot be called
   */
  constructor() {
    const library = openLinuxLibrary();
    super(library, linuxNumbers, library.__errno_location());
    this.linux = library;
  }

  /** See the interface. */
  listAttributes(path: BytePath, at?: Descriptor): Uint8Array[] {
    this.path.prepareWhole(path, at);
    const length = this.linux.llistxattr(
      this.path.bytes,
      this.value,
      this.value.length,
    );
    if (this.isMissing(length)) return [];
    this.check(length, "list extended attributes of", path);
    const names: Uint8Array[] = [];
    for (let start = 0; start < length;) {
      const end = this.value.indexOf(0, start);
      names.push(this.value.slice(start, end));
      start = end + 1;
    }
    return names;
  }

  /** See the interface. */
  readAttribute(path: BytePath, name: Uint8Array, at?: Descriptor): Uint8Array | undefined {
    this.path.prepareWhole(path, at);
    const length = this.linux.lgetxattr(
      this.path.bytes,
      this.#zeroEnded(name),
      this.value,
      this.value.length,
    );
    if (this.isMissing(length)) return undefined;
    return this.value.slice(0, this.check(length, "read extended attribute of", path));
  }

  /** See the interface. */
  writeAttribute(path: BytePath, name: Uint8Array, value: Uint8Array, at?: Descriptor): void {
    this.path.prepareWhole(path, at);
    const result = this.linux.lsetxattr(
      this.path.bytes,
      this.#zeroEnded(name),
      value,
      value.length,
      0,
    );
    this.check(result, "set extended attribute of", path);
  }

  /** See the interface. */
  removeAttribute(path: BytePath, name: Uint8Array, at?: Descriptor): void {
    this.path.prepareWhole(path, at);
    const result = this.linux.lremovexattr(this.path.bytes, this.#zeroEnded(name));
    if (!this.isMissing(result)) this.check(result, "remove extended attribute of", path);
  }

  /** See the interface. */
  readAcl(path: BytePath, kind: AclKind, at?: Descriptor): string | undefined {
    const bytes = this.readAttribute(path, aclNames[kind], at);
    // Three entries are the permission bits again.
    if (bytes === undefined || (kind === "access" && countAclEntries(bytes) <= 3)) return undefined;
    return formatAcl(bytes, this);
  }

  /** See the interface. */
  writeAcl(path: BytePath, kind: AclKind, text: string, at?: Descriptor): void {
    if (text.trim() === "") this.removeAttribute(path, aclNames[kind], at);
    else this.writeAttribute(path, aclNames[kind], parseAcl(text, this), at);
  }

  /** A name with a zero byte, in a buffer that is used again. */
  #zeroEnded(name: Uint8Array): Uint8Array {
    const used = Math.min(name.length, this.#name.length - 1); // 255 is the system's limit
    this.#name.set(name.subarray(0, used));
    this.#name[used] = 0;
    return this.#name;
  }
}
