/**
 * Scripts that do not end: a job that is canceled, or takes longer than it may, ends them and all that they
 * have started, on the client and on the director, before and after it.
 */
import { match, ok, strictEqual } from "node:assert";
import { join } from "./support/paths.ts";
import { jobFile, type Scene, scene } from "./support/scene.ts";
import { writeScript } from "./support/script.ts";
import { forever, sleeps } from "./support/sleepers.ts";
import { waitFor } from "./support/wait_for.ts";

/** A directive that runs a script, and how its job ends if the script is killed: the last runs behind the job. */
const scripts: readonly (readonly [directive: string, status: "A" | "T"])[] = [
  ["Run Before Job", "A"],
  ["Client Run Before Job", "A"],
  ["Client Run After Job", "A"],
  ["Run After Job", "T"],
];
/** What reports call an end. */
const terminations = { A: "Backup Canceled", T: "Backup OK" } as const;

/** A script that has no end, and whether it has begun. */
interface EndlessScript {
  hasBegun(): Promise<boolean>;
}

/**
 * Runs the job with each script, which has no end. `runAndEnd` runs the job with a directive and ends it once
 * script and child are there; the job's report.
 */
async function endEach(
  it: Scene,
  runAndEnd: (directive: string, script: EndlessScript) => Promise<string>,
  reason: Readonly<Record<"A" | "T", RegExp>>,
): Promise<string[]> {
  const reports: string[] = [];
  const { installation, source, path } = it;
  await Deno.writeTextFile(join(source, "file"), "text");
  await installation.start();
  for (const [at, [directive, status]] of scripts.entries()) {
    const seconds = forever * 10 + at;
    const script = path(`script${at}`);
    const begun = `${script}.begun`;
    writeScript(
      script,
      `#!/bin/sh\ntrap "" TERM\nsleep ${seconds} &\necho > ${begun}\nwait\nwait\n`,
    );
    const report = await runAndEnd(`${directive} = "${script}"`, {
      hasBegun: () => Deno.stat(begun).then(() => true, () => false),
    });
    await waitFor(`what ${directive} has started to be gone`, () => !sleeps(seconds));
    match(report, reason[status], `${directive}: ${report}`);
    const [, jobId, termination] = /JobId: +(\d+)\n[^]*Termination: +(.+)\n/.exec(report) ?? [];
    strictEqual(termination, terminations[status], `${directive}: ${report}`);
    // The catalog has the same end, and a script that was ended behind the job is told.
    match(
      await installation.console(`llist jobs jobid=${jobId}`),
      new RegExp(`^ *jobstatus: ${status}$`, "m"),
    );
    if (status === "T") {
      match(report, /Error: Runscript: AfterJob returned non-zero status/, report);
    }
    reports.push(report);
  }
  return reports;
}

/** Seconds that a job took, by its report. */
function elapsedIn(report: string): number {
  const [, text = ""] = /Elapsed time: +(.+)/.exec(report) ?? [];
  const spans = [...text.matchAll(/(\d+) (min|sec)/g)];
  ok(spans.length > 0, report);
  return spans.reduce((sum, [, count, span]) => sum + Number(count) * (span === "min" ? 60 : 1), 0);
}

Deno.test("a job that is canceled ends its scripts and their children, wherever they run", () =>
  scene(async (it) => {
    const { installation, withDirectives } = it;
    await endEach(it, async (directive, script) => {
      await withDirectives(jobFile, directive);
      await installation.console("reload", "run job=Backup level=Full yes");
      await waitFor(`the script of ${directive}`, script.hasBegun);
      match(await installation.console("cancel all yes"), /Selected Job \d+ for cancelling/);
      return await installation.console("wait", "messages");
    }, {
      A: /Backup Canceled/,
      T: /Canceled when its work was over: what runs behind it is ended\./,
    });
  }));

/** The longest limit of a job that is tried, in seconds. */
const longestLimit = 256;

Deno.test("a job that takes longer than Max Run Time ends its scripts and their children, within seconds", () =>
  scene(async (it) => {
    const { installation, withDirectives } = it;
    const runAndEnd = async (directive: string, script: EndlessScript): Promise<string> => {
      // How soon a job comes to its script is up to the machine: where the limit was too short for that, a job
      // with twice the time is tried.
      for (let limit = 2; limit <= longestLimit; limit *= 2) {
        await withDirectives(jobFile, `Max Run Time = ${limit}`, directive);
        const report = await installation.console(
          ...["reload", "run job=Backup level=Full yes", "wait", "messages"],
        );
        if (await script.hasBegun()) return report;
        match(report, /Fatal error: Max run time exceeded\. Job canceled\./, report);
      }
      throw new Error(`${directive} has not begun within ${longestLimit} s`);
    };
    const reports = await endEach(it, runAndEnd, {
      A: /Fatal error: Max run time exceeded\. Job canceled\./,
      T: /Error: Max run time exceeded\. The job's work was over\./,
    });
    // Each job begins when the one before has been ended, the first when the director has: if it looked once a
    // minute, each would take the better part of one. The last script runs after the end that is told.
    const seconds = reports.slice(0, 3).map(elapsedIn);
    ok(Math.min(...seconds) >= 2 && Math.min(...seconds) < 30, seconds.join());
  }));

Deno.test("what a script starts in a session of its own holds up neither the job nor the director's end", () =>
  scene(async (it) => {
    const { installation, source, path, withDirectives } = it;
    await Deno.writeTextFile(join(source, "file"), "text");
    const script = path("script");
    const pidFile = path("pid");
    const lasting =
      `setsid sh -c 'echo $$ > ${pidFile}.new; mv ${pidFile}.new ${pidFile}; exec sleep 9999' &`;
    // It has the script's output open; the script itself ends in one job and does not in the other.
    for (const [end, status] of [["", "T"], ["exec sleep 9999", "A"]] as const) {
      await Deno.remove(pidFile).catch(() => {});
      writeScript(
        script,
        `#!/bin/sh\n${lasting}\nwhile ! test -e ${pidFile}; do sleep 0.05; done\n${end}\n`,
      );
      await withDirectives(jobFile, `Run Before Job = "${script}"`);
      if (status === "T") await installation.start();
      await installation.console("reload", "run job=Backup level=Full yes");
      await waitFor("the script", () => Deno.stat(pidFile).then(() => true, () => false));
      const lastingOne = Number(await Deno.readTextFile(pidFile));
      try {
        if (status === "A") await installation.console("cancel all yes");
        const report = await installation.console("wait", "messages");
        match(report, new RegExp(`Termination: +${terminations[status]}`), report);
        if (status === "A") strictEqual((await installation.end("dir")).status, 0);
      } finally {
        Deno.kill(lastingOne, "SIGKILL"); // it lived until now
      }
    }
  }));
