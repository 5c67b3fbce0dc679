import type { MountedVolume } from "./device/mod.ts";
import {
  blockChecksum,
  classicBlockSize,
  decodeVolumeLabel,
  LabelType,
  parseBlockHeader,
  RecordCursor,
  VolumeError,
  type VolumeLabel,
} from "./volume/mod.ts";

/** The label at the front of a volume. */
export interface FoundVolumeLabel {
  /** What it says. */
  readonly label: VolumeLabel;
  /** `LabelType.volume`, or `preLabel` for a volume that was never used. */
  readonly labelType: number;
  /** Bytes of the block that holds it: where the first session begins. */
  readonly blockLength: number;
  /** Bytes of the label's record. */
  readonly recordLength: number;
}

/**
 * Reads the label of an open volume.
 * @throws {VolumeError} if the volume has none: empty, not a volume, damaged, of an unknown version
 * @throws {DeviceError} if the device cannot read
 */
export function readVolumeLabel(volume: MountedVolume): FoundVolumeLabel {
  const buffer = new Uint8Array(classicBlockSize);
  const bytes = buffer.subarray(0, volume.readAt(buffer, 0));
  if (bytes.length === 0) {
    throw new VolumeError(`Cannot read label of volume "${volume.name}": it is empty`);
  }
  const header = parseBlockHeader(bytes);
  if (header.length > bytes.length) {
    throw new VolumeError(`Cannot read label of volume "${volume.name}": its block is cut short`);
  }
  const block = bytes.subarray(0, header.length);
  // 0: written without checksums.
  if (header.checksum !== 0 && blockChecksum(block) !== header.checksum) {
    throw new VolumeError(`Cannot read label of volume "${volume.name}": its checksum is wrong`);
  }
  const cursor = new RecordCursor();
  cursor.start(header, block);
  const isLabel = cursor.next() &&
    (cursor.fileIndex === LabelType.volume || cursor.fileIndex === LabelType.preLabel);
  if (!isLabel || cursor.isPartial) {
    throw new VolumeError(
      `Volume on ${volume.devicePrintName} has bad Bareos label type: ${cursor.fileIndex}`,
    );
  }
  return {
    label: decodeVolumeLabel(cursor.data),
    labelType: cursor.fileIndex,
    blockLength: header.length,
    recordLength: cursor.data.length,
  };
}
