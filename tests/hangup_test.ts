/** `setdebug hangup=`: a job that stops half-way, which the director tells and nobody mistakes for a backup. */
import { match, ok } from "node:assert";
import { join } from "./support/paths.ts";
import { scene } from "./support/scene.ts";
import { nextSecond } from "./support/wait_for.ts";

Deno.test("a backup that hangs up is incomplete, and the next one is a Full again", () =>
  scene(async ({ installation, source, job, restored }) => {
    for (let at = 0; at < 20; at++) {
      await Deno.writeTextFile(join(source, `file-${at}`), `${at} `.repeat(1000));
    }
    await installation.start();
    const answer = await installation.console(
      "setdebug client=roost-fd level=100 trace=1 hangup=5",
    );
    const [, trace = ""] =
      /2000 OK setdebug=100 trace=1 hangup=1 timestamp=0 tracefile=(\S+roost-fd\.trace)/.exec(
        answer,
      ) ??
        [];
    ok(trace, answer);
    const report = await job("run job=Backup level=Full yes");
    match(report, /Fatal error: Debug hangup requested after 5 files\.\n/, report);
    match(report, /FD termination status: +Error: incomplete job\n/, report);
    match(report, /Termination: +Backup failed -- incomplete\n/, report);
    match(await installation.console("list jobs"), /\| +1 \| Backup .*\| I +\|/);
    match(
      await Deno.readTextFile(trace),
      /^roost-fd \(50\): message of type 3: .*Debug hangup requested/m,
    );

    await installation.console("setdebug client=roost-fd level=0 trace=0 hangup=0");
    await nextSecond();
    match(await job("run job=Backup level=Incremental yes"), /Doing FULL backup/);
    const { differences } = await restored();
    ok(differences.length === 0, differences.join("\n"));
  }));
