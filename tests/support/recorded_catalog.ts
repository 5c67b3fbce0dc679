import { catalogAnswer, catalogRequest, type Fields } from "../../protocol/mod.ts";
import type { CATALOG_ANSWER } from "../../protocol/mod.ts";
import { decodeText } from "../../bytes/mod.ts";
import type { RecordedConnection } from "./recording.ts";

type VolumeRecord = Fields<typeof CATALOG_ANSWER.volume>;

/**
 * Answers a live storage daemon's catalog requests as the recorded director's catalog would: it
 * begins with the volume that the recording begins with and takes over what it is told.
 */
export class RecordedCatalog {
  #volume: VolumeRecord | undefined;

  /** Begins with the first volume record of the recorded director connection. */
  constructor(recorded: RecordedConnection) {
    for (const frame of recorded.frames) {
      if (frame.kind !== "message" || frame.payload === undefined) continue;
      this.#volume ??= catalogAnswer.volume.parse(decodeText(frame.payload));
    }
  }

  /** The volume as it is now. */
  get volume(): VolumeRecord {
    if (this.#volume === undefined) throw new Error("Cannot answer: the recording has no volume");
    return this.#volume;
  }

  /** The answer to a request; `undefined` if it wants none or is something else. */
  answer(payload: Uint8Array): string | undefined {
    const text = decodeText(payload);
    if (catalogRequest.findMedia.matches(text) || catalogRequest.getVolumeInfo.matches(text)) {
      return catalogAnswer.volume.format(this.volume);
    }
    const update = catalogRequest.updateMedia.parse(text);
    if (update !== undefined) {
      const { jobs, files, blocks, bytes, mounts, errors, writes, status } = update;
      const { readTime, writeTime } = update;
      const told = { jobs, files, blocks, bytes, mounts, errors, writes, status };
      this.#volume = { ...this.volume, ...told, readTime, writeTime };
      return catalogAnswer.volume.format(this.volume);
    }
    const media = catalogRequest.createJobMedia.parse(text);
    if (media !== undefined) {
      this.#volume = { ...this.volume, endFile: media.endFile, endBlock: media.endBlock };
      return catalogAnswer.createJobMediaOk.format({});
    }
    if (catalogRequest.deleteNullJobMedia.matches(text)) {
      return catalogAnswer.deleteNullJobMediaOk.format({});
    }
    return undefined;
  }
}
