/** Arbitrary values of the volume format, for property tests. @module */
import fc from "fast-check";
import { decodeText } from "../../bytes/mod.ts";
import {
  type BootstrapEntry,
  type EncodedStat,
  LabelFormat,
  type NumberRange,
  type SessionLabel,
  type VolumeLabel,
} from "../../storage/volume/mod.ts";

/** A record before it is on a volume. */
export interface PlainRecord {
  readonly fileIndex: number;
  readonly stream: number;
  readonly data: Uint8Array;
}

/** Text of arbitrary bytes but zero, as names on disk are. */
export const anyName: fc.Arbitrary<string> = fc.uint8Array({ minLength: 1, maxLength: 60 }).map((
  bytes,
) => decodeText(bytes.map((byte) => byte === 0 ? 1 : byte)));

const labelText = fc.string({ maxLength: 40 }).map((text) => text.replaceAll("\0", ""));
const u32 = fc.nat(0xffffffff);

/** A file's record of up to 400 bytes. */
export const anyRecord: fc.Arbitrary<PlainRecord> = fc.record({
  fileIndex: fc.integer({ min: 1, max: 0x7fffffff }),
  stream: fc.integer({ min: 1, max: 0x7fffffff }),
  data: fc.uint8Array({ maxLength: 400 }),
}, { noNullPrototype: true });

/** A volume label in one of the two formats written today. */
export const anyVolumeLabel: fc.Arbitrary<VolumeLabel> = fc.record({
  format: fc.constantFrom(LabelFormat.bareos, LabelFormat.bacula),
  labelTimeMicros: fc.maxSafeNat(),
  writeTimeMicros: fc.maxSafeNat(),
  volumeName: labelText,
  previousVolumeName: labelText,
  poolName: labelText,
  poolType: labelText,
  mediaType: labelText,
  hostName: labelText,
  program: fc.string({ maxLength: 12 }).map((text) => text.replaceAll("\0", "")),
  programVersion: fc.constant("Ver. 26.0.0 01 January 2026"),
  programDate: fc.constant("Build Jan  1 2026 00:00:00"),
}).map(({ format, ...label }) => ({ ...format, ...label }));

const letter = fc.constantFrom("B", "F", "I", "D", "T", "E", "f");

/** A label of the start or of the end of a session. */
export const anySessionLabel: fc.Arbitrary<SessionLabel> = fc.record({
  label: fc.record({
    jobId: u32,
    writeTimeMicros: fc.maxSafeNat(),
    poolName: labelText,
    poolType: labelText,
    jobName: labelText,
    clientName: labelText,
    job: labelText,
    fileSetName: labelText,
    jobType: letter,
    jobLevel: letter,
    fileSetMd5: labelText,
  }),
  end: fc.option(
    fc.record({
      jobFiles: u32,
      jobBytes: fc.maxSafeNat(),
      startBlock: u32,
      endBlock: u32,
      startFile: u32,
      endFile: u32,
      jobErrors: u32,
      jobStatus: letter,
    }, { noNullPrototype: true }),
    { nil: undefined },
  ),
}).map(({ label, end }) => ({
  ...LabelFormat.bareos,
  ...label,
  ...(end === undefined ? {} : { end }),
}));

const size = fc.maxSafeNat();
const wide = fc.oneof(fc.maxSafeNat(), fc.bigInt(2n ** 53n, 2n ** 63n - 1n));

/** The stat of an attributes record, numbers of 64 bits included. */
export const anyStat: fc.Arbitrary<EncodedStat> = fc.record({
  dev: wide,
  ino: wide,
  mode: u32,
  nlink: u32,
  uid: u32,
  gid: u32,
  rdev: wide,
  size,
  blksize: u32,
  blocks: size,
  atime: fc.maxSafeInteger(),
  mtime: fc.maxSafeInteger(),
  ctime: fc.maxSafeInteger(),
  linkFileIndex: u32,
  flags: wide,
  dataStream: u32,
}).map((stat) => ({
  ...stat,
  atime: stat.atime || 0,
  mtime: stat.mtime || 0,
  ctime: stat.ctime || 0,
}));

const range: fc.Arbitrary<NumberRange> = fc.tuple(fc.maxSafeNat(), fc.nat(1000)).map((
  [first, more],
) => ({ first, last: Math.min(first + more, Number.MAX_SAFE_INTEGER) }));
const ranges = fc.array(range, { maxLength: 4 });
const volumeName = fc.stringMatching(/^[A-Za-z0-9:._-]{1,20}$/);
const quotable = fc.string({ minLength: 1, maxLength: 20 }).map((text) =>
  text.replace(/[\n\r]/g, " ")
);

/** An entry of a bootstrap with any of the keywords. */
export const anyBootstrapEntry: fc.Arbitrary<BootstrapEntry> = fc.record({
  volumes: fc.array(volumeName, { minLength: 1, maxLength: 3 }),
  sessionIds: ranges,
  sessionTimes: ranges,
  files: ranges,
  blocks: ranges,
  addresses: ranges,
  fileIndexes: ranges,
  streams: ranges,
  jobIds: ranges,
  jobs: fc.array(quotable, { maxLength: 2 }),
  clients: fc.array(quotable, { maxLength: 2 }),
  optional: fc.record({
    mediaType: quotable,
    device: quotable,
    storage: quotable,
    slot: fc.integer({ min: 1, max: 999 }),
    count: fc.nat(10000),
    fileRegex: fc.constantFrom("^/etc/.*[.]conf$", "a|b", "[[:digit:]]+"),
  }, { requiredKeys: [] }),
}).map(({ optional, ...entry }) => ({ ...entry, ...optional }));
