/** The list of files that the catalog knows, as a client is told (director-client.md 7). @module */
import { encodeText } from "../../../bytes/mod.ts";
import { type Connection, Signal } from "../../../protocol/mod.ts";
import type { FileRecord } from "../director_catalog.ts";

/** Bytes after which others have their turn. */
const batchBytes = 256 << 10;

/** How a list is sent. */
export interface KnownFilesOptions {
  /** Whether digests are told. */
  readonly withDigest: boolean;
  /** Ends the sending early. */
  readonly abort?: AbortSignal;
}

/** Sends an entry for each file, and the end of the list. Files of FileIndex 0, which are deleted, are skipped. */
export async function sendKnownFiles(
  connection: Connection,
  files: AsyncIterable<readonly FileRecord[]>,
  { withDigest, abort }: KnownFilesOptions,
): Promise<{ readonly sent: number; readonly skipped: number }> {
  let sent = 0;
  let skipped = 0;
  let queued = 0;
  for await (const piece of files) {
    for (const { fileIndex, path, lstat, digest, deltaSeq } of piece) {
      if (fileIndex === 0) {
        skipped++;
        continue;
      }
      const known = withDigest && digest.length > 1 ? digest : "";
      const entry = encodeText(`${path}\0${lstat}\0${known}\0${deltaSeq}`);
      connection.queue(entry);
      sent++;
      queued += entry.length;
    }
    if (queued < batchBytes) continue;
    queued = 0;
    await connection.flush();
    abort?.throwIfAborted();
  }
  await connection.flush();
  await connection.sendSignal(Signal.EOD);
  return { sent, skipped };
}
