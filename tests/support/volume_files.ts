/** Volumes of the recordings, and volumes made for a test. @module */
import { MemoryDevice } from "../../storage/device/mod.ts";
import {
  BlockBuilder,
  encodeSessionLabel,
  encodeVolumeLabel,
  LabelFormat,
  LabelType,
  type SessionKey,
  type SessionLabel,
} from "../../storage/volume/mod.ts";
import { fixture } from "./paths.ts";
import type { PlainRecord } from "./volume_arbitraries.ts";

/** A recorded volume: its folder, as a device, and its name. */
export interface RecordedVolume {
  readonly folder: string;
  readonly name: string;
}

/** Every recorded volume. */
export function recordedVolumes(
  folders = ["volumes", "volumes/sd2", "bacula-9.6/volumes"],
): RecordedVolume[] {
  return folders.flatMap((folder) =>
    [...Deno.readDirSync(fixture(folder))].filter(({ isFile }) => isFile)
      .map(({ name }) => ({ folder: fixture(folder), name })).sort((a, b) =>
        a.name < b.name ? -1 : 1
      )
  );
}

/** A session label for tests. */
export const sampleSession: SessionLabel = {
  ...LabelFormat.bareos,
  jobId: 7,
  writeTimeMicros: 1700000000000000,
  poolName: "Full",
  poolType: "Backup",
  jobName: "J",
  clientName: "c-fd",
  job: "J.2026-01-01_00.00.00_01",
  fileSetName: "F",
  jobType: "B",
  jobLevel: "F",
  fileSetMd5: "",
};

/** The bytes of a volume's label block. */
export function labelBlock(volumeName: string): Uint8Array {
  const data = encodeVolumeLabel({
    ...LabelFormat.bareos,
    labelTimeMicros: 1700000000000000,
    writeTimeMicros: 1700000000000000,
    volumeName,
    previousVolumeName: "",
    poolName: "Full",
    poolType: "Backup",
    mediaType: "File",
    hostName: "host",
    program: "test",
    programVersion: "Ver. 0",
    programDate: "Build 0",
  });
  return packBlocks({ sessionId: 1, sessionTime: 100 }, [
    { fileIndex: LabelType.volume, stream: 0, data },
  ], 4096)[0] as Uint8Array;
}

/** The blocks that the records of a session make, with its labels around them. */
export function sessionBlocks(
  key: SessionKey,
  records: readonly PlainRecord[],
  size: number,
): Uint8Array[] {
  const end = {
    jobFiles: 1,
    jobBytes: 1,
    startBlock: 0,
    endBlock: 0,
    startFile: 0,
    endFile: 0,
    jobErrors: 0,
    jobStatus: "T",
  };
  const label = (fileIndex: number, what: SessionLabel): PlainRecord => ({
    fileIndex,
    stream: what.jobId,
    data: encodeSessionLabel(what),
  });
  return packBlocks(key, [
    label(LabelType.startOfSession, sampleSession),
    ...records,
    label(LabelType.endOfSession, { ...sampleSession, end }),
  ], size);
}

/** The blocks that records make. */
export function packBlocks(
  key: SessionKey,
  records: readonly PlainRecord[],
  size: number,
): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  const builder = new BlockBuilder(key, size);
  const flush = (): void => {
    blocks.push(builder.seal().slice());
    builder.reset();
  };
  for (const { fileIndex, stream, data } of records) {
    if (fileIndex < 0 && !builder.fits(data.length)) flush();
    builder.begin(fileIndex, stream, data);
    while (!builder.fill()) flush();
  }
  if (!builder.isEmpty) flush();
  return blocks;
}

/** A device in memory with volumes of these blocks, each behind a label. */
export function deviceOf(volumes: Readonly<Record<string, readonly Uint8Array[]>>): MemoryDevice {
  const device = new MemoryDevice();
  for (const [name, blocks] of Object.entries(volumes)) {
    device.put(name, joinBytes([labelBlock(name), ...blocks]));
  }
  return device;
}

/**
 * Flips a bit in the data of a block, that in which the byte at `share` of the volume is: in its header, which
 * might lie there, it would be damage of another kind.
 */
export async function flipBit(path: string, share = 0.5): Promise<void> {
  const bytes = await Deno.readFile(path);
  const view = new DataView(bytes.buffer);
  let at = 0; // a header begins with its checksum and the size of its block (volume.md 3)
  while (at + view.getUint32(at + 4) <= bytes.length * share) at += view.getUint32(at + 4);
  const middle = at + (view.getUint32(at + 4) >> 1);
  bytes[middle] = (bytes[middle] ?? 0) ^ 0x10;
  await Deno.writeFile(path, bytes);
}

/** All parts in one. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
