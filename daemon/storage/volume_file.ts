/**
 * Volume files: their labels, and what can go wrong with them.
 *
 * @module
 */
import {
  BlockBuilder,
  blockChecksum,
  blockHeaderLength,
  classicBlockSize,
  decodeVolumeLabel,
  encodeVolumeLabel,
  LabelFormat,
  LabelType,
  parseBlockHeader,
  recordHeaderLength,
  VolumeError,
} from "../../storage/volume/mod.ts";

/** Mode of a volume's file (volume.md 2). */
const VOLUME_MODE = 0o640;

/** What a label says about its writer. */
export interface LabelContext {
  readonly hostName: string;
  readonly program: string;
  /** `Ver. <version> <date>`. */
  readonly programVersion: string;
  /** `Build <date>`. */
  readonly programDate: string;
}

/** All that goes into a new label. */
export interface LabelWriting extends LabelContext {
  readonly volumeName: string;
  readonly previousVolume: string;
  readonly poolName: string;
  readonly poolType: string;
  readonly mediaType: string;
  /** Whether blocks have checksums. */
  readonly isChecked: boolean;
  readonly blockSize: number;
  readonly sessionId: number;
  readonly sessionTime: number;
}

/** An operation on a volume's file failed. */
export class VolumeFileError extends Error {
  override readonly name = "VolumeFileError";
  /** The system's words. */
  readonly reason: string;
  /** Bytes that were written before the failure. */
  readonly written: number;
  /** No space left: the volume is full, not broken. */
  readonly isFull: boolean;
  /** The file could not even be opened. */
  readonly isOpenFailure: boolean;

  /** `Cannot <task>: <why>`. */
  constructor(task: string, cause: unknown, { written = 0, isOpenFailure = false } = {}) {
    const reason = reasonOf(cause);
    super(`Cannot ${task}: ${reason}`, { cause });
    this.reason = reason;
    this.written = written;
    this.isFull = isNoSpace(cause);
    this.isOpenFailure = isOpenFailure;
  }
}

function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.replace(/ \(os error \d+\)/, "").replace(/: (open|write|stat|seek) '.*'$/, "");
}

/** ENOSPC and EDQUOT. */
function isNoSpace(cause: unknown): boolean {
  return cause instanceof Error && /No space left|quota exceeded/i.test(cause.message);
}

/** What was found where a label should be. */
export type FoundLabel =
  | {
    readonly kind: "label";
    readonly volumeName: string;
    /** Labelled by an old version and never used (`PRE_LABEL`). */
    readonly isFresh: boolean;
    readonly problem?: undefined;
  }
  /** A label of another volume. */
  | { readonly kind: "other"; readonly volumeName: string; readonly problem: string }
  /** No such file. */
  | { readonly kind: "missing"; readonly problem: string }
  /** An empty file. */
  | { readonly kind: "blank"; readonly problem: string }
  /** The file cannot be read. */
  | { readonly kind: "unreadable"; readonly problem: string }
  /** Something else than a volume. */
  | { readonly kind: "foreign"; readonly problem: string };

/** Reads the label at the front of a volume's file and compares its name. */
export function readLabel(path: string, wanted: string): FoundLabel {
  let bytes: Uint8Array;
  try {
    bytes = readFront(path);
  } catch (error) {
    const problem = reasonOf(error);
    return { kind: error instanceof Deno.errors.NotFound ? "missing" : "unreadable", problem };
  }
  if (bytes.length === 0) return { kind: "blank", problem: "the file is empty" };
  try {
    const header = parseBlockHeader(bytes);
    if (header.length > bytes.length) throw new VolumeError("the label block is cut short");
    const block = bytes.subarray(0, header.length);
    if (header.checksum !== 0 && header.checksum !== blockChecksum(block)) {
      throw new VolumeError("the label block has a wrong checksum");
    }
    const start = header.headerLength;
    if (header.length < start + recordHeaderLength) {
      throw new VolumeError("the first block holds no record");
    }
    const view = new DataView(block.buffer, block.byteOffset + start);
    const labelType = view.getInt32(0);
    if (labelType !== LabelType.preLabel && labelType !== LabelType.volume) {
      throw new VolumeError(`the first record is no volume label but ${labelType}`);
    }
    const { volumeName } = decodeVolumeLabel(block.subarray(start + recordHeaderLength));
    if (volumeName !== wanted) {
      return { kind: "other", volumeName, problem: `Wanted ${wanted} have ${volumeName}` };
    }
    return { kind: "label", volumeName, isFresh: labelType === LabelType.preLabel };
  } catch (error) {
    if (!(error instanceof VolumeError)) throw error;
    return { kind: "foreign", problem: error.message };
  }
}

function readFront(path: string): Uint8Array {
  const file = Deno.openSync(path, { read: true });
  try {
    const bytes = new Uint8Array(classicBlockSize);
    let length = 0;
    while (length < bytes.length) {
      const read = file.readSync(bytes.subarray(length)) ?? 0;
      if (read === 0) break;
      length += read;
    }
    return bytes.subarray(0, length);
  } finally {
    file.close();
  }
}

/**
 * Makes the file a volume that holds nothing but its label; its length in bytes.
 * @throws {VolumeFileError}
 */
export function writeLabel(path: string, label: LabelWriting): number {
  const block = labelBlock(label);
  const task = `label volume ${path}`;
  const file = attempt(
    task,
    true,
    () => Deno.openSync(path, { write: true, create: true, truncate: true, mode: VOLUME_MODE }),
  );
  try {
    writeAll(file, block, task);
    attempt(task, false, () => file.syncDataSync());
  } catch (error) {
    attempt(task, false, () => file.truncateSync(0)); // half a label is worse than none
    throw error;
  } finally {
    file.close();
  }
  return block.length;
}

function labelBlock(label: LabelWriting): Uint8Array {
  const { sessionId, sessionTime, blockSize, isChecked } = label;
  const now = Date.now() * 1000;
  const builder = new BlockBuilder({ sessionId, sessionTime }, Math.max(blockSize, 2048), {
    checksum: isChecked,
  });
  const data = encodeVolumeLabel({
    ...LabelFormat.bareos,
    labelTimeMicros: now,
    writeTimeMicros: now,
    volumeName: label.volumeName,
    previousVolumeName: label.previousVolume,
    poolName: label.poolName,
    poolType: label.poolType,
    mediaType: label.mediaType,
    hostName: label.hostName,
    program: label.program,
    programVersion: label.programVersion,
    programDate: label.programDate,
  });
  builder.begin(LabelType.volume, 0, data);
  builder.fill();
  return builder.seal();
}

/** Writes all of `bytes`. @throws {VolumeFileError} that knows how many went out */
export function writeAll(file: Deno.FsFile, bytes: Uint8Array, task: string): void {
  let written = 0;
  try {
    while (written < bytes.length) {
      const count = file.writeSync(bytes.subarray(written));
      if (count === 0) throw new Error("No space left on device");
      written += count;
    }
  } catch (error) {
    throw new VolumeFileError(task, error, { written });
  }
}

/** Runs a system call and wraps what it throws. */
export function attempt<T>(task: string, isOpenFailure: boolean, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw new VolumeFileError(task, error, { isOpenFailure });
  }
}

/** Bytes at least that a block can have. */
export const SMALLEST_BLOCK: number = blockHeaderLength + recordHeaderLength;
