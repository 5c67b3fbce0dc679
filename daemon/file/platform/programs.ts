/**
 * Programs with a pipe to or from a thread. What the runtime offers for programs has no descriptors that
 * another thread could read, and nothing synchronous; so this calls the C library, as files do.
 *
 * @module
 */
import { encodeText } from "../../../bytes/mod.ts";
import { type Library, openLibrary } from "./libc.ts";
import type { Descriptor } from "./platform.ts";
import { SystemError } from "./system_error.ts";

/** A program that is to be started. */
export interface ProgramOrder {
  /** Its name, looked for in `PATH` if it has no slash, and its arguments; byte preserving. */
  readonly words: readonly string[];
  /** What is added to the daemon's own environment. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

/** How a program ended. */
export interface ProgramEnd {
  /** Exit status, 0 if a signal ended it. */
  readonly code: number;
  /** The signal that ended it; 0 if it ended by itself. */
  readonly signal: number;
}

const isLinux = Deno.build.os === "linux";

const functions = {
  [isLinux ? "pipe2" : "pipe"]: isLinux
    ? { parameters: ["buffer", "i32"], result: "i32" } as const
    : { parameters: ["buffer"], result: "i32" } as const,
  close: { parameters: ["i32"], result: "i32" },
  poll: { parameters: ["buffer", "usize", "i32"], result: "i32" },
  waitpid: { parameters: ["i32", "buffer", "i32"], result: "i32" },
  strerror: { parameters: ["i32"], result: "pointer" },
  posix_spawnp: {
    parameters: ["buffer", "buffer", "buffer", "buffer", "buffer", "buffer"],
    result: "i32",
  },
  posix_spawn_file_actions_init: { parameters: ["buffer"], result: "i32" },
  posix_spawn_file_actions_adddup2: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  posix_spawn_file_actions_addopen: {
    parameters: ["buffer", "i32", "buffer", "i32", "u32"],
    result: "i32",
  },
  posix_spawn_file_actions_destroy: { parameters: ["buffer"], result: "i32" },
  posix_spawnattr_init: { parameters: ["buffer"], result: "i32" },
  posix_spawnattr_setflags: { parameters: ["buffer", "i16"], result: "i32" },
  posix_spawnattr_setpgroup: { parameters: ["buffer", "i32"], result: "i32" },
  posix_spawnattr_setsigdefault: { parameters: ["buffer", "buffer"], result: "i32" },
  posix_spawnattr_setsigmask: { parameters: ["buffer", "buffer"], result: "i32" },
  posix_spawnattr_destroy: { parameters: ["buffer"], result: "i32" },
} as const;

type ProgramLibrary = Library<typeof functions> & {
  pipe2(ends: Int32Array, flags: number): number;
  pipe(ends: Int32Array): number;
};

const libraries = isLinux
  ? ["libc.so.6", "libc.so", "ld-musl-x86_64.so.1", "ld-musl-aarch64.so.1"]
  : ["libSystem.B.dylib"];

/** Close on exec, in the flags of `pipe2`. */
const closeOnExec = 0o2000000;
/** Do not wait, for `waitpid`. */
const noHang = 1;
/** Flags of a start: own process group, usual signals, none blocked; macOS: nothing else is inherited. */
const spawnFlags = 0x02 | 0x04 | 0x08 | (isLinux ? 0 : 0x4000);
/** Bytes that structures of the library have at most: what it keeps in them is its own affair. */
const structureLength = 512;
const pollOut = 4;
/** So many bytes go into a pipe that has room at all without anybody waiting (`PIPE_BUF`). */
const pipePiece = isLinux ? 4096 : 512;
/** `SIGPIPE`, which the runtime ignores and programs need: the bit of signal 13. */
const brokenPipe = { byte: 1, bit: 0x10 };

/** Starts programs; for one thread. */
export class Programs {
  readonly #c: ProgramLibrary;
  readonly #poll = new Int32Array(2);
  readonly #status = new Int32Array(1);

  /** Opens the C library. @throws {Error} if it cannot be called */
  constructor() {
    this.#c = openLibrary(libraries, functions) as ProgramLibrary;
  }

  /**
   * Starts a program that writes into a pipe, or reads from one, in a process group of its own.
   * @throws {SystemError} why it cannot be started
   */
  start(order: ProgramOrder, direction: "reads" | "writes"): ChildProgram {
    const c = this.#c;
    const [data, errors] = this.#pipes();
    // What a program writes that reads its data goes one way, whatever it is.
    const inherited: readonly (readonly [Descriptor, number])[] = direction === "writes"
      ? [[data.write, 1], [errors.write, 2]]
      : [[data.read, 0], [errors.write, 1], [errors.write, 2]];
    const actions = new Uint8Array(structureLength);
    const attributes = new Uint8Array(structureLength);
    const defaults = new Uint8Array(structureLength);
    defaults[brokenPipe.byte] = brokenPipe.bit;
    c.posix_spawn_file_actions_init(actions);
    c.posix_spawnattr_init(attributes);
    let failure: number;
    const pid = new Int32Array(1);
    const words = cStrings(order.words);
    const environment = cStrings(
      Object.entries({ ...Deno.env.toObject(), ...order.environment })
        .map(([name, value]) => `${name}=${value}`),
    );
    try {
      if (direction === "writes") {
        c.posix_spawn_file_actions_addopen(actions, 0, encodeText("/dev/null\0"), 0, 0);
      }
      for (const [file, as] of inherited) c.posix_spawn_file_actions_adddup2(actions, file, as);
      c.posix_spawnattr_setflags(attributes, spawnFlags);
      c.posix_spawnattr_setpgroup(attributes, 0);
      c.posix_spawnattr_setsigdefault(attributes, defaults);
      c.posix_spawnattr_setsigmask(attributes, new Uint8Array(structureLength));
      const [program = encodeText("\0")] = words.texts;
      failure = c.posix_spawnp(
        ...[pid, program, actions, attributes] as const,
        ...[words.pointers, environment.pointers] as const,
      );
    } finally {
      c.posix_spawn_file_actions_destroy(actions);
      c.posix_spawnattr_destroy(attributes);
      c.close(direction === "writes" ? data.write : data.read);
      c.close(errors.write);
    }
    const own = direction === "writes" ? data.read : data.write;
    if (failure !== 0) {
      c.close(own);
      c.close(errors.read);
      throw new SystemError("start", failure, "UNKNOWN", this.#reason(failure));
    }
    return { pid: pid[0] as number, data: own, errors: errors.read };
  }

  /** How a program ended; undefined while it runs. Ask no more once it has been told. */
  endOf({ pid }: ChildProgram): ProgramEnd | undefined {
    const found = this.#c.waitpid(pid, this.#status, noHang);
    if (found === 0) return undefined;
    const status = this.#status[0] as number;
    if (found < 0) return { code: -1, signal: 0 }; // somebody else has asked
    return { code: status >> 8 & 0xff, signal: status & 0x7f };
  }

  /** How many bytes can be written to a pipe at once, once there is room or nobody reads; 0 if too late. */
  roomIn(pipe: Descriptor, timeoutMs: number): number {
    this.#poll[0] = pipe;
    this.#poll[1] = pollOut;
    return this.#c.poll(this.#poll, 1, timeoutMs) > 0 ? pipePiece : 0;
  }

  /** Ends a program and all that it has started, at once or politely. */
  signal({ pid }: ChildProgram, signal: "SIGTERM" | "SIGKILL"): void {
    try {
      Deno.kill(-pid, signal);
    } catch {
      // it has ended meanwhile, which is what the signal is for
    }
  }

  #pipes(): [PipeEnds, PipeEnds] {
    const data = this.#pipe();
    try {
      return [data, this.#pipe()];
    } catch (error) {
      this.#c.close(data.read);
      this.#c.close(data.write);
      throw error;
    }
  }

  #pipe(): PipeEnds {
    const ends = new Int32Array(2);
    const result = isLinux ? this.#c.pipe2(ends, closeOnExec) : this.#c.pipe(ends);
    // The limit of open files is the one thing that can be in the way.
    if (result < 0) throw new SystemError("make pipe", 24, "EMFILE", this.#reason(24));
    return { read: ends[0] as number, write: ends[1] as number };
  }

  #reason(number: number): string {
    const text = this.#c.strerror(number) as Deno.PointerObject | null;
    return text === null ? `error ${number}` : Deno.UnsafePointerView.getCString(text);
  }
}

/** The ends of a pipe. */
interface PipeEnds {
  readonly read: Descriptor;
  readonly write: Descriptor;
}

/** A program that runs, or has run and nobody has asked yet. */
export interface ChildProgram {
  /** Its process, and its process group. */
  readonly pid: number;
  /** The pipe: where it writes, to be read; or where it reads, to be written. */
  readonly data: Descriptor;
  /** To be read: its messages. */
  readonly errors: Descriptor;
}

/** An array of pointers to texts, ended by a null, and the texts, which must stay until it was used. */
function cStrings(
  values: readonly string[],
): { readonly pointers: BigUint64Array; readonly texts: readonly Uint8Array[] } {
  const texts = values.map((value) => encodeText(`${value}\0`));
  const pointers = new BigUint64Array(texts.length + 1);
  texts.forEach((text, index) => {
    pointers[index] = Deno.UnsafePointer.value(
      Deno.UnsafePointer.of(text as Uint8Array<ArrayBuffer>),
    );
  });
  return { pointers, texts };
}
