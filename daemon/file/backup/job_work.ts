/** What a thread does for one job, step by step, so that it can serve many jobs in turns. @module */
import { messageOf } from "../../../bytes/mod.ts";
import { JobMessageType } from "../../../protocol/mod.ts";
import { decodeStat, FileType } from "../../../storage/volume/mod.ts";
import { pluginFilesOf, walk } from "../fileset/mod.ts";
import { stoppable, StoppedError } from "../platform/mod.ts";
import { ChangeFilter } from "./change_filter.ts";
import type { FromBackupThread, JobOrder, LeadOrder } from "./messages.ts";
import { CanceledError, type Step, type Steps } from "./part_writer.ts";
import type { SharedArea } from "./shared_area.ts";
import { optionsOf, UnitBuilder } from "./unit_builder.ts";
import { type SaverTools, UnitSaver } from "./unit_saver.ts";
import { YoungFiles } from "./young_files.ts";

/** Files that are looked at before others have their turn. */
const filesPerStep = 256;

type Send = (message: FromBackupThread) => void;

/** A job in a thread: what it saves, and the walk if this thread leads. */
export class JobWork {
  /** What the threads of the job share. */
  readonly area: SharedArea;
  readonly #saver: UnitSaver;
  readonly #send: Send;
  #walk: Steps | undefined;
  #unit: Steps | undefined;

  /** Begins what an order asks for; nothing is done yet. @throws what keeps the walk from beginning */
  constructor(order: JobOrder, area: SharedArea, tools: SaverTools, send: Send) {
    const { fileSet, protection } = order;
    this.area = area;
    this.#send = send;
    const options = optionsOf(fileSet);
    const plugins = pluginFilesOf(fileSet);
    this.#saver = new UnitSaver({ ...tools, area, options, plugins, protection, announce: send });
    if (order.kind === "lead") this.#walk = lead(order, area, tools, send);
  }

  /** Does something; `done` when nothing is left to do, which is told. */
  step(): Step | "done" {
    try {
      if (!this.area.isCanceled) {
        const result = this.#step();
        if (result !== "done") return result;
      }
      this.#end();
    } catch (error) {
      if (error instanceof CanceledError || error instanceof StoppedError) this.#end();
      else this.#end(messageOf(error));
    }
    return "done";
  }

  #step(): Step | "done" {
    const walked = this.#walk?.next();
    if (walked?.done) this.#walk = undefined;
    if (this.#unit === undefined) {
      if (this.#saver.help()) return "goes";
      // What it has just described is for the other threads as long as there is room for more.
      if (stepOf(walked) === "goes" && this.#walk !== undefined) return "goes";
      const unit = this.#saver.next();
      if (unit === "end") return "done";
      this.#unit = unit;
    }
    const saved = this.#unit?.next();
    if (saved?.done) this.#unit = undefined;
    // Who reads a large file leaves its chunks to others as long as it can read on.
    if (stepOf(saved) !== "goes" && this.#saver.help()) return "goes";
    return sooner(stepOf(walked), stepOf(saved));
  }

  #end(failure?: string): void {
    try {
      // What they hold is given back.
      this.#walk?.return();
      this.#unit?.return();
    } catch {
      // The job is over; that a directory could not be closed says nothing about it.
    }
    this.#send(failure === undefined ? { kind: "idle" } : { kind: "idle", failure });
  }
}

function stepOf(result: IteratorResult<Step, void> | undefined): Step {
  if (result === undefined) return "waits";
  return result.done ? "goes" : result.value;
}

function sooner(a: Step, b: Step): Step {
  if (a === "goes" || b === "goes") return "goes";
  return a === "polls" || b === "polls" ? "polls" : "waits";
}

/** Walks over the file set and describes what it finds in units. */
function* lead(order: LeadOrder, area: SharedArea, { platform }: SaverTools, send: Send): Steps {
  // Files whose digests are compared may be large.
  using filter = new ChangeFilter(order, stoppable(platform, area.stopWord));
  const isChanged = filter.isChanged.bind(filter);
  const builder = new UnitBuilder(area, order);
  let units = 0;
  const isTurnOver = (looked: number): boolean =>
    looked % filesPerStep === 0 || builder.units > units;
  const young = new YoungFiles(platform, order.isAccurate === true);
  for (const found of walk(order.fileSet, platform, { isChanged })) {
    const file = yield* young.settled(found);
    filter.found(file);
    builder.add(file, filter.notice);
    filter.notice = undefined;
    while (!builder.drain()) yield "waits";
    if (isTurnOver(builder.examined)) yield "goes";
    units = builder.units;
  }
  let savedBytes = 0;
  let looked = 0;
  for (const { type, file: { path, stat } } of filter.listed()) {
    const known = decodeStat(stat);
    if (type === FileType.deleted) builder.addDeleted(path, known);
    else builder.addBase(path, known);
    savedBytes += known.size;
    while (!builder.drain()) yield "waits";
    if (isTurnOver(++looked)) yield "goes";
    units = builder.units;
  }
  if (order.known !== undefined && (order.level === "F" || order.level === "B")) {
    const text = `Space saved with Base jobs: ${Math.floor(savedBytes / 2 ** 20)} MB\n`;
    builder.addNotice({ type: JobMessageType.INFO, text });
    while (!builder.drain()) yield "waits";
  }
  builder.finish();
  send({
    kind: "walked",
    units: builder.units,
    examined: builder.examined,
    readBytes: filter.readBytes,
  });
}
