/** Compresses chunks of large files that another thread has read. @module */
import { headerInto } from "../../../protocol/mod.ts";
import type { FileOptions } from "../fileset/mod.ts";
import type { StageKeeper } from "./chunk_stages.ts";
import type { OutputPart } from "./messages.ts";
import { noFigures } from "./part_writer.ts";
import { chunkLength, type SharedArea } from "./shared_area.ts";

const frameHeader = 4;
/** Bytes of the offset before a chunk of a sparse file. */
const offsetLength = 8;

/** What a {@linkcode GroupCompressor} works with. */
export interface GroupCompressorOptions {
  readonly area: SharedArea;
  readonly stages: StageKeeper;
  /** The options of files by their number. */
  readonly options: readonly FileOptions[];
  /** Announces a part to the main thread. */
  announce(part: OutputPart): void;
}

/** Takes groups of chunks that wait, and makes parts of the output of them. */
export class GroupCompressor {
  readonly #with: GroupCompressorOptions;

  /** For one thread. */
  constructor(options: GroupCompressorOptions) {
    this.#with = options;
  }

  /** Does one group; undefined if none waits or there is no buffer for it. */
  help(): true | undefined {
    const { area, stages, options, announce } = this.#with;
    if (!area.hasGroup) return undefined;
    // The buffer first: who has taken a group must be able to finish it.
    const slot = area.takeBuffer(area.head);
    if (slot === undefined) return undefined;
    const group = area.takeGroup();
    const own = group && options[group.options];
    const way = own && stages.stagesOf(own);
    if (group === undefined || own === undefined || way === undefined) {
      area.freeBuffer(slot);
      return undefined;
    }
    const buffer = area.buffer(slot);
    const figures = { ...noFigures(), files: group.fileIndex };
    const prefix = own.sparse ? offsetLength : 0;
    let at = 0;
    group.chunks.forEach(({ offset, length }, number) => {
      const start = number * chunkLength;
      const place = buffer.subarray(at + frameHeader);
      if (own.sparse) writeOffset(place, offset);
      const chunk = group.bytes.subarray(start, start + length);
      const packed = prefix + way.process(chunk, place.subarray(prefix));
      at = headerInto(buffer, at, packed) + packed;
      figures.bytes += packed;
    });
    const { unit, part } = group;
    area.freeGroup(group.slot);
    announce({
      ...{ kind: "part", unit, part, isLast: false, buffer: slot, length: at, figures },
      ...{ examined: 0, path: "", messages: [], digests: [] },
    });
    return true;
  }
}

/** Writes the offset that stands before a chunk of a sparse file: u64, big endian. */
export function writeOffset(into: Uint8Array, offset: number): void {
  new DataView(into.buffer, into.byteOffset).setBigUint64(0, BigInt(offset));
}
