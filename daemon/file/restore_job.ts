/**
 * A restore as the file daemon's main thread sees it: records from the storage
 * daemon in large pieces to the restore thread (storage-daemon.md 6.3).
 *
 * @module
 */
import { decodeText, messageOf } from "../../bytes/mod.ts";
import {
  dataHeader,
  fileToStorage as say,
  receiveFrame,
  receiveText,
  Signal,
  storageToFile as hear,
} from "../../protocol/mod.ts";
import { startThread } from "../threads.ts";
import { expectAnswer } from "./backup_job.ts";
import type { FileJob } from "./file_job.ts";
import { breakRing, makeRing, plainMemoryLength } from "./restore/mod.ts";
import {
  type FromRestore,
  helpWithChecks,
  type PieceUser,
  type RestoreOrder,
  type WorkLine,
  type WorkPool,
} from "./work/mod.ts";

/** Where and how to restore. */
export type RestoreWish = Omit<RestoreOrder, "kind" | "ring" | "plain" | "board">;

/** Restores what the storage daemon sends. The job's status says how it went. */
export async function restore(job: FileJob, wish: RestoreWish, pool: WorkPool): Promise<void> {
  const { storage } = job;
  if (storage === undefined) return;
  using digests = openDigests(pool);
  const { ring, plain } = digests;
  const help = helpWithChecks(pool, wish.keys?.signers);
  const line = pool.begin({ kind: "restore", ...wish, ring, plain, board: help.board });
  const pieces = pool.pieces.open();
  // Whoever waits for the thread gives up when it is done, or ended.
  const onAbort = (): void => line.cancel();
  job.aborted.addEventListener("abort", onAbort, { once: true });
  if (job.aborted.aborted) line.cancel();
  const before = { ...job.counters };
  let isDone = Promise.resolve();
  try {
    await storage.send(say.readOpen.format({
      volume: "DummyVolume",
      volSessionId: job.announcement.volSessionId,
      volSessionTime: job.announcement.volSessionTime,
      startFile: 0,
      endFile: 0,
      startBlock: 0,
      endBlock: 0,
    }));
    const { ticket } = expectAnswer(hear.openOk, await receiveText(storage, "daemon"));
    await storage.send(say.readData.format({ ticket }));
    expectAnswer(hear.dataOk, await receiveText(storage, "daemon"));

    const done = isDone = Promise.race([
      follow(line, job, before, (slot) => {
        pieces.give(slot);
        help.look();
      }),
      ...(digests.isOver === undefined ? [] : [digests.isOver]),
    ]);
    done.catch((error) => pieces.fail(error));
    await passRecords(job, line, pieces);
    await done;

    await storage.send(say.readClose.format({ ticket }));
    expectAnswer(hear.closeOk, await receiveText(storage, "daemon"));
  } catch (error) {
    if (!job.isCanceled) {
      job.fail(`Restore failed: ${messageOf(error)}\n`);
    }
  } finally {
    job.aborted.removeEventListener("abort", onAbort);
    await Promise.all([pool.end(line), help.end()]);
    if (line.isAtRest) await isDone.catch(() => {}); // what it said last is told
    void line.atRest.then(() => pieces.close(line.isLost));
  }
}

/** Another thread for the digests of a restore, if there is a core for it. */
function openDigests(pool: WorkPool): Disposable & {
  readonly ring: RestoreOrder["ring"];
  readonly plain: SharedArrayBuffer;
  /** Fails when the thread does. */
  readonly isOver?: Promise<void>;
} {
  const plain = new SharedArrayBuffer(plainMemoryLength);
  if (pool.digesters >= navigator.hardwareConcurrency - 1) {
    return { ring: undefined, plain: new SharedArrayBuffer(0), [Symbol.dispose]: () => {} };
  }
  pool.digesters++;
  const ring = makeRing([pool.pieces.firstShelf, plain]);
  const thread = startThread("digest");
  thread.post(ring);
  const isOver = thread.receive().then(() => {});
  isOver.catch(() => {}); // whoever waits hears of it
  return {
    ...{ ring, plain, isOver },
    [Symbol.dispose](): void {
      breakRing(ring);
      thread.end();
      pool.digesters--;
    },
  };
}

async function passRecords(
  job: FileJob,
  line: WorkLine,
  pieces: PieceUser,
): Promise<void> {
  const { storage } = job;
  if (storage === undefined) return;
  const throttle = job.makeThrottle();
  let piece = await pieces.take();
  for (;;) {
    const frame = storage.takeBuffered() ?? await receiveFrame(storage, "daemon");
    if (frame === undefined) throw new Error("the storage daemon closed the connection");
    if (frame.kind === "signal") {
      if (frame.signal === Signal.EOD) break;
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
    piece.add(header, data.payload);
    if (throttle.isActive) await throttle.pace(header.length);
    if (!piece.isFull) continue;
    line.post({ kind: "records", slot: piece.slot, length: piece.length });
    piece = await pieces.take();
  }
  line.post({ kind: "records", slot: piece.slot, length: piece.length });
  line.post({ kind: "end" });
}

async function follow(
  line: WorkLine,
  job: FileJob,
  before: FileJob["counters"],
  giveBack: (slot: number) => void, // called at each report
): Promise<void> {
  for (;;) {
    const message = await line.receive() as FromRestore;
    await job.messages(message.messages);
    const { counters } = message;
    Object.assign(job.counters, {
      files: before.files + counters.files,
      bytes: before.bytes + counters.bytes,
      readBytes: before.readBytes + counters.readBytes,
      examined: before.examined + counters.files,
      path: counters.path,
    });
    if (message.kind === "done") return;
    giveBack(message.slot);
  }
}
