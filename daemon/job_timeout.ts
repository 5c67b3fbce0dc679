/** `Absolute Job Timeout` of storage and file daemon (configuration.md 12.1, 13.1). @module */

/** A job that can be ended. */
export interface LimitedJob {
  readonly log: { fatal(text: string): void };
  cancel(): void;
}

/** The longest time that a timer takes, in milliseconds. */
const longest = 2 ** 31 - 1;

/**
 * Ends a job that takes longer than it may, with a fatal message.
 * @param seconds 0 for no limit
 * @returns what stops the clock
 */
export function limitJob(seconds: number, job: LimitedJob): () => void {
  if (seconds === 0 || seconds * 1000 > longest) return () => {};
  const timer = setTimeout(() => {
    job.log.fatal(`The job takes longer than Absolute Job Timeout = ${seconds} s allows.`);
    job.cancel();
  }, seconds * 1000);
  Deno.unrefTimer(timer); // a daemon that ends does not wait for it
  return () => clearTimeout(timer);
}
