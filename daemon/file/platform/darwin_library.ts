import { commonFunctions, type Library, openLibrary, type PosixLibrary } from "./libc.ts";

const isIntel = Deno.build.arch === "x86_64";

/** On Intel the functions with inodes of 64 bits have names of their own. */
const wide = isIntel ? "$INODE64" : "";

/**
 * `open` and `fcntl` take more arguments than they name. On Apple's own processors those lie on the
 * stack and not in registers: arguments that nobody reads fill the eight registers up.
 */
const filler = isIntel ? [] : ["u64", "u64", "u64", "u64", "u64"] as const;

/** What is called of the C library of macOS. */
export const darwin = {
  ...commonFunctions,
  openat: { parameters: ["i32", "buffer", "i32", ...filler, "u32"], result: "i32" },
  fcntl: {
    parameters: ["i32", "i32", ...(isIntel ? [] : ["u64"] as const), ...filler, "buffer"],
    result: "i32",
  },
  fstatat: {
    name: `fstatat${wide}`,
    parameters: ["i32", "buffer", "buffer", "i32"],
    result: "i32",
  },
  fstat: { name: `fstat${wide}`, parameters: ["i32", "buffer"], result: "i32" },
  statfs: { name: `statfs${wide}`, parameters: ["buffer", "buffer"], result: "i32" },
  fdopendir: { name: `fdopendir${wide}`, parameters: ["i32"], result: "pointer" },
  readdir: { name: `readdir${wide}`, parameters: ["pointer"], result: "pointer" },
  closedir: { parameters: ["pointer"], result: "i32" },
  lchflags: { parameters: ["buffer", "u32"], result: "i32" },
  listxattr: { parameters: ["buffer", "buffer", "usize", "i32"], result: "i32" },
  getxattr: { parameters: ["buffer", "buffer", "buffer", "usize", "u32", "i32"], result: "i32" },
  setxattr: { parameters: ["buffer", "buffer", "buffer", "usize", "u32", "i32"], result: "i32" },
  removexattr: { parameters: ["buffer", "buffer", "i32"], result: "i32" },
  acl_get_link_np: { parameters: ["buffer", "i32"], result: "pointer" },
  acl_set_link_np: { parameters: ["buffer", "i32", "pointer"], result: "i32" },
  acl_to_text: { parameters: ["pointer", "buffer"], result: "pointer" },
  acl_from_text: { parameters: ["buffer"], result: "pointer" },
  acl_init: { parameters: ["i32"], result: "pointer" },
  acl_free: { parameters: ["pointer"], result: "i32" },
  __error: { parameters: [], result: "pointer" },
} as const;

/** The functions of macOS' C library, with those of variable arguments as they are called here. */
export type DarwinLibrary =
  & Omit<Library<typeof darwin>, "openat" | "fcntl">
  & Pick<PosixLibrary, "openat">
  & { fcntl(file: number, command: number, bytes: ArrayBufferView): number };

/** Opens the C library of macOS. */
export function openDarwinLibrary(): DarwinLibrary {
  const library = openLibrary(["libSystem.B.dylib"], darwin) as Library<typeof darwin>;
  // Numbers of arguments differ between processors, which types cannot follow.
  const variable = library as unknown as Record<
    "openat" | "fcntl",
    (...parameters: readonly unknown[]) => number
  >;
  const zeros = filler.map(() => 0);
  const zero = isIntel ? [] : [0];
  return {
    ...library,
    openat: (at, path, flags, mode) => variable.openat(at, path, flags, ...zeros, mode),
    fcntl: (file, command, bytes) => variable.fcntl(file, command, ...zero, ...zeros, bytes),
  };
}
