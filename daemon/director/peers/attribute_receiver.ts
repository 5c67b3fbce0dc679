import { decodeText } from "../../../bytes/mod.ts";
import type { AttributeUpdate } from "../../../protocol/mod.ts";
import type { FileWriter } from "../director_catalog.ts";
import type { RestoreObject } from "../../../storage/catalog/mod.ts";

/** Streams without their high bits, as far as they come here (storage-daemon.md 4.6). */
const Stream = { Attributes: 1, AttributesExtended: 5, RestoreObject: 28 } as const;
const DIGESTS: ReadonlySet<number> = new Set([3, 10, 17, 18, 40]);
const STREAM_BITS = 0x7ff;

const FileType = { Regular: 3, Deleted: 23, Base: 24 } as const;
const FILE_TYPE_BITS = 0xffff;

/**
 * Makes rows of the attribute and digest records of a job: the digest of a file
 * follows its row (catalog-and-jobs.md 3.4).
 */
export class AttributeReceiver {
  readonly #files: FileWriter;
  readonly #warn: (text: string) => void;
  readonly #base: (path: string) => void;
  /** The file whose digest may follow; 0 if none does. */
  #openIndex = 0;
  #bytes = 0;

  /** A receiver that hands its rows to `files`, and what is as a base job has it to `base`. */
  constructor(
    files: FileWriter,
    warn: (text: string) => void,
    base: (path: string) => void = () => {},
  ) {
    this.#files = files;
    this.#warn = warn;
    this.#base = base;
  }

  /** Bytes of all records so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes one record. @throws if the catalog cannot be written */
  take(update: AttributeUpdate): void {
    this.#bytes += update.data.length;
    const stream = update.stream & STREAM_BITS;
    if (stream === Stream.Attributes || stream === Stream.AttributesExtended) {
      this.#openIndex = 0;
      const file = cutAttributes(update.data);
      if (file === undefined) {
        this.#warn(`Cannot read attributes of file ${update.fileIndex}: record is malformed`);
        return;
      }
      if (file.type === FileType.Base) return this.#base(decodeText(file.path));
      const fileIndex = file.type === FileType.Deleted ? 0 : update.fileIndex;
      this.#files.addBytes(fileIndex, file.deltaSeq, file.path, file.lstat);
      this.#openIndex = update.fileIndex;
    } else if (DIGESTS.has(stream)) {
      this.#digest(update);
    } else if (stream === Stream.RestoreObject) {
      const object = parseRestoreObject(update);
      if (object !== undefined) this.#files.addObject(object);
      else {
        this.#warn(`Cannot read restore object of file ${update.fileIndex}: record is malformed`);
      }
    }
  }

  /** No digest of what came so far follows: the end of the job, or a checkpoint. */
  finish(): void {
    this.#openIndex = 0;
    this.#files.addDigest(undefined);
  }

  #digest(update: AttributeUpdate): void {
    if (this.#openIndex === 0 || this.#openIndex !== update.fileIndex) {
      this.#warn(`Got digest but not same File as attributes. FI=${update.fileIndex}`);
      return;
    }
    this.#openIndex = 0;
    this.#files.addDigest(update.data);
  }
}

/** An attributes record, cut where it must be; the parts are views of it. */
export interface CutAttributes {
  /** One of the file types. */
  readonly type: number;
  readonly path: Uint8Array;
  /** The encoded attributes. */
  readonly lstat: Uint8Array;
  /** Number in a chain of deltas. */
  readonly deltaSeq: number;
}

/** Cuts `<FileIndex> <FileType> <name>\0<LStat>\0<link>\0<extended>\0<delta>\0`. */
export function cutAttributes(data: Uint8Array): CutAttributes | undefined {
  let at = 0;
  while (isBlank(data[at])) at++;
  if (data[at] === 0x2d) at++;
  at = behindDigits(data, at);
  const typeEnd = behindDigits(data, at + 1);
  if (at <= 0 || typeEnd < 0 || data[at] !== 0x20 || data[typeEnd] !== 0x20) return undefined;
  let type = 0;
  for (let digit = at + 1; digit < typeEnd; digit++) {
    type = (type * 10 + (data[digit] as number) - 0x30) % 2 ** 32;
  }
  const nameEnd = data.indexOf(0, typeEnd + 1);
  const statEnd = nameEnd < 0 ? -1 : data.indexOf(0, nameEnd + 1);
  if (statEnd < 0 || nameEnd === typeEnd + 1) return undefined;
  type &= FILE_TYPE_BITS;
  return {
    type,
    path: data.subarray(typeEnd + 1, nameEnd),
    lstat: data.subarray(nameEnd + 1, statEnd),
    deltaSeq: type === FileType.Regular ? deltaSequence(data, statEnd) : 0,
  };
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || (byte !== undefined && byte >= 9 && byte <= 13);
}

/** Where digits end; -1 if there are none. */
function behindDigits(data: Uint8Array, start: number): number {
  let at = start;
  for (let byte = data[at]; byte !== undefined && byte >= 0x30 && byte <= 0x39; byte = data[at]) {
    at++;
  }
  return at === start ? -1 : at;
}

/**
 * `<FileIndex> <type> <index> <length> <full length> <compression> <plugin>\0<name>\0<bytes>\0`
 * (storage-daemon.md 4.6).
 */
function parseRestoreObject(update: AttributeUpdate): RestoreObject | undefined {
  const { data } = update;
  const headEnd = data.indexOf(0);
  const nameEnd = headEnd < 0 ? -1 : data.indexOf(0, headEnd + 1);
  if (nameEnd < 0) return undefined;
  const head = decodeText(data.subarray(0, headEnd));
  const match = /^\s*-?\d+ (\d+) (\d+) (\d+) (\d+) (\d+)(?: (.*))?$/s.exec(head);
  if (match === null) return undefined;
  const [type = 0, index = 0, length = 0, fullLength = 0, compression = 0] = match.slice(1, 6)
    .map(Number);
  const start = nameEnd + 1;
  if (start + length > data.length) return undefined;
  return {
    ...{ type, index, fullLength, compression, fileIndex: update.fileIndex },
    plugin: match[6] ?? "",
    name: decodeText(data.subarray(headEnd + 1, nameEnd)),
    data: data.slice(start, start + length),
  };
}

function deltaSequence(data: Uint8Array, statEnd: number): number {
  const linkEnd = data.indexOf(0, statEnd + 1);
  const extendedEnd = linkEnd < 0 ? -1 : data.indexOf(0, linkEnd + 1);
  if (extendedEnd < 0) return 0;
  const start = extendedEnd + 1;
  const end = behindDigits(data, start);
  const isWhole = end === data.length || data[end] === 0;
  if (end < 0 || end - start > 5 || !isWhole) return 0;
  return Number(decodeText(data.subarray(start, end)));
}
