/**
 * What a storage daemon asks and tells the catalog through the director, and the answers
 * (storage-daemon.md 4.5 to 4.7).
 *
 * @module
 */
import { ByteReader, ByteWriter, decodeText, encodeText } from "../bytes/mod.ts";
import { type Fields, type Message, message, type Messages, messages } from "./message.ts";

/** The texts of {@linkcode catalogRequest}. */
export const CATALOG_REQUEST = {
  /** The `index`-th best volume to append to. */
  findMedia:
    "CatReq[ Job={job:name}][ JobId={jobId:u}] FindMedia={index:u} pool_name={poolName:name} media_type={mediaType:name}[ vol_type={volumeType:u}][ unwanted_volumes={unwanted:words}]\n",
  /** All about one volume, for writing or reading. */
  getVolumeInfo:
    "CatReq[ Job={job:name}][ JobId={jobId:u}] GetVolInfo VolName={volume:name} write={write:u}\n",
  /** The state of a volume after a change; the optional fields are Bacula's. */
  updateMedia:
    "CatReq[ Job={job:name}][ JobId={jobId:u}] UpdateMedia VolName={volume:name} VolJobs={jobs:u} VolFiles={files:u} VolBlocks={blocks:u} VolBytes={bytes:u}[ VolABytes={adataBytes:u} VolHoleBytes={holeBytes:u} VolHoles={holes:u}] VolMounts={mounts:u} VolErrors={errors:u} VolWrites={writes:u} MaxVolBytes={maxBytes:u} EndTime={endTime:u} VolStatus={status:s20} Slot={slot:d} relabel={relabel:d} InChanger={inChanger:d} VolReadTime={readTime:d} VolWriteTime={writeTime:d} VolFirstWritten={firstWritten:u}[ VolType={volumeType:u} VolParts={parts:u} VolCloudParts={cloudParts:u} LastPartBytes={lastPartBytes:u} Enabled={enabled:u} Recycle={recycle:u}]\n",
  /** Where the files of the job are on a volume. */
  createJobMedia:
    "CatReq[ Job={job:name}][ JobId={jobId:u}] CreateJobMedia FirstIndex={firstIndex:u} LastIndex={lastIndex:u} StartFile={startFile:u} EndFile={endFile:u} StartBlock={startBlock:u} EndBlock={endBlock:u} Copy={copy:d} Strip={stripe:d} MediaId={mediaId:u}\n",
  /** The same of Bacula: {@linkcode jobMediaEntry} frames follow, then EOD (bacula.md 10.4). */
  createJobMediaList: "CatReq[ Job={job:name}][ JobId={jobId:u}] CreateJobMedia\n",
  /** Checkpoint: make the files so far visible. Not answered unless it fails. */
  updateFileList: "Catreq Job={job:name} UpdateFileList\n",
  /** Checkpoint: the job's counters so far. Not answered unless it fails. */
  updateJobRecord:
    "Catreq Job={job:name} UpdateJobRecord JobFiles={jobFiles:u} JobBytes={jobBytes:u}\n",
  /** Remove the placeholders that the job's JobMedia began with. */
  deleteNullJobMedia: "CatReq Job={job:name} DeleteNullJobmediaRecords jobid={jobId:u}",
  /** The attributes of the job are in this file of the storage daemon's machine. */
  blastAttributes: "BlastAttr[ Job={job:name}][ JobId={jobId:u}] File={path:words}\n",
} as const;

/** Requests of a storage daemon. */
export const catalogRequest: Messages<typeof CATALOG_REQUEST> = messages(CATALOG_REQUEST);

/** The pattern of {@linkcode jobMediaEntry}. */
export const JOB_MEDIA_ENTRY =
  "{firstIndex:u} {lastIndex:u} {startFile:u} {endFile:u} {startBlock:u} {endBlock:u} {mediaId:u}\n";

/** One place of a job on a volume, in a list of Bacula's storage daemon. */
export const jobMediaEntry: Message<Fields<typeof JOB_MEDIA_ENTRY>> = message(JOB_MEDIA_ENTRY);

/** The texts of {@linkcode catalogAnswer}. */
export const CATALOG_ANSWER = {
  /**
   * A volume record; times in microseconds. Old directors leave out the block sizes. Bacula's form
   * has its own fields in place of the last ones (31 in all, 33 since version 13). `AppendOnly`, seconds,
   * is there only for pools that have such a period, which nobody else knows.
   */
  volume:
    "1000 OK VolName={volume:name} VolJobs={jobs:u} VolFiles={files:u} VolBlocks={blocks:u} VolBytes={bytes:u}[ VolABytes={adataBytes:u} VolHoleBytes={holeBytes:u} VolHoles={holes:u}] VolMounts={mounts:u} VolErrors={errors:u} VolWrites={writes:u} MaxVolBytes={maxBytes:u} VolCapacityBytes={capacityBytes:u} VolStatus={status:s20} Slot={slot:d} MaxVolJobs={maxJobs:u} MaxVolFiles={maxFiles:u} InChanger={inChanger:d} VolReadTime={readTime:d} VolWriteTime={writeTime:d} EndFile={endFile:u} EndBlock={endBlock:u}[ VolType={volumeType:u}] LabelType={labelType:d} MediaId={mediaId:u}[ EncryptionKey={encryptionKey:s}][ MinBlocksize={minBlockSize:u} MaxBlocksize={maxBlockSize:u}][ ScratchPoolId={scratchPoolId:u} VolParts={parts:u} VolCloudParts={cloudParts:u} LastPartBytes={lastPartBytes:u} Enabled={enabled:u}][ MaxPoolBytes={maxPoolBytes:u} PoolBytes={poolBytes:u}][ Recycle={recycle:u}][ AppendOnly={appendOnly:u}]\n",
  createJobMediaOk: "1000 OK CreateJobMedia\n",
  deleteNullJobMediaOk: "1000 OK DeleteNullJobmediaRecords\n",
  blastAttributesOk: "1000 OK BlastAttr\n",
  /** No volume can be offered. */
  noMedia: "1901 No Media.\n",
  blastAttributesFailed: "1990 ERROR BlastAttr\n",
  invalid: "1990 Invalid Catalog Request: {request:text}",
  updateFailed: "1991 Catalog Request for vol={volume:q} failed: {why:text}",
  createJobMediaFailed: "1992 Create JobMedia error\n",
  updateFileListFailed: "1992 Update File table error\n",
  updateJobRecordFailed: "1992 Update job record error\n",
  deleteNullJobMediaFailed: "1992 DeleteNullJobMediaRecords error\n",
  updateMediaFailed: "1993 Update Media error\n",
  notInCatalog: '1997 Volume "{volume:q}" not in catalog.\n',
  notUsable: '1998 Volume "{volume:q}" catalog status is {status:q}, {why:q}.\n',
} as const;

/** Answers of a director. */
export const catalogAnswer: Messages<typeof CATALOG_ANSWER> = messages(CATALOG_ANSWER);

/** One record of a backup on its way to the catalog (storage-daemon.md 4.6). */
export interface AttributeUpdate {
  /** Unique name of the job, of the original one after an internal copy; Bacula: the JobId. */
  readonly job: string | number;
  /** Session on the volume. */
  readonly volSessionId: number;
  /** Start of the storage daemon that wrote it, seconds since 1970. */
  readonly volSessionTime: number;
  /** Number of the file in the job, from 1. */
  readonly fileIndex: number;
  /** The stream with its high bits. */
  readonly stream: number;
  /** The record as the file daemon sent it. */
  readonly data: Uint8Array;
}

const BEFORE_JOB = encodeText("UpdCat Job=");
const BEFORE_JOB_ID = encodeText("UpdCat JobId=");
const AFTER_JOB = encodeText(" FileAttributes ");
const UPDATE_HEADER = 20;

/** Writes an attribute update as one message. */
export function formatAttributeUpdate(update: AttributeUpdate): Uint8Array<ArrayBuffer> {
  return new ByteWriter(update.data.length + 200)
    .bytes(typeof update.job === "string" ? BEFORE_JOB : BEFORE_JOB_ID)
    .text(String(update.job)).bytes(AFTER_JOB)
    .u32(update.volSessionId).u32(update.volSessionTime)
    .i32(update.fileIndex).i32(update.stream)
    .u32(update.data.length).bytes(update.data)
    .view();
}

/** Reads an attribute update; `data` is a view of `message`. `undefined` if it is something else. */
export function parseAttributeUpdate(message: Uint8Array): AttributeUpdate | undefined {
  const prefix = [BEFORE_JOB, BEFORE_JOB_ID].find((bytes) => startsWith(message, bytes, 0));
  if (prefix === undefined) return undefined;
  const jobEnd = message.indexOf(0x20, prefix.length);
  if (jobEnd < 0 || !startsWith(message, AFTER_JOB, jobEnd)) return undefined;
  const start = jobEnd + AFTER_JOB.length;
  if (message.length < start + UPDATE_HEADER) return undefined;
  const reader = new ByteReader(message.subarray(start));
  const volSessionId = reader.u32();
  const volSessionTime = reader.u32();
  const fileIndex = reader.i32();
  const stream = reader.i32();
  const length = reader.u32();
  if (length > reader.remaining) return undefined;
  const job = decodeText(message.subarray(prefix.length, jobEnd));
  if (prefix === BEFORE_JOB_ID && !/^\d{1,10}$/.test(job)) return undefined;
  return {
    job: prefix === BEFORE_JOB ? job : Number(job),
    volSessionId,
    volSessionTime,
    fileIndex,
    stream,
    data: reader.bytes(length),
  };
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array, at: number): boolean {
  if (bytes.length < at + prefix.length) return false;
  return prefix.every((byte, i) => bytes[at + i] === byte);
}
