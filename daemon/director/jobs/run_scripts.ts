import { messageOf } from "../../../bytes/mod.ts";
import { JobStatus } from "../../../protocol/mod.ts";
import type { Job } from "./job.ts";
import { commandWords } from "../../command_words.ts";
import { expandPercentCodes, type PercentCodes } from "../percent_codes.ts";
import type { RunScript } from "../resources.ts";
import { runCommand } from "../run_command.ts";

/** The bits of a script's `Runs When`. */
export const When = { After: 1, Before: 2, AfterVss: 4 } as const;

/** Runs a console command for a script and returns what it printed. */
export type ConsoleRunner = (command: string) => Promise<string>;

/**
 * Runs the scripts that belong to the director: before or after the job (catalog-and-jobs.md 11.3).
 * A script that fails and must not makes the job's status E.
 */
export async function runDirectorScripts(
  job: Job,
  phase: "Before" | "After",
  codes: PercentCodes,
  runConsole: ConsoleRunner,
): Promise<void> {
  const label = phase === "Before" ? "BeforeJob" : "AfterJob";
  for (const script of job.resource.runScripts) {
    if ((script.when & When[phase]) === 0) continue;
    const isLocal = script.target === "" || script.isConsoleCommand;
    if (!isLocal) {
      if (job.type === "D") {
        job.log.warning(
          `Invalid runscript definition (command=${script.command}). ` +
            "Admin Jobs only support local runscripts.",
        );
      }
      continue;
    }
    if (!isWanted(script, phase, job.status)) continue;
    if (script.isConsoleCommand) await runConsoleScript(job, script, label, codes, runConsole);
    else await runScript(job, script, label, codes);
    if (phase === "Before" && job.isCanceled) return;
  }
}

/** Whether a script runs at this status. */
export function isWanted(script: RunScript, phase: "Before" | "After", status: string): boolean {
  const good: readonly string[] = phase === "Before"
    ? [JobStatus.Running, JobStatus.Created]
    : [JobStatus.Terminated, JobStatus.Warnings];
  if (script.onSuccess && good.includes(status)) return true;
  return script.onFailure && ["A", "E", "f", "D"].includes(status);
}

async function runScript(
  job: Job,
  script: RunScript,
  label: string,
  codes: PercentCodes,
): Promise<void> {
  const shown = expandPercentCodes(script.command, codes);
  job.log.info(`shell command: run ${label} "${shown}"`);
  const words = commandWords(script.command).map((word) => expandPercentCodes(word, codes));
  const [program = "", ...args] = words;
  const onLine = (line: string): void => job.log.info(`${label}: ${line}`);
  const run = (abort: AbortSignal) => runCommand(program, args, { onLine, abort });
  const result = await (job.isEnding ? job.endPrograms.run(run) : run(job.givenUp));
  if (result.status === 0) return;
  job.log.error(
    result.status < 0
      ? `Runscript: ${label} could not execute. ERR=${result.why}`
      : `Runscript: ${label} returned non-zero status=${result.status}. ERR=${result.why}`,
  );
  if (script.failJobOnError && label === "BeforeJob") job.setStatus(JobStatus.ErrorTerminated);
}

async function runConsoleScript(
  job: Job,
  script: RunScript,
  label: string,
  codes: PercentCodes,
  runConsole: ConsoleRunner,
): Promise<void> {
  const command = expandPercentCodes(script.command, codes);
  job.log.info(`console command: run ${label} "${command}"`);
  try {
    for (const line of (await runConsole(command)).split("\n")) {
      if (line !== "") job.log.info(`${label}: ${line}`);
    }
  } catch (error) {
    const why = messageOf(error);
    job.log.error(`Runscript: ${label} could not execute. ERR=${why}`);
    if (script.failJobOnError && label === "BeforeJob") job.setStatus(JobStatus.ErrorTerminated);
  }
}

/** The scripts that the job's client runs, in the order of the configuration. */
export function clientScripts(job: Job, codes: PercentCodes): RunScript[] {
  return job.resource.runScripts.filter((script) =>
    script.when !== 0 && !script.isConsoleCommand && script.target !== "" &&
    expandPercentCodes(script.target, codes) === job.client?.name
  );
}
