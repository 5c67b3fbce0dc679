import { decodeText, messageOf } from "../../../bytes/mod.ts";

/** Names of the errors that the daemon tells apart, the same on every system. */
export type SystemErrorName =
  | "EPERM"
  | "ENOENT"
  | "EINTR"
  | "EIO"
  | "ENXIO"
  | "EBADF"
  | "EAGAIN"
  | "ENOMEM"
  | "EACCES"
  | "EBUSY"
  | "EEXIST"
  | "EXDEV"
  | "ENODEV"
  | "ENOTDIR"
  | "EISDIR"
  | "EINVAL"
  | "ENFILE"
  | "EMFILE"
  | "ETXTBSY"
  | "EFBIG"
  | "ENOSPC"
  | "EROFS"
  | "EMLINK"
  | "ERANGE"
  | "ENAMETOOLONG"
  | "ENOSYS"
  | "ENOTEMPTY"
  | "ELOOP"
  | "ENODATA"
  | "EOPNOTSUPP"
  | "EDQUOT"
  | "ESTALE"
  | "UNKNOWN";

/** A call to the system that failed. */
export class SystemError extends Error {
  /** What it is called. */
  override readonly name = "SystemError";
  /** The call, such as `open`. */
  readonly call: string;
  /** The number that the system gave. */
  readonly number: number;
  /** The name of that number. */
  readonly code: SystemErrorName;
  /** The system's own words, as they stand behind `ERR=` in job messages. */
  readonly reason: string;
  /** The path that was given, if the call took one. */
  readonly path: Uint8Array | undefined;

  /** Keeps a copy of the path. */
  constructor(
    call: string,
    number: number,
    code: SystemErrorName,
    reason: string,
    path?: Uint8Array,
  ) {
    const what = path === undefined ? "" : ` ${decodeText(path)}`;
    super(`Cannot ${call}${what}: ${reason}`);
    this.call = call;
    this.number = number;
    this.code = code;
    this.reason = reason;
    this.path = path?.slice();
  }
}

/** Whether an error is a {@linkcode SystemError} of one of these names. */
export function isSystemError(
  error: unknown,
  ...codes: readonly SystemErrorName[]
): error is SystemError {
  return error instanceof SystemError && (codes.length === 0 || codes.includes(error.code));
}

/** What stands behind `ERR=` for any error. */
export function reasonOf(error: unknown): string {
  if (error instanceof SystemError) return error.reason;
  return messageOf(error);
}
