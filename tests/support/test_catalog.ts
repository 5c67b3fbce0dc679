/** The catalog of a director for tests of the storage daemon: it answers requests as a script wants. @module */
import { catalogAnswer, catalogRequest } from "../../protocol/mod.ts";

/** A volume as the catalog of the test knows it. */
export interface TestVolume {
  /** Place in a changer. */
  slot?: number;
  volume: string;
  status: string;
  jobs: number;
  files: number;
  blocks: number;
  bytes: number;
  mounts: number;
  errors: number;
  writes: number;
  maxBytes: number;
  maxJobs: number;
  readTime: number;
  writeTime: number;
  mediaId: number;
  pool: string;
}

/** A record of JobMedia in the catalog of the test. */
export interface TestJobMedia {
  readonly job: string;
  readonly firstIndex: number;
  readonly lastIndex: number;
  readonly start: number;
  readonly end: number;
  readonly mediaId: number;
}

const WRITABLE: ReadonlySet<string> = new Set(["Append", "Recycle"]);

/** The catalog that the director of a test keeps. */
export class TestCatalog {
  readonly volumes: TestVolume[] = [];
  readonly jobMedia: TestJobMedia[] = [];
  /** Size at which new volumes are full, 0 for none. */
  maxBytes = 0;
  /** Seconds that the pool wants its volumes to be append only, 0 for none. */
  appendOnly = 0;
  /** Jobs after which new volumes are used, 0 for none. */
  maxJobs = 0;
  /** New volumes that may still be made. */
  mayCreate = 1000;

  /** The volume of that name. */
  volume(name: string): TestVolume {
    const found = this.volumes.find((each) => each.volume === name);
    if (found === undefined) throw new Error(`No volume ${name} in the test's catalog`);
    return found;
  }

  /** Adds a volume that nobody has labelled. */
  create(pool: string): TestVolume {
    const mediaId = this.volumes.length + 1;
    const volume = {
      volume: `${pool}-${String(mediaId).padStart(4, "0")}`,
      status: "Append",
      jobs: 0,
      files: 0,
      blocks: 0,
      bytes: 0,
      mounts: 0,
      errors: 0,
      writes: 0,
      maxBytes: this.maxBytes,
      maxJobs: this.maxJobs,
      readTime: 0,
      writeTime: 0,
      mediaId,
      pool,
    };
    this.volumes.push(volume);
    return volume;
  }

  /** What a director answers to a catalog request. */
  answer(request: string): string {
    const find = catalogRequest.findMedia.parse(request);
    if (find !== undefined) {
      const unwanted = (find.unwanted ?? "").split(",");
      const usable = this.volumes.filter((each) =>
        each.pool === find.poolName && WRITABLE.has(each.status) && !unwanted.includes(each.volume)
      );
      let found = usable[0];
      if (found === undefined && this.mayCreate-- > 0) found = this.create(find.poolName);
      return found === undefined
        ? catalogAnswer.noMedia.format({})
        : record(found, this.appendOnly);
    }
    const info = catalogRequest.getVolumeInfo.parse(request);
    if (info !== undefined) {
      const found = this.volumes.find((each) => each.volume === info.volume);
      if (found === undefined) return catalogAnswer.notInCatalog.format({ volume: info.volume });
      if (info.write !== 0 && !WRITABLE.has(found.status)) {
        return catalogAnswer.notUsable.format({
          volume: info.volume,
          status: found.status,
          why: "but should be Append, Purged or Recycle",
        });
      }
      return record(found, this.appendOnly);
    }
    const update = catalogRequest.updateMedia.parse(request);
    if (update !== undefined) {
      const found = this.volume(update.volume);
      const { jobs, files, blocks, bytes, mounts, errors, writes, status } = update;
      Object.assign(found, { jobs, files, blocks, bytes, mounts, errors, writes, status });
      if (found.status === "Append" && found.maxJobs > 0 && found.jobs >= found.maxJobs) {
        found.status = "Used";
      }
      return record(found, this.appendOnly);
    }
    const media = catalogRequest.createJobMedia.parse(request);
    if (media !== undefined) {
      this.jobMedia.push({
        job: media.job ?? "",
        firstIndex: media.firstIndex,
        lastIndex: media.lastIndex,
        start: media.startFile * 2 ** 32 + media.startBlock,
        end: media.endFile * 2 ** 32 + media.endBlock,
        mediaId: media.mediaId,
      });
      return catalogAnswer.createJobMediaOk.format({});
    }
    if (catalogRequest.deleteNullJobMedia.matches(request)) {
      return catalogAnswer.deleteNullJobMediaOk.format({});
    }
    if (request.startsWith("BlastAttr ")) return catalogAnswer.blastAttributesFailed.format({});
    return catalogAnswer.invalid.format({ request });
  }

  /** The part of a job on its volumes, as a bootstrap. */
  bootstrap(job: string, sdId: number, sdTime: number, mediaType: string): string[] {
    return this.jobMedia.filter((each) => each.job === job && each.firstIndex > 0).flatMap((
      each,
    ) => [
      'Storage="File"\n',
      `Volume="${this.volumes[each.mediaId - 1]?.volume}"\n`,
      `MediaType="${mediaType}"\n`,
      `VolSessionId=${sdId}\n`,
      `VolSessionTime=${sdTime}\n`,
      `VolAddr=${each.start}-${each.end}\n`,
      `FileIndex=${each.firstIndex}-${each.lastIndex}\n`,
    ]);
  }
}

function record(volume: TestVolume, appendOnly: number): string {
  return catalogAnswer.volume.format({
    ...volume,
    capacityBytes: 0,
    slot: volume.slot ?? 0,
    maxFiles: 0,
    inChanger: volume.slot === undefined ? 0 : 1,
    endFile: 0,
    endBlock: 0,
    labelType: 0,
    encryptionKey: "",
    minBlockSize: 0,
    maxBlockSize: 0,
    appendOnly: appendOnly || undefined,
  });
}
