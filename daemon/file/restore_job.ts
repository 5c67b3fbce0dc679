/**
 * A restore as the file daemon's main thread sees it: records from the storage
 * daemon in large pieces to the restore thread (storage-daemon.md 6.3).
 *
 * @module
 */
import { decodeText } from "../../bytes/mod.ts";
import {
  dataHeader,
  fileToStorage as say,
  receiveFrame,
  receiveText,
  Signal,
  storageToFile as hear,
} from "../../protocol/mod.ts";
import { startThread, type Thread } from "../threads.ts";
import { expectAnswer } from "./backup_job.ts";
import type { FileJob } from "./file_job.ts";
import { makeRing, plainMemoryLength } from "./restore/mod.ts";
import { makeStopWord, restTime, stop } from "./platform/mod.ts";
import type { FromRestoreThread, RestoreOrder, ToRestoreThread } from "./restore_messages.ts";
import { makePieces, pieceCount, PieceWriter } from "./restore_pieces.ts";

/** What the restores of a daemon have together. */
export interface DigestHelpers {
  /** Threads that make digests for restores: a core for each, beside those that write. */
  digesters: number;
}

/** Restores what the storage daemon sends. The job's status says how it went. */
export async function restore(
  job: FileJob,
  target: Omit<RestoreOrder, "kind">,
  helpers: DigestHelpers,
): Promise<void> {
  const { storage } = job;
  if (storage === undefined) return;
  const thread = startThread("restore");
  const isHelped = helpers.digesters < navigator.hardwareConcurrency - 1;
  const digester = isHelped ? startThread("digest") : undefined;
  if (isHelped) helpers.digesters++;
  let isStarted = false;
  const word = makeStopWord();
  let isDone = Promise.resolve();
  // Whoever waits for the thread gives up when it is done, or ended.
  const onAbort = (): void => {
    stop(word);
    if (isStarted) thread.post({ kind: "cancel" } satisfies ToRestoreThread);
    else thread.end();
  };
  job.aborted.addEventListener("abort", onAbort, { once: true });
  const before = { ...job.counters };
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

    const pieces = { memory: makePieces(), free: new FreePieces() };
    const plain = new SharedArrayBuffer(digester === undefined ? 0 : plainMemoryLength);
    const ring = digester && makeRing([pieces.memory, plain]);
    digester?.post(ring);
    isStarted = true;
    thread.post(
      {
        ...{ kind: "start", ...target, pieces: pieces.memory, ring, plain, stop: word },
      } satisfies ToRestoreThread,
    );
    const done = isDone = Promise.race([
      follow(thread, job, before, (slot) => pieces.free.give(slot)),
      ...(digester === undefined ? [] : [digester.receive().then(() => {})]),
    ]);
    done.then(
      // Pieces that a canceled thread has got do not come back.
      () => job.isCanceled && pieces.free.fail(new Error("The job was canceled")),
      (error) => pieces.free.fail(error),
    );
    await passRecords(job, thread, pieces);
    await done;

    await storage.send(say.readClose.format({ ticket }));
    expectAnswer(hear.closeOk, await receiveText(storage, "daemon"));
  } catch (error) {
    if (!job.isCanceled) {
      job.fail(`Restore failed: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  } finally {
    job.aborted.removeEventListener("abort", onAbort);
    if (job.isCanceled) await settled(isDone);
    thread.end();
    digester?.end();
    if (isHelped) helpers.digesters--;
  }
}

/** Waits until a promise is settled, or for a short time. */
async function settled(promise: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, restTime);
  await Promise.race([promise.catch(() => {}), late.promise]);
  clearTimeout(timer);
}

/** Which pieces are free. */
class FreePieces {
  readonly #free: number[] = Array.from({ length: pieceCount }, (_, slot) => slot);
  #waiting: PromiseWithResolvers<number> | undefined;
  #failure: unknown;

  /** A free piece. @throws what {@linkcode fail} was told */
  take(): number | Promise<number> {
    if (this.#failure !== undefined) throw this.#failure;
    const slot = this.#free.pop();
    if (slot !== undefined) return slot;
    this.#waiting = Promise.withResolvers();
    return this.#waiting.promise;
  }

  give(slot: number): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#free.push(slot);
    else waiting.resolve(slot);
  }

  /** No piece will be given back any more. */
  fail(error: unknown): void {
    this.#failure = error;
    this.#waiting?.reject(error);
  }
}

async function passRecords(
  job: FileJob,
  thread: Thread,
  pieces: { readonly memory: SharedArrayBuffer; readonly free: FreePieces },
): Promise<void> {
  const { storage } = job;
  if (storage === undefined) return;
  const { memory, free } = pieces;
  const throttle = job.makeThrottle();
  let slot = await free.take();
  let piece = new PieceWriter(memory, slot);
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
    thread.post({ kind: "records", slot, length: piece.length } satisfies ToRestoreThread);
    slot = await free.take();
    piece = new PieceWriter(memory, slot);
  }
  thread.post({ kind: "records", slot, length: piece.length } satisfies ToRestoreThread);
  thread.post({ kind: "end" } satisfies ToRestoreThread);
}

async function follow(
  thread: Thread,
  job: FileJob,
  before: FileJob["counters"],
  giveBack: (slot: number) => void,
): Promise<void> {
  for (;;) {
    const message = await thread.receive() as FromRestoreThread;
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
