/**
 * The thread of a backup or an estimate: walks, reads, digests, compresses and
 * frames, and hands full buffers over. It is at most a few buffers ahead of the
 * network.
 *
 * @module
 */
import { JobMessageType } from "../../../protocol/mod.ts";
import { decodeStat, FileType } from "../../../storage/volume/mod.ts";
import type { ThreadPort } from "../../threads.ts";
import { type FoundFile, walk } from "../fileset/mod.ts";
import { openPlatform, type Platform } from "../platform/mod.ts";
import { ChangeFilter } from "./change_filter.ts";
import { estimateLine, isCounted } from "./estimate_line.ts";
import { FileSaver, type SaveProgress } from "./file_saver.ts";
import { FrameWriter } from "./frame_writer.ts";
import type { BackupOrder, FromBackupThread, KnownFile, ToBackupThread } from "./messages.ts";

/** Buffers that may be on their way at once. */
const buffersAhead = 4;
/** Files between two looks at what the job says, and between two reports of an estimate. */
const filesBetweenLooks = 256;

/** See {@linkcode ThreadModule.serve}. */
export async function serve(port: ThreadPort): Promise<void> {
  const send = (message: FromBackupThread, transfer?: Transferable[]): void =>
    port.post(message, transfer);
  const order = await receive(port) as BackupOrder;
  const known = order.isAccurate ? new Map<string, KnownFile>() : undefined;
  for (;;) {
    const message = await receive(port);
    if (message.kind === "cancel") return;
    if (message.kind === "go") break;
    if (message.kind === "known") { for (const file of message.files) known?.set(file.path, file); }
  }
  const platform = openPlatform();
  const filter = new ChangeFilter(order.level === "F" ? 0 : order.since, known, platform);
  const found = walk(order.fileSet, platform, {
    isChanged: (candidate) => filter.isChanged(candidate),
  });
  if (order.estimate !== undefined) {
    await estimate(port, send, platform, found, order.estimate.hasListing);
  } else await save(port, send, platform, found, filter, order);
}

async function receive(port: ThreadPort): Promise<ToBackupThread> {
  return await port.receive() as ToBackupThread;
}

type Send = (message: FromBackupThread, transfer?: Transferable[]) => void;

async function save(
  port: ThreadPort,
  send: Send,
  platform: Platform,
  found: Iterable<FoundFile>,
  filter: ChangeFilter,
  order: BackupOrder,
): Promise<void> {
  const writer = new FrameWriter();
  const gathered: [JobMessageType, string][] = [];
  const saver = new FileSaver({
    platform,
    writer,
    firstFileIndex: order.firstFileIndex,
    report: (type, text) => gathered.push([type, text]),
  });
  let ahead = 0;
  let isCanceled = false;
  const take = (message: ToBackupThread): void => {
    if (message.kind === "written") ahead--;
    if (message.kind === "cancel") isCanceled = true;
  };
  const handOver = async (): Promise<void> => {
    if (gathered.length > 0) send({ kind: "messages", messages: gathered.splice(0) });
    if (writer.length > 0) {
      const bytes = writer.take();
      send({ kind: "frames", bytes, progress: { ...saver.progress } }, [bytes.buffer]);
      ahead++;
    }
    for (let message = port.take(); message !== undefined; message = port.take()) {
      take(message as ToBackupThread);
    }
    while (ahead >= buffersAhead && !isCanceled) take(await receive(port));
  };
  const files = function* (): Generator<void> {
    let count = 0;
    for (const file of found) {
      yield* saver.save(file);
      // Messages arrive only between steps: a look at them now and then lets a cancel through.
      if (++count % filesBetweenLooks === 0) yield;
    }
    for (const { path, stat } of filter.gone()) yield* saver.saveDeleted(path, decodeStat(stat));
    saver.progress.readBytes += filter.readBytes;
  };
  let failure: string | undefined;
  const steps = files();
  try {
    while (!isCanceled && !steps.next().done) {
      if (writer.isFull || gathered.length > 0) await handOver();
      else await new Promise<void>((resolve) => setTimeout(resolve)); // lets messages in
      for (let message = port.take(); message !== undefined; message = port.take()) {
        take(message as ToBackupThread);
      }
    }
    saver.finish();
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  } finally {
    steps.return(undefined);
  }
  await handOver();
  send({ kind: "done", progress: saver.progress, ...(failure === undefined ? {} : { failure }) });
}

async function estimate(
  port: ThreadPort,
  send: Send,
  platform: Platform,
  found: Iterable<FoundFile>,
  hasListing: boolean,
): Promise<void> {
  let files = 0;
  let bytes = 0;
  let lines: string[] = [];
  let looked = 0;
  const flush = async (): Promise<boolean> => {
    for (const text of lines) send({ kind: "lines", text });
    lines = [];
    await new Promise<void>((resolve) => setTimeout(resolve));
    return (port.take() as ToBackupThread | undefined)?.kind === "cancel";
  };
  for (const file of found) {
    const { notice } = file;
    if (notice !== undefined && notice.type !== JobMessageType.SKIPPED) {
      send({ kind: "messages", messages: [[notice.type, notice.text]] });
    }
    if (isCounted(file)) {
      files++;
      const hasData = file.type === FileType.regularFile || file.type === FileType.hardLink;
      if (hasData) bytes += file.stat?.size ?? 0;
      if (hasListing) lines.push(estimateLine(file, platform));
    }
    if (++looked % filesBetweenLooks === 0 && await flush()) return;
  }
  await flush();
  const progress: SaveProgress = {
    files,
    bytes,
    readBytes: 0,
    examined: looked,
    errors: 0,
    path: "",
    compression: "",
  };
  send({ kind: "done", progress, estimate: { files, bytes } });
}
