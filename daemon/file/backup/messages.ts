/** What the threads of a backup and the job that started them tell each other. @module */
import type { JobMessageType } from "../../../protocol/mod.ts";
import type { KnownFilesMemory } from "../accurate/mod.ts";
import type { FileSet } from "../fileset/mod.ts";
import type { Protection } from "./protection.ts";
import type { StopWord } from "../platform/mod.ts";
import type { AreaMemory } from "./shared_area.ts";
import type { PoolMemory } from "./shared_pool.ts";

/** What files a backup or an estimate looks at. */
export interface WalkOrder {
  readonly fileSet: FileSet;
  /** Letter of the level: `F`, `I`, `D`. */
  readonly level: string;
  /** Files changed since then are saved; seconds of our clock. */
  readonly since: number;
  /** Whether an incomplete job goes on: its base files have been told. */
  readonly isRerun?: boolean | undefined;
  /** Whether later jobs compare times with those that this one finds. */
  readonly isAccurate?: boolean | undefined;
  /** What files are compared with, if the job is accurate. */
  readonly known?: KnownFilesMemory | undefined;
}

/** To a thread that is to serve jobs: where it sits. */
export interface SeatOrder {
  readonly kind: "seat";
  readonly pool: PoolMemory;
  readonly seat: number;
}

/** To the thread that walks, and saves as well. The memory knows the number of the job. */
export interface LeadOrder extends WalkOrder {
  readonly kind: "lead";
  readonly memory: AreaMemory;
  readonly firstFileIndex: number;
  /** What is done to contents; nothing if absent. */
  readonly protection?: Protection | undefined;
}

/** To a thread that saves what another one finds. */
export interface SaveOrder {
  readonly kind: "save";
  readonly memory: AreaMemory;
  readonly fileSet: FileSet;
  /** As of the thread that leads. */
  readonly protection?: Protection | undefined;
}

/** What a thread that has a seat is told to do for a job, beside others. */
export type JobOrder = LeadOrder | SaveOrder;

/** To a thread that walks without saving. */
export interface EstimateOrder extends WalkOrder {
  readonly kind: "estimate";
  /** Lines are made, or only counted. */
  readonly hasListing: boolean;
  /** Tells it to stop. */
  readonly stop: StopWord;
}

/** To a thread. */
export type ToBackupThread =
  | SeatOrder
  | JobOrder
  | EstimateOrder
  /** Ends an estimate; a backup ends by its shared area. */
  | { readonly kind: "cancel" };

/** A job message. */
export type ThreadMessage = readonly [type: JobMessageType, text: string];

/** What a part of the output adds to the job's figures. */
export interface PartFigures {
  /** The highest FileIndex. */
  files: number;
  /** Bytes of file data, access control lists and extended attributes. */
  bytes: number;
  /** Bytes read from files; holes that are left out do not count. */
  readBytes: number;
  /** Files that could not be saved or not be saved whole. */
  errors: number;
  aclErrors: number;
  attributeErrors: number;
}

/** A place in the output where the digest of a file with several names stands. */
export interface DigestPlace {
  /** FileIndex of the first name. */
  readonly firstIndex: number;
  /** Whether this is the first name's own, which the others get. */
  readonly isOwn: boolean;
  /** Where its record begins, with its header frame; where the digest begins; where the record ends. */
  readonly start: number;
  readonly at: number;
  readonly end: number;
}

/** A part of the output of a unit; parts go out in order. */
export interface OutputPart {
  readonly kind: "part";
  readonly unit: number;
  readonly part: number;
  /** Whether it is the unit's last. */
  readonly isLast: boolean;
  /** The shared buffer with frames, -1 for none, and how many bytes. */
  readonly buffer: number;
  readonly length: number;
  readonly figures: PartFigures;
  /** Files looked at so far; 0 where that is not known. */
  readonly examined: number;
  /** The last file, byte preserving. */
  readonly path: string;
  readonly messages: readonly ThreadMessage[];
  readonly digests: readonly DigestPlace[];
}

/** From a thread that serves jobs. */
export interface FromSeat {
  /** The number of the job. */
  readonly job: number;
  readonly message: FromBackupThread;
}

/** From a thread, of one job. */
export type FromBackupThread =
  | OutputPart
  /** The walk is over: there are so many units. */
  | {
    readonly kind: "walked";
    readonly units: number;
    readonly examined: number;
    readonly readBytes: number;
  }
  /** The thread has done what it was told for a job; or why it gave up. */
  | { readonly kind: "idle"; readonly failure?: string }
  | { readonly kind: "messages"; readonly messages: readonly ThreadMessage[] }
  | { readonly kind: "lines"; readonly text: string }
  | { readonly kind: "estimated"; readonly files: number; readonly bytes: number };
