import { messageOf } from "../../../bytes/mod.ts";
import type { AttributeUpdate } from "../../../protocol/mod.ts";
import { AttributeReceiver } from "./attribute_receiver.ts";
import type { FileWriter } from "../director_catalog.ts";
import type { Job } from "../jobs/job.ts";

/**
 * The rows of a job's files on their way to the catalog. When the catalog cannot take them, the job has
 * failed: that is told once, and what still comes is let go, so that the daemons can come to an end.
 */
export class AttributeInsert {
  readonly #job: Job;
  readonly #files: FileWriter;
  readonly #receiver: AttributeReceiver;
  readonly #onLoss: () => void;
  #hasLost = false;

  /** Rows that go to `files`; `onLoss` is told when the catalog takes no more. */
  constructor(job: Job, files: FileWriter, onLoss: () => void) {
    this.#job = job;
    this.#files = files;
    const warn = (text: string): void => job.log.warning(text);
    this.#receiver = new AttributeReceiver(files, warn, (path) => job.base?.files.add(path));
    this.#onLoss = onLoss;
  }

  /** Takes one record. */
  take(update: AttributeUpdate): void {
    this.#unlessLost(() => this.#receiver.take(update));
  }

  /** Puts every row into the catalog, which must be before a job is called OK. */
  insertAll(): void {
    this.#unlessLost(() => {
      this.#receiver.finish();
      this.#insertBase();
      const { count } = this.#files;
      if (count === 0) return;
      this.#job.log.info(`Insert of attributes batch table with ${count} entries start`);
      this.#files.flush();
      this.#job.log.info("Insert of attributes batch table done");
    });
  }

  /** What is as a base job has it, and what the client only says to be. */
  #insertBase(): void {
    const files = this.#job.base?.files;
    files?.flush();
    if (files === undefined || files.unknown === 0) return;
    this.#job.log.error(
      `${files.unknown} files were not saved because the client took them for files of a base job, which has none of that name`,
    );
  }

  #unlessLost(work: () => void): void {
    if (this.#hasLost) return;
    try {
      work();
    } catch (error) {
      this.#hasLost = true;
      const why = messageOf(error);
      this.#job.fail(`Cannot write file attributes to the catalog: ${why}`);
      this.#onLoss();
    }
  }
}
