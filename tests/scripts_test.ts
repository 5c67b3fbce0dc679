/** Run scripts on the client with real daemons: when they run, what they see, and what their failure means. */
import { deepStrictEqual, doesNotMatch, match, ok } from "node:assert";
import { join } from "./support/paths.ts";
import { writeScript } from "./support/script.ts";
import { jobFile, type Scene, scene } from "./support/scene.ts";

/** The labels and names of scripts that ran, in order. */
function ran(report: string): string[] {
  return [...report.matchAll(/roost-fd JobId \d+: (Client\w+): ran (\S+)/g)]
    .map(([, label, name]) => `${label} ${name}`);
}

function makeScript(it: Scene, name: string, ...lines: string[]): string {
  const path = it.path(name);
  writeScript(path, `#!/bin/sh\n${lines.join("\n")}\n`);
  return path;
}

const block = (command: string, ...directives: string[]): string =>
  ["Run Script {", `    Command = "${command}"`, ...directives.map((line) => `    ${line}`), "  }"]
    .join("\n");

Deno.test("scripts run before and after, by success and failure, in the order of the configuration", () =>
  scene(async (it) => {
    const { installation, source, withDirectives, job } = it;
    await Deno.writeTextFile(join(source, "file"), "text");
    const say = makeScript(it, "say", 'echo "ran $1"');
    const scripts = [
      block(`${say} first`, "Runs When = Before"),
      block(`${say} always`, "Runs When = Always", "Runs On Failure = yes"),
      block(
        `${say} on-failure`,
        "Runs When = After",
        "Runs On Success = no",
        "Runs On Failure = yes",
      ),
      block(`${say} on-success`, "Runs When = After"),
      block(`${say} shadow`, "Runs When = AfterVSS"),
      block(`${say} elsewhere`, "Runs When = Before", "Runs On Client = no"),
      `Client Run Before Job = "${say} short-before"`,
      `Client Run After Job = "${say} short-after"`,
    ];
    await withDirectives(jobFile, ...scripts);
    await installation.start();
    const report = await job("run job=Backup level=Full yes");
    match(report, /Backup OK/, report);
    deepStrictEqual(ran(report).toSorted(), [
      "ClientAfterJob always",
      "ClientAfterJob on-success",
      "ClientAfterJob short-after",
      "ClientBeforeJob always",
      "ClientBeforeJob first",
      "ClientBeforeJob short-before",
    ]);
    match(
      report,
      /There are no volume shadow copies here: run script "\S+ shadow" for AfterVSS is not run/,
    );
    match(report, /roost-dir JobId 1: BeforeJob: ran elsewhere/);

    // A failing script fails the job if it is told to, and those for failures clean up.
    const fail = makeScript(it, "fail", "echo to stdout", "echo to stderr >&2", "exit 7");
    await withDirectives(
      jobFile,
      ...scripts.slice(0, 4),
      block(fail, "Runs When = Before", "Fail Job On Error = yes"),
    );
    const failed = await job("reload", "run job=Backup level=Full yes");
    match(failed, /ClientBeforeJob: to stdout\n/);
    match(failed, /ClientBeforeJob: to stderr\n/);
    match(
      failed,
      /Error: Runscript: ClientBeforeJob returned non-zero status=7\. ERR=Child exited with code 7\n/,
    );
    match(
      failed,
      /Bad response to RunBeforeNow command: wanted 2000 OK RunBeforeNow\n, got 2905 Failed RunScript/,
    );
    match(failed, /Client "roost-fd" RunScript failed\./);
    match(failed, /Backup Error/);
    deepStrictEqual(ran(failed).filter((line) => line.startsWith("ClientAfter")), [
      "ClientAfterJob always",
      "ClientAfterJob on-failure",
    ]);

    // Without that, the job goes on; so does one whose script is not there.
    await withDirectives(
      jobFile,
      block(fail, "Runs When = Before", "Fail Job On Error = no"),
      block("/nowhere/script", "Runs When = Before", "Fail Job On Error = no"),
      block(fail, "Runs When = After"),
    );
    const survived = await job("reload", "run job=Backup level=Full yes");
    match(
      survived,
      /Error: Runscript: ClientBeforeJob could not execute\. ERR=No such file or directory\n/,
    );
    match(survived, /Error: Runscript: ClientAfterJob returned non-zero status=7/);
    match(survived, /FD Files Written: +2\n/);
  }));

Deno.test("scripts see what the codes stand for, each as one word, and no shell", () =>
  scene(async (it) => {
    const { installation, source, withDirectives, job, path } = it;
    await Deno.writeTextFile(join(source, "file"), "x".repeat(1234));
    const args = makeScript(it, "args", 'for word in "$@"; do echo "ran [$word]"; done');
    const trap = path("trapped");
    await withDirectives(
      jobFile,
      `Client Run Before Job = "${args} %c %d %D %l %t %n %i %% %r %v %s %x \\"two words\\""`,
      `Client Run After Job = "${args} %e %F %b"`,
      // Nothing of this is for a shell.
      block(`${args} ; touch ${trap} && touch ${trap} | touch ${trap}`, "Runs When = Before"),
      block(`${args} $(touch ${trap}) \`touch ${trap}\` > ${trap}`, "Runs When = Before"),
    );
    await installation.start();
    const report = await job("run job=Backup level=Full yes");
    match(report, /Backup OK/, report);
    const words = [...report.matchAll(/Client(\w+)Job: ran \[(.*)\]\n/g)]
      .map(([, when, word]) => `${when} ${word}`);
    for (
      const wanted of [
        ...[
          "roost-fd",
          "roost-dir",
          "Full",
          "Backup",
          "1",
          "%",
          "*None*",
          "%x",
          "two words",
          ";",
          "&&",
        ],
      ]
    ) ok(words.includes(`Before ${wanted}`), `${wanted} is not in ${words}`);
    for (const wanted of ["OK", "2", "1234"]) ok(words.includes(`After ${wanted}`), `${words}`);
    await Deno.stat(trap).then(
      () => Promise.reject(new Error("a shell has seen the command")),
      (error) => ok(error instanceof Deno.errors.NotFound),
    );
  }));

Deno.test("much output, output without line ends, and programs that go on in the background", () =>
  scene(async (it) => {
    const { installation, source, withDirectives, job } = it;
    await Deno.writeTextFile(join(source, "file"), "text");
    const loud = makeScript(
      it,
      "loud",
      "seq 2000",
      "head -c 200000 /dev/zero | tr '\\0' x",
      "printf '\\nl\\344t'",
      "sleep 3600 &",
      "echo $! > $1",
    );
    const pidFile = it.path("pid");
    await withDirectives(jobFile, `Client Run Before Job = "${loud} ${pidFile}"`);
    await installation.start();
    const report = await job("run job=Backup level=Full yes");
    try {
      match(report, /ClientBeforeJob: 2000\n/);
      match(report, /ClientBeforeJob: x{1000,}\n/);
      match(report, /Backup OK/);
      doesNotMatch(report, /JobId 1: (Fatal )?[Ee]rror/);
    } finally {
      Deno.kill(Number(await Deno.readTextFile(pidFile)), "SIGKILL");
    }
  }));
