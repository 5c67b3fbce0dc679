/**
 * A backup as the file daemon's main thread sees it: the conversation with the
 * storage daemon, and buffers from the backup thread into the socket
 * (storage-daemon.md 6.1, 6.2).
 *
 * @module
 */
import {
  type Connection,
  fileToStorage as say,
  receiveText,
  Signal,
  storageToFile as hear,
} from "../../protocol/mod.ts";
import { startThread, type Thread } from "../threads.ts";
import type { AccurateList } from "./accurate_list.ts";
import type { BackupOrder, FromBackupThread, ToBackupThread } from "./backup/messages.ts";
import type { FileJob } from "./file_job.ts";

/** A conversation did not go as it must. */
export class StorageAnswerError extends Error {
  override readonly name = "StorageAnswerError";
}

/** Sends a job's files to its storage daemon. The job's status says how it went. */
export async function backup(
  job: FileJob,
  firstFileIndex: number,
  accurate: AccurateList | undefined,
): Promise<void> {
  const { storage, fileSet } = job;
  if (storage === undefined || fileSet === undefined) return;
  const thread = startThread("backup");
  const onAbort = (): void => thread.post({ kind: "cancel" } satisfies ToBackupThread);
  job.aborted.addEventListener("abort", onAbort, { once: true });
  try {
    await storage.send(say.appendOpen.format({}));
    const ticket = expectAnswer(hear.openOk, await receiveText(storage, "daemon")).ticket;
    await storage.send(say.appendData.format({ ticket }));
    expectAnswer(hear.dataOk, await receiveText(storage, "daemon"));

    startWork(thread, job, { firstFileIndex, fileSet, accurate });
    await pump(thread, storage, job);
    await storage.sendSignal(Signal.EOD);
    expectAnswer(hear.appendDataOk, await receiveText(storage, "daemon"));

    await storage.send(say.appendEnd.format({ ticket }));
    expectAnswer(hear.endOk, await receiveText(storage, "daemon"));
    await storage.send(say.appendClose.format({ ticket }));
    const close = expectAnswer(hear.closeOk, await receiveText(storage, "daemon"));
    const status = String.fromCharCode(close.status);
    if (status !== "T" && status !== "W") {
      job.fail(`Bad status ${close.status} returned from Storage Daemon.\n`);
    }
  } catch (error) {
    if (!job.isCanceled) {
      const why = error instanceof Error ? error.message : String(error);
      job.fail(`Network send error to SD. ERR=${why}\n`);
    }
  } finally {
    job.aborted.removeEventListener("abort", onAbort);
    thread.end();
  }
}

function startWork(
  thread: Thread,
  job: FileJob,
  order: {
    readonly firstFileIndex: number;
    readonly fileSet: BackupOrder["fileSet"];
    readonly accurate: AccurateList | undefined;
    readonly estimate?: { readonly hasListing: boolean };
  },
): void {
  const post = (message: ToBackupThread): void => thread.post(message);
  post({
    kind: "start",
    fileSet: order.fileSet,
    level: job.level,
    since: job.since,
    isAccurate: order.accurate !== undefined,
    firstFileIndex: order.firstFileIndex,
    ...(order.estimate === undefined ? {} : { estimate: order.estimate }),
  });
  for (const files of order.accurate?.pieces() ?? []) post({ kind: "known", files });
  post({ kind: "go" });
}

/** Passes buffers on until the thread is done. */
async function pump(thread: Thread, storage: Connection, job: FileJob): Promise<void> {
  for (;;) {
    const message = await thread.receive() as FromBackupThread;
    switch (message.kind) {
      case "frames":
        Object.assign(job.counters, message.progress);
        await storage.sendRaw(message.bytes);
        thread.post({ kind: "written" } satisfies ToBackupThread);
        break;
      case "messages":
        for (const [type, text] of message.messages) job.message(type, text);
        break;
      case "done":
        Object.assign(job.counters, message.progress);
        if (message.failure !== undefined) job.fail(`${message.failure}\n`);
        if (job.isCanceled) throw new StorageAnswerError("the job was canceled");
        return;
    }
  }
}

/** Walks as a backup would, and gives lines as they come and the sums in the end. */
export async function estimate(
  job: FileJob,
  hasListing: boolean,
  accurate: AccurateList | undefined,
  tell: (text: string) => Promise<void>,
): Promise<{ files: number; bytes: number } | undefined> {
  const { fileSet } = job;
  if (fileSet === undefined) return undefined;
  const thread = startThread("backup");
  const onAbort = (): void => thread.end();
  job.aborted.addEventListener("abort", onAbort, { once: true });
  try {
    startWork(thread, job, { firstFileIndex: 0, fileSet, accurate, estimate: { hasListing } });
    for (;;) {
      const message = await thread.receive() as FromBackupThread;
      if (message.kind === "lines") await tell(message.text);
      if (message.kind === "messages") {
        for (const [, text] of message.messages) await tell(text);
      }
      if (message.kind === "done") return message.estimate;
    }
  } finally {
    job.aborted.removeEventListener("abort", onAbort);
    thread.end();
  }
}

/** The fields of the wanted answer. @throws StorageAnswerError if another one came */
export function expectAnswer<F>(
  wanted: { readonly pattern: string; parse(text: string): F | undefined },
  text: string,
): F {
  const fields = wanted.parse(text);
  if (fields !== undefined) return fields;
  throw new StorageAnswerError(
    `Bad response from Storage daemon: wanted ${wanted.pattern.trim()}, got ${text.trim()}`,
  );
}
