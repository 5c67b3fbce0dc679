import { JobCanceled } from "./job_failure.ts";

/**
 * The programs that run when the work of a job is over: After scripts, and the one that takes its bootstrap.
 * Most of all after a failure they are there to clean up, so nothing that ended the work ends them: only what
 * comes while one runs does, such as a cancel.
 */
export class EndPrograms {
  readonly #running = new Set<AbortController>();
  readonly #noMore = new AbortController();

  /** Whether there is one that {@linkcode end} would end. */
  get isRunning(): boolean {
    return this.#running.size > 0;
  }

  /** Runs one, which has to end when `aborted` says so. */
  async run<T>(program: (aborted: AbortSignal) => Promise<T>): Promise<T> {
    const own = new AbortController();
    this.#running.add(own);
    try {
      return await program(AbortSignal.any([own.signal, this.#noMore.signal]));
    } finally {
      this.#running.delete(own);
    }
  }

  /** Ends what runs now; the next ones have their turn. */
  end(why: string): void {
    for (const each of this.#running) each.abort(new JobCanceled(why));
  }

  /** Ends what runs now, and keeps the next ones from being begun. */
  forbid(why: string): void {
    this.#noMore.abort(new JobCanceled(why));
  }
}
