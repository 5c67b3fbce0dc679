import { messageOf } from "../../../bytes/mod.ts";

/** Parameters and results of the C functions that the systems share; flags and layouts differ. */
export const commonFunctions = {
  openat: { parameters: ["i32", "buffer", "i32", "u32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  pread: { parameters: ["i32", "buffer", "usize", "i64"], result: "i32" },
  write: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  pwrite: { parameters: ["i32", "buffer", "usize", "i64"], result: "i32" },
  // The number of descriptors has 32 bits on macOS, which a register does not show.
  poll: { parameters: ["buffer", "usize", "i32"], result: "i32" },
  ftruncate: { parameters: ["i32", "i64"], result: "i32" },
  lseek: { parameters: ["i32", "i64", "i32"], result: "i64" },
  readlinkat: { parameters: ["i32", "buffer", "buffer", "usize"], result: "i32" },
  mkdirat: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  mknodat: { parameters: ["i32", "buffer", "u32", "u64"], result: "i32" },
  symlinkat: { parameters: ["buffer", "i32", "buffer"], result: "i32" },
  linkat: { parameters: ["i32", "buffer", "i32", "buffer", "i32"], result: "i32" },
  unlinkat: { parameters: ["i32", "buffer", "i32"], result: "i32" },
  renameat: { parameters: ["i32", "buffer", "i32", "buffer"], result: "i32" },
  fchownat: { parameters: ["i32", "buffer", "u32", "u32", "i32"], result: "i32" },
  fchmodat: { parameters: ["i32", "buffer", "u32", "i32"], result: "i32" },
  utimensat: { parameters: ["i32", "buffer", "buffer", "i32"], result: "i32" },
  fchown: { parameters: ["i32", "u32", "u32"], result: "i32" },
  fchmod: { parameters: ["i32", "u32"], result: "i32" },
  futimens: { parameters: ["i32", "buffer"], result: "i32" },
  geteuid: { parameters: [], result: "u32" },
  getpwuid_r: { parameters: ["u32", "buffer", "buffer", "usize", "buffer"], result: "i32" },
  getgrgid_r: { parameters: ["u32", "buffer", "buffer", "usize", "buffer"], result: "i32" },
  getpwnam_r: { parameters: ["buffer", "buffer", "buffer", "usize", "buffer"], result: "i32" },
  getgrnam_r: { parameters: ["buffer", "buffer", "buffer", "usize", "buffer"], result: "i32" },
  strerror: { parameters: ["i32"], result: "pointer" },
} as const;

/** What is called of a Linux C library. */
export const linux = {
  ...commonFunctions,
  statx: { parameters: ["i32", "buffer", "i32", "u32", "buffer"], result: "i32" },
  getdents64: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  llistxattr: { parameters: ["buffer", "buffer", "usize"], result: "i32" },
  lgetxattr: { parameters: ["buffer", "buffer", "buffer", "usize"], result: "i32" },
  lsetxattr: { parameters: ["buffer", "buffer", "buffer", "usize", "i32"], result: "i32" },
  lremovexattr: { parameters: ["buffer", "buffer"], result: "i32" },
  __errno_location: { parameters: [], result: "pointer" },
} as const;

/**
 * What Deno takes at run time is more than its types tell: a `number` where C has 64 bits, and a view
 * of any buffer.
 */
export type Lenient<Call> = Call extends (...parameters: infer Parameters) => infer Result ? (
    ...parameters: {
      [Index in keyof Parameters]: Parameters[Index] extends bigint ? number | bigint
        : Parameters[Index] extends BufferSource | null ? ArrayBufferView
        : Parameters[Index];
    }
  ) => Result
  : never;

/** The functions of a library, by their declarations. */
export type Library<Functions extends Deno.ForeignLibraryInterface> = {
  readonly [Name in keyof Deno.DynamicLibrary<Functions>["symbols"]]: Lenient<
    Deno.DynamicLibrary<Functions>["symbols"][Name]
  >;
};

/** The functions that the systems share. */
export type PosixLibrary = Library<typeof commonFunctions>;

/** The functions of a Linux C library. */
export type LinuxLibrary = Library<typeof linux>;

/** The C libraries of the distributions: GNU's, then musl's. */
const linuxNames = ["libc.so.6", "libc.so", "ld-musl-x86_64.so.1", "ld-musl-aarch64.so.1"];

/**
 * Opens the C library of Linux.
 * @throws {Error} if the program may not call foreign functions, or none of the libraries is there
 */
export function openLinuxLibrary(): LinuxLibrary {
  return openLibrary(linuxNames, linux) as LinuxLibrary;
}

/**
 * Opens the first library that is there.
 * @throws {Error} if the program may not call foreign functions, or none of the libraries is there
 */
export function openLibrary<Functions extends Deno.ForeignLibraryInterface>(
  names: readonly string[],
  functions: Functions,
): unknown {
  const failures: string[] = [];
  let cause: unknown;
  for (const name of names) {
    try {
      return Deno.dlopen(name, functions).symbols;
    } catch (error) {
      cause = error;
      if (error instanceof Deno.errors.NotCapable) break;
      failures.push(`${name}: ${messageOf(error)}`);
    }
  }
  const reason = cause instanceof Deno.errors.NotCapable
    ? "the program must be allowed to call foreign functions (--allow-ffi)"
    : failures.join("; ");
  throw new Error(
    `Cannot open the C library, which the file daemon needs to read and write files: ${reason}`,
    { cause },
  );
}
