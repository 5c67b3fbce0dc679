/**
 * A verify as the file daemon's main thread sees it: what is on disk, or on a volume, told to the
 * director record by record, who compares (director-client.md 13).
 *
 * @module
 */
import { decodeText, encodeBase64, messageOf } from "../../bytes/mod.ts";
import {
  type Connection,
  dataHeader,
  fileToDirector as say,
  fileToStorage as ask,
  receiveFrame,
  receiveText,
  Signal,
  storageToFile as hear,
} from "../../protocol/mod.ts";
import {
  decodeAttributes,
  encodeStat,
  FileType,
  Stream,
  streamType,
} from "../../storage/volume/mod.ts";
import { expectAnswer } from "./backup_job.ts";
import type { FileJob } from "./file_job.ts";
import type { FromVerify, WorkPool } from "./work/mod.ts";

/** Level letters by the word of the command. */
export const verifyLevels: Readonly<Record<string, string>> = {
  init: "V",
  catalog: "C",
  disk_to_catalog: "d",
  volume: "O",
};

/** What a volume is compared with: all that a restore would set. */
const volumeComparison = "pinsug5";

/** Names of the digests by stream. */
const digests: Readonly<Record<number, string>> = {
  [Stream.md5Digest]: "MD5",
  [Stream.sha1Digest]: "SHA1",
  [Stream.sha256Digest]: "SHA256",
  [Stream.sha512Digest]: "SHA512",
  [Stream.xxh128Digest]: "XXH128",
};

/** Tells the director what is on disk. The job's status says how it went. */
export async function verifyDisk(
  job: FileJob,
  director: Connection,
  pool: WorkPool,
): Promise<void> {
  const { fileSet, counters } = job;
  if (fileSet === undefined) return;
  const line = pool.begin({ kind: "verify", fileSet });
  const onAbort = (): void => line.cancel();
  job.aborted.addEventListener("abort", onAbort, { once: true });
  if (job.aborted.aborted) line.cancel();
  try {
    for (;;) {
      const piece = await line.receive() as FromVerify;
      await job.messages(piece.messages);
      for (const record of piece.records) await director.send(record);
      const { files, bytes, examined, path } = piece;
      Object.assign(counters, { files, bytes, readBytes: bytes, examined, path });
      if (piece.kind === "done") break;
      line.post({ kind: "more" });
    }
    if (!job.aborted.aborted) await director.sendSignal(Signal.EOD);
  } catch (error) {
    if (!job.isCanceled) {
      job.fail(`Verify failed: ${messageOf(error)}\n`);
    }
  } finally {
    job.aborted.removeEventListener("abort", onAbort);
    await pool.end(line);
  }
}

/** Tells the director what the storage daemon finds on volumes. The job's status says how it went. */
export async function verifyVolume(job: FileJob, director: Connection): Promise<void> {
  const { storage, announcement } = job;
  if (storage === undefined) return;
  const { volSessionId, volSessionTime } = announcement;
  try {
    await storage.send(ask.readOpen.format({
      ...{ volume: "DummyVolume", volSessionId, volSessionTime },
      ...{ startFile: 0, endFile: 0, startBlock: 0, endBlock: 0 },
    }));
    const { ticket } = expectAnswer(hear.openOk, await receiveText(storage, "daemon"));
    await storage.send(ask.readData.format({ ticket }));
    expectAnswer(hear.dataOk, await receiveText(storage, "daemon"));
    await passRecords(job, storage, director);
    await storage.send(ask.readClose.format({ ticket }));
    expectAnswer(hear.closeOk, await receiveText(storage, "daemon"));
    await director.sendSignal(Signal.EOD);
  } catch (error) {
    if (!job.isCanceled) {
      job.fail(`Verify failed: ${messageOf(error)}\n`);
    }
  }
}

async function passRecords(job: FileJob, storage: Connection, director: Connection): Promise<void> {
  const throttle = job.makeThrottle();
  for (;;) {
    const frame = storage.takeBuffered() ?? await receiveFrame(storage, "daemon");
    if (frame === undefined) throw new Error("the storage daemon closed the connection");
    if (frame.kind === "signal") {
      if (frame.signal === Signal.EOD) return;
      if (frame.signal === Signal.TERMINATE) {
        throw new Error("the storage daemon ended the conversation");
      }
      continue;
    }
    const header = dataHeader.record.parse(frame.payload);
    if (header === undefined) {
      throw new Error(`Record header scan error: ${decodeText(frame.payload)}`);
    }
    const data = storage.takeBuffered() ?? await receiveFrame(storage, "daemon");
    if (data?.kind !== "message" || data.payload.length !== header.length) {
      const got = data?.kind === "message" ? data.payload.length : "none";
      throw new Error(`Actual data size ${got} not same as header ${header.length}`);
    }
    const record = recordOf(job, header.fileIndex, streamType(header.stream), data.payload);
    if (record !== undefined) await director.send(record);
    if (throttle.isActive) await throttle.pace(header.length);
  }
}

/** What the director is told of a record; undefined if nothing. */
function recordOf(
  { counters }: FileJob,
  fileIndex: number,
  stream: number,
  data: Uint8Array,
): string | undefined {
  if (stream === Stream.unixAttributes || stream === Stream.unixAttributesEx) {
    const { type, name, link, stat } = decodeAttributes(data);
    counters.files++;
    counters.examined++;
    counters.path = name;
    const isLink = type === FileType.hardLink || type === FileType.symbolicLink;
    return say.verifyAttributes.format({
      fileIndex: type === FileType.deleted ? 0 : fileIndex,
      ...{ stream: Stream.unixAttributes, options: volumeComparison, name },
      ...{ stat: encodeStat(stat, stat), link: isLink ? link : "" },
    });
  }
  const algorithm = digests[stream];
  if (algorithm !== undefined) {
    const digest = encodeBase64(data, "standard");
    return say.verifyDigest.format({
      fileIndex,
      stream,
      digest,
      algorithm,
      digestIndex: fileIndex,
    });
  }
  if (stream === Stream.restoreObject) {
    // Numbers and the plugin, a zero byte, the object's name, a zero byte (volume.md 15.2).
    const name = decodeText(data).split("\0")[1] ?? "";
    return say.verifyObject.format({ fileIndex, name });
  }
  return undefined;
}
