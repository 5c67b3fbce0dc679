/**
 * Reads a file chunk by chunk and writes the records of its contents (director-client.md 24.3). The
 * groups of chunks of a large file are left to whoever has time, in the order of their chain.
 *
 * @module
 */
import type { Digest, FileSignature } from "../../../crypto/mod.ts";
import { FileType } from "../../../storage/volume/mod.ts";
import type { FileOptions } from "../fileset/mod.ts";
import { type Descriptor, type Platform, StoppedError, SystemError } from "../platform/mod.ts";
import type { ChunkStages } from "./chunk_stages.ts";
import { isHole, readFully } from "./content_digest.ts";
import type { GrowthLimit } from "./growth_limit.ts";
import type { PartWriter, Steps } from "./part_writer.ts";
import type { PluginReader } from "./plugin_reader.ts";
import type { FileItem } from "./save_item.ts";
import { chunkLength, chunksPerGroup, type SharedArea } from "./shared_area.ts";
import { offsetLength, writeOffset } from "./sparse_offset.ts";

/** How long a fifo may take to find a writer. */
const fifoTimeoutMs = 60_000;

/** Holes that are looked at before others have their turn. */
const holesPerStep = 64;

/** A file that is being read. */
export interface OpenFile {
  readonly item: FileItem;
  readonly options: FileOptions;
  readonly descriptor: Descriptor;
  /** The program that writes it, of a plugin's file. */
  readonly program: PluginReader | undefined;
  readonly digest: Digest | undefined;
  readonly signature: FileSignature | undefined;
  readonly isSparse: boolean;
  readonly stages: ChunkStages | undefined;
  /** Bytes of a whole chunk. */
  readonly step: number;
  readonly limit: GrowthLimit;
  /** Bytes read. */
  offset: number;
  /** Groups of chunks that others were given, one after the other; 0 while this thread has the chain. */
  links: number;
  /** Whether it grows faster than it is read, so that the reading was ended. */
  isCutOff: boolean;
  /** Whether a fifo has found a writer. */
  isFlowing: boolean;
  /** Memory for a chunk that comes bit by bit. */
  own?: Uint8Array;
}

/** What a {@linkcode ContentSaver} works with. */
export interface ContentTools {
  readonly platform: Platform;
  readonly area: SharedArea;
  readonly writer: PartWriter;
  /** Memory for a chunk, which others use between two steps. */
  readonly plain: Uint8Array;
}

/** Saves what is in files, one after the other. */
export class ContentSaver {
  readonly #with: ContentTools;

  /** A saver that has saved nothing. */
  constructor(tools: ContentTools) {
    this.#with = tools;
  }

  /** Reads the file chunk by chunk; a large one lets other threads compress and encrypt. */
  *save(file: OpenFile): Steps {
    const { area, writer } = this.#with;
    const { stages, item, step } = file;
    const mayShare = stages !== undefined && area.memory.threads > 1;
    const isLarge = item.size >= 2 * chunksPerGroup * chunkLength;
    // How much a program will write is not known before it ends: what it has written so far must do.
    const isWorthIt = (): boolean =>
      file.program === undefined
        ? isLarge && item.size - file.offset > step
        : file.offset >= chunksPerGroup * chunkLength;
    for (let holes = 0;;) {
      // Others help with what is to be written next; what is far ahead can wait.
      const isShared = mayShare && isWorthIt() && area.head === writer.unit;
      if (!isShared) {
        yield* this.#rejoin(file);
        file.links = 0;
      }
      const result = yield* isShared ? this.#group(file) : this.#chunk(file);
      if (result === "end") return;
      holes = result === "hole" ? holes % holesPerStep + 1 : 0;
      // After some work others have their turn.
      if (writer.isFresh || holes === holesPerStep) yield "goes";
    }
  }

  /** Writes what the stages have kept back, and the end of the stream. */
  *end(file: OpenFile): Steps {
    yield* this.#rejoin(file);
    yield* endOfContent(this.#with.writer, file.stages);
  }

  /** Takes the chain back from those who work on groups. */
  *#rejoin({ stages, links }: OpenFile): Steps {
    const { area } = this.#with;
    if (stages?.chain === undefined || links === 0) return;
    while (area.turn !== links) yield "waits";
    stages.chain.resume(area.chainState);
  }

  /** Reads a chunk and makes a record of it. */
  *#chunk(file: OpenFile): Steps<"more" | "hole" | "end"> {
    const { writer } = this.#with;
    const { stages, step, isSparse, item } = file;
    const prefix = isSparse ? offsetLength : 0;
    const most = prefix + (stages?.bound(step) ?? step);
    if (!writer.fits(most)) yield* writer.makeRoom(most);
    const place = writer.reserve(most);
    const isSlow = item.type === FileType.fifoData || file.program !== undefined;
    const memory = isSlow ? file.own ??= new Uint8Array(step) : this.#with.plain;
    const plain = stages === undefined
      ? place.subarray(prefix, prefix + step)
      : memory.subarray(0, step);
    const offset = file.offset;
    const read = isSlow ? yield* this.#readFifo(file, plain) : this.#read(file, plain);
    if (read === "end" || read === "hole") return read;
    const chunk = plain.subarray(0, read);
    if (isSparse) writeOffset(place, offset);
    const length = stages?.process(chunk, place.subarray(prefix)) ?? read;
    if (length > 0) writer.commitContent(prefix + length);
    return read === step ? "more" : "end";
  }

  /** Reads some chunks and leaves what is to be done with them to whoever has time. */
  *#group(file: OpenFile): Steps<"more" | "hole" | "end"> {
    const { area, writer } = this.#with;
    let taken = area.takeGroupSlot();
    while (taken === undefined) {
      yield "waits";
      taken = area.takeGroupSlot();
    }
    const { slot, bytes } = taken;
    const chunks: { offset: number; length: number }[] = [];
    let isOver = false;
    let isGivenUp = true;
    try {
      for (let holes = 0; !isOver && chunks.length < chunksPerGroup && holes < holesPerStep;) {
        const at = chunks.length * chunkLength;
        const { offset } = file;
        const into = bytes.subarray(at, at + file.step);
        const read = file.program === undefined
          ? this.#read(file, into)
          : yield* this.#readFifo(file, into);
        if (read === "end") isOver = true;
        else if (read === "hole") holes++;
        else {
          chunks.push({ offset, length: read });
          isOver = read < file.step;
        }
      }
      isGivenUp = false;
    } catch (error) {
      isGivenUp = error instanceof StoppedError;
      throw error;
    } finally {
      // What was read before an error is sent all the same; a job that is canceled sends nothing any more,
      // whether it was stopped while it read or is not gone on with.
      if (isGivenUp || chunks.length === 0) area.freeGroup(slot);
      else {
        const { fileIndex, options } = file.item;
        const chain = file.stages?.chain;
        if (chain !== undefined && file.links === 0) {
          chain.save(area.chainState);
          area.turn = 0;
        }
        const part = writer.skipPart();
        area.offerGroup({
          slot,
          unit: writer.unit,
          part,
          fileIndex,
          options,
          chunks,
          link: chain === undefined ? -1 : file.links++,
          waits: chain !== undefined && chain.ahead === undefined,
        });
      }
    }
    return isOver ? "end" : "more";
  }

  /** Reads and digests a chunk: its length, `"hole"` if it is left out, or `"end"`. */
  #read(file: OpenFile, into: Uint8Array): number | "hole" | "end" {
    const { platform } = this.#with;
    if (file.limit.isReached(file.offset)) {
      file.isCutOff = readFully(platform, file.descriptor, into.subarray(0, 1)) > 0;
      return "end";
    }
    return this.#hasRead(file, into, readFully(platform, file.descriptor, into));
  }

  /**
   * The same of a fifo, which has something to read once somebody writes; nobody may keep the job
   * waiting for ever.
   */
  *#readFifo(file: OpenFile, into: Uint8Array): Steps<number | "hole" | "end"> {
    const { platform } = this.#with;
    const { descriptor, item } = file;
    const deadline = Date.now() + fifoTimeoutMs;
    let at = 0;
    while (at < into.length) {
      if (file.program !== undefined) yield* file.program.waitReadable();
      while (!platform.waitReadable(descriptor, 0)) {
        if (!file.isFlowing && Date.now() > deadline) {
          throw new SystemError("open", 0, "EAGAIN", "nobody writes to it", item.path);
        }
        yield "polls";
      }
      file.isFlowing = true;
      const count = platform.read(descriptor, into.subarray(at));
      if (count === 0) break;
      at += count;
    }
    return this.#hasRead(file, into, at);
  }

  /** Counts and digests what was read; see {@linkcode #read}. */
  #hasRead(file: OpenFile, into: Uint8Array, count: number): number | "hole" | "end" {
    const { writer } = this.#with;
    const { item: { size }, options: { isCompatible }, isSparse, step } = file;
    if (count === 0) return "end";
    file.offset += count;
    if (isSparse && isHole(into, count, file.offset, size)) {
      // As a current Bareos counts: holes of files that it would read in parallel. A director of
      // Bacula would take them for bytes that compression has saved (bacula.md 11.6).
      if (size >= 2 * step && !isCompatible) writer.figures.readBytes += count;
      return "hole";
    }
    writer.figures.readBytes += count;
    const bytes = into.subarray(0, count);
    file.digest?.update(bytes);
    file.signature?.update(bytes);
    return count;
  }
}

/** Writes what the stages have kept back, and the end of the stream. */
export function* endOfContent(writer: PartWriter, stages: ChunkStages | undefined): Steps {
  const most = stages?.bound(0) ?? 0;
  if (!writer.fits(most)) yield* writer.makeRoom(most);
  const rest = stages?.finish(writer.reserve(most)) ?? 0;
  if (rest > 0) writer.commitContent(rest);
  if (!writer.fits(0)) yield* writer.makeRoom(0);
  writer.endOfData();
}
