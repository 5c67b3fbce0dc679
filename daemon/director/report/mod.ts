/**
 * The report at the end of a job (catalog-and-jobs.md 22): the facts, and the layout of each type of
 * job; numbers and times as the field writes them.
 *
 * @module
 */
export {
  catalogSeconds,
  catalogTime,
  elapsedTime,
  hoursMinutesSeconds,
  jobNameTime,
  messageTime,
  reportTime,
  statusTime,
  withCommas,
  withSuffix,
} from "./formats.ts";
export { jobCodes, jobFacts } from "./job_facts.ts";
export { inflation, jobReport } from "./report.ts";
export { longVersion } from "./version_text.ts";
