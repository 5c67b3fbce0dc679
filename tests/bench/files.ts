/**
 * Measures what the file daemon does with files, without network: walking over many, selecting them
 * by patterns, reading their attributes, and restoring small and large ones.
 *
 * @module
 */
import { encodeText } from "../../bytes/mod.ts";
import { encodeFoundFile, readLists } from "../../daemon/file/attributes/mod.ts";
import { type FileSet, FileSetBuilder, walk } from "../../daemon/file/fileset/mod.ts";
import { openPlatform, type Platform } from "../../daemon/file/platform/mod.ts";
import { destinationOf, RestoreTarget } from "../../daemon/file/restore/mod.ts";
import { encodeAttributes, encodeStat, FileType, Stream } from "../../storage/volume/mod.ts";
import { join } from "../support/paths.ts";

/** One figure. */
export interface FileFigure {
  /** What was measured. */
  readonly stage: string;
  /** How much of it a second. */
  readonly perSecond: number;
  /** What is counted: `MB` (10^6 bytes) or `files`. */
  readonly unit: "MB" | "files";
}

/** How much is measured. */
export interface FileBenchOptions {
  /** Small files, 500 to a folder; 100,000 if absent. */
  readonly files?: number;
  /** Bytes of the large file, in units of 10^6; 1,000 if absent. */
  readonly megabytes?: number;
}

const smallLength = 1000;
const chunkLength = 65536;
const perFolder = 500;

/**
 * Measures each stage once, on files that were just made and so are in memory.
 * @param folder where files are made and left; a memory file system gives the figures of the CPU
 */
export async function measureFiles(
  folder: string,
  { files = 100_000, megabytes = 1000 }: FileBenchOptions = {},
): Promise<FileFigure[]> {
  const platform = openPlatform();
  const figures: FileFigure[] = [];
  const measure = (stage: string, unit: "MB" | "files", count: number, run: () => void) => {
    const began = performance.now();
    run();
    figures.push({ stage, unit, perSecond: count / ((performance.now() - began) / 1000) });
  };
  const where = join(folder, "restored");
  const makeTarget = (verifiesDigests: boolean) =>
    new RestoreTarget({
      platform,
      destination: destinationOf({ where }),
      replace: "always",
      report: ({ text }) => {
        throw new Error(`Cannot measure: ${text}`);
      },
      verifiesDigests,
    });
  measure("restore small files", "files", files, () => restoreSmall(makeTarget(false), files));
  measure("restore small files again", "files", files, () => {
    restoreSmall(makeTarget(false), files);
  });
  measure("restore a large file", "MB", megabytes, () => {
    restoreLarge(makeTarget(false), megabytes);
  });
  const plain = await fileSetOf(["O", "N"], where);
  const patterns = await fileSetOf(
    ["O e", "WD */cache", "WF *.o", "WF *.tmp", "RF ^/tmp/.*\\.log$", "N", "O MA", "N"],
    where,
  );
  measure("walk", "files", files, () => void count(platform, plain));
  measure("walk with patterns", "files", files, () => void count(platform, patterns));
  const lists = await fileSetOf(["O MAX", "N"], where);
  measure("walk, attributes records, lists", "files", files, () => {
    let index = 0;
    for (const file of walk(lists, platform)) {
      encodeFoundFile(file, ++index, Stream.fileData);
      readLists(platform, file);
    }
  });
  return figures;
}

async function fileSetOf(lines: string[], folder: string): Promise<FileSet> {
  const builder = new FileSetBuilder();
  for (const line of ["I", ...lines, `F ${folder}`]) builder.add(line);
  return await builder.build();
}

function count(platform: Platform, fileSet: FileSet): number {
  let found = 0;
  for (const _ of walk(fileSet, platform)) found++;
  return found;
}

function restoreSmall(target: RestoreTarget, files: number): void {
  const content = encodeText("small ".repeat(200)).subarray(0, smallLength);
  for (let number = 1; number <= files; number++) {
    const name = `/d${Math.floor(number / perFolder)}/some-file-name-${number}.txt`;
    target.accept(attributesOf(number, name, smallLength));
    target.accept({ fileIndex: number, stream: Stream.fileData, data: content });
  }
  target.finish();
}

function restoreLarge(target: RestoreTarget, megabytes: number): void {
  const chunk = new Uint8Array(chunkLength).map((_, at) => at * 7);
  const chunks = Math.round(megabytes * 1e6 / chunkLength);
  target.accept(attributesOf(1, "/large", chunks * chunkLength));
  for (let at = 0; at < chunks; at++) {
    target.accept({ fileIndex: 1, stream: Stream.fileData, data: chunk });
  }
  target.finish();
}

function attributesOf(fileIndex: number, name: string, size: number) {
  const stat = encodeStat({
    ...{ dev: 1, ino: fileIndex, mode: 0o100644, nlink: 1, uid: 0, gid: 0, rdev: 0, size },
    ...{ blksize: 4096, blocks: 8, atime: 1_500_000_000, mtime: 1_600_000_000, ctime: 1 },
  });
  const data = encodeAttributes({ fileIndex, type: FileType.regularFile, name, stat });
  return { fileIndex, stream: Stream.unixAttributes, data };
}

if (import.meta.main) {
  const folder = Deno.args[0] ?? await Deno.makeTempDir({ prefix: "roost-bench-" });
  for (const { stage, perSecond, unit } of await measureFiles(folder)) {
    console.log(`${stage.padEnd(34)} ${Math.round(perSecond).toLocaleString("en")} ${unit}/s`);
  }
  console.log(`The files are in ${folder}`);
}
