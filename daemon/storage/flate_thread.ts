/**
 * Compressing what one job writes in a thread of its own, so that other jobs go on meanwhile: gzip takes
 * far longer for a chunk than anything else that the daemon does with it.
 *
 * @module
 */
import { CompressionError } from "../../compress/mod.ts";
import { startThread, type Thread, type ThreadPort } from "../threads.ts";
import {
  AutoFlate,
  type FlatedRecord,
  type FlateListener,
  type FlateSettings,
  isFlated,
  openFlate,
} from "./auto_flate.ts";

/** What changes records on their way to a device, here or in a thread. */
export type WritingFlate = AutoFlate | ThreadedFlate;

/** What `device` does to what is written, told to the job; undefined if nothing. What is slow is done in a thread. */
export function openWritingFlate(
  job: FlateListener & { readonly aborted: AbortSignal },
  device: { readonly settings: FlateSettings; readonly printName: string },
): WritingFlate | undefined {
  const flate = openFlate(job, device, "write", true);
  return flate?.isSlow ? new ThreadedFlate(device.settings, flate.purpose, job.aborted) : flate;
}

/** What the thread answers to a record. */
type Answer =
  | (FlatedRecord & { readonly before: number; readonly after: number })
  | { readonly problem: string };

/** An {@linkcode AutoFlate} for writing in a thread; records are given to it one at a time. */
export class ThreadedFlate {
  readonly purpose: string;
  readonly #thread: Thread = startThread("flate");
  readonly #aborted: AbortSignal;
  readonly #end = (): void => this.#thread.end();
  before = 0;
  after = 0;

  /** Starts the thread, which ends when the job does or with {@linkcode close}. */
  constructor(settings: FlateSettings, purpose: string, aborted: AbortSignal) {
    this.purpose = purpose;
    this.#aborted = aborted;
    const { autoDeflate, autoInflate, autoDeflateAlgorithm, autoDeflateLevel } = settings;
    this.#thread.post({ autoDeflate, autoInflate, autoDeflateAlgorithm, autoDeflateLevel });
    aborted.addEventListener("abort", this.#end, { once: true });
  }

  /**
   * The record as it goes on; at once if there is nothing to do for its stream. The data may be used again
   * as soon as this returns.
   * @throws {CompressionError} if it cannot be decompressed
   */
  apply(stream: number, data: Uint8Array): FlatedRecord | Promise<FlatedRecord> {
    if (!isFlated(stream)) return { stream, data };
    const copy = data.slice();
    this.#thread.post({ stream, data: copy }, [copy.buffer]);
    return this.#answer();
  }

  /** Ends the thread. */
  close(): void {
    this.#aborted.removeEventListener("abort", this.#end);
    this.#thread.end();
  }

  async #answer(): Promise<FlatedRecord> {
    const answer = await this.#thread.receive() as Answer;
    if ("problem" in answer) throw new CompressionError(answer.problem);
    this.before = answer.before;
    this.after = answer.after;
    return answer;
  }
}

/** The thread's side. */
export async function serve(port: ThreadPort): Promise<void> {
  const flate = AutoFlate.of(await port.receive() as FlateSettings, "write");
  if (flate === undefined) return;
  for (;;) {
    const { stream, data } = await port.receive() as FlatedRecord;
    try {
      const made = flate.apply(stream, data);
      const copy = made.data.slice();
      const { before, after } = flate;
      port.post({ stream: made.stream, data: copy, before, after }, [copy.buffer]);
    } catch (error) {
      if (!(error instanceof CompressionError)) throw error;
      port.post({ problem: error.message });
    }
  }
}
