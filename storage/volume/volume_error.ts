import { messageOf } from "../../bytes/mod.ts";

/**
 * What was read from a volume, or was to be written to one, is not as the format wants it: a label,
 * a block, a record or a bootstrap.
 */
export class VolumeError extends Error {
  /** The class, for logs. */
  override readonly name: string = "VolumeError";
}

/**
 * Runs a decoder and turns what it throws on malformed data into a {@linkcode VolumeError}
 * "Cannot <task>: <why>" with the cause.
 */
export function asVolumeError<Result>(task: string, decode: () => Result): Result {
  try {
    return decode();
  } catch (cause) {
    if (cause instanceof VolumeError) throw cause;
    const why = messageOf(cause);
    throw new VolumeError(`Cannot ${task}: ${why}`, { cause });
  }
}
