import type { WideNumber } from "../../../storage/volume/mod.ts";
import { Accounts } from "./accounts.ts";
import type { PosixLibrary } from "./libc.ts";
import type { BytePath, Descriptor, FileTime, OpenOptions } from "./platform.ts";
import { interrupted, PosixCalls } from "./posix_calls.ts";
import type { SystemNumbers } from "./system_numbers.ts";

/** No list or value of an extended attribute is longer on Linux (limits.h). */
const valueLength = 65536;

/** What poll() waits for (<poll.h>; the same numbers on Linux and macOS). */
const pollIn = 1;
const pollOut = 4;

/** The part of a platform that POSIX has words for. */
export class PosixFiles extends PosixCalls {
  /** Takes what calls bring. */
  protected readonly value: Uint8Array = new Uint8Array(valueLength);
  readonly #accounts: Accounts;
  readonly #times = new Int32Array(8);

  /** Works with an open library. */
  constructor(library: PosixLibrary, numbers: SystemNumbers, errno: Deno.PointerValue) {
    super(library, numbers, errno);
    this.#accounts = new Accounts(library);
  }

  /** See the interface. */
  userName(uid: number): string | undefined {
    return this.#accounts.name("user", uid);
  }

  /** See the interface. */
  groupName(gid: number): string | undefined {
    return this.#accounts.name("group", gid);
  }

  /** See the interface. */
  userId(name: string): number | undefined {
    return this.#accounts.id("user", name);
  }

  /** See the interface. */
  groupId(name: string): number | undefined {
    return this.#accounts.id("group", name);
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

  // Files

  /** See the interface. */
  open(path: BytePath, options: OpenOptions = {}, at?: Descriptor): Descriptor {
    let flags = openFlags(options, this.numbers.open);
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
      if (
        flags & this.numbers.open.noAccessTime && this.numbers.errorNames.get(number) === "EPERM"
      ) {
        flags &= ~this.numbers.open.noAccessTime; // only the owner may ask for that
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
  waitReadable(file: Descriptor, timeoutMs: number): boolean {
    return this.#wait(file, pollIn, timeoutMs);
  }

  /** See the interface. */
  waitWritable(file: Descriptor, timeoutMs: number): boolean {
    return this.#wait(file, pollOut, timeoutMs);
  }

  #wait(file: Descriptor, events: number, timeoutMs: number): boolean {
    // struct pollfd: descriptor, events wanted, events found
    const poll = new Int32Array([file, events]);
    const count = this.c.poll(poll, 1, timeoutMs);
    if (count < 0) this.failUnlessInterrupted("wait");
    return count > 0;
  }

  /** See the interface. */
  writeSome(file: Descriptor, bytes: Uint8Array): number {
    for (;;) {
      const count = this.c.write(file, bytes, bytes.length);
      if (count >= 0) return count;
      if (this.numbers.errorNames.get(this.errno[0] as number) === "EAGAIN") return 0;
      this.failUnlessInterrupted("write");
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
    const found = Number(this.c.lseek(file, position, this.numbers.seek.data));
    if (found >= 0) return found;
    const number = this.errno[0] as number;
    if (this.numbers.errorNames.get(number) === "ENXIO") return undefined;
    if (this.numbers.errorNames.get(number) === "EINVAL") return position;
    return this.fail(number, "seek");
  }

  /** See the interface. */
  nextHole(file: Descriptor, position: number): number {
    const found = Number(this.c.lseek(file, position, this.numbers.seek.hole));
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
    this.#unlink(path, at, this.numbers.at.removeDirectory, "remove directory");
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
    const result = this.c.fchownat(start, bytes, uid, gid, this.numbers.at.noFollow);
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
    const result = this.c.utimensat(start, bytes, times, this.numbers.at.noFollow);
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

  /** Two `struct timespec`: 64 bits of seconds, 64 of nanoseconds. */
  #putTimes(accessed: FileTime, modified: FileTime): void {
    [accessed, modified].forEach(({ seconds, nanoseconds }, index) => {
      this.#times[index * 4] = seconds | 0;
      this.#times[index * 4 + 1] = Math.floor(seconds / 2 ** 32);
      this.#times[index * 4 + 2] = nanoseconds;
    });
  }
}

function openFlags(options: OpenOptions, numbers: SystemNumbers["open"]): number {
  const access = { read: numbers.readOnly, write: numbers.writeOnly, readWrite: numbers.readWrite };
  return access[options.access ?? "read"] | numbers.closeOnExec | numbers.noTerminal |
    (options.create ? numbers.create : 0) |
    (options.exclusive ? numbers.exclusive : 0) |
    (options.truncate ? numbers.truncate : 0) |
    (options.follow ? 0 : numbers.noFollow) |
    (options.noAccessTime ? numbers.noAccessTime : 0) |
    (options.nonBlocking ? numbers.nonBlocking : 0) |
    (options.directory ? numbers.directory : 0) |
    (options.place ? numbers.place : 0);
}
