/**
 * A backup as the file daemon's main thread sees it: the conversation with the
 * storage daemon, and buffers from the backup threads into the socket
 * (storage-daemon.md 6.1, 6.2).
 *
 * @module
 */
import { messageOf } from "../../bytes/mod.ts";
import {
  type Connection,
  fileToStorage as say,
  JobMessageType,
  receiveText,
  Signal,
  storageToFile as hear,
} from "../../protocol/mod.ts";
import { startThread } from "../threads.ts";
import type { KnownFilesMemory } from "./accurate/mod.ts";
import { BackupThreadError, type CrewOutput, type WalkSums } from "./backup/crew.ts";
import type { CrewPool } from "./backup/crew_pool.ts";
import type { FromBackupThread, ToBackupThread, WalkOrder } from "./backup/messages.ts";
import { makeStopWord, restTime, stop } from "./platform/mod.ts";
import type { FileJob } from "./file_job.ts";
import type { FileSet } from "./fileset/mod.ts";

/** A conversation did not go as it must. */
export class StorageAnswerError extends Error {
  override readonly name = "StorageAnswerError";
}

/** After so many errors a backup gives up. */
const maxErrors = 1000;

/** Sends a job's files to its storage daemon. The job's status says how it went. */
export async function backup(
  job: FileJob,
  firstFileIndex: number,
  known: KnownFilesMemory | undefined,
  crews: CrewPool,
): Promise<void> {
  const { storage, fileSet } = job;
  if (storage === undefined || fileSet === undefined) return;
  const crew = crews.take();
  const onAbort = (): void => void crew.cancel();
  job.aborted.addEventListener("abort", onAbort, { once: true });
  try {
    await storage.send(say.appendOpen.format({}));
    const ticket = expectAnswer(hear.openOk, await receiveText(storage, "daemon")).ticket;
    await storage.send(say.appendData.format({ ticket }));
    expectAnswer(hear.dataOk, await receiveText(storage, "daemon"));

    const { protection } = job;
    const order = { ...walkOrderOf(job, fileSet, known), firstFileIndex, protection };
    await pump(crew.save(order), storage, job, firstFileIndex);
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
      const why = messageOf(error);
      const isOurs = error instanceof BackupThreadError;
      job.fail(isOurs ? `${why}\n` : `Network send error to SD. ERR=${why}\n`);
    }
  } finally {
    job.aborted.removeEventListener("abort", onAbort);
    await crews.giveBack(crew);
  }
}

function walkOrderOf(
  job: FileJob,
  fileSet: FileSet,
  known: KnownFilesMemory | undefined,
): WalkOrder {
  const { level, since, isRerun, isAccurate } = job;
  return { fileSet, level, since, isRerun, isAccurate, known };
}

/** Passes the output on until all is saved. */
async function pump(
  output: AsyncGenerator<CrewOutput, WalkSums, undefined>,
  storage: Connection,
  job: FileJob,
  firstFileIndex: number,
): Promise<void> {
  const { counters } = job;
  counters.files = firstFileIndex;
  const problems = { errors: 0, aclErrors: 0, attributeErrors: 0 };
  const throttle = job.makeThrottle();
  for (;;) {
    const next = await output.next();
    if (job.isCanceled) throw new StorageAnswerError("the job was canceled");
    if (next.done) {
      counters.examined = next.value.examined;
      counters.readBytes += next.value.readBytes;
      break;
    }
    const { part, frames, done } = next.value;
    await job.messages(part.messages);
    const { figures } = part;
    const before = counters.bytes;
    let sent = 0;
    if (frames.length > 0) {
      await throttle.pass(frames, async (slice) => {
        await storage.sendRaw(slice);
        sent += slice.length;
        // Under a low limit of bandwidth one part takes minutes: the status tells how far it has come.
        counters.bytes = before + Math.floor(figures.bytes * (sent / frames.length));
      });
    }
    done();
    counters.files = Math.max(counters.files, figures.files);
    counters.bytes = before + figures.bytes;
    counters.readBytes += figures.readBytes;
    counters.examined = Math.max(counters.examined, part.examined);
    if (part.path !== "") counters.path = part.path;
    if (job.mustHangUp) job.hangUp();
    if (job.aborted.aborted) throw new StorageAnswerError("the job has ended");
    for (const key of ["errors", "aclErrors", "attributeErrors"] as const) {
      problems[key] += figures[key];
    }
    if (problems.errors > maxErrors) {
      throw new BackupThreadError(`Too many errors. JobErrors=${problems.errors}.`);
    }
  }
  const { aclErrors, attributeErrors } = problems;
  for (const [count, what] of [[aclErrors, "acl"], [attributeErrors, "xattr"]] as const) {
    if (count === 0) continue;
    const text = `Encountered ${count} ${what} errors while doing backup\n`;
    job.message(JobMessageType.WARNING, text);
  }
}

/** Walks as a backup would, and gives lines as they come and the sums in the end. */
export async function estimate(
  job: FileJob,
  hasListing: boolean,
  known: KnownFilesMemory | undefined,
  tell: (text: string) => Promise<void>,
): Promise<{ files: number; bytes: number } | undefined> {
  const { fileSet } = job;
  if (fileSet === undefined) return undefined;
  const thread = startThread("backup");
  const word = makeStopWord();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const onAbort = (): void => {
    stop(word);
    post({ kind: "cancel" });
    timer = setTimeout(() => thread.end(), restTime);
  };
  job.aborted.addEventListener("abort", onAbort, { once: true });
  const post = (message: ToBackupThread): void => thread.post(message);
  try {
    post({ kind: "estimate", hasListing, stop: word, ...walkOrderOf(job, fileSet, known) });
    for (;;) {
      const message = await thread.receive() as FromBackupThread;
      if (job.aborted.aborted && message.kind !== "idle") continue; // nobody listens any more
      if (message.kind === "lines") await tell(message.text);
      if (message.kind === "messages") {
        for (const [, text] of message.messages) await tell(text);
      }
      if (message.kind === "estimated") return message;
      if (message.kind === "idle") throw new BackupThreadError(message.failure ?? "it ended early");
    }
  } finally {
    job.aborted.removeEventListener("abort", onAbort);
    clearTimeout(timer);
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
