import type { Job } from "./job.ts";
import { expandPercentCodes, type PercentCodes } from "../percent_codes.ts";
import type { ConsoleRunner } from "./run_scripts.ts";

/**
 * Starts the jobs of the `Run` directives of a job that starts, unless it is itself such a clone
 * (catalog-and-jobs.md 11.2).
 */
export async function startClones(
  job: Job,
  codes: PercentCodes,
  runConsole: ConsoleRunner,
): Promise<void> {
  if (job.request.cloned) return;
  for (const text of job.resource.run) {
    const command = `run ${expandPercentCodes(text, codes)} cloned=yes yes`;
    const output = await runConsole(command);
    const jobId = /Job queued\. JobId=(\d+)/.exec(output)?.[1];
    if (jobId === undefined) {
      job.log.error(`Could not start clone job: "${command}".\n${output.trim()}`);
    } else job.log.info(`Clone JobId ${jobId} started.`);
  }
}
