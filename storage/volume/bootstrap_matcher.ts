import { decodeAttributesName } from "./attributes.ts";
import type { SessionKey } from "./block.ts";
import type { Bootstrap, BootstrapEntry, NumberRange } from "./bootstrap.ts";
import type { SessionLabel } from "./labels.ts";
import { posixRegExp } from "./posix_reg_exp.ts";
import { Stream, streamType } from "./streams.ts";

/** The part of a record, or of a piece of one, that is compared. */
export interface RecordIdentity extends SessionKey {
  /** File number, or negative the type of a label. */
  readonly fileIndex: number;
  /** Stream number with its flags. */
  readonly stream: number;
}

/** The entry of the bootstrap that a record matched; hand it to {@linkcode BootstrapMatcher.accept}. */
export interface BootstrapMatch {
  /** The entry itself. */
  readonly entry: BootstrapEntry;
}

interface Candidate extends BootstrapMatch {
  readonly sessionIds: Ranges;
  readonly sessionTimes: Ranges;
  readonly files: Ranges;
  readonly addresses: Ranges;
  readonly fileIndexes: Ranges;
  readonly streams: Ranges;
  readonly jobIds: Ranges;
  readonly hasOneSession: boolean;
  readonly regex: RegExp | undefined;
  isDone: boolean;
  found: number;
  lastFileIndex: number;
}

/**
 * Decides which records a bootstrap wants (storage-daemon.md 11.2), while volumes are read front to
 * back. Addresses only exclude blocks that lie wholly outside of their range, so that the ends of
 * both Bareos' and Bacula's ranges serve (volume.md 6.3); sessions and FileIndexes do the rest.
 */
export class BootstrapMatcher {
  readonly #candidates: readonly Candidate[];
  readonly #labels = new Map<string, SessionLabel>();
  readonly #verdicts = new Map<string, { fileIndex: number; isWanted: boolean }>();
  #active: Candidate[] = [];
  #blockFirst = 0;
  #blockLast = 0;

  /**
   * Compiles the bootstrap.
   * @throws {SyntaxError} if a `FileRegex` is no expression
   */
  constructor(bootstrap: Bootstrap) {
    this.#candidates = bootstrap.map(toCandidate);
  }

  /** The volumes in the order in which they are to be read. */
  get volumes(): string[] {
    return [...new Set(this.#candidates.flatMap(({ entry }) => entry.volumes))];
  }

  /** Whether nothing more is wanted from the volume being read. */
  get isVolumeDone(): boolean {
    return this.#active.length === 0;
  }

  /** Begins the volume with this name. */
  startVolume(name: string): void {
    this.#active = this.#candidates.filter(({ entry, isDone }) =>
      !isDone && entry.volumes.includes(name)
    );
  }

  /**
   * The offset at which to go on reading: the smallest start of what is still wanted if that lies
   * ahead of `position`, or undefined if reading must go on where it is.
   */
  seekTarget(position: number): number | undefined {
    let target = Infinity;
    for (const { addresses, entry } of this.#active) {
      const start = addresses.count > 0 ? addresses.minimum : startOfFileBlock(entry);
      if (start === undefined || start <= position) return undefined;
      target = Math.min(target, start);
    }
    return Number.isFinite(target) ? target : undefined;
  }

  /** Tells that the next block begins at an offset: entries that end before it are done, unread. */
  advance(position: number): void {
    this.#retire(({ addresses, files }) =>
      position > addresses.maximum || Math.floor(position / 2 ** 32) > files.maximum
    );
  }

  /** Begins a block that occupies the bytes from `first` to `last`; false: nothing in it is wanted. */
  startBlock(first: number, last: number, session: SessionKey | undefined): boolean {
    this.#blockFirst = first;
    this.#blockLast = last;
    this.advance(first);
    if (session === undefined) return this.#active.length > 0;
    return this.#active.some(({ sessionIds, sessionTimes }) =>
      sessionIds.has(session.sessionId) && sessionTimes.has(session.sessionTime)
    );
  }

  /** Takes note of a session's label, for entries that name jobs or clients. */
  noteLabel({ sessionId, sessionTime }: SessionKey, label: SessionLabel): void {
    this.#labels.set(`${sessionId} ${sessionTime}`, label);
  }

  /** The entry that the record matches as far as its header tells, or undefined. */
  match(record: RecordIdentity): BootstrapMatch | undefined {
    let hasFinished = false;
    let matched: Candidate | undefined;
    for (const candidate of this.#active) {
      if (!this.#isInBlock(candidate)) continue;
      if (!candidate.sessionTimes.has(record.sessionTime)) continue;
      if (!candidate.sessionIds.has(record.sessionId)) continue;
      if (!candidate.fileIndexes.has(record.fileIndex)) {
        if (candidate.hasOneSession && record.fileIndex > candidate.fileIndexes.maximum) {
          candidate.isDone = hasFinished = true;
        }
        continue;
      }
      if (isCounted(candidate) && record.fileIndex !== candidate.lastFileIndex) {
        if (candidate.found >= (candidate.entry.count as number)) {
          candidate.isDone = hasFinished = true;
          continue;
        }
      }
      if (!isComplete(candidate) && !this.#matchesLabel(candidate, record)) continue;
      matched = candidate;
      break;
    }
    if (hasFinished) this.#retire(({ isDone }) => isDone);
    return matched;
  }

  /** Completes the match of a whole record: by name, and counting its file. */
  accept(match: BootstrapMatch, record: RecordIdentity & { readonly data: Uint8Array }): boolean {
    const candidate = match as Candidate;
    // It stands before the attributes, so nobody knows yet whose file it is; it bears the file's number.
    const isAhead = streamType(record.stream) === Stream.pluginName;
    if (candidate.regex !== undefined && isAhead) return true;
    if (candidate.regex !== undefined && !this.#matchesName(candidate.regex, record)) return false;
    if (record.fileIndex !== candidate.lastFileIndex) {
      candidate.lastFileIndex = record.fileIndex;
      candidate.found += 1;
    }
    return true;
  }

  #isInBlock({ addresses, files }: Candidate): boolean {
    return addresses.intersects(this.#blockFirst, this.#blockLast) &&
      files.intersects(
        Math.floor(this.#blockFirst / 2 ** 32),
        Math.floor(this.#blockLast / 2 ** 32),
      );
  }

  #matchesLabel({ entry, jobIds, streams }: Candidate, record: RecordIdentity): boolean {
    if (!streams.has(record.stream)) return false;
    if (jobIds.count === 0 && entry.jobs.length === 0 && entry.clients.length === 0) return true;
    const label = this.#labels.get(`${record.sessionId} ${record.sessionTime}`);
    // Reading began behind the label: the entry's session must do.
    if (label === undefined) return entry.sessionIds.length > 0;
    return jobIds.has(label.jobId) &&
      (entry.jobs.length === 0 || entry.jobs.includes(label.job)) &&
      (entry.clients.length === 0 || entry.clients.includes(label.clientName));
  }

  #matchesName(regex: RegExp, record: RecordIdentity & { readonly data: Uint8Array }): boolean {
    const key = `${record.sessionId} ${record.sessionTime} ${regex.source}`;
    const type = streamType(record.stream);
    if (type === Stream.unixAttributes || type === Stream.unixAttributesEx) {
      const isWanted = regex.test(decodeAttributesName(record.data));
      this.#verdicts.set(key, { fileIndex: record.fileIndex, isWanted });
    }
    const verdict = this.#verdicts.get(key);
    return verdict?.fileIndex === record.fileIndex && verdict.isWanted;
  }

  #retire(isOver: (candidate: Candidate) => boolean): void {
    if (this.#active.some(isOver)) {
      this.#active = this.#active.filter((candidate) => !isOver(candidate));
    }
  }
}

function toCandidate(entry: BootstrapEntry): Candidate {
  const sessionIds = new Ranges(entry.sessionIds);
  const sessionTimes = new Ranges(entry.sessionTimes);
  return {
    entry,
    sessionIds,
    sessionTimes,
    files: new Ranges(entry.files),
    addresses: new Ranges(entry.addresses),
    fileIndexes: new Ranges(entry.fileIndexes),
    streams: new Ranges(entry.streams),
    jobIds: new Ranges(entry.jobIds),
    hasOneSession: sessionIds.isSingle && sessionTimes.isSingle,
    regex: entry.fileRegex === undefined ? undefined : posixRegExp(entry.fileRegex),
    isDone: false,
    found: 0,
    lastFileIndex: 0,
  };
}

function isCounted({ entry }: Candidate): boolean {
  return entry.count !== undefined && entry.count > 0;
}

/** With both a count and FileIndexes the labels need not match. */
function isComplete(candidate: Candidate): boolean {
  return isCounted(candidate) && candidate.fileIndexes.count > 0;
}

function startOfFileBlock({ files, blocks }: BootstrapEntry): number | undefined {
  if (files.length === 0 || blocks.length === 0) return undefined;
  const file = Math.min(...files.map(({ first }) => first));
  return file * 2 ** 32 + Math.min(...blocks.map(({ first }) => first));
}

/** Sorted, merged ranges, looked up by bisection. None at all hold every number. */
class Ranges {
  readonly #firsts: number[] = [];
  readonly #lasts: number[] = [];

  constructor(ranges: readonly NumberRange[]) {
    for (const { first, last } of ranges.toSorted((a, b) => a.first - b.first)) {
      const end = this.#lasts.at(-1);
      if (end !== undefined && first <= end + 1) {
        this.#lasts[this.#lasts.length - 1] = Math.max(end, last);
      } else {
        this.#firsts.push(first);
        this.#lasts.push(last);
      }
    }
  }

  get count(): number {
    return this.#firsts.length;
  }

  get isSingle(): boolean {
    return this.count === 1 && this.#firsts[0] === this.#lasts[0];
  }

  get minimum(): number {
    return this.#firsts[0] ?? 0;
  }

  get maximum(): number {
    return this.#lasts.at(-1) ?? Infinity;
  }

  has(value: number): boolean {
    return this.intersects(value, value);
  }

  /** Whether any number from `low` to `high` is held. */
  intersects(low: number, high: number): boolean {
    if (this.#firsts.length === 0) return true;
    // The first range that ends at or behind `low`.
    let [from, to] = [0, this.#lasts.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#lasts[middle] as number) < low) from = middle + 1;
      else to = middle;
    }
    return from < this.#firsts.length && (this.#firsts[from] as number) <= high;
  }
}
