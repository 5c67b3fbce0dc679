import { LinuxAttributes } from "./linux_attributes.ts";
import { LinuxDirectory } from "./linux_directory.ts";
import { atEmptyPath, StatxMask } from "./linux_numbers.ts";
import { type MountTable, parseMountTable } from "./mount_table.ts";
import type { BytePath, Descriptor, DirectoryReader, Platform, PlatformStat } from "./platform.ts";
import { decodeStatx, statxLength } from "./statx.ts";

const emptyName = new Uint8Array(0);

/** {@linkcode Platform} over the C library of Linux, GNU's or musl's. */
export class LinuxPlatform extends LinuxAttributes implements Platform {
  /** See the interface. */
  readonly system = "linux";

  readonly #statx = new Uint8Array(statxLength);
  readonly #statxWords = new Uint32Array(this.#statx.buffer);
  #mounts: MountTable | undefined;

  /** See the interface. */
  lstat(path: BytePath, at?: Descriptor): PlatformStat {
    return this.#stat(path, at, this.numbers.at.noFollow, "stat");
  }

  /** See the interface. */
  stat(path: BytePath, at?: Descriptor): PlatformStat {
    return this.#stat(path, at, 0, "stat");
  }

  /** See the interface. */
  fstat(file: Descriptor): PlatformStat {
    return this.#stat(emptyName, file, atEmptyPath, "stat open file");
  }

  #stat(path: BytePath, at: Descriptor | undefined, flags: number, call: string): PlatformStat {
    const native = this.path;
    native.prepare(path, at);
    const result = this.linux.statx(
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
        this.linux.getdents64(file, into, into.length),
        "read directory",
        kept,
      );
    return new LinuxDirectory(this.value, fill, () => void this.c.close(file));
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
    const result = this.linux.statx(at, bytes, this.numbers.at.noFollow, mask, this.#statx);
    this.check(result, "stat", path);
    return { dev: `${this.#statxWords[34]}:${this.#statxWords[35]}` };
  }

  /** See the interface: Linux has no such flags. */
  setFlags(): void {}
}
