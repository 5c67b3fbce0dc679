import {
  decodeAttributesName,
  decodeSessionLabel,
  LabelType,
  Stream,
  streamType,
  VolumeError,
  type VolumeRecord,
} from "../../storage/volume/mod.ts";
import type { NameList } from "./name_list.ts";

/** Recreates the files of one session from their records, in order. */
export interface SessionRestorer {
  /** Takes the next record; its data is valid until the call returns. */
  accept(record: VolumeRecord): void;
  /** Ends the last file. */
  finish(): void;
}

/** What {@linkcode SessionFiles} works with. */
export interface SessionFilesOptions {
  /** Files to take; all if absent. */
  readonly include?: NameList | undefined;
  /** Files to leave out. */
  readonly exclude?: NameList | undefined;
  /** Makes the restorer of a session, when its first wanted file comes. */
  open(jobId: number): SessionRestorer;
  /** Told of records that cannot be understood. */
  onProblem(message: string): void;
}

interface OpenSession {
  jobId: number;
  restorer: SessionRestorer | undefined;
  /** The file whose records come, and whether it is wanted. */
  fileIndex: number;
  isWanted: boolean;
}

/**
 * Deals the records of volumes out to one restorer a session: sessions interleave by blocks, and each
 * has its own current file. Files that the lists leave out never reach a restorer.
 */
export class SessionFiles {
  readonly #options: SessionFilesOptions;
  readonly #sessions = new Map<string, OpenSession>();

  /** Nothing is open yet. */
  constructor(options: SessionFilesOptions) {
    this.#options = options;
  }

  /** Takes the next record, labels included. */
  accept(record: VolumeRecord): void {
    const key = `${record.sessionId} ${record.sessionTime}`;
    let session = this.#sessions.get(key);
    if (session === undefined) {
      session = { jobId: 0, restorer: undefined, fileIndex: 0, isWanted: false };
      this.#sessions.set(key, session);
    }
    if (record.fileIndex < 0) {
      this.#label(key, session, record);
      return;
    }
    const type = streamType(record.stream);
    if (type === Stream.unixAttributes || type === Stream.unixAttributesEx) {
      session.fileIndex = record.fileIndex;
      session.isWanted = this.#isWanted(record);
    }
    // What stands before the attributes belongs to no file that could be chosen by name.
    if (!session.isWanted || session.fileIndex !== record.fileIndex) return;
    session.restorer ??= this.#options.open(session.jobId);
    session.restorer.accept(record);
  }

  /** Ends all sessions. */
  finish(): void {
    for (const { restorer } of this.#sessions.values()) restorer?.finish();
    this.#sessions.clear();
  }

  #label(key: string, session: OpenSession, { fileIndex, data }: VolumeRecord): void {
    if (fileIndex === LabelType.endOfSession) {
      session.restorer?.finish();
      this.#sessions.delete(key);
    } else if (fileIndex === LabelType.startOfSession) {
      this.#attempt(() => session.jobId = decodeSessionLabel(data, fileIndex).jobId);
    }
  }

  #isWanted({ data }: VolumeRecord): boolean {
    const { include, exclude } = this.#options;
    const name = this.#attempt(() => decodeAttributesName(data));
    return name !== undefined && (include?.has(name) ?? true) && !exclude?.has(name);
  }

  #attempt<Result>(decode: () => Result): Result | undefined {
    try {
      return decode();
    } catch (error) {
      if (!(error instanceof VolumeError)) throw error;
      this.#options.onProblem(error.message);
      return undefined;
    }
  }
}
