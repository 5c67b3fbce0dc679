/**
 * What the director asks of a catalog (catalog-and-jobs.md 2 to 4). Times are UNIX seconds, 0 for
 * none; names and paths are text that survives bytes which are not UTF-8.
 *
 * @module
 */
import type { RestoreObject } from "../../storage/catalog/mod.ts";
import type { LongReadCatalog } from "./long_reads.ts";
import type {
  CatalogResource,
  ClientResource,
  CounterResource,
  PoolResource,
  StorageResource,
} from "./resources.ts";

/** One row of Job. */
export interface JobRecord {
  readonly jobId: number;
  /** Unique job name. */
  readonly job: string;
  /** Name of the Job resource. */
  readonly name: string;
  readonly type: string;
  readonly level: string;
  readonly jobStatus: string;
  readonly clientId: number;
  readonly fileSetId: number;
  readonly poolId: number;
  readonly schedTime: number;
  readonly startTime: number;
  readonly endTime: number;
  readonly jobTDate: number;
  readonly volSessionId: number;
  readonly volSessionTime: number;
  readonly jobFiles: number;
  readonly jobBytes: number;
  readonly priorJobId: number;
  readonly purgedFiles: boolean;
}

/** What changes in a row of Job when it starts, runs and ends. */
export interface JobChanges {
  readonly jobStatus?: string;
  readonly type?: string;
  readonly level?: string;
  readonly clientId?: number;
  readonly poolId?: number;
  readonly fileSetId?: number;
  readonly schedTime?: number;
  readonly startTime?: number;
  readonly endTime?: number;
  readonly realEndTime?: number;
  readonly jobTDate?: number;
  readonly volSessionId?: number;
  readonly volSessionTime?: number;
  readonly jobFiles?: number;
  readonly jobBytes?: number;
  readonly readBytes?: number;
  readonly jobErrors?: number;
  readonly priorJobId?: number;
  readonly purgedFiles?: boolean;
  readonly hasBase?: boolean;
}

/** A new row of Job. */
export interface NewJob {
  readonly job: string;
  readonly name: string;
  readonly type: string;
  readonly level: string;
  readonly schedTime: number;
  readonly clientId: number;
  readonly comment: string;
}

/** Which jobs are looked for. */
export interface JobFilter {
  readonly name?: string;
  readonly type: string;
  readonly levels?: readonly string[];
  readonly clientId?: number;
  readonly fileSetId?: number;
  /** Whether they ended with T or W; `false` for those that did not. */
  readonly isGood: boolean;
}

/** One row of Media. */
export interface MediaRecord {
  readonly mediaId: number;
  readonly volumeName: string;
  readonly slot: number;
  readonly poolId: number;
  readonly mediaType: string;
  readonly labelType: number;
  readonly firstWritten: number;
  readonly lastWritten: number;
  readonly labelDate: number;
  readonly volJobs: number;
  readonly volFiles: number;
  readonly volBlocks: number;
  readonly volMounts: number;
  readonly volErrors: number;
  readonly volWrites: number;
  readonly volBytes: number;
  readonly volCapacityBytes: number;
  readonly volStatus: string;
  readonly enabled: number;
  readonly recycle: boolean;
  readonly volRetention: number;
  readonly volUseDuration: number;
  readonly maxVolJobs: number;
  readonly maxVolFiles: number;
  readonly maxVolBytes: number;
  readonly inChanger: boolean;
  readonly storageId: number;
  readonly volReadTime: number;
  readonly volWriteTime: number;
  readonly endFile: number;
  readonly endBlock: number;
  readonly recycleCount: number;
  readonly minBlockSize: number;
  readonly maxBlockSize: number;
  readonly scratchPoolId: number;
  readonly recyclePoolId: number;
  readonly actionOnPurge: number;
  readonly encryptionKey: string;
}

/** What changes in a row of Media. */
export type MediaChanges = Partial<Omit<MediaRecord, "mediaId">>;

/** A new row of Media; what is not given is 0, empty or `false`. */
export type NewMedia =
  & Pick<MediaRecord, "volumeName" | "poolId" | "mediaType" | "volStatus" | "enabled">
  & MediaChanges;

/** One contiguous piece of a job on a volume; addresses are bytes on a disk. */
export interface JobMediaRecord {
  readonly jobId: number;
  readonly mediaId: number;
  readonly volumeName: string;
  readonly mediaType: string;
  readonly slot: number;
  readonly storageId: number;
  readonly firstIndex: number;
  readonly lastIndex: number;
  readonly startFile: number;
  readonly endFile: number;
  readonly startBlock: number;
  readonly endBlock: number;
}

/** A new row of JobMedia. */
export type NewJobMedia = Omit<
  JobMediaRecord,
  "volumeName" | "mediaType" | "slot" | "storageId"
>;

/** One file on its way to the catalog. */
export interface FileRecord {
  readonly fileIndex: number;
  /** Path and name; a directory ends in `/`. */
  readonly path: string;
  readonly lstat: string;
  /** Unpadded base 64, or `0`. */
  readonly digest: string;
  readonly deltaSeq: number;
}

/** The File rows of one job while it runs. */
export interface FileWriter {
  /** Rows so far. */
  readonly count: number;
  /** Takes a row; it may be written later. */
  add(file: FileRecord): void;
  /** Takes a row as bytes, of which nothing is kept; its digest may follow. */
  addBytes(fileIndex: number, deltaSeq: number, path: Uint8Array, lstat: Uint8Array): void;
  /** The digest of the row that came last; without one, none follows. */
  addDigest(digest: Uint8Array | undefined): void;
  /** Enters an object that a plugin wants back before a restore. */
  addObject(object: RestoreObject): void;
  /** Makes all rows so far visible, but for one whose digest may still follow. */
  flush(): void;
}

/** A value as the database gives and takes it. */
export type SqlValue = string | number | bigint | null | Uint8Array;
/** A row by column names. */
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** Queries in the database's own words, for lists of the console. */
export interface SqlCatalog extends LongReadCatalog {
  /** All rows of a query. */
  all(sql: string, ...values: readonly SqlValue[]): SqlRow[];
  /** The first row of a query. */
  one(sql: string, ...values: readonly SqlValue[]): SqlRow | undefined;
  /** Changes rows; the number of the last one that was inserted. */
  run(sql: string, ...values: readonly SqlValue[]): number;
  /** Does several changes as one. */
  transaction<T>(work: () => T): T;
  /** All rows of a query that a user wrote, in the words of the database. */
  userQuery(sql: string): SqlRow[];
  /** Whether there is a table of this name. */
  hasTable(name: string): boolean;
}

/** Files of one job that another one looks at. */
export interface FileMarks {
  /** The file of a name, which counts as seen. */
  see(path: string): FileRecord | undefined;
  /** Enters all marks: `longRead()` finds what was not seen then. */
  flush(): void;
}

/**
 * A catalog. Methods are synchronous and throw when the database cannot be used; what may take long is
 * read by `longRead()`.
 */
export interface DirectorCatalog extends SqlCatalog {
  /** What keeps it. */
  readonly dialect: "sqlite" | "postgresql";
  /** Marks jobs that a director left behind as failed (1.3). */
  failLeftovers(): void;
  /** Finds or makes the row of a Client and takes its retentions over. */
  client(client: ClientResource): { readonly clientId: number; readonly uname: string };
  setClientUname(clientId: number, uname: string): void;
  /** Finds or makes the row of a Pool and takes its settings over. */
  pool(pool: PoolResource): number;
  /** Sets RecyclePoolId and ScratchPoolId of a Pool whose rows exist. */
  linkPool(pool: PoolResource): void;
  poolIdByName(name: string): number | undefined;
  /** Volumes in a pool. */
  volumeCount(poolId: number): number;
  /** Whether a pool may hold one more volume. */
  hasRoom(poolId: number): boolean;
  storage(storage: StorageResource): number;
  storageName(storageId: number): string | undefined;
  fileSet(
    name: string,
    digest: string,
    text: string,
    ignoreChanges: boolean,
  ): { readonly fileSetId: number; readonly createTime: string };

  createJob(job: NewJob): number;
  updateJob(jobId: number, changes: JobChanges): void;
  job(jobId: number): JobRecord | undefined;
  /** The newest job by start time. */
  newestJob(filter: JobFilter): JobRecord | undefined;
  /** The jobs that make up the state at `before` (12.1), oldest first. */
  currentJobs(
    of: {
      readonly clientId: number;
      /** The FileSet of the Full; any of the name if not given. */
      readonly fileSetId?: number | undefined;
      readonly fileSetName: string;
      readonly level: string;
      readonly before: number;
    },
  ): number[];
  /** The parts that make up the newest version of a file, oldest first, as far as they follow. */
  deltaParts(
    jobIds: readonly number[],
    path: string,
  ): readonly (FileRecord & { readonly jobId: number })[];
  /** The restore objects of a type of some jobs, in the order in which they came. */
  restoreObjects(
    jobIds: readonly number[],
    type: number,
  ): Iterable<RestoreObject & { readonly jobId: number }>;
  /** The jobs of sessions of storage daemons. */
  jobsOfSessions(sessions: readonly { readonly id: number; readonly time: number }[]): number[];
  /** The files of a job one by one, marked as seen by job `markId`. */
  fileMarks(jobId: number, markId: number): FileMarks;
  fileWriter(jobId: number): FileWriter;
  log(jobId: number, seconds: number, text: string): void;
  /** Gives a job the log of another one. */
  copyLog(from: number, to: number): void;
  moveLog(from: number, to: number): void;
  /** The digest of a FileSet's record. */
  fileSetDigest(fileSetId: number): string;

  /** Candidates of a pool with these statuses, in the order of the database. */
  media(
    filter: {
      readonly poolId?: number;
      readonly mediaType?: string;
      readonly statuses?: readonly string[];
    },
  ): MediaRecord[];
  mediaByName(volumeName: string): MediaRecord | undefined;
  createMedia(media: NewMedia): MediaRecord;
  updateMedia(mediaId: number, changes: MediaChanges): void;
  /** Takes every other volume out of a slot of a storage. */
  freeSlot(slot: number, storageId: number, exceptMediaId: number): void;
  /** The largest MediaId of all pools. */
  largestMediaId(): number;
  addJobMedia(jobMedia: NewJobMedia): void;
  deleteNullJobMedia(jobId: number): void;
  /** The pieces of a job in their order, placeholders left out. */
  jobMedia(jobId: number): JobMediaRecord[];
  /** Jobs with a piece, placeholders included, on a volume. */
  jobsOnVolume(
    mediaId: number,
  ): { readonly jobId: number; readonly jobTDate: number; readonly jobStatus: string }[];
  /** Deletes jobs with all that belongs to them; many rows of files are left to {@linkcode sweep}. */
  deleteJobs(jobIds: readonly number[]): void;
  /** Makes the copies of a job the copies of another one. */
  adoptCopies(of: number, by: number): void;
  /** Deletes those of these paths that nothing uses any more. */
  deletePaths(pathIds: readonly number[]): void;
  /** Deletes the File rows of jobs; many are left to {@linkcode sweep}. */
  purgeFiles(jobIds: readonly number[]): void;
  /** Deletes a piece of what large jobs have left behind; whether there may be more. */
  sweep(): boolean;
  /**
   * Ended jobs of a client older than `before` which themselves, or whose files, may be pruned.
   */
  prunableJobs(
    clientId: number,
    before: number,
    withFiles: boolean,
  ): number[];
  /** The start of a client's grace period, UNIX seconds or 0, and its burst quota, bytes. */
  quota(clientId: number): { readonly graceTime: number; readonly quotaLimit: number };
  setQuota(
    clientId: number,
    row: { readonly graceTime: number; readonly quotaLimit: number },
  ): void;
  /** Bytes of a client's jobs that were scheduled after `since`, one job left out. */
  usedBytes(
    scope: {
      readonly clientId: number;
      readonly exceptJobId: number;
      readonly since: number;
      readonly includeFailed: boolean;
    },
  ): number;
  /** A counter's value, made with its minimum if there is none. */
  counter(counter: CounterResource): number;
  setCounter(name: string, value: number): void;
  /** Closes it, when nothing is left to {@linkcode sweep}. */
  close(): void;
}

/** Opens the catalog of a resource. */
export type CatalogOpener = (resource: CatalogResource) => DirectorCatalog;
