import type { WideNumber } from "../../../storage/volume/mod.ts";
import { LinuxAttributes } from "./linux_attributes.ts";
import { LinuxDirectory } from "./linux_directory.ts";
import { At, errorNames, interrupted, Open, Seek, StatxMask } from "./linux_numbers.ts";
import { type MountTable, parseMountTable } from "./mount_table.ts";
import type {
  BytePath,
  Descriptor,
  DirectoryReader,
  FileTime,
  OpenOptions,
  Platform,
  PlatformStat,
} from "./platform.ts";
import { decodeStatx, statxLength } from "./statx.ts";

const emptyName = new Uint8Array(0);

/** {@linkcode Platform} over the C library of Linux, GNU's or musl's. */
export class LinuxPlatform extends LinuxAttributes implements Platform {
  /** See the interface. */
  readonly system = "linux";

  readonly #statx = new Uint8Array(statxLength);
  readonly #statxWords = new Uint32Array(this.#statx.buffer);
  readonly #times = new Int32Array(8);
  #mounts: MountTable | undefined;

  // Looking

  /** See the interface. */
  lstat(path: BytePath, at?: Descriptor): PlatformStat {
    return this.#stat(path, at, At.noFollow, "stat");
  }

  /** See the interface. */
  stat(path: BytePath, at?: Descriptor): PlatformStat {
    return this.#stat(path, at, 0, "stat");
  }

  /** See the interface. */
  fstat(file: Descriptor): PlatformStat {
    return this.#stat(emptyName, file, At.emptyPath, "stat open file");
  }

  #stat(path: BytePath, at: Descriptor | undefined, flags: number, call: string): PlatformStat {
    const native = this.path;
    native.prepare(path, at);
    const result = this.c.statx(
      native.at,
      native.bytes,
      flags,
      StatxMask.basic,
      this.#statx,
    );
    this.check(result, call, path);
    return decodeStatx(this.#statxWords);
  }

  /** See the interface. */
  readDirectory(path: BytePath, at?: Descriptor): DirectoryReader {
    const file = this.open(path, { directory: true, nonBlocking: true }, at);
    const kept = path.slice();
    const fill = (into: Uint8Array) =>
      this.check(
        this.c.getdents64(file, into, into.length),
        "read directory",
        kept,
      );
    return new LinuxDirectory(this.value, fill, () => void this.c.close(file));
  }

  /** See the interface. */
  readLink(path: BytePath, at?: Descriptor): Uint8Array {
    this.path.prepare(path, at);
    const { at: start, bytes } = this.path;
    const length = this.c.readlinkat(
      start,
      bytes,
      this.value,
      this.value.length,
    );
    return this.value.slice(0, this.check(length, "read link", path));
  }

  /** See the interface. */
  fileSystemType(path: BytePath): string | undefined {
    const { dev } = this.#statMount(path);
    const id = this.#statxWords[36] as number;
    let type = this.#mounts?.byId.get(id);
    if (type === undefined) {
      this.#mounts = parseMountTable(Deno.readTextFileSync("/proc/self/mountinfo"));
      type = this.#mounts.byId.get(id) ?? this.#mounts.byDevice.get(dev);
    }
    return type;
  }

  #statMount(path: BytePath): { dev: string } {
    this.path.prepare(path);
    const { at, bytes } = this.path;
    const mask = StatxMask.basic | StatxMask.mountId;
    const result = this.c.statx(at, bytes, At.noFollow, mask, this.#statx);
    this.check(result, "stat", path);
    return { dev: `${this.#statxWords[34]}:${this.#statxWords[35]}` };
  }

  // Files

  /** See the interface. */
  open(path: BytePath, options: OpenOptions = {}, at?: Descriptor): Descriptor {
    let flags = openFlags(options);
    for (;;) {
      this.path.prepare(path, at);
      const file = this.c.openat(
        this.path.at,
        this.path.bytes,
        flags,
        options.mode ?? 0o600,
      );
      if (file >= 0) {
        this.path.release();
        return file;
      }
      const number = this.errno[0] as number;
      if (number === interrupted) continue;
      if (flags & Open.noAccessTime && errorNames.get(number) === "EPERM") {
        flags &= ~Open.noAccessTime; // only the owner may ask for that
        continue;
      }
      this.fail(number, "open", path);
    }
  }

  /** See the interface. */
  close(file: Descriptor): void {
    this.check(this.c.close(file), "close");
  }

  /** See the interface. */
  read(file: Descriptor, into: Uint8Array, position?: number): number {
    for (;;) {
      const bytes = into;
      const count = position === undefined
        ? this.c.read(file, bytes, bytes.length)
        : this.c.pread(file, bytes, bytes.length, position);
      if (count >= 0) return count;
      this.failUnlessInterrupted("read");
    }
  }

  /** See the interface. */
  write(file: Descriptor, bytes: Uint8Array, position?: number): void {
    for (let done = 0; done < bytes.length;) {
      const rest = done === 0 ? bytes : bytes.subarray(done);
      const count = position === undefined
        ? this.c.write(file, rest, rest.length)
        : this.c.pwrite(file, rest, rest.length, position + done);
      if (count < 0) this.failUnlessInterrupted("write");
      else done += count;
    }
  }

  /** See the interface. */
  truncate(file: Descriptor, size: number): void {
    this.check(this.c.ftruncate(file, size), "truncate");
  }

  /** See the interface. */
  nextData(file: Descriptor, position: number): number | undefined {
    const found = Number(this.c.lseek(file, position, Seek.data));
    if (found >= 0) return found;
    const number = this.errno[0] as number;
    if (errorNames.get(number) === "ENXIO") return undefined;
    if (errorNames.get(number) === "EINVAL") return position;
    return this.fail(number, "seek");
  }

  /** See the interface. */
  nextHole(file: Descriptor, position: number): number {
    const found = Number(this.c.lseek(file, position, Seek.hole));
    return found >= 0 ? found : this.fail(this.errno[0] as number, "seek");
  }

  // Making and removing

  /** See the interface. */
  makeDirectory(path: BytePath, mode: number, at?: Descriptor): void {
    this.path.prepare(path, at);
    const { at: start, bytes } = this.path;
    this.check(this.c.mkdirat(start, bytes, mode), "make directory", path);
  }

  /** See the interface. */
  makeNode(path: BytePath, mode: number, device: WideNumber, at?: Descriptor): void {
    this.path.prepare(path, at);
    const { at: start, bytes } = this.path;
    this.check(this.c.mknodat(start, bytes, mode, device), "make node", path);
  }

  /** See the interface. */
  makeSymbolicLink(target: BytePath, path: BytePath, at?: Descriptor): void {
    this.path.prepare(path, at);
    const { at: start, bytes } = this.path;
    const text = new Uint8Array(target.length + 1);
    text.set(target);
    this.check(this.c.symlinkat(text, start, bytes), "make symbolic link", path);
  }

  /** See the interface. */
  makeLink(
    existing: BytePath,
    path: BytePath,
    existingAt?: Descriptor,
    at?: Descriptor,
  ): void {
    this.path.prepare(path, at);
    this.otherPath.prepare(existing, existingAt);
    const result = this.c.linkat(
      this.otherPath.at,
      this.otherPath.bytes,
      this.path.at,
      this.path.bytes,
      0,
    );
    this.check(result, "make hard link", path);
  }

  /** See the interface. */
  remove(path: BytePath, at?: Descriptor): void {
    this.#unlink(path, at, 0, "remove");
  }

  /** See the interface. */
  removeDirectory(path: BytePath, at?: Descriptor): void {
    this.#unlink(path, at, At.removeDirectory, "remove directory");
  }

  #unlink(path: BytePath, at: Descriptor | undefined, flags: number, call: string): void {
    this.path.prepare(path, at);
    const { at: start, bytes } = this.path;
    this.check(this.c.unlinkat(start, bytes, flags), call, path);
  }

  /** See the interface. */
  rename(from: BytePath, to: BytePath, fromAt?: Descriptor, toAt?: Descriptor): void {
    this.path.prepare(to, toAt);
    this.otherPath.prepare(from, fromAt);
    const result = this.c.renameat(
      this.otherPath.at,
      this.otherPath.bytes,
      this.path.at,
      this.path.bytes,
    );
    this.check(result, "rename", from);
  }

  // Owners, modes, times

  /** See the interface. */
  setOwner(path: BytePath, uid: number, gid: number, at?: Descriptor): void {
    this.path.prepare(path, at);
    const { at: start, bytes } = this.path;
    const result = this.c.fchownat(start, bytes, uid, gid, At.noFollow);
    this.check(result, "set owner of", path);
  }

  /** See the interface. */
  setMode(path: BytePath, mode: number, at?: Descriptor): void {
    this.path.prepare(path, at);
    const { at: start, bytes } = this.path;
    // Linux knows no chmod that does not follow; who calls has seen that it is no symbolic link.
    const result = this.c.fchmodat(start, bytes, mode & 0o7777, 0);
    this.check(result, "set mode of", path);
  }

  /** See the interface. */
  setTimes(path: BytePath, accessed: FileTime, modified: FileTime, at?: Descriptor): void {
    this.path.prepare(path, at);
    this.#putTimes(accessed, modified);
    const { at: start, bytes } = this.path;
    const times = this.#times;
    const result = this.c.utimensat(start, bytes, times, At.noFollow);
    this.check(result, "set times of", path);
  }

  /** See the interface. */
  setOwnerOf(file: Descriptor, uid: number, gid: number): void {
    this.check(this.c.fchown(file, uid, gid), "set owner");
  }

  /** See the interface. */
  setModeOf(file: Descriptor, mode: number): void {
    this.check(this.c.fchmod(file, mode & 0o7777), "set mode");
  }

  /** See the interface. */
  setTimesOf(file: Descriptor, accessed: FileTime, modified: FileTime): void {
    this.#putTimes(accessed, modified);
    this.check(this.c.futimens(file, this.#times), "set times");
  }

  /** See the interface: Linux has no such flags. */
  setFlags(): void {}

  /** Two `struct timespec`: 64 bits of seconds, 64 of nanoseconds. */
  #putTimes(accessed: FileTime, modified: FileTime): void {
    [accessed, modified].forEach(({ seconds, nanoseconds }, index) => {
      this.#times[index * 4] = seconds | 0;
      this.#times[index * 4 + 1] = Math.floor(seconds / 2 ** 32);
      this.#times[index * 4 + 2] = nanoseconds;
    });
  }
}

function openFlags(options: OpenOptions): number {
  const access = { read: Open.readOnly, write: Open.writeOnly, readWrite: Open.readWrite };
  return access[options.access ?? "read"] | Open.closeOnExec | Open.noTerminal |
    (options.create ? Open.create : 0) |
    (options.exclusive ? Open.exclusive : 0) |
    (options.truncate ? Open.truncate : 0) |
    (options.follow ? 0 : Open.noFollow) |
    (options.noAccessTime ? Open.noAccessTime : 0) |
    (options.nonBlocking ? Open.nonBlocking : 0) |
    (options.directory ? Open.directory : 0) |
    (options.place ? Open.place : 0);
}
