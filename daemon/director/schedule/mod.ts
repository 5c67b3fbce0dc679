/**
 * When jobs run by themselves (catalog-and-jobs.md 10): the times of a Schedule, and the task that
 * waits for the next of them.
 *
 * @module
 */
export { dueTimes } from "./schedule.ts";
export { Scheduler } from "./scheduler.ts";
export { WaitClock } from "./wait_clock.ts";
