/**
 * `roost bls`: lists what is on volumes, as `bls` of Bareos does (storage-daemon.md 12): files, with
 * `-j` jobs, with `-k` blocks, with `-L` the volume's label.
 *
 * @module
 */
import {
  type Block,
  decodeAttributes,
  decodeSessionLabel,
  decodeVolumeLabel,
  formatAddress,
  LabelType,
  RecordCursor,
  Stream,
  streamName,
  streamType,
  VolumeError,
  type VolumeRecord,
} from "../storage/volume/mod.ts";
import { readVolumeLabel } from "../storage/mod.ts";
import { describeStatuses, toolStatuses } from "./exit_statuses.ts";
import type { Manual } from "./manual.ts";
import {
  configuredDevices,
  describeSessionLabel,
  describeVolumeLabel,
  fetchVolumes,
  formatFile,
  formatLabelTime,
  jobLabelNames,
  labelNames,
  NameList,
  openSource,
  OwnerNames,
  runTool,
  SourceReader,
  ToolError,
  type ToolOptions,
  toolOptionsOf,
  type ToolOutput,
  type ToolSource,
} from "./volume_tools/mod.ts";

/** What there is to say of it. */
export const manual: Manual = {
  synopsis: ["[options] [DEVICE]"],
  about: "Lists what is on volumes: the files; with -j the jobs, with -k the blocks, with -L the " +
    "label. It needs neither director nor catalog. DEVICE is a volume's file, or a Device " +
    "of the storage daemon's configuration, whose volumes -V names.",
  options: toolOptionsOf("bls"),
  statuses: describeStatuses(toolStatuses),
};

/** Runs `bls` with the words of its command line; the result is the exit status. */
export function main(args: readonly string[]): Promise<number> {
  return runTool("bls", args, async (options, output) => {
    const devices = configuredDevices(options);
    await fetchVolumes(options.words[0], options, devices);
    const source = openSource(options.words[0], options, devices);
    return new Lister(source, options, output).run();
  });
}

class Lister {
  readonly #source: ToolSource;
  readonly #options: ToolOptions;
  readonly #output: ToolOutput;
  readonly #reader: SourceReader;
  readonly #include: NameList | undefined;
  readonly #exclude: NameList | undefined;
  readonly #users = new OwnerNames("/etc/passwd");
  readonly #groups = new OwnerNames("/etc/group");
  /** JobIds by session, as the labels say. */
  readonly #jobIds = new Map<string, number>();

  constructor(source: ToolSource, options: ToolOptions, output: ToolOutput) {
    this.#source = source;
    this.#options = options;
    this.#output = output;
    this.#reader = new SourceReader(source, "bls", output);
    const { includeList, excludeList } = options;
    this.#include = includeList === undefined ? undefined : NameList.read(includeList);
    this.#exclude = excludeList === undefined ? undefined : NameList.read(excludeList);
  }

  run(): number {
    const { listLabel, listBlocks, listJobs } = this.#options;
    if (listLabel) this.#labels();
    else if (listBlocks) this.#blocks();
    else if (listJobs) this.#jobs();
    else this.#files();
    return this.#reader.problems === 0 ? 0 : 1;
  }

  #labels(): void {
    const { device, volumes } = this.#source;
    for (const name of volumes) {
      const volume = device.open(name, "read");
      try {
        describeVolumeLabel(readVolumeLabel(volume)).forEach((line) => this.#output.line(line));
      } catch (error) {
        if (!(error instanceof VolumeError)) throw error;
        throw new ToolError(error.message, 1, { cause: error });
      } finally {
        volume.close();
      }
    }
  }

  #blocks(): void {
    let count = 0;
    const blocks = this.#reader.blocks((block) => {
      count += 1;
      const line = this.#options.verbosity > 0 ? describeBlock(block) : undefined;
      this.#output.line(line ?? `Block: ${count} size=${block.header.length}`);
    });
    for (const _ of blocks);
  }

  #jobs(): void {
    for (const record of this.#reader.labels()) {
      const label = this.#noteLabel(record);
      const { sessionId, sessionTime, stream, fileIndex, origin, data } = record;
      if (this.#options.verbosity > 0) {
        const lines = label === undefined
          ? this.#volumeLabelLines(record)
          : describeSessionLabel(fileIndex, label);
        lines.forEach((line) => this.#output.line(line));
        continue;
      }
      const type = jobLabelNames.get(fileIndex) ?? String(fileIndex);
      const line =
        `${type} Record: File:blk=${formatAddress(origin.address)} SessId=${sessionId} ` +
        `SessTime=${sessionTime} JobId=${label?.jobId ?? stream}`;
      if (label === undefined) {
        this.#output.line(`${line} DataLen=${data.length}`);
        continue;
      }
      const { job, jobLevel, jobType, writeTimeMicros, end } = label;
      const totals = end === undefined
        ? ""
        : ` Files=${end.jobFiles} Bytes=${end.jobBytes} Errors=${end.jobErrors} Status=${end.jobStatus}`;
      this.#output.line(line);
      this.#output.line(
        `   Job=${job} Date=${formatLabelTime(writeTimeMicros)} Level=${jobLevel} ` +
          `Type=${jobType}${totals}`,
      );
    }
  }

  #volumeLabelLines({ fileIndex, data }: VolumeRecord): string[] {
    if (fileIndex !== LabelType.volume && fileIndex !== LabelType.preLabel) return [];
    const label = this.#attempt(() => decodeVolumeLabel(data));
    return label === undefined
      ? []
      : describeVolumeLabel({ label, labelType: fileIndex, recordLength: data.length });
  }

  #files(): void {
    let count = 0;
    for (const record of this.#reader.records()) {
      if (this.#options.verbosity > 0) this.#output.line(describeRecord(record));
      if (record.fileIndex < 0) {
        this.#noteLabel(record);
        continue;
      }
      const type = streamType(record.stream);
      if (type !== Stream.unixAttributes && type !== Stream.unixAttributesEx) continue;
      const file = this.#attempt(() => decodeAttributes(record.data));
      if (file === undefined || !this.#isWanted(file.name)) continue;
      count += 1;
      const jobId = this.#jobIds.get(`${record.sessionId} ${record.sessionTime}`) ?? 0;
      this.#output.line(`bls JobId ${jobId}: ${formatFile(file, this.#users, this.#groups)}`);
    }
    this.#output.line(`${count} files and directories found.`);
  }

  #isWanted(name: string): boolean {
    return (this.#include?.has(name) ?? true) && !this.#exclude?.has(name);
  }

  #noteLabel(record: VolumeRecord): ReturnType<typeof decodeSessionLabel> | undefined {
    const { fileIndex, sessionId, sessionTime, data } = record;
    if (fileIndex !== LabelType.startOfSession && fileIndex !== LabelType.endOfSession) return;
    const label = this.#attempt(() => decodeSessionLabel(data, fileIndex));
    if (label !== undefined) this.#jobIds.set(`${sessionId} ${sessionTime}`, label.jobId);
    return label;
  }

  #attempt<Result>(decode: () => Result): Result | undefined {
    try {
      return decode();
    } catch (error) {
      if (!(error instanceof VolumeError)) throw error;
      this.#reader.problems += 1;
      this.#output.problem(`bls JobId 0: Error: ${error.message}`);
      return undefined;
    }
  }
}

function describeBlock({ header, address, bytes }: Block): string | undefined {
  const cursor = new RecordCursor();
  cursor.start(header, bytes);
  if (!cursor.next()) return undefined;
  const name = cursor.fileIndex < 0 ? String(cursor.stream) : streamName(cursor.stream);
  const first = labelNames.get(cursor.fileIndex) ?? cursor.fileIndex;
  return `File:blk=${formatAddress(address)} blk_num=${header.number} blen=${header.length} ` +
    `First rec FI=${first} SessId=${header.sessionId} SessTim=${header.sessionTime} ` +
    `Strm=${name} rlen=${cursor.length}`;
}

function describeRecord({ fileIndex, stream, data }: VolumeRecord): string {
  const isLabel = fileIndex < 0;
  const index = (isLabel ? labelNames.get(fileIndex) ?? String(fileIndex) : String(fileIndex))
    .padEnd(5);
  const number = String(stream).padEnd(2);
  const name = (isLabel ? "" : streamName(stream)).padEnd(25);
  return `FileIndex=${index} Stream=${number} ${name} DataLen=${String(data.length).padEnd(5)}` +
    ` | ${isLabel ? "" : detailsOf(stream, data)}`;
}

function detailsOf(stream: number, data: Uint8Array): string {
  const type = streamType(stream);
  if (type === Stream.unixAttributes || type === Stream.unixAttributesEx) {
    try {
      return decodeAttributes(data).name;
    } catch (error) {
      if (error instanceof VolumeError) return error.message;
      throw error;
    }
  }
  const digests: readonly number[] = [
    Stream.md5Digest,
    Stream.sha1Digest,
    Stream.sha256Digest,
    Stream.sha512Digest,
    Stream.xxh128Digest,
  ];
  return digests.includes(type) ? data.toHex() : "";
}
