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
import { type FoundFile, walk } from "../fileset/mod.ts";
import { openPlatform, type Platform } from "../platform/mod.ts";
import { ChangeFilter } from "./change_filter.ts";
import { estimateLine, isCounted } from "./estimate_line.ts";
import type {
  FromBackupThread,
  KnownFile,
  LeadOrder,
  SaveOrder,
  ThreadMessage,
  ToBackupThread,
  WalkOrder,
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
        const known = await knownFiles(port, order);
        if (known === "canceled") continue;
        const filter = new ChangeFilter(order.level === "F" ? 0 : order.since, known, platform);
        const isChanged = filter.isChanged.bind(filter);
        const found = walk(order.fileSet, platform, { isChanged });
        if (order.kind === "lead") lead(order, platform, found, filter, send);
        else await estimate(port, send, platform, found, order.hasListing);
      }
      send({ kind: "idle" });
    } catch (error) {
      if (error instanceof CanceledError) send({ kind: "idle" });
      else send({ kind: "idle", failure: error instanceof Error ? error.message : String(error) });
    }
  }
}

/** The accurate list, which comes in pieces before the word to go; undefined if there is none. */
async function knownFiles(
  port: ThreadPort,
  order: WalkOrder,
): Promise<Map<string, KnownFile> | "canceled" | undefined> {
  const known = order.isAccurate ? new Map<string, KnownFile>() : undefined;
  for (;;) {
    const message = await port.receive() as ToBackupThread;
    if (message.kind === "cancel") return "canceled";
    if (message.kind === "go") return known;
    if (message.kind === "known") { for (const file of message.files) known?.set(file.path, file); }
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
    builder.add(file);
    if (area.isCanceled) return;
  }
  for (const { path, stat } of filter.gone()) builder.addDeleted(path, decodeStat(stat));
  builder.finish();
  const { units, examined } = builder;
  send({ kind: "walked", units, examined, readBytes: filter.readBytes });
  saver.saveAll();
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
    const { notice } = file;
    if (notice !== undefined && notice.type !== JobMessageType.SKIPPED) {
      messages.push([notice.type, notice.text]);
    }
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
