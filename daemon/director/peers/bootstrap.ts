/**
 * Bootstrap texts: which records of which volumes a job reads (catalog-and-jobs.md 14.3, 14.5).
 *
 * @module
 */
import type { JobMediaRecord } from "../director_catalog.ts";

/** The files of one job that are wanted, and where the job's data lies. */
export interface BootstrapJob {
  readonly volSessionId: number;
  readonly volSessionTime: number;
  /** Pieces in their order. */
  readonly jobMedia: readonly JobMediaRecord[];
  /** Wanted FileIndexes; `undefined` for all of the job. */
  readonly fileIndexes: FileIndexes | undefined;
}

/** FileIndexes of a job, kept as ranges: a whole job takes as little memory as one file. */
export class FileIndexes {
  #ranges: [from: number, to: number][] = [];

  /** The indexes given, in any order. */
  constructor(indexes: Iterable<number> = []) {
    for (const index of indexes) this.add(index);
  }

  /** Adds one; those that follow one another are cheapest. */
  add(index: number): void {
    const last = this.#ranges[this.#ranges.length - 1];
    if (last !== undefined && index >= last[0] && index <= last[1] + 1) {
      last[1] = Math.max(last[1], index);
    } else this.#ranges.push([index, index]);
  }

  /** All of them in rising order, as ranges that do not touch. */
  get ranges(): readonly (readonly [from: number, to: number])[] {
    const merged: [number, number][] = [];
    for (const [from, to] of this.#ranges.toSorted(([a], [b]) => a - b)) {
      const last = merged[merged.length - 1];
      if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
      else merged.push([from, to]);
    }
    this.#ranges = merged;
    return merged;
  }
}

/** The storage of a volume, as the bootstrap names it. */
export interface BootstrapStorage {
  readonly name: string;
  /** First device of the Storage resource. */
  readonly device: string | undefined;
}

/** A bootstrap and what the user is told about it. */
export interface Bootstrap {
  readonly text: string;
  /** Number of files selected. */
  readonly files: number;
  /** Volumes in the order in which they are read, each once. */
  readonly volumes: readonly {
    readonly volumeName: string;
    readonly storage: string;
    readonly device: string;
  }[];
}

/** Inclusive ranges of FileIndexes. */
type Range = readonly [from: number, to: number];

/** The largest FileIndex, for whole jobs. */
export const LAST_FILE_INDEX = 2147483647;

/**
 * Makes the bootstrap of a restore: one block per piece of a job that overlaps the selection.
 * @param storageOf finds the storage of a volume
 * @param fileRegex restricts what is restored, when not empty
 */
export function makeBootstrap(
  jobs: readonly BootstrapJob[],
  storageOf: (piece: JobMediaRecord) => BootstrapStorage | undefined,
  fileRegex = "",
): Bootstrap {
  let text = "";
  let files = 0;
  const volumes = new Map<string, Bootstrap["volumes"][number]>();
  for (const job of jobs) {
    const wanted = job.fileIndexes?.ranges;
    let lastCounted = 0;
    for (const piece of job.jobMedia) {
      if (piece.firstIndex === 0 && piece.lastIndex === 0) continue;
      const ranges = clip(wanted ?? [[1, LAST_FILE_INDEX]], piece);
      if (ranges.length === 0) continue;
      const count = ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0);
      // A file that continues on the next piece is one file.
      const isContinued = ranges[0]?.[0] === lastCounted;
      files += isContinued ? count - 1 : count;
      lastCounted = ranges[ranges.length - 1]?.[1] ?? 0;
      const storage = storageOf(piece);
      const device = storage?.device ?? "";
      text += block(job, piece, storage, ranges, count, fileRegex);
      const { volumeName } = piece;
      if (!volumes.has(volumeName)) {
        volumes.set(volumeName, { volumeName, storage: storage?.name ?? "*unknown*", device });
      }
    }
  }
  return { text, files, volumes: [...volumes.values()] };
}

function block(
  job: BootstrapJob,
  piece: JobMediaRecord,
  storage: BootstrapStorage | undefined,
  ranges: readonly Range[],
  count: number,
  fileRegex: string,
): string {
  const lines = [
    ...(storage === undefined ? [] : [`Storage="${storage.name}"`]),
    `Volume="${piece.volumeName}"`,
    `MediaType="${piece.mediaType}"`,
    ...(fileRegex === "" ? [] : [`FileRegex=${fileRegex}`]),
    ...(storage?.device === undefined ? [] : [`Device="${storage.device}"`]),
    ...(piece.slot > 0 ? [`Slot=${piece.slot}`] : []),
    `VolSessionId=${job.volSessionId}`,
    `VolSessionTime=${job.volSessionTime}`,
    `VolAddr=${address(piece.startFile, piece.startBlock)}-${
      address(piece.endFile, piece.endBlock)
    }`,
    ...ranges.map(([from, to]) => from === to ? `FileIndex=${from}` : `FileIndex=${from}-${to}`),
    `Count=${count}`,
  ];
  return `${lines.join("\n")}\n`;
}

/** The blocks that `Write Bootstrap` gets after a backup. */
export function writeBootstrapBlocks(job: Omit<BootstrapJob, "fileIndexes">): string {
  return job.jobMedia.filter(({ firstIndex, lastIndex }) => firstIndex > 0 || lastIndex > 0)
    .map((piece) =>
      [
        `Volume="${piece.volumeName}"`,
        `MediaType="${piece.mediaType}"`,
        ...(piece.slot > 0 ? [`Slot=${piece.slot}`] : []),
        `VolSessionId=${job.volSessionId}`,
        `VolSessionTime=${job.volSessionTime}`,
        `VolAddr=${address(piece.startFile, piece.startBlock)}-${
          address(piece.endFile, piece.endBlock)
        }`,
        `FileIndex=${piece.firstIndex}-${piece.lastIndex}\n`,
      ].join("\n")
    ).join("");
}

/** `(File << 32) | Block`; disks beyond 2^53 bytes do not exist. */
function address(file: number, block: number): number {
  return file * 2 ** 32 + block;
}

function clip(ranges: readonly Range[], piece: JobMediaRecord): Range[] {
  const clipped: Range[] = [];
  for (const [from, to] of ranges) {
    const first = Math.max(from, piece.firstIndex);
    const last = Math.min(to, piece.lastIndex);
    if (first <= last) clipped.push([first, last]);
  }
  return clipped;
}

/** One part of a bootstrap that is read through one storage. */
export interface BootstrapSegment {
  /** Name of the Storage resource; empty if the bootstrap does not say. */
  readonly storage: string;
  readonly text: string;
}

/**
 * Splits a bootstrap where the storage changes; consecutive blocks for which `isSame` holds stay
 * together.
 */
export function splitBootstrap(
  text: string,
  isSame: (a: string, b: string) => boolean,
): BootstrapSegment[] {
  const segments: { storage: string; text: string }[] = [];
  for (const line of text.match(/[^\n]+\n?/g) ?? []) {
    const storage = /^\s*Storage\s*=\s*"?([^"\n]*)"?/i.exec(line)?.[1];
    const last = segments[segments.length - 1];
    if (last === undefined) segments.push({ storage: storage ?? "", text: line });
    else if (storage === undefined || isSame(last.storage, storage)) last.text += line;
    else segments.push({ storage, text: line });
  }
  return segments;
}
