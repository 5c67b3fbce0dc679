import { messageOf } from "../../../bytes/mod.ts";
import { catalogAnswer, catalogRequest } from "../../../protocol/mod.ts";
import { withCommas } from "../report/formats.ts";
import type { FileWriter, MediaRecord } from "../director_catalog.ts";
import { unfitForWriting } from "../volumes/volume_fitness.ts";
import { expire } from "../volumes/volume_limits.ts";
import { findVolume, type VolumeSeeker } from "../volumes/volume_selection.ts";

/** The job for which a storage daemon asks. */
export interface CatalogRequester {
  /** The pool, storage and catalog of the job. */
  readonly seeker: VolumeSeeker;
  /** The job whose rows are written. */
  readonly jobId: number;
  /** UNIX seconds. */
  readonly startTime: number;
  /** Whether it writes to its storage, which then becomes the volume's storage. */
  readonly isWriting: boolean;
  /** The File rows of the job. */
  readonly files: FileWriter;
  /** Whether the storage daemon is of Bacula, whose records of volumes have other fields. */
  readonly isBacula?: boolean;
  /** A request that cannot be understood or done: a fatal message. */
  fatal(text: string): void;
}

type Handler = (requester: CatalogRequester, text: string) => string | undefined;

/** The answer when a handler fails, by the same keys as {@linkcode HANDLERS}. */
interface Request {
  readonly keyword: RegExp;
  readonly handle: Handler;
  readonly failure: string;
}

const REQUESTS: readonly Request[] = [
  {
    keyword: /^CatReq Job(?:Id)?=\S* FindMedia=/,
    handle: findMedia,
    failure: catalogAnswer.noMedia.format({}),
  },
  {
    keyword: /^CatReq Job(?:Id)?=\S* GetVolInfo /,
    handle: getVolumeInfo,
    failure: catalogAnswer.updateMediaFailed.format({}),
  },
  {
    keyword: /^CatReq Job(?:Id)?=\S* UpdateMedia /,
    handle: updateMedia,
    failure: catalogAnswer.updateMediaFailed.format({}),
  },
  {
    keyword: /^CatReq Job(?:Id)?=\S* CreateJobMedia /,
    handle: createJobMedia,
    failure: catalogAnswer.createJobMediaFailed.format({}),
  },
  {
    keyword: /^Catreq Job=\S* UpdateFileList/,
    handle: updateFileList,
    failure: catalogAnswer.updateFileListFailed.format({}),
  },
  {
    keyword: /^Catreq Job=\S* UpdateJobRecord /,
    handle: updateJobRecord,
    failure: catalogAnswer.updateJobRecordFailed.format({}),
  },
  {
    keyword: /^CatReq Job(?:Id)?=\S* DeleteNullJobmediaRecords/,
    handle: deleteNullJobMedia,
    failure: catalogAnswer.deleteNullJobMediaFailed.format({}),
  },
  {
    keyword: /^BlastAttr /,
    handle: () => catalogAnswer.blastAttributesFailed.format({}),
    failure: catalogAnswer.blastAttributesFailed.format({}),
  },
];

/**
 * Answers what a storage daemon asks during a job; `undefined` for requests that have no answer
 * (catalog-and-jobs.md 4, storage-daemon.md 4.5).
 */
export function answerCatalogRequest(
  requester: CatalogRequester,
  text: string,
): string | undefined {
  const request = REQUESTS.find(({ keyword }) => keyword.test(text));
  try {
    if (request !== undefined) return request.handle(requester, text);
  } catch (error) {
    if (!(error instanceof BadRequest)) {
      const why = messageOf(error);
      requester.fatal(`Catalog request failed: ${text.trim()} ERR=${why}`);
      return request?.failure;
    }
  }
  requester.fatal(`Invalid Catalog request: ${text}`);
  return catalogAnswer.invalid.format({ request: text });
}

/** The request does not scan. */
class BadRequest extends Error {}

function scanned<T>(fields: T | undefined): T {
  if (fields === undefined) throw new BadRequest("Cannot read catalog request");
  return fields;
}

/** What only Bacula has, as it is for a volume in a file (bacula.md 10.4). */
const BACULA_VOLUME = {
  adataBytes: 0,
  holeBytes: 0,
  holes: 0,
  volumeType: 1,
  scratchPoolId: 0,
  parts: 0,
  cloudParts: 0,
  lastPartBytes: 0,
} as const;

function volumeAnswer({ isBacula, seeker }: CatalogRequester, media: MediaRecord): string {
  return catalogAnswer.volume.format({
    volume: media.volumeName,
    jobs: media.volJobs,
    files: media.volFiles,
    blocks: media.volBlocks,
    bytes: media.volBytes,
    mounts: media.volMounts,
    errors: media.volErrors,
    writes: media.volWrites,
    maxBytes: media.maxVolBytes,
    capacityBytes: media.volCapacityBytes,
    status: media.volStatus,
    slot: media.slot,
    maxJobs: media.maxVolJobs,
    maxFiles: media.maxVolFiles,
    inChanger: media.inChanger ? 1 : 0,
    readTime: media.volReadTime,
    writeTime: media.volWriteTime,
    endFile: media.endFile,
    endBlock: media.endBlock,
    labelType: media.labelType,
    mediaId: media.mediaId,
    ...(isBacula ? { ...BACULA_VOLUME, enabled: media.enabled, recycle: media.recycle ? 1 : 0 } : {
      encryptionKey: media.encryptionKey,
      minBlockSize: media.minBlockSize,
      maxBlockSize: media.maxBlockSize,
      appendOnly: seeker.pool.appendOnlyPeriod || undefined,
    }),
  });
}

function findMedia(requester: CatalogRequester, text: string): string {
  const { index, unwanted } = scanned(catalogRequest.findMedia.parse(text));
  const names = new Set((unwanted ?? "").split(",").filter((name) => name !== ""));
  // The storage daemon counts its tries and names what it has refused: none is to be skipped twice.
  const found = findVolume(requester.seeker, Math.max(1, index - names.size), names);
  return found === undefined ? catalogAnswer.noMedia.format({}) : volumeAnswer(requester, found);
}

function getVolumeInfo(requester: CatalogRequester, text: string): string {
  const { volume, write } = scanned(catalogRequest.getVolumeInfo.parse(text));
  const { catalog } = requester.seeker;
  const media = catalog.mediaByName(volume);
  if (media === undefined) return catalogAnswer.notInCatalog.format({ volume });
  const why = (write === 1 ? unfitForWriting(requester.seeker, media) : undefined) ??
    (media.enabled === 1 ? undefined : "is not Enabled");
  const now = catalog.mediaByName(volume) ?? media;
  return why === undefined
    ? volumeAnswer(requester, now)
    : catalogAnswer.notUsable.format({ volume, status: now.volStatus, why });
}

/** Bookkeeping of a volume (catalog-and-jobs.md 18.6). */
function updateMedia(requester: CatalogRequester, text: string): string {
  const said = scanned(catalogRequest.updateMedia.parse(text));
  const { seeker, startTime } = requester;
  const { catalog } = seeker;
  const media = catalog.mediaByName(said.volume);
  if (media === undefined) {
    const why = `Media record for Volume "${said.volume}" not found`;
    seeker.error(`Unable to get Media record for Volume ${said.volume}: ERR=${why}`);
    return catalogAnswer.updateFailed.format({ volume: said.volume, why });
  }
  const isRelabeled = said.relabel === 1 || media.labelDate === 0;
  const growing = (what: string, before: number, now: number): number => {
    if (isRelabeled || now >= before) return now;
    seeker.info(
      `Ignoring Volume ${what} at ${withCommas(before)} being set to ${withCommas(now)} ` +
        `for Volume "${media.volumeName}".`,
    );
    return before;
  };
  const blocksMayShrink = said.files > media.volFiles;
  const hasWritten = said.writes > media.volWrites && requester.isWriting;
  catalog.updateMedia(media.mediaId, {
    firstWritten: media.firstWritten || said.firstWritten || startTime,
    ...(isRelabeled && { labelDate: startTime }),
    ...(said.blocks !== media.volBlocks && said.endTime !== 0 && { lastWritten: said.endTime }),
    ...(hasWritten && { storageId: seeker.storageId }),
    volJobs: said.jobs,
    volFiles: growing("Files", media.volFiles, said.files),
    volBlocks: blocksMayShrink ? said.blocks : growing("Blocks", media.volBlocks, said.blocks),
    volBytes: growing("Bytes", media.volBytes, said.bytes),
    volMounts: said.mounts,
    volErrors: said.errors,
    volWrites: said.writes,
    volStatus: said.status,
    slot: said.slot,
    inChanger: said.inChanger !== 0,
    volReadTime: Math.max(0, said.readTime),
    volWriteTime: Math.max(0, said.writeTime),
  });
  if (said.slot > 0 && said.inChanger !== 0) {
    catalog.freeSlot(said.slot, hasWritten ? seeker.storageId : media.storageId, media.mediaId);
  }
  const updated = catalog.mediaByName(said.volume) ?? media;
  const isExpired = expire(seeker, updated);
  const now = isExpired ? catalog.mediaByName(said.volume) ?? media : updated;
  return volumeAnswer(requester, now);
}

function createJobMedia(requester: CatalogRequester, text: string): string {
  const said = scanned(catalogRequest.createJobMedia.parse(text));
  const { catalog } = requester.seeker;
  const { mediaId, firstIndex, lastIndex, startFile, endFile, startBlock, endBlock } = said;
  catalog.addJobMedia({
    jobId: requester.jobId,
    mediaId,
    firstIndex,
    lastIndex,
    startFile,
    endFile,
    startBlock,
    endBlock,
  });
  // pieces with files have told the volume's end by themselves
  const tellsEnd = firstIndex === 0 && (lastIndex !== 0 || endFile !== 0 || endBlock !== 0);
  if (tellsEnd) catalog.updateMedia(mediaId, { endFile, endBlock });
  return catalogAnswer.createJobMediaOk.format({});
}

function updateFileList(requester: CatalogRequester): undefined {
  requester.files.flush();
}

function updateJobRecord(requester: CatalogRequester, text: string): undefined {
  const { jobFiles, jobBytes } = scanned(catalogRequest.updateJobRecord.parse(text));
  requester.seeker.catalog.updateJob(requester.jobId, { jobFiles, jobBytes });
}

function deleteNullJobMedia(requester: CatalogRequester): string {
  requester.seeker.catalog.deleteNullJobMedia(requester.jobId);
  return catalogAnswer.deleteNullJobMediaOk.format({});
}
