import { ByteReader, ByteWriter, encodeText } from "../../bytes/mod.ts";
import { asVolumeError, VolumeError } from "./volume_error.ts";

/** Negative FileIndexes: the record is a label (volume.md 5.1). */
export const LabelType = {
  /** A volume that was labelled and never used. */
  preLabel: -1,
  volume: -2,
  endOfMedium: -3,
  startOfSession: -4,
  endOfSession: -5,
  endOfTape: -6,
  startOfObject: -7,
  endOfObject: -8,
} as const;

/** Which program's labels to write: the record contents are the same (volume.md 5.2). */
export const LabelFormat = {
  /** Current Bareos: the default. */
  bareos: { id: "Bareos 2.0 immortal\n", version: 20 },
  /** Bacula, and Bareos up to 22 with `Compatible = yes`. */
  bacula: { id: "Bacula 1.0 immortal\n", version: 11 },
} as const;

/** The label of a volume, its first record (volume.md 5.3). */
export interface VolumeLabel {
  /** Which format the label has, with its newline; `LabelFormat.bareos.id` when writing. */
  readonly id: string;
  /** Version of the format. */
  readonly version: number;
  /** When the volume was labelled, microseconds since 1970 UTC. */
  readonly labelTimeMicros: number;
  /** When this record was written, microseconds since 1970 UTC. */
  readonly writeTimeMicros: number;
  /** Name of the volume. */
  readonly volumeName: string;
  /** Name of the volume written before this one, or empty. */
  readonly previousVolumeName: string;
  /** Name of the pool. */
  readonly poolName: string;
  /** Type of the pool, `Backup`. */
  readonly poolType: string;
  /** Media type of the volume. */
  readonly mediaType: string;
  /** Host of the writing program. */
  readonly hostName: string;
  /** Name of the program or daemon that wrote the label. */
  readonly program: string;
  /** `Ver. <version> <date>`. */
  readonly programVersion: string;
  /** `Build <date> <time>`. */
  readonly programDate: string;
  /**
   * Seconds after the last write in which the volume is not to be overwritten; none if not given. Stands
   * behind the fields that others know, which pass it over.
   */
  readonly appendOnlyPeriod?: number | undefined;
}

/** What both labels of a session tell (volume.md 5.4). */
export interface SessionLabel {
  /** Which format the label has, with its newline. */
  readonly id: string;
  /** Version of the format. */
  readonly version: number;
  /** JobId of the job. */
  readonly jobId: number;
  /** When the label was written, microseconds since 1970 UTC. */
  readonly writeTimeMicros: number;
  /** Name of the pool. */
  readonly poolName: string;
  /** Type of the pool, `Backup`. */
  readonly poolType: string;
  /** Name of the Job resource. */
  readonly jobName: string;
  /** Name of the client. */
  readonly clientName: string;
  /** The unique name of the job. */
  readonly job: string;
  /** Name of the file set. */
  readonly fileSetName: string;
  /** Letter of the job's type, such as `B`. */
  readonly jobType: string;
  /** Letter of the job's level, such as `F`. */
  readonly jobLevel: string;
  /** Digest of the file set, as text. */
  readonly fileSetMd5: string;
  /** Only in the label at the end of a session. */
  readonly end?: SessionEnd;
}

/** What the label at the end of a session adds. Positions are informational. */
export interface SessionEnd {
  /** Number of the last file. */
  readonly jobFiles: number;
  /** Bytes of all records. */
  readonly jobBytes: number;
  /** Low half of the address of the first byte. */
  readonly startBlock: number;
  /** Low half of the address of the last byte. */
  readonly endBlock: number;
  /** High half of the address of the first byte. */
  readonly startFile: number;
  /** High half of the address of the last byte. */
  readonly endFile: number;
  /** Errors counted by the job. */
  readonly jobErrors: number;
  /** Letter of the job's status, `T` if all is well. */
  readonly jobStatus: string;
}

/** Stands before the seconds of a volume that may only be appended to. */
const appendOnlyWord = "AppendOnly=";

/** What follows the fields of a volume label: the period, or anything else, which is no news. */
function readAppendOnly(rest: Uint8Array): number {
  const text = new TextDecoder("latin1").decode(rest.subarray(0, appendOnlyWord.length + 20));
  return Number(/^AppendOnly=(\d{1,12})\0/.exec(text)?.[1] ?? 0);
}

/** Labels are copied into buffers of this size by old readers. */
const maximumLabelLength = 1024;
/** Bytes of a name, its zero byte included. */
const maximumNameLength = 128;
/** The first version whose times are microseconds; older ones hold days as doubles. */
const firstMicrosVersion = 11;
const knownVersions: ReadonlyMap<string, readonly number[]> = new Map<string, readonly number[]>([
  [LabelFormat.bareos.id, [20, 11]],
  [LabelFormat.bacula.id, [11, 20]],
  ["Bacula 0.9 mortal\n", [9, 10]],
]);

/**
 * Writes the data of a volume label record.
 * @throws {VolumeError} if a name or the whole is too long
 */
export function encodeVolumeLabel(label: VolumeLabel): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(256);
  writer.cstring(label.id).u32(label.version);
  writer.u64(label.labelTimeMicros).u64(label.writeTimeMicros).f64(0).f64(0);
  for (const key of volumeTexts) writeName(writer, key, label[key]);
  const { appendOnlyPeriod = 0 } = label;
  if (appendOnlyPeriod > 0) writer.cstring(`${appendOnlyWord}${appendOnlyPeriod}`);
  return checked(writer, "volume");
}

/**
 * Reads the data of a volume label record; anything behind the last field is ignored.
 * @throws {VolumeError} if it is cut short or its Id or version is not a known one
 */
export function decodeVolumeLabel(data: Uint8Array): VolumeLabel {
  return asVolumeError("read volume label", () => {
    const reader = new ByteReader(data);
    const { id, version } = readFormat(reader, "Volume");
    let labelTimeMicros: number;
    let writeTimeMicros: number;
    if (version >= firstMicrosVersion) {
      labelTimeMicros = readMicros(reader);
      writeTimeMicros = readMicros(reader);
      reader.bytes(16);
    } else {
      const [labelDate, labelTime] = [reader.f64(), reader.f64()];
      labelTimeMicros = microsOfDays(labelDate, labelTime);
      writeTimeMicros = microsOfDays(reader.f64(), reader.f64());
    }
    const texts = Object.fromEntries(volumeTexts.map((key) => [key, reader.cstring()]));
    const appendOnlyPeriod = readAppendOnly(data.subarray(data.length - reader.remaining));
    return {
      id,
      version,
      labelTimeMicros,
      writeTimeMicros,
      ...texts as VolumeTexts,
      ...(appendOnlyPeriod > 0 ? { appendOnlyPeriod } : {}),
    };
  });
}

/**
 * Writes the data of a session label record: the start of a session, or its end if `label.end` is
 * given.
 * @throws {VolumeError} if a name or the whole is too long
 */
export function encodeSessionLabel(label: SessionLabel): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(512);
  writer.cstring(label.id).u32(label.version).u32(label.jobId);
  writer.u64(label.writeTimeMicros).f64(0);
  for (const key of sessionTexts) writeName(writer, key, label[key]);
  writer.u32(letterCode(label.jobType)).u32(letterCode(label.jobLevel));
  writeName(writer, "fileSetMd5", label.fileSetMd5);
  const { end } = label;
  if (end !== undefined) {
    writer.u32(end.jobFiles).u64(end.jobBytes).u32(end.startBlock).u32(end.endBlock);
    writer.u32(end.startFile).u32(end.endFile).u32(end.jobErrors).u32(letterCode(end.jobStatus));
  }
  return checked(writer, "session");
}

/**
 * Reads the data of a session label record.
 * @param labelType the record's FileIndex: it tells whether the fields of the end are there
 * @throws {VolumeError} if it is cut short or its Id or version is not a known one
 */
export function decodeSessionLabel(data: Uint8Array, labelType: number): SessionLabel {
  return asVolumeError("read session label", () => {
    const reader = new ByteReader(data);
    const { id, version } = readFormat(reader, "Session");
    const jobId = reader.u32();
    const writeTimeMicros = version >= firstMicrosVersion
      ? readMicros(reader, 8)
      : microsOfDays(reader.f64(), reader.f64());
    const keys = version >= 10 ? sessionTexts : sessionTexts.slice(0, 4);
    const texts = Object.fromEntries(sessionTexts.map((key) => [key, ""]));
    for (const key of keys) texts[key] = reader.cstring();
    const jobType = version >= 10 ? letter(reader.u32()) : "";
    const jobLevel = version >= 10 ? letter(reader.u32()) : "";
    const fileSetMd5 = version >= firstMicrosVersion ? reader.cstring() : "";
    const label = { id, version, jobId, writeTimeMicros, ...texts as SessionTexts };
    const more = { jobType, jobLevel, fileSetMd5 };
    if (labelType !== LabelType.endOfSession) return { ...label, ...more };
    const end = {
      jobFiles: reader.u32(),
      jobBytes: reader.u64(),
      startBlock: reader.u32(),
      endBlock: reader.u32(),
      startFile: reader.u32(),
      endFile: reader.u32(),
      jobErrors: reader.u32(),
      jobStatus: version >= firstMicrosVersion ? letter(reader.u32()) : "T",
    };
    return { ...label, ...more, end };
  });
}

const volumeTexts = [
  "volumeName",
  "previousVolumeName",
  "poolName",
  "poolType",
  "mediaType",
  "hostName",
  "program",
  "programVersion",
  "programDate",
] as const;
type VolumeTexts = Record<(typeof volumeTexts)[number], string>;

const sessionTexts = [
  "poolName",
  "poolType",
  "jobName",
  "clientName",
  "job",
  "fileSetName",
] as const;
type SessionTexts = Record<(typeof sessionTexts)[number], string>;

/** Fields that old readers keep in 50 bytes. */
const shortTexts: ReadonlySet<string> = new Set(["program", "programVersion", "programDate"]);

function writeName(writer: ByteWriter, key: string, text: string): void {
  const bytes = encodeText(text);
  const limit = shortTexts.has(key) ? 50 : maximumNameLength;
  if (bytes.length >= limit || bytes.includes(0)) {
    throw new VolumeError(
      `Cannot write label: ${key} "${text}" has more than ${limit - 1} bytes or a zero byte`,
    );
  }
  writer.bytes(bytes).u8(0);
}

function checked(writer: ByteWriter, kind: string): Uint8Array<ArrayBuffer> {
  if (writer.length > maximumLabelLength) {
    throw new VolumeError(
      `Cannot write ${kind} label: ${writer.length} bytes, more than ${maximumLabelLength}`,
    );
  }
  return writer.toBytes();
}

function readFormat(reader: ByteReader, what: string): { id: string; version: number } {
  const id = reader.cstring();
  const versions = knownVersions.get(id);
  if (versions === undefined) {
    throw new VolumeError(`${what} Header Id bad: ${printable(id)}`);
  }
  const version = reader.u32();
  if (!versions.includes(version)) {
    throw new VolumeError(
      `${what} label has wrong Bareos version. Wanted ${versions.join(" or ")} got ${version}`,
    );
  }
  return { id, version };
}

/** Old and foreign labels may hold any 64 bits: what is no time in this era becomes 0. */
function readMicros(reader: ByteReader, skip = 0): number {
  const micros = reader.u64big();
  reader.bytes(skip);
  return micros <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(micros) : 0;
}

/** Julian day and fraction of a day, as labels before version 11 have them. */
function microsOfDays(day: number, fraction: number): number {
  const micros = Math.round((day + fraction - 2440587.5) * 86_400e6);
  return Number.isSafeInteger(micros) && micros > 0 ? micros : 0;
}

function letter(code: number): string {
  return code === 0 ? "" : String.fromCharCode(code & 0xff);
}

function letterCode(text: string): number {
  return text === "" ? 0 : text.charCodeAt(0) & 0xff;
}

function printable(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.slice(0, 40).replace(/[\x00-\x1f\x7f]/g, "?");
}
