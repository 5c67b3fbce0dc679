import type { SystemErrorName } from "./system_error.ts";

/** Numbers that the systems give to the same things. */
export interface SystemNumbers {
  /** `AT_*`: how calls that start at a directory look a path up. */
  readonly at: {
    /** The current directory. */
    readonly current: number;
    readonly noFollow: number;
    readonly removeDirectory: number;
  };
  /** `O_*`: how a file is opened; 0 for what a system has not. */
  readonly open: {
    readonly readOnly: number;
    readonly writeOnly: number;
    readonly readWrite: number;
    readonly create: number;
    readonly exclusive: number;
    readonly noTerminal: number;
    readonly truncate: number;
    readonly nonBlocking: number;
    readonly directory: number;
    readonly noFollow: number;
    readonly noAccessTime: number;
    readonly closeOnExec: number;
    /** Just a place to start from. */
    readonly place: number;
  };
  /** `SEEK_DATA` and `SEEK_HOLE`. */
  readonly seek: { readonly data: number; readonly hole: number };
  /** Error numbers that are looked at, and their names. */
  readonly errorNames: ReadonlyMap<number, SystemErrorName>;
  /** Bytes of a path, its zero byte included, that every call takes. */
  readonly pathLimit: number;
}

/** Error numbers that are the same everywhere. */
export const commonErrors: readonly (readonly [number, SystemErrorName])[] = [
  [1, "EPERM"],
  [2, "ENOENT"],
  [4, "EINTR"],
  [5, "EIO"],
  [6, "ENXIO"],
  [9, "EBADF"],
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
];
