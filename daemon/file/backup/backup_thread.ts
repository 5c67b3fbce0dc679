/**
 * A thread of the backups. It serves jobs in turns: one step of each, and sleeps when all of them wait.
 * One thread of a job leads: it walks over the file set and describes what it finds in units of work,
 * which all threads of the job save. Estimates have a thread for themselves, which walks alone.
 *
 * @module
 */
import { messageOf } from "../../../bytes/mod.ts";
import { JobMessageType } from "../../../protocol/mod.ts";
import { FileType } from "../../../storage/volume/mod.ts";
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
import { JobWork } from "./job_work.ts";
import type {
  EstimateOrder,
  FromBackupThread,
  FromSeat,
  JobOrder,
  SeatOrder,
  ThreadMessage,
  ToBackupThread,
} from "./messages.ts";
import { longestWait, SharedArea } from "./shared_area.ts";
import { SharedPool } from "./shared_pool.ts";
import { makeTools } from "./unit_saver.ts";

/** Files between two looks at what the job says, and between two reports of an estimate. */
const filesBetweenLooks = 256;
/** Longest wait where nothing will ring the bell, in milliseconds. */
const pollWait = 20;

type Send = (message: FromBackupThread) => void;

/** See {@linkcode ThreadModule.serve}: jobs or one estimate, until the thread is ended. */
export async function serve(port: ThreadPort): Promise<void> {
  const order = await port.receive() as ToBackupThread;
  if (order.kind === "seat") await serveJobs(order, port);
  if (order.kind === "estimate") await serveEstimate(order, port);
}

async function serveJobs({ pool: memory, seat }: SeatOrder, port: ThreadPort): Promise<void> {
  const pool = new SharedPool(memory);
  const tools = makeTools(openPlatform());
  let works: JobWork[] = [];
  let taken = 0;
  // One that has just come may not have been told of yet.
  const hasOrder = (): boolean => ((pool.orders(seat) - taken) | 0) > 0;
  for (;;) {
    // Messages come in only while nothing is done; that one was posted is told in shared memory.
    while (works.length === 0 || hasOrder()) {
      const order = await port.receive() as JobOrder;
      taken = (taken + 1) | 0;
      const area = new SharedArea(order.memory, pool);
      const { job } = area;
      const send: Send = (message) => port.post({ job, message } satisfies FromSeat);
      try {
        works.push(new JobWork(order, area, tools, send));
      } catch (error) {
        send({ kind: "idle", failure: messageOf(error) });
      }
    }
    const { bell } = pool;
    let rest = longestWait;
    for (const work of [...works]) {
      // Who was canceled does not wait until it is its turn.
      for (const one of works.filter((one) => one === work || one.area.isCanceled)) {
        pool.setWork(seat, one.area.job);
        const result = one.step();
        pool.setWork(seat, 0);
        if (result === "done") works = works.filter((other) => other !== one);
        else if (result === "goes") rest = 0;
        else if (result === "polls") rest = Math.min(rest, pollWait);
      }
    }
    if (works.length > 0 && rest > 0 && !hasOrder()) pool.wait(bell, rest);
  }
}

async function serveEstimate(order: EstimateOrder, port: ThreadPort): Promise<void> {
  const send: Send = (message) => port.post(message);
  const platform = openPlatform();
  try {
    using filter = new ChangeFilter(order, stoppable(platform, order.stop));
    const isChanged = (candidate: Candidate): boolean => {
      throwIfStopped(order.stop);
      return filter.isChanged(candidate);
    };
    const found = walk(order.fileSet, platform, { isChanged });
    await estimate(port, send, platform, { found, filter, hasListing: order.hasListing });
    send({ kind: "idle" });
  } catch (error) {
    if (error instanceof StoppedError) send({ kind: "idle" });
    else send({ kind: "idle", failure: messageOf(error) });
  }
  await port.receive(); // who has asked ends the thread
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
      if (isData) bytes += Math.max(0, file.stat?.size ?? 0);
      if (hasListing) lines.push(estimateLine(file, platform));
    }
    if (++looked % filesBetweenLooks === 0 && await flush()) return;
  }
  await flush();
  send({ kind: "estimated", files, bytes });
}
