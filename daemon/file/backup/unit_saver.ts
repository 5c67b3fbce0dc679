/** Takes units of work and saves the files in them, until there are no more. @module */
import type { FileOptions } from "../fileset/mod.ts";
import type { Platform } from "../platform/mod.ts";
import { FileSaver } from "./file_saver.ts";
import { GroupWorker } from "./group_worker.ts";
import type { OutputPart } from "./messages.ts";
import { CanceledError, PartWriter } from "./part_writer.ts";
import type { Protection } from "./protection.ts";
import { examinedIn, itemsOf } from "./save_item.ts";
import type { SharedArea } from "./shared_area.ts";
import { StageKeeper } from "./stage_keeper.ts";

/** What a {@linkcode UnitSaver} works with. */
export interface UnitSaverOptions {
  readonly area: SharedArea;
  /** The options of files by their number. */
  readonly options: readonly FileOptions[];
  readonly platform: Platform;
  /** What is done to contents; nothing if absent. */
  readonly protection?: Protection | undefined;
  /** Announces a part of the output to the main thread. */
  announce(part: OutputPart): void;
}

/** The saving part of a thread. */
export class UnitSaver {
  /** What the threads of the job share. */
  readonly area: SharedArea;
  readonly #writer: PartWriter;
  readonly #saver: FileSaver;
  readonly #groups: GroupWorker;

  /** A saver that has done nothing. */
  constructor({ area, options, platform, protection, announce }: UnitSaverOptions) {
    this.area = area;
    const { session } = protection ?? {};
    const stages = new StageKeeper(session);
    // While a file of this thread is under way, chunks of another one may be encrypted.
    const helping = session === undefined ? stages : new StageKeeper(session);
    this.#groups = new GroupWorker({ area, stages: helping, options, announce });
    const help = (): true | undefined => this.#groups.help();
    this.#writer = new PartWriter({ area, announce, help });
    this.#saver = new FileSaver({
      ...{ platform, area, writer: this.#writer, stages, groups: this.#groups, options },
      protection,
    });
  }

  /** Saves until the walk is over and nothing is left. */
  saveAll(): void {
    const step = (): true | "end" | undefined => this.#groups.help() ?? this.#next();
    while (this.area.until(step) === true);
  }

  /** Saves one unit, if one waits. */
  saveOne(): true | undefined {
    return this.#next() === true ? true : undefined;
  }

  #next(): true | "end" | undefined {
    const unit = this.area.takeUnit();
    if (unit === undefined || unit === "end") return unit;
    const writer = this.#writer;
    writer.begin(unit.number);
    try {
      for (const item of itemsOf(unit.bytes)) {
        if (item.kind === "notice") writer.report(item.type, item.text);
        else this.#saver.save(item);
        if (this.area.isCanceled) throw new CanceledError("The job was canceled");
      }
      writer.end(examinedIn(unit.bytes));
    } catch (error) {
      writer.drop();
      throw error;
    }
    this.area.freeUnit(unit.number);
    return true;
  }
}
