/**
 * Volume files: their labels, and what can go wrong with them.
 *
 * @module
 */
import { type Device, DeviceError, type MountedVolume } from "../../storage/device/mod.ts";
import { readVolumeLabel } from "../../storage/mod.ts";
import {
  BlockBuilder,
  encodeVolumeLabel,
  LabelFormat,
  LabelType,
  VolumeError,
} from "../../storage/volume/mod.ts";

/** What a label says about its writer. */
export interface LabelContext {
  readonly hostName: string;
  readonly program: string;
  /** `Ver. <version> <date>`. */
  readonly programVersion: string;
  /** `Build <date>`. */
  readonly programDate: string;
  /** Whose labels a new volume gets (volume.md 5.2). */
  readonly format: VolumeFormat;
}

/** Id and version of the labels of a volume. */
export type VolumeFormat = (typeof LabelFormat)[keyof typeof LabelFormat];

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
  /** Seconds in which the volume is not to be overwritten, 0 for none. */
  readonly appendOnlyPeriod: number;
}

/** What was found where a label should be. */
export type FoundLabel =
  | {
    readonly kind: "label";
    readonly volumeName: string;
    /** Labelled by an old version and never used (`PRE_LABEL`). */
    readonly isFresh: boolean;
    /** Whose labels it has: those of later sessions are the same (bacula.md 14.3). */
    readonly format: VolumeFormat;
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

/** Reads the label at the front of a volume and compares its name. */
export function readLabel(device: Device, wanted: string): FoundLabel {
  let volume: MountedVolume;
  try {
    volume = device.open(wanted, "read");
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    return { kind: error.code === "ENOENT" ? "missing" : "unreadable", problem: error.reason };
  }
  try {
    if (volume.size() === 0) return { kind: "blank", problem: "the file is empty" };
    const { label: { volumeName, id }, labelType } = readVolumeLabel(volume);
    if (volumeName !== wanted) {
      return { kind: "other", volumeName, problem: `Wanted ${wanted} have ${volumeName}` };
    }
    const format = id === LabelFormat.bacula.id ? LabelFormat.bacula : LabelFormat.bareos;
    return { kind: "label", volumeName, isFresh: labelType === LabelType.preLabel, format };
  } catch (error) {
    if (error instanceof DeviceError) return { kind: "unreadable", problem: error.reason };
    if (!(error instanceof VolumeError)) throw error;
    return { kind: "foreign", problem: error.message };
  } finally {
    volume.close();
  }
}

/**
 * Makes a volume that holds nothing but its label; its length in bytes.
 * @throws {DeviceError}
 */
export function writeLabel(device: Device, label: LabelWriting): number {
  const block = labelBlock(label);
  const volume = device.open(label.volumeName, "create");
  try {
    volume.truncate(0);
    try {
      volume.writeAt(block, 0);
      volume.sync();
    } catch (error) {
      volume.truncate(0); // half a label is worse than none
      throw error;
    }
  } finally {
    volume.close();
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
    ...label.format,
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
    appendOnlyPeriod: label.appendOnlyPeriod,
  });
  builder.begin(LabelType.volume, 0, data);
  builder.fill();
  return builder.seal();
}
