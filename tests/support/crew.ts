/** Backups by a crew of threads, without daemons: what goes out, and what it says. @module */
import { decodeText } from "../../bytes/mod.ts";
import type { CrewOrder } from "../../daemon/file/backup/crew.ts";
import type { CrewPool } from "../../daemon/file/backup/crew_pool.ts";
import { type FileSet, FileSetBuilder } from "../../daemon/file/fileset/mod.ts";
import { FRAME_HEADER, headerAt } from "../../protocol/mod.ts";

/** A stream of a file as it went out. */
export interface SentStream {
  readonly fileIndex: number;
  readonly stream: number;
  readonly records: readonly Uint8Array[];
}

/** The order to save a folder in full, with these letters of options. */
export async function orderOf(folder: string, letters: string): Promise<CrewOrder> {
  const builder = new FileSetBuilder();
  for (const line of ["I", `O ${letters}`, "N", `F ${folder}`]) builder.add(line);
  const fileSet: FileSet = await builder.build();
  return { fileSet, level: "F", since: 0, firstFileIndex: 0 };
}

/** What went out: all frames, messages, the sum of the bytes that the parts told of, the last FileIndex, parts. */
export interface Saved {
  readonly frames: Uint8Array;
  readonly messages: readonly string[];
  readonly bytes: number;
  readonly files: number;
  readonly parts: number;
}

/** Saves a folder. */
export async function save(crews: CrewPool, folder: string, letters: string): Promise<Saved> {
  return await saveOrder(crews, await orderOf(folder, letters));
}

/** Does an order. */
export async function saveOrder(crews: CrewPool, order: CrewOrder): Promise<Saved> {
  const pieces: Uint8Array[] = [];
  const messages: string[] = [];
  let bytes = 0;
  let files = 0;
  let parts = 0;
  const crew = crews.take();
  try {
    for await (const { part, frames, done } of crew.save(order)) {
      pieces.push(frames.slice());
      messages.push(...part.messages.map(([, text]) => text));
      bytes += part.figures.bytes;
      parts++;
      files = Math.max(files, part.figures.files);
      done();
    }
  } finally {
    await crews.giveBack(crew);
  }
  return {
    frames: new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer()),
    messages,
    bytes,
    files,
    parts,
  };
}

/** The streams in some frames. */
export function streamsOf(frames: Uint8Array): SentStream[] {
  const streams: SentStream[] = [];
  for (let at = 0; at < frames.length;) {
    const next = (): Uint8Array | undefined => {
      const length = headerAt(frames, at);
      at += FRAME_HEADER + Math.max(0, length);
      return length < 0 ? undefined : frames.subarray(at - length, at);
    };
    const [fileIndex = 0, stream = 0] = decodeText(next() ?? frames).split(" ").map(Number);
    const records: Uint8Array[] = [];
    for (let record = next(); record !== undefined; record = next()) records.push(record);
    streams.push({ fileIndex, stream, records });
  }
  return streams;
}
