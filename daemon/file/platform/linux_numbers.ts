import type { SystemErrorName } from "./system_error.ts";

/** `AT_*`: how calls that start at a directory look a path up. */
export const At = {
  /** The current directory. */
  current: -100,
  noFollow: 0x100,
  removeDirectory: 0x200,
  emptyPath: 0x1000,
} as const;

const isArm = Deno.build.arch === "aarch64";

/** `O_*`: how a file is opened. A few differ between processors. */
export const Open = {
  readOnly: 0,
  writeOnly: 1,
  readWrite: 2,
  create: 0o100,
  exclusive: 0o200,
  noTerminal: 0o400,
  truncate: 0o1000,
  nonBlocking: 0o4000,
  directory: isArm ? 0o40000 : 0o200000,
  noFollow: isArm ? 0o100000 : 0o400000,
  noAccessTime: 0o1000000,
  closeOnExec: 0o2000000,
  place: 0o10000000,
} as const;

/** `SEEK_DATA` and `SEEK_HOLE`. */
export const Seek = { data: 3, hole: 4 } as const;

/** `STATX_*`: what to ask `statx` for. */
export const StatxMask = { basic: 0x7ff, mountId: 0x1000 } as const;

/** Error numbers that are looked at, and their names. */
export const errorNames: ReadonlyMap<number, SystemErrorName> = new Map([
  [1, "EPERM"],
  [2, "ENOENT"],
  [4, "EINTR"],
  [5, "EIO"],
  [6, "ENXIO"],
  [9, "EBADF"],
  [11, "EAGAIN"],
  [12, "ENOMEM"],
  [13, "EACCES"],
  [16, "EBUSY"],
  [17, "EEXIST"],
  [18, "EXDEV"],
  [19, "ENODEV"],
  [20, "ENOTDIR"],
  [21, "EISDIR"],
  [22, "EINVAL"],
  [23, "ENFILE"],
  [24, "EMFILE"],
  [26, "ETXTBSY"],
  [27, "EFBIG"],
  [28, "ENOSPC"],
  [30, "EROFS"],
  [31, "EMLINK"],
  [34, "ERANGE"],
  [36, "ENAMETOOLONG"],
  [38, "ENOSYS"],
  [39, "ENOTEMPTY"],
  [40, "ELOOP"],
  [61, "ENODATA"],
  [95, "EOPNOTSUPP"],
  [116, "ESTALE"],
  [122, "EDQUOT"],
]);

/** `EINTR`: a signal came; do it again. */
export const interrupted = 4;
