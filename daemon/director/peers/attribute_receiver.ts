import { decodeText, encodeBase64 } from "../../../bytes/mod.ts";
import type { AttributeUpdate } from "../../../protocol/mod.ts";
import type { FileRecord, FileWriter } from "../director_catalog.ts";
import type { RestoreObject } from "../../../storage/catalog/mod.ts";

/** Streams without their high bits, as far as they come here (storage-daemon.md 4.6). */
const Stream = { Attributes: 1, AttributesExtended: 5, RestoreObject: 28 } as const;
const DIGESTS: ReadonlySet<number> = new Set([3, 10, 17, 18, 40]);
const STREAM_BITS = 0x7ff;

const FileType = { Regular: 3, Deleted: 23, Base: 24 } as const;
const FILE_TYPE_BITS = 0xffff;

const NO_DIGEST = "0";

/**
 * Makes rows of the attribute and digest records of a job: a row waits for the digest of its file,
 * which follows it (catalog-and-jobs.md 3.4).
 */
export class AttributeReceiver {
  readonly #files: FileWriter;
  readonly #warn: (text: string) => void;
  readonly #base: (path: string) => void;
  #waiting: FileRecord | undefined;
  #waitingIndex = 0;
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
      this.#release();
      const file = parseAttributes(update);
      if (file === undefined) {
        this.#warn(`Cannot read attributes of file ${update.fileIndex}: record is malformed`);
        return;
      }
      if (file.isBase) return this.#base(file.path);
      this.#waiting = file;
      this.#waitingIndex = update.fileIndex;
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

  /** Hands over what still waits, at the end of the job or at a checkpoint. */
  finish(): void {
    this.#release();
  }

  #digest(update: AttributeUpdate): void {
    const waiting = this.#waiting;
    if (waiting === undefined || this.#waitingIndex !== update.fileIndex) {
      this.#warn(`Got digest but not same File as attributes. FI=${update.fileIndex}`);
      return;
    }
    this.#waiting = undefined;
    this.#files.add({ ...waiting, digest: encodeBase64(update.data, "standard") });
  }

  #release(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) this.#files.add(waiting);
  }
}

/** A row, or the name of a file that is as a base job has it. */
export interface ReceivedFile extends FileRecord {
  /** Whether the base job's row stands for it. */
  readonly isBase?: true;
}

/** `<FileIndex> <FileType> <name>\0<LStat>\0<link>\0<extended>\0<delta>\0` as a row. */
export function parseAttributes(update: AttributeUpdate): ReceivedFile | undefined {
  // decoded in one piece: a call of the decoder costs more than the bytes
  const text = decodeText(update.data);
  const nameEnd = text.indexOf("\0");
  if (nameEnd < 0) return undefined;
  const statEnd = text.indexOf("\0", nameEnd + 1);
  if (statEnd < 0) return undefined;
  const match = /^\s*-?\d+ (\d+) /.exec(text);
  if (match === null || match[0].length >= nameEnd) return undefined;
  const type = Number(match[1]) & FILE_TYPE_BITS;
  return {
    ...(type === FileType.Base && { isBase: true }),
    fileIndex: type === FileType.Deleted ? 0 : update.fileIndex,
    path: text.slice(match[0].length, nameEnd),
    lstat: text.slice(nameEnd + 1, statEnd),
    digest: NO_DIGEST,
    deltaSeq: type === FileType.Regular ? deltaSequence(text, statEnd) : 0,
  };
}

/**
 * `<FileIndex> <type> <index> <length> <full length> <compression> <plugin>\0<name>\0<bytes>\0`
 * (storage-daemon.md 4.6).
 */
export function parseRestoreObject(update: AttributeUpdate): RestoreObject | undefined {
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

function deltaSequence(text: string, statEnd: number): number {
  const linkEnd = text.indexOf("\0", statEnd + 1);
  const extendedEnd = linkEnd < 0 ? -1 : text.indexOf("\0", linkEnd + 1);
  if (extendedEnd < 0) return 0;
  const end = text.indexOf("\0", extendedEnd + 1);
  const number = text.slice(extendedEnd + 1, end < 0 ? text.length : end);
  return /^\d{1,5}$/.test(number) ? Number(number) : 0;
}
