/**
 * Measures the stages of the volume format by themselves: records into blocks, blocks onto a device
 * and back, records out of blocks.
 *
 * @module
 */
import { FileDevice } from "../../storage/device/mod.ts";
import { BlockReader, VolumeReader } from "../../storage/mod.ts";
import {
  BlockBuilder,
  classicBlockSize,
  decodeAttributes,
  defaultBlockSize,
  encodeAttributes,
} from "../../storage/volume/mod.ts";

/** One figure. */
export interface StageFigure {
  /** What was measured. */
  readonly stage: string;
  /** How much of it a second. */
  readonly perSecond: number;
  /** What is counted: `MB` (10^6 bytes) or `records`. */
  readonly unit: "MB" | "records";
}

const key = { sessionId: 1, sessionTime: 1700000000 };
const statText = "P0A FgUF IGk B Po Po A F BAA I BlU/EA BlU/EB BlU/EC A A C";

/**
 * Measures each stage for both usual block sizes with about `megabytes` of data.
 * @param folder where volumes are written; on a memory file system the figures are those of the CPU
 */
export function measureVolume(folder: string, megabytes = 256): StageFigure[] {
  const figures: StageFigure[] = [];
  for (const size of [classicBlockSize, defaultBlockSize]) {
    const name = `bench-${size}`;
    const chunk = new Uint8Array(65536).map((_, i) => i * 7);
    const count = Math.round(megabytes * 1e6 / chunk.length);
    const device = new FileDevice(folder);
    const measure = (stage: string, run: () => void): void => {
      const began = performance.now();
      run();
      const seconds = (performance.now() - began) / 1000;
      const perSecond = count * chunk.length / 1e6 / seconds;
      figures.push({ stage: `${stage}, blocks of ${size}`, perSecond, unit: "MB" });
    };
    measure("records into blocks", () => pack(count, chunk, size, () => {}));
    measure("records onto a volume", () => {
      const volume = device.open(name, "create");
      let offset = 0;
      pack(count, chunk, size, (block) => {
        volume.writeAt(block, offset);
        offset += block.length;
      });
      volume.close();
    });
    measure("blocks off a volume", () => {
      const volume = device.open(name, "read");
      const reader = new BlockReader(volume);
      while (reader.next() !== undefined);
      volume.close();
    });
    measure("records off a volume", () => {
      const volume = device.open(name, "read");
      for (const _ of new VolumeReader().read(volume));
      volume.close();
    });
    Deno.removeSync(`${folder}/${name}`);
  }
  figures.push(...measureSmallRecords(folder));
  return figures;
}

function pack(
  count: number,
  chunk: Uint8Array,
  size: number,
  onBlock: (block: Uint8Array) => void,
): void {
  const builder = new BlockBuilder(key, size);
  const flush = (): void => {
    onBlock(builder.seal());
    builder.reset();
  };
  for (let i = 1; i <= count; i++) {
    builder.begin(i, 2, chunk);
    while (!builder.fill()) flush();
  }
  flush();
}

/** Attributes of many small files: encoded, written, read, decoded. */
function measureSmallRecords(folder: string): StageFigure[] {
  const count = 200_000;
  const device = new FileDevice(folder);
  const figures: StageFigure[] = [];
  const measure = (stage: string, run: () => void): void => {
    const began = performance.now();
    run();
    const perSecond = count / ((performance.now() - began) / 1000);
    figures.push({ stage, perSecond, unit: "records" });
  };
  measure("attributes encoded and written", () => {
    const volume = device.open("bench-small", "create");
    const builder = new BlockBuilder(key, defaultBlockSize);
    let offset = 0;
    const flush = (): void => {
      const block = builder.seal();
      volume.writeAt(block, offset);
      offset += block.length;
      builder.reset();
    };
    for (let fileIndex = 1; fileIndex <= count; fileIndex++) {
      const name = `/home/someone/documents/folder-${fileIndex % 500}/file-${fileIndex}.txt`;
      builder.begin(fileIndex, 1, encodeAttributes({ fileIndex, type: 3, name, stat: statText }));
      while (!builder.fill()) flush();
    }
    flush();
    volume.close();
  });
  measure("attributes read and decoded", () => {
    const volume = device.open("bench-small", "read");
    for (const { data } of new VolumeReader().read(volume)) decodeAttributes(data);
    volume.close();
  });
  Deno.removeSync(`${folder}/bench-small`);
  return figures;
}

if (import.meta.main) {
  const folder = Deno.makeTempDirSync({ dir: "/dev/shm" });
  try {
    for (const { stage, perSecond, unit } of measureVolume(folder)) {
      console.log(`${stage.padEnd(50)} ${perSecond.toFixed(0).padStart(9)} ${unit}/s`);
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
