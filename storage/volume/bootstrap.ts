/** An inclusive range of numbers. */
export interface NumberRange {
  /** The first number. */
  readonly first: number;
  /** The last number, inclusive. */
  readonly last: number;
}

/**
 * One record of a bootstrap: what to read from one volume, or from several of equal content
 * (storage-daemon.md 11). An empty list matches everything.
 */
export interface BootstrapEntry {
  /** Names of the volumes; one of them must be the label's. */
  readonly volumes: readonly string[];
  /** Media type of the volume. */
  readonly mediaType?: string;
  /** Name of the Device resource, or of the device. */
  readonly device?: string;
  /** Slot of an autochanger. */
  readonly slot?: number;
  /** Storage resource of the director; not looked at when matching. */
  readonly storage?: string;
  /** Sessions, first half of their name. */
  readonly sessionIds: readonly NumberRange[];
  /** Sessions, second half of their name. */
  readonly sessionTimes: readonly NumberRange[];
  /** High halves of addresses. */
  readonly files: readonly NumberRange[];
  /** Low halves of addresses, for positioning only. */
  readonly blocks: readonly NumberRange[];
  /** Byte offsets on the volume. */
  readonly addresses: readonly NumberRange[];
  /** Numbers of files within the job. */
  readonly fileIndexes: readonly NumberRange[];
  /** Number of files to take from this entry. */
  readonly count?: number;
  /** POSIX extended expression on the file name. */
  readonly fileRegex?: string;
  /** Stream numbers with their flags. */
  readonly streams: readonly NumberRange[];
  /** JobIds as in the session labels. */
  readonly jobIds: readonly NumberRange[];
  /** Unique job names. */
  readonly jobs: readonly string[];
  /** Names of clients. */
  readonly clients: readonly string[];
}

/** What to read, in order. */
export type Bootstrap = readonly BootstrapEntry[];

/** Lists of a {@linkcode BootstrapEntry} that hold ranges, and their keywords. */
export const rangeKeywords = [
  ["VolSessionId", "sessionIds"],
  ["VolSessionTime", "sessionTimes"],
  ["VolFile", "files"],
  ["VolBlock", "blocks"],
  ["VolAddr", "addresses"],
  ["FileIndex", "fileIndexes"],
  ["Stream", "streams"],
  ["JobId", "jobIds"],
] as const;

/** Lists of a {@linkcode BootstrapEntry} that hold names, and their keywords. */
export const nameKeywords = [["Job", "jobs"], ["Client", "clients"]] as const;

/** An entry that reads the whole of the volumes named. */
export function bootstrapEntry(
  volumes: readonly string[],
  more: Partial<BootstrapEntry> = {},
): BootstrapEntry {
  return {
    sessionIds: [],
    sessionTimes: [],
    files: [],
    blocks: [],
    addresses: [],
    fileIndexes: [],
    streams: [],
    jobIds: [],
    jobs: [],
    clients: [],
    ...more,
    volumes,
  };
}

/**
 * Writes a bootstrap as the director does: one item a line, in its order, ranges of more than one
 * number as `a-b`, file addresses always so.
 */
export function formatBootstrap(bootstrap: Bootstrap): string {
  return bootstrap.map(formatEntry).join("");
}

function formatEntry(entry: BootstrapEntry): string {
  const lines: string[] = [];
  const quoted = (keyword: string, value: string | undefined): void => {
    if (value !== undefined) lines.push(`${keyword}="${value.replace(/["\\]/g, "\\$&")}"`);
  };
  quoted("Storage", entry.storage);
  quoted("Volume", entry.volumes.join("|"));
  quoted("MediaType", entry.mediaType);
  if (entry.fileRegex !== undefined) lines.push(`FileRegex=${entry.fileRegex}`);
  quoted("Device", entry.device);
  if (entry.slot !== undefined && entry.slot > 0) lines.push(`Slot=${entry.slot}`);
  for (const [keyword, key] of nameKeywords) {
    for (const name of entry[key]) quoted(keyword, name);
  }
  for (const [keyword, key] of rangeKeywords) {
    for (const { first, last } of entry[key]) {
      const isSingle = first === last && key !== "addresses";
      lines.push(isSingle ? `${keyword}=${first}` : `${keyword}=${first}-${last}`);
    }
  }
  if (entry.count !== undefined) lines.push(`Count=${entry.count}`);
  return lines.map((line) => `${line}\n`).join("");
}
