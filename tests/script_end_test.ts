/**
 * Scripts that do not end: a job that is canceled, or takes longer than it may, ends them and all that they
 * have started, on the client and on the director, before and after it.
 */
import { match } from "node:assert";
import { join } from "./support/paths.ts";
import { jobFile, type Scene, scene } from "./support/scene.ts";
import { forever, sleeps } from "./support/sleepers.ts";
import { waitFor } from "./support/wait_for.ts";

/** A directive that runs a script, and how its job ends if the script is killed. */
const scripts: readonly (readonly [directive: string, termination: RegExp])[] = [
  ["Run Before Job", /Termination: +Backup Canceled/],
  ["Client Run Before Job", /Termination: +Backup Canceled/],
  ["Client Run After Job", /Termination: +Backup Canceled/],
  ["Run After Job", /Termination: +Backup Canceled/],
];

/** Runs the job with each script, which has no end; `end` ends it once script and child are there. */
async function endEach(
  it: Scene,
  directives: readonly string[],
  end: () => Promise<void>,
  reason: RegExp,
): Promise<void> {
  const { installation, source, path, withDirectives } = it;
  await Deno.writeTextFile(join(source, "file"), "text");
  for (const [at, [directive, termination]] of scripts.entries()) {
    const seconds = forever * 10 + at;
    const script = path(`script${at}`);
    await Deno.writeTextFile(
      script,
      `#!/bin/sh\ntrap "" TERM\nsleep ${seconds} &\necho > ${script}.begun\nwait\nwait\n`,
      { mode: 0o755 },
    );
    await withDirectives(jobFile, ...directives, `${directive} = "${script}"`);
    if (at === 0) await installation.start();
    else await installation.console("reload");
    await installation.console("run job=Backup level=Full yes");
    await waitFor(
      `the script of ${directive}`,
      () => Deno.stat(`${script}.begun`).then(() => true, () => false),
    );
    await end();
    await waitFor(`what ${directive} has started to be gone`, () => !sleeps(seconds));
    const report = await installation.console("wait", "messages");
    match(report, reason, `${directive}: ${report}`);
    match(report, termination, `${directive}: ${report}`);
  }
}

Deno.test("a job that is canceled ends its scripts and their children, wherever they run", () =>
  scene(async (it) => {
    const cancel = async (): Promise<void> => {
      match(await it.installation.console("cancel all yes"), /Selected Job \d+ for cancelling/);
    };
    await endEach(it, [], cancel, /Backup Canceled/);
  }));

Deno.test("a job that takes longer than Max Run Time ends its scripts and their children", () =>
  scene((it) =>
    endEach(
      it,
      ["Max Run Time = 2"],
      () => Promise.resolve(),
      /Fatal error: Max run time exceeded\. Job canceled\./,
    )
  ));
