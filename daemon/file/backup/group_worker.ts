/** Compresses and encrypts chunks of large files that another thread has read. @module */
import { FRAME_HEADER, headerInto } from "../../../protocol/mod.ts";
import type { FileOptions } from "../fileset/mod.ts";
import type { ChunkStages } from "./chunk_stages.ts";
import type { OutputPart } from "./messages.ts";
import { CanceledError, noFigures } from "./part_writer.ts";
import { type ChunkGroup, chunkLength, chunksPerGroup, type SharedArea } from "./shared_area.ts";
import { offsetLength, writeOffset } from "./sparse_offset.ts";
import type { StageKeeper } from "./stage_keeper.ts";

const nothing = new Uint8Array(0);

/** What a {@linkcode GroupWorker} works with. */
export interface GroupWorkerOptions {
  readonly area: SharedArea;
  /** Stages that nobody else uses: the thread may have a file of its own under way. */
  readonly stages: StageKeeper;
  /** The options of files by their number. */
  readonly options: readonly FileOptions[];
  /** Announces a part to the main thread. */
  announce(part: OutputPart): void;
}

/** Takes groups of chunks that wait, and makes parts of the output of them. */
export class GroupWorker {
  readonly #with: GroupWorkerOptions;
  #packets = new Uint8Array(0);

  /** For one thread. */
  constructor(options: GroupWorkerOptions) {
    this.#with = options;
  }

  /** Does one group; undefined if none can be done or there is no buffer for it. */
  help(): true | undefined {
    const { area, stages, options, announce } = this.#with;
    if (!area.hasGroup) return undefined;
    // The buffer first: who has taken a group must be able to finish it.
    const slot = area.takeBuffer(area.head);
    if (slot === undefined) return undefined;
    const group = area.takeGroup();
    if (group === undefined) {
      area.freeBuffer(slot);
      return undefined;
    }
    const own = options[group.options];
    const way = own && stages.stagesOf(own, group.link >= 0);
    if (own === undefined || way === undefined) {
      throw new TypeError("A group of chunks has options that are not its file set's");
    }
    const buffer = area.buffer(slot);
    const figures = { ...noFigures(), files: group.fileIndex };
    const isSparse = own.sparse && group.link < 0;
    const prefix = isSparse ? offsetLength : 0;
    const process = this.#begin(group, way);
    let at = 0;
    group.chunks.forEach(({ offset }, number) => {
      const place = buffer.subarray(at + FRAME_HEADER);
      if (isSparse) writeOffset(place, offset);
      const length = process(number, place.subarray(prefix));
      if (length === 0) return;
      at = headerInto(buffer, at, prefix + length) + prefix + length;
      figures.bytes += prefix + length;
    });
    if (group.link >= 0) {
      way.chain?.save(area.chainState);
      area.turn = group.link + 1;
    }
    const { unit, part } = group;
    area.freeGroup(group.slot);
    announce({
      ...{ kind: "part", unit, part, isLast: false, buffer: slot, length: at, figures },
      ...{ examined: 0, path: "", messages: [], digests: [] },
    });
    return true;
  }

  /** Begins a group, waiting for its turn if it has one; gives what makes a record of its n-th chunk. */
  #begin(group: ChunkGroup, way: ChunkStages): (number: number, into: Uint8Array) => number {
    const chunk = (number: number): Uint8Array => {
      const start = number * chunkLength;
      return group.bytes.subarray(start, start + (group.chunks[number]?.length ?? 0));
    };
    const { area } = this.#with;
    const { chain } = way;
    const ahead = chain?.ahead;
    if (chain === undefined || ahead === undefined) {
      chain?.resume(area.chainState);
      return (number, into) => way.process(chunk(number), into);
    }
    const most = ahead.bound(chunkLength);
    const wanted = chunksPerGroup * most;
    if (this.#packets.length < wanted) this.#packets = new Uint8Array(wanted);
    const packets = group.chunks.map((_, number) => {
      const place = this.#packets.subarray(number * most, (number + 1) * most);
      return place.subarray(0, ahead.pack(chunk(number), place));
    });
    // Who has the turn holds a buffer already, so this ends.
    const mine = area.until(() => area.turn === group.link || undefined);
    if (mine === undefined) throw new CanceledError("The job was canceled");
    chain.resume(area.chainState);
    return (number, into) => chain.link(packets[number] ?? nothing, into);
  }
}
