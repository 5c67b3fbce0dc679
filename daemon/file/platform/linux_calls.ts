import type { BytePath, Descriptor } from "./platform.ts";
import { type LinuxLibrary, openLinuxLibrary } from "./libc.ts";
import { At, errorNames, interrupted, Open } from "./linux_numbers.ts";
import { NativePath } from "./native_path.ts";
import { SystemError } from "./system_error.ts";

/** The C library of Linux with what every call needs: paths made ready, and errors with a name. */
export class LinuxCalls {
  /** Whether the process may do what only root may. */
  readonly isRoot: boolean;
  /** The library. */
  protected readonly c: LinuxLibrary;
  /** The path of a call. */
  protected readonly path: NativePath;
  /** The other path of a call that takes two. */
  protected readonly otherPath: NativePath;
  /** Holds the number of the last error. */
  protected readonly errno: Int32Array;
  readonly #reasons = new Map<number, string>();

  /**
   * Opens the C library.
   * @throws {Error} if it cannot be called
   */
  constructor() {
    this.c = openLinuxLibrary();
    // The error number lives at one place as long as the thread does, and a thread runs one program.
    const place = this.c.__errno_location();
    if (place === null) throw new Error("Cannot find the error number of the C library");
    this.errno = new Int32Array(Deno.UnsafePointerView.getArrayBuffer(place, 4));
    const opener = {
      current: At.current,
      openPlace: (at: Descriptor, path: Uint8Array) => this.#openPlace(at, path),
      closePlace: (place: Descriptor) => void this.c.close(place),
    };
    this.path = new NativePath(opener);
    this.otherPath = new NativePath(opener);
    this.isRoot = this.c.geteuid() === 0;
  }

  #openPlace(at: Descriptor, path: Uint8Array): Descriptor {
    const flags = Open.place | Open.directory | Open.closeOnExec;
    const place = this.c.openat(at, path, flags, 0);
    return place < 0 ? this.fail(this.errno[0] as number, "open directory") : place;
  }

  /** The result of a call, if it is not negative; closes what long paths needed. */
  protected check(result: number, call: string, path?: BytePath): number {
    if (result < 0) this.fail(this.errno[0] as number, call, path);
    this.path.release();
    this.otherPath.release();
    return result;
  }

  /** Throws the last error, unless a signal came in between. */
  protected failUnlessInterrupted(call: string): void {
    const number = this.errno[0] as number;
    if (number !== interrupted) this.fail(number, call);
  }

  /** Throws an error by its number. */
  protected fail(number: number, call: string, path?: BytePath): never {
    this.path.release();
    this.otherPath.release();
    const code = errorNames.get(number) ?? "UNKNOWN";
    throw new SystemError(call, number, code, this.#reason(number), path);
  }

  #reason(number: number): string {
    const known = this.#reasons.get(number);
    if (known !== undefined) return known;
    const text = this.c.strerror(number);
    const reason = text === null
      ? `error ${number}`
      : Deno.UnsafePointerView.getCString(text as Deno.PointerObject);
    this.#reasons.set(number, reason);
    return reason;
  }
}
