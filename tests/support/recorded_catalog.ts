import { catalogAnswer, catalogRequest, type Fields } from "../../protocol/mod.ts";
import type { CATALOG_ANSWER } from "../../protocol/mod.ts";
import { decodeText } from "../../bytes/mod.ts";
import type { RecordedConnection } from "./recording.ts";

type VolumeRecord = Fields<typeof CATALOG_ANSWER.volume>;

/**
 * Answers a live storage daemon's catalog requests as the recorded director's catalog would: it
 * begins with the volumes as the recording first has them and takes over what it is told.
 */
export class RecordedCatalog {
  readonly #volumes = new Map<string, VolumeRecord>();

  /** Begins with the first record of each volume in the recorded director connection. */
  constructor(recorded: RecordedConnection) {
    for (const frame of recorded.frames) {
      if (frame.kind !== "message" || frame.payload === undefined) continue;
      const volume = catalogAnswer.volume.parse(decodeText(frame.payload));
      if (volume !== undefined && !this.#volumes.has(volume.volume)) {
        this.#volumes.set(volume.volume, volume);
      }
    }
  }

  /** The first volume of the recording as it is now: the one that is found for writing. */
  get volume(): VolumeRecord {
    const [first] = this.#volumes.values();
    if (first === undefined) throw new Error("Cannot answer: the recording has no volume");
    return first;
  }

  /** The answer to a request; `undefined` if it wants none or is something else. */
  answer(payload: Uint8Array): string | undefined {
    const text = decodeText(payload);
    if (catalogRequest.findMedia.matches(text)) return catalogAnswer.volume.format(this.volume);
    const info = catalogRequest.getVolumeInfo.parse(text);
    if (info !== undefined) return catalogAnswer.volume.format(this.#named(info.volume));
    const update = catalogRequest.updateMedia.parse(text);
    if (update !== undefined) {
      const { jobs, files, blocks, bytes, mounts, errors, writes, status } = update;
      const { readTime, writeTime } = update;
      const told = { jobs, files, blocks, bytes, mounts, errors, writes, status };
      const volume = { ...this.#named(update.volume), ...told, readTime, writeTime };
      this.#volumes.set(volume.volume, volume);
      return catalogAnswer.volume.format(volume);
    }
    const media = catalogRequest.createJobMedia.parse(text);
    if (media !== undefined) {
      const { endFile, endBlock } = media;
      for (const [name, volume] of this.#volumes) {
        if (volume.mediaId === media.mediaId) {
          this.#volumes.set(name, { ...volume, endFile, endBlock });
        }
      }
      return catalogAnswer.createJobMediaOk.format({});
    }
    if (catalogRequest.deleteNullJobMedia.matches(text)) {
      return catalogAnswer.deleteNullJobMediaOk.format({});
    }
    return undefined;
  }

  #named(name: string): VolumeRecord {
    return this.#volumes.get(name) ?? this.volume;
  }
}
