import { encodeText } from "../../../bytes/mod.ts";
import type { PosixLibrary } from "./libc.ts";
import { NativePath } from "./native_path.ts";
import type { BytePath, Descriptor } from "./platform.ts";
import { SystemError } from "./system_error.ts";
import type { SystemNumbers } from "./system_numbers.ts";

/** `EINTR`, everywhere: a signal came; do it again. */
export const interrupted = 4;

/** The C library with what every call needs: paths made ready, and errors with a name. */
export class PosixCalls {
  /** Whether the process may do what only root may. */
  readonly isRoot: boolean;
  /** The library. */
  protected readonly c: PosixLibrary;
  /** Flags and errors. */
  protected readonly numbers: SystemNumbers;
  /** The path of a call. */
  protected readonly path: NativePath;
  /** The other path of a call that takes two. */
  protected readonly otherPath: NativePath;
  /** Holds the number of the last error. */
  protected readonly errno: Int32Array;
  readonly #reasons = new Map<number, string>();

  /** `errno` is where the library keeps the number of the last error for this thread. */
  constructor(library: PosixLibrary, numbers: SystemNumbers, errno: Deno.PointerValue) {
    // That place stays as long as the thread does, and a thread runs one program.
    if (errno === null) throw new Error("Cannot find the error number of the C library");
    this.errno = new Int32Array(Deno.UnsafePointerView.getArrayBuffer(errno, 4));
    this.c = library;
    this.numbers = numbers;
    const opener = {
      current: numbers.at.current,
      pathLimit: numbers.pathLimit,
      openPlace: (at: Descriptor, path: Uint8Array) => this.#openPlace(at, path),
      closePlace: (place: Descriptor) => void this.c.close(place),
      pathOf: (place: Descriptor) => this.pathOf(place),
    };
    this.path = new NativePath(opener);
    this.otherPath = new NativePath(opener);
    this.isRoot = this.c.geteuid() === 0;
  }

  /** A path by which an open directory can be reached. */
  protected pathOf(place: Descriptor): Uint8Array {
    return encodeText(`/proc/self/fd/${place}`);
  }

  #openPlace(at: Descriptor, path: Uint8Array): Descriptor {
    const { place, directory, closeOnExec } = this.numbers.open;
    const opened = this.c.openat(at, path, place | directory | closeOnExec, 0);
    return opened < 0 ? this.fail(this.errno[0] as number, "open directory") : opened;
  }

  /** The result of a call, if it is not negative; closes what long paths needed. */
  protected check(result: number, call: string, path?: BytePath): number {
    if (result < 0) this.fail(this.errno[0] as number, call, path);
    this.path.release();
    this.otherPath.release();
    return result;
  }

  /** Whether a call failed because there is no such attribute, or no attributes at all. */
  protected isMissing(result: number): boolean {
    if (result >= 0) return false;
    const code = this.numbers.errorNames.get(this.errno[0] as number);
    if (code !== "ENODATA" && code !== "EOPNOTSUPP") return false;
    this.path.release();
    return true;
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
    const code = this.numbers.errorNames.get(number) ?? "UNKNOWN";
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
