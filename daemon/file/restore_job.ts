/**
 * A restore as the file daemon's main thread sees it: records from the storage
 * daemon in large pieces to the restore thread (storage-daemon.md 6.3).
 *
 * @module
 */
import {
  dataHeader,
  fileToStorage as say,
  receiveFrame,
  receiveText,
  storageToFile as hear,
} from "../../protocol/mod.ts";
import { startThread, type Thread } from "../threads.ts";
import { expectAnswer } from "./backup_job.ts";
import type { FileJob } from "./file_job.ts";
import type { FromRestoreThread, RestoreOrder, ToRestoreThread } from "./restore_messages.ts";

/** Bytes of records that are handed to the thread at once. */
const pieceLength = 1 << 20;
/** Pieces that may be on their way at once. */
const piecesAhead = 4;

/** Restores what the storage daemon sends. The job's status says how it went. */
export async function restore(
  job: FileJob,
  target: Omit<RestoreOrder, "kind">,
): Promise<void> {
  const { storage } = job;
  if (storage === undefined) return;
  const thread = startThread("restore");
  const onAbort = (): void => thread.end();
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

    thread.post({ kind: "start", ...target } satisfies ToRestoreThread);
    const done = follow(thread, job, before);
    done.catch(() => {}); // awaited below; until then a failure must not be unhandled
    await passRecords(job, thread, done);
    await done;

    await storage.send(say.readClose.format({ ticket }));
    expectAnswer(hear.closeOk, await receiveText(storage, "daemon"));
  } catch (error) {
    if (!job.isCanceled) {
      job.fail(`Restore failed: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  } finally {
    job.aborted.removeEventListener("abort", onAbort);
    thread.end();
  }
}

/** Counts what the thread has taken, so that no more than a few pieces are under way. */
class Flow {
  #taken = 0;
  #given = 0;
  #wake: (() => void) | undefined;

  taken(): void {
    this.#taken++;
    this.#wake?.();
  }

  async give(): Promise<void> {
    this.#given++;
    while (this.#given - this.#taken >= piecesAhead) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}

const flows = new WeakMap<Thread, Flow>();

function flowOf(thread: Thread): Flow {
  const flow = flows.get(thread) ?? new Flow();
  flows.set(thread, flow);
  return flow;
}

async function passRecords(job: FileJob, thread: Thread, done: Promise<void>): Promise<void> {
  const { storage } = job;
  if (storage === undefined) return;
  const flow = flowOf(thread);
  let failure: unknown;
  done.catch((error) => {
    failure = error;
    flow.taken();
  });
  let piece = new Piece();
  const hand = async (): Promise<void> => {
    if (piece.records.length === 0) return;
    const { bytes, records } = piece;
    thread.post({ kind: "records", bytes, records } satisfies ToRestoreThread, [bytes.buffer]);
    piece = new Piece();
    await flow.give();
  };
  for (;;) {
    if (failure !== undefined) throw failure;
    const frame = storage.takeBuffered() ?? await receiveFrame(storage, "daemon");
    if (frame === undefined) throw new Error("the storage daemon closed the connection");
    if (frame.kind === "signal") {
      if (frame.signal === -1) break;
      if (frame.signal === -4) throw new Error("the storage daemon ended the conversation");
      continue;
    }
    const header = dataHeader.record.parse(frame.payload);
    if (header === undefined) {
      throw new Error(`Record header scan error: ${new TextDecoder().decode(frame.payload)}`);
    }
    const data = storage.takeBuffered() ?? await receiveFrame(storage, "daemon");
    if (data?.kind !== "message" || data.payload.length !== header.length) {
      const got = data?.kind === "message" ? data.payload.length : "none";
      throw new Error(`Actual data size ${got} not same as header ${header.length}`);
    }
    piece.add(header, data.payload);
    if (piece.length >= pieceLength) await hand();
  }
  await hand();
  thread.post({ kind: "end" } satisfies ToRestoreThread);
}

/** Records behind one another in one buffer. */
class Piece {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(pieceLength + (1 << 18));
  readonly records: number[] = [];
  length = 0;

  add(
    header: {
      readonly volSessionId: number;
      readonly volSessionTime: number;
      readonly fileIndex: number;
      readonly stream: number;
    },
    data: Uint8Array,
  ): void {
    if (this.length + data.length > this.bytes.length) {
      const larger = new Uint8Array(this.length + data.length);
      larger.set(this.bytes.subarray(0, this.length));
      this.bytes = larger;
    }
    this.bytes.set(data, this.length);
    this.records.push(
      header.volSessionId,
      header.volSessionTime,
      header.fileIndex,
      header.stream,
      data.length,
    );
    this.length += data.length;
  }
}

async function follow(
  thread: Thread,
  job: FileJob,
  before: FileJob["counters"],
): Promise<void> {
  for (;;) {
    const message = await thread.receive() as FromRestoreThread;
    for (const [type, text] of message.messages) job.message(type, text);
    const { counters } = message;
    Object.assign(job.counters, {
      files: before.files + counters.files,
      bytes: before.bytes + counters.bytes,
      readBytes: before.readBytes + counters.readBytes,
      examined: before.examined + counters.files,
      path: counters.path,
    });
    flowOf(thread).taken();
    if (message.kind === "done") return;
  }
}
