/** Restores by the threads of a pool, without daemons: records go in, messages and counters come out. @module */
import type {
  FromRestore,
  PieceUser,
  PieceWriter,
  RestoreOrder,
  WorkLine,
  WorkPool,
} from "../../daemon/file/work/mod.ts";
import { encodeAttributes, encodeStat, FileType, Stream } from "../../storage/volume/mod.ts";

/** A record as it comes from a storage daemon. */
export interface SentRecord {
  readonly fileIndex: number;
  readonly stream: number;
  readonly data: Uint8Array;
}

/** What a restore said, and what it counted. */
export interface WorkReport {
  readonly messages: readonly string[];
  readonly counters: FromRestore["counters"] | undefined;
}

/** The records of a file, the data in pieces of 64 KiB. */
export function* recordsOfFile(
  fileIndex: number,
  name: string,
  contents: Uint8Array,
  { type = FileType.regularFile, mode = 0o100644 }: { type?: number; mode?: number } = {},
): Generator<SentRecord> {
  const stat = encodeStat({
    ...{ dev: 1, ino: fileIndex, mode, nlink: 1, uid: Deno.uid() ?? 0, gid: Deno.gid() ?? 0 },
    ...{ rdev: 0, size: type === FileType.regularFile ? contents.length : 0 },
    ...{ blksize: 4096, blocks: 0, atime: 1e9, mtime: 1e9, ctime: 1e9 },
  });
  const data = encodeAttributes({ fileIndex, type, name, stat });
  yield { fileIndex, stream: Stream.unixAttributes, data };
  for (let at = 0; at < contents.length; at += 65536) {
    yield { fileIndex, stream: Stream.fileData, data: contents.subarray(at, at + 65536) };
  }
}

/** A restore under way. */
export class WorkRestore {
  readonly line: WorkLine;
  readonly #pool: WorkPool;
  readonly #pieces: PieceUser;
  readonly #onReport: () => void;
  readonly #messages: string[] = [];
  #counters: WorkReport["counters"];
  /** Settles when the thread says that it is done. */
  readonly done: Promise<void>;

  /** Begins it; `onReport` is called when its thread has said something. */
  constructor(
    pool: WorkPool,
    where: string,
    wish: Partial<RestoreOrder> = {},
    onReport = (): void => {},
  ) {
    this.#pool = pool;
    this.#onReport = onReport;
    this.line = pool.begin({
      ...{ kind: "restore", replace: "a", prefixLinks: false, where, regexWhere: "" },
      ...{ tellsFiles: false, secureEraseCommand: "", keys: undefined, ring: undefined },
      board: undefined,
      plain: new SharedArrayBuffer(0),
      plugins: {
        ...{ options: [], where, replace: "a", environment: {} },
        rules: { mayRunPrograms: true, allowedFolders: [], usesShell: false },
      },
      ...wish,
    });
    this.#pieces = pool.pieces.open();
    this.done = this.#follow();
    this.done.catch((error) => this.#pieces.fail(error));
  }

  /** Sends records; the end follows unless it is to go on. */
  async send(records: Iterable<SentRecord>, isLast = true): Promise<void> {
    let piece: PieceWriter | undefined;
    const pass = (): void => {
      if (piece === undefined) return;
      this.line.post({ kind: "records", slot: piece.slot, length: piece.length });
      piece = undefined;
    };
    for (const { data, ...numbers } of records) {
      piece ??= await this.#pieces.take();
      piece.add({ volSessionId: 1, volSessionTime: 1, ...numbers }, data);
      if (piece.isFull) pass();
    }
    pass();
    if (isLast) this.line.post({ kind: "end" });
  }

  /** What it has said so far. */
  get report(): WorkReport {
    return { messages: this.#messages, counters: this.#counters };
  }

  /** Ends it, and gives back what it has. */
  async end(): Promise<void> {
    await this.#pool.end(this.line);
    void this.line.atRest.then(() => this.#pieces.close(this.line.isLost));
  }

  async #follow(): Promise<void> {
    for (;;) {
      const message = await this.line.receive() as FromRestore;
      this.#messages.push(...message.messages.map(([, text]) => text));
      this.#counters = message.counters;
      if (message.kind === "done") return;
      this.#pieces.give(message.slot);
      this.#onReport();
    }
  }
}
