/**
 * A thread of a backup. One thread of a job leads: it walks over the file set, describes what it
 * finds in units of work, and saves like the others whenever enough units wait. The others save.
 * Estimates need one thread, which walks alone.
 *
 * @module
 */
import { JobMessageType } from "../../../protocol/mod.ts";
import { decodeStat, FileType } from "../../../storage/volume/mod.ts";
import type { ThreadPort } from "../../threads.ts";
import { type Candidate, type FoundFile, walk } from "../fileset/mod.ts";
import {
  openPlatform,
  type Platform,
  stoppable,
  StoppedError,
  throwIfStopped,
} from "../platform/mod.ts";
import { ChangeFilter } from "./change_filter.ts";
import { estimateLine, isCounted } from "./estimate_line.ts";
import type {
  FromBackupThread,
  LeadOrder,
  SaveOrder,
  ThreadMessage,
  ToBackupThread,
} from "./messages.ts";
import { CanceledError } from "./part_writer.ts";
import { SharedArea } from "./shared_area.ts";
import { optionsOf, UnitBuilder } from "./unit_builder.ts";
import { UnitSaver } from "./unit_saver.ts";

/** Files between two looks at what the job says, and between two reports of an estimate. */
const filesBetweenLooks = 256;

type Send = (message: FromBackupThread) => void;

/** See {@linkcode ThreadModule.serve}: job after job, until the thread is ended. */
export async function serve(port: ThreadPort): Promise<void> {
  const platform = openPlatform();
  const send: Send = (message) => port.post(message);
  for (;;) {
    const order = await port.receive() as ToBackupThread;
    try {
      if (order.kind === "save") {
        saverOf(order, platform, send).saveAll();
      } else if (order.kind === "lead" || order.kind === "estimate") {
        const word = order.kind === "estimate" ? order.stop : undefined;
        using filter = new ChangeFilter(order, stoppable(platform, word));
        const isChanged = (candidate: Candidate): boolean => {
          throwIfStopped(word);
          return filter.isChanged(candidate);
        };
        const found = walk(order.fileSet, platform, { isChanged });
        if (order.kind === "lead") lead(order, platform, found, filter, send);
        else await estimate(port, send, platform, { found, filter, hasListing: order.hasListing });
      }
      send({ kind: "idle" });
    } catch (error) {
      if (error instanceof CanceledError || error instanceof StoppedError) send({ kind: "idle" });
      else send({ kind: "idle", failure: error instanceof Error ? error.message : String(error) });
    }
  }
}

function saverOf(
  { memory, fileSet, protection }: LeadOrder | SaveOrder,
  platform: Platform,
  send: Send,
): UnitSaver {
  const area = new SharedArea(memory);
  const options = optionsOf(fileSet);
  return new UnitSaver({ area, options, platform, protection, announce: send });
}

/** Walks, and saves when there is enough to do. */
function lead(
  order: LeadOrder,
  platform: Platform,
  found: Iterable<FoundFile>,
  filter: ChangeFilter,
  send: Send,
): void {
  const saver = saverOf(order, platform, send);
  const { area } = saver;
  const builder = new UnitBuilder(area, order, () => {
    for (;;) {
      const place = area.until(() => area.nextUnit() ?? (saver.saveOne() && "again"));
      if (place === undefined) throw new CanceledError("The job was canceled");
      if (place !== "again") return place;
    }
  });
  for (const file of found) {
    filter.found(file);
    builder.add(file, filter.notice);
    filter.notice = undefined;
    if (area.isCanceled) return;
  }
  let savedBytes = 0;
  for (const { type, file: { path, stat } } of filter.listed()) {
    const known = decodeStat(stat);
    if (type === FileType.deleted) builder.addDeleted(path, known);
    else builder.addBase(path, known);
    savedBytes += known.size;
    if (area.isCanceled) return;
  }
  if (order.known !== undefined && (order.level === "F" || order.level === "B")) {
    const text = `Space saved with Base jobs: ${Math.floor(savedBytes / 2 ** 20)} MB\n`;
    builder.addNotice({ type: JobMessageType.INFO, text });
  }
  builder.finish();
  const { units, examined } = builder;
  send({ kind: "walked", units, examined, readBytes: filter.readBytes });
  saver.saveAll();
}

async function estimate(
  port: ThreadPort,
  send: Send,
  platform: Platform,
  { found, filter, hasListing }: {
    readonly found: Iterable<FoundFile>;
    readonly filter: ChangeFilter;
    readonly hasListing: boolean;
  },
): Promise<void> {
  let files = 0;
  let bytes = 0;
  let lines: string[] = [];
  let messages: ThreadMessage[] = [];
  let looked = 0;
  const flush = async (): Promise<boolean> => {
    for (const text of lines) send({ kind: "lines", text });
    if (messages.length > 0) send({ kind: "messages", messages });
    lines = [];
    messages = [];
    await new Promise<void>((resolve) => setTimeout(resolve)); // lets messages in
    return (port.take() as ToBackupThread | undefined)?.kind === "cancel";
  };
  for (const file of found) {
    for (const notice of [filter.notice, file.notice]) {
      if (notice === undefined || notice.type === JobMessageType.SKIPPED) continue;
      messages.push([notice.type, notice.text]);
    }
    filter.notice = undefined;
    if (isCounted(file)) {
      files++;
      const isData = file.type === FileType.regularFile || file.type === FileType.hardLink;
      if (isData) bytes += file.stat?.size ?? 0;
      if (hasListing) lines.push(estimateLine(file, platform));
    }
    if (++looked % filesBetweenLooks === 0 && await flush()) return;
  }
  await flush();
  send({ kind: "estimated", files, bytes });
}
