import { messageOf } from "../../bytes/mod.ts";
import { formatAddress } from "../volume/mod.ts";

/** Where and on what a device failed. */
export interface DeviceErrorPlace {
  /** Name of the volume. */
  readonly volume: string;
  /** The device as messages name it. */
  readonly device: string;
  /** Byte offset on the volume, if the task has one. */
  readonly offset?: number;
  /** Bytes that were written before the error. */
  readonly written?: number;
}

/**
 * A device could not do what was asked: the message names what was attempted, the volume, the
 * address on it and the system's reason.
 */
export class DeviceError extends Error {
  /** The class, for logs. */
  override readonly name = "DeviceError";
  /** The system's name of the error, such as `ENOSPC`, or empty if it gave none. */
  readonly code: string;
  /** The system's text for the error, as in `No space left on device`. */
  readonly reason: string;
  /** Name of the volume. */
  readonly volume: string;
  /** Byte offset on the volume, if the task has one. */
  readonly offset: number | undefined;
  /** Bytes that were written before the error. */
  readonly written: number;

  /** An error while doing `task`, such as `write 64512 bytes`. */
  constructor(task: string, place: DeviceErrorPlace, cause: unknown) {
    const { volume, device, offset, written = 0 } = place;
    const reason = systemReason(cause);
    const at = offset === undefined ? "" : ` at ${formatAddress(offset)}`;
    super(`Cannot ${task}${at} of volume "${volume}" on device ${device}: ${reason}`, { cause });
    this.code = systemCode(cause);
    this.reason = reason;
    this.volume = volume;
    this.offset = offset;
    this.written = written;
  }

  /** Whether the device has no room for more, as opposed to being broken. */
  get isFull(): boolean {
    return fullCodes.has(this.code);
  }
}

const fullCodes: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** Texts of errors that the runtime raises without the system's own. */
const reasons: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "No such file or directory"],
  ["EACCES", "Permission denied"],
  ["EPERM", "Operation not permitted"],
  ["EROFS", "Read-only file system"],
  ["EIO", "Input/output error"],
  ["ENOSPC", "No space left on device"],
  ["EDQUOT", "Disk quota exceeded"],
  ["EFBIG", "File too large"],
  ["EISDIR", "Is a directory"],
  ["ENOTDIR", "Not a directory"],
]);

function systemCode(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return typeof code === "string" ? code : "";
}

function systemReason(cause: unknown): string {
  const known = reasons.get(systemCode(cause));
  if (known !== undefined) return known;
  const message = messageOf(cause);
  return message.replace(/ \(os error \d+\).*$/s, "");
}
