/**
 * What a backup has sent, file by file, so that two backups of the same files can be compared whatever
 * the order of folders, the size of frames and the inodes were.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { ByteReader } from "../../bytes/mod.ts";
import { type Attributes, decodeAttributes } from "../../storage/volume/mod.ts";
import type { PlayedFrame } from "./scripted_peer.ts";

/** One file of a backup. */
export interface SavedFile {
  readonly attributes: Attributes;
  /** Data of each stream: the frames as they came. */
  readonly streams: ReadonlyMap<number, readonly PlayedFrame[]>;
}

/** Collects the files from the frames of a data connection. */
export function savedFiles(frames: readonly PlayedFrame[]): SavedFile[] {
  const files: { attributes: Attributes; streams: Map<number, PlayedFrame[]> }[] = [];
  let stream = 0;
  for (const frame of frames) {
    if (frame.name === "dataHeader.stream") {
      stream = Number(frame.fields?.stream);
      if (stream !== ATTRIBUTES) files.at(-1)?.streams.set(stream, []);
    } else if (frame.name === "data" && stream === ATTRIBUTES) {
      files.push({ attributes: decodeAttributes(frame.payload), streams: new Map() });
    } else if (frame.name === "data" || frame.name === "elided data") {
      files.at(-1)?.streams.get(stream)?.push(frame);
    }
  }
  return files;
}

/** How to compare. */
export interface CompareOptions {
  /** Folder in place of the recorded `/srv/sample`. */
  readonly folder: string;
  /** Paths whose modification time may differ. */
  readonly isTouched?: (path: string) => boolean;
}

const RECORDED_FOLDER = "/srv/sample";
const ATTRIBUTES = 1;
/** Streams whose frames begin with the address of their data. */
const SPARSE: ReadonlySet<number> = new Set([6]);
/** Streams whose bytes depend on the compressor; the digest tells whether the content is right. */
const COMPRESSED: ReadonlySet<number> = new Set([4, 7, 29, 30]);
const DIRECTORY = 0o040000;
const SYMBOLIC_LINK = 0o120000;
const HARD_LINK_TYPE = 1;

/**
 * One line of facts a file, sorted by path. Hard links have no order: every name of a file is
 * described by the content that one of them was saved with.
 */
export function describeSaved(
  files: readonly SavedFile[],
  { folder, isTouched = () => false }: CompareOptions,
): string[] {
  const path = (name: string) => name.replaceAll(folder, RECORDED_FOLDER);
  const first = new Map(files.map((file) => [file.attributes.name, file]));
  const names = new Map<SavedFile, string[]>();
  for (const file of files) {
    const { type, link, name } = file.attributes;
    const holder = type === HARD_LINK_TYPE ? first.get(link) ?? file : file;
    names.set(holder, [...(names.get(holder) ?? []), path(name)]);
  }
  return [...names].map(([{ attributes, streams }, all]) => {
    const { stat, type, link } = attributes;
    const kind = stat.mode & 0o170000;
    const isFolder = kind === DIRECTORY;
    const facts = [
      all.toSorted().join(" = "),
      `type ${type}`,
      `mode ${stat.mode.toString(8)}`,
      `${stat.uid}:${stat.gid}`,
      `links ${isFolder ? "-" : stat.nlink}`,
      `size ${isFolder ? "-" : stat.size}`,
      `device ${kind === 0o020000 || kind === 0o060000 ? stat.rdev : "-"}`,
      `mtime ${
        isFolder || kind === SYMBOLIC_LINK || isTouched(path(all[0] ?? "")) ? "-" : stat.mtime
      }`,
      `stream ${stat.dataStream}`,
      `link ${path(link)}`,
    ];
    for (const [stream, frames] of [...streams].toSorted(([a], [b]) => a - b)) {
      facts.push(`${stream}: ${contentOf(stream, frames, stat.size)}`);
    }
    return facts.join(", ");
  }).toSorted();
}

/** A short name for the content of a stream. */
function contentOf(stream: number, frames: readonly PlayedFrame[], size: number): string {
  const number = stream & 0x7ff;
  const isLeftOut = frames.some(({ name }) => name === "elided data");
  if (COMPRESSED.has(number) || isLeftOut) return "(see digest)";
  const hash = createHash("sha256");
  if (!SPARSE.has(number)) {
    for (const { payload } of frames) hash.update(payload);
    return hash.digest("hex").slice(0, 16);
  }
  const content = new Uint8Array(size);
  for (const { payload } of frames) {
    const reader = new ByteReader(payload);
    const at = reader.u64();
    const data = reader.rest();
    if (at + data.length > size) return `data at ${at} beyond ${size}`;
    content.set(data, at);
  }
  return hash.update(content).digest("hex").slice(0, 16);
}

/** The content of a saved file, if the recording has all of it. */
export function contentOfFile(file: SavedFile): Uint8Array | undefined {
  for (const [stream, frames] of file.streams) {
    if (stream !== 2 && !SPARSE.has(stream)) continue;
    if (frames.some(({ name }) => name === "elided data")) return undefined;
    const content = new Uint8Array(file.attributes.stat.size);
    let at = 0;
    for (const { payload } of frames) {
      const reader = new ByteReader(payload);
      if (SPARSE.has(stream)) at = reader.u64();
      const data = reader.rest();
      content.set(data, at);
      at += data.length;
    }
    return content;
  }
  return new Uint8Array(0);
}
