/** Saves resource forks and Finder info (volume.md 7.4). @module */
import { JobMessageType } from "../../../protocol/mod.ts";
import { Stream } from "../../../storage/volume/mod.ts";
import { forkPath, readFinderInfo } from "../attributes/mod.ts";
import type { FileOptions } from "../fileset/mod.ts";
import { isSystemError, type Platform, reasonOf } from "../platform/mod.ts";
import { readFully } from "./content_digest.ts";
import { endOfContent } from "./content_saver.ts";
import type { PartWriter, Steps } from "./part_writer.ts";
import { type Protection, treatmentOf } from "./protection.ts";
import type { FileItem } from "./save_item.ts";
import { chunkLength } from "./shared_area.ts";
import type { StageKeeper } from "./stage_keeper.ts";

/** What saving a fork takes. */
export interface ForkTools {
  readonly platform: Platform;
  readonly writer: PartWriter;
  readonly stages: StageKeeper;
  /** What is done to contents; nothing if absent. */
  readonly protection?: Protection | undefined;
  /** Memory for a chunk, which others use between two steps. */
  readonly plain: Uint8Array;
}

/** Sends a file's resource fork and Finder info, where the system has such. */
export function* saveFork(
  { fileIndex, path, type }: FileItem,
  options: FileOptions,
  { platform, writer, stages, protection, plain: chunk }: ForkTools,
): Steps {
  const fork = forkPath(path, platform);
  if (fork === undefined) return;
  const { isEncrypted } = treatmentOf(type, options, protection);
  // A fork is never compressed, and never has holes.
  const way = stages.stagesOf({ ...options, compression: undefined }, isEncrypted);
  try {
    if (platform.lstat(fork).size > 0) {
      const descriptor = platform.open(fork, { nonBlocking: true });
      if (!writer.fits(0)) yield* writer.makeRoom(0);
      writer.header(
        fileIndex,
        isEncrypted ? Stream.encryptedMacosForkData : Stream.macosForkData,
      );
      let failure: unknown;
      try {
        for (let count = chunkLength; count === chunkLength;) {
          const most = way?.bound(chunkLength) ?? chunkLength;
          if (!writer.fits(most)) yield* writer.makeRoom(most);
          const place = writer.reserve(most);
          const plain = way === undefined ? place.subarray(0, chunkLength) : chunk;
          count = readFully(platform, descriptor, plain.subarray(0, chunkLength));
          writer.figures.readBytes += count;
          const length = way?.process(plain.subarray(0, count), place) ?? count;
          if (count > 0 && length > 0) writer.commitContent(length);
        }
      } catch (error) {
        failure = error;
      } finally {
        platform.close(descriptor);
      }
      yield* endOfContent(writer, way);
      if (failure !== undefined) throw failure;
    }
    const info = readFinderInfo(platform, path);
    if (info !== undefined) yield* writer.put(fileIndex, Stream.hfsplusAttributes, info);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (error.code === "ENOENT") return; // without a fork there is nothing to save
    writer.fail(
      JobMessageType.ERROR,
      `Read error on resource fork of ${writer.path}. ERR=${reasonOf(error)}\n`,
    );
  }
}
