import { deepStrictEqual as equal, match, ok, throws } from "node:assert";
import { waitFor } from "../../../tests/support/wait_for.ts";
import { makeStopWord, openPlatform, stop, StoppedError, SystemError } from "../platform/mod.ts";
import { faultOf, RunningProgram } from "./running_program.ts";

const platform = openPlatform();

/** Starts a shell's command. */
function shell(command: string, direction: "reads" | "writes", lines: string[] = []) {
  const words = ["/bin/sh", "-c", command];
  const environment = { BareosJobId: "7" };
  return new RunningProgram(
    platform,
    { words, environment },
    direction,
    (line) => lines.push(line),
  );
}

/** All that a program writes. */
function readAll(program: RunningProgram): number {
  const buffer = new Uint8Array(65536);
  for (let length = 0;;) {
    while (!program.hasOutput(1000));
    const count = platform.read(program.descriptor, buffer);
    if (count === 0) return length;
    length += count;
  }
}

/** The pipes that the process has open, by what the system calls them: no two are called alike. */
function openPipes(): string[] {
  return [...Deno.readDirSync("/proc/self/fd")].flatMap(({ name }) => {
    try {
      return Deno.readLinkSync(`/proc/self/fd/${name}`);
    } catch {
      return []; // that by which the folder was read
    }
  }).filter((target) => target.startsWith("pipe:"));
}

/** Pipes that were not open before. */
const leftOf = (before: readonly string[]): string[] =>
  openPipes().filter((pipe) => !before.includes(pipe));

const isGone = (pid: number): boolean => {
  try {
    // The state follows the name; a zombie that its new parent has not asked for is gone, too.
    return / Z /.test(Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/^.*\)/s, ""));
  } catch {
    return true;
  }
};

Deno.test("RunningProgram reads what a program writes while it says a lot", () => {
  const before = openPipes();
  const lines: string[] = [];
  const program = shell(
    "echo of $BareosJobId >&2; yes x | head -c 300000 >&2; yes y | head -c 300000; exit 5",
    "writes",
    lines,
  );
  equal(readAll(program), 300_000);
  const end = program.waitForEnd();
  equal([end, faultOf(end)], [{ code: 5, signal: 0 }, "Child exited with code 5"]);
  equal([lines[0], lines[1], lines.length], ["of 7", "x", 1000]);
  match(lines.at(-1) ?? "", /says more/);
  equal(leftOf(before), []);
});

Deno.test("RunningProgram writes what a program takes, and hears what it says meanwhile", () => {
  const lines: string[] = [];
  const program = shell("yes out | head -c 200000 ; wc -c; echo err >&2", "reads", lines);
  for (let piece = 0; piece < 30; piece++) program.write(new Uint8Array(10_000));
  program.closeData();
  equal(faultOf(program.waitForEnd()), "");
  equal(lines.slice(0, 2), ["out", "out"]);
  const short: string[] = [];
  const other = shell("wc -c; echo err >&2", "reads", short);
  other.write(new Uint8Array(300_000));
  other.closeData();
  other.waitForEnd();
  equal(short, ["300000", "err"]);
});

Deno.test("RunningProgram tells of programs that cannot start, or take no more", () => {
  const before = openPipes();
  const start = (word: string) =>
    new RunningProgram(platform, { words: [word] }, "reads", () => {});
  throws(() => start("/not/there"), (error) => {
    ok(error instanceof SystemError);
    equal(error.reason, "No such file or directory");
    return true;
  });
  throws(() => start("/etc/passwd"), /Permission denied/);
  const program = shell("true", "reads");
  program.waitForEnd();
  equal(leftOf(before), []);
  const closes = shell("exec 0<&-; sleep 0; read x <&0", "reads");
  throws(() => {
    for (let piece = 0; piece < 100; piece++) closes.write(new Uint8Array(10_000));
  }, /Broken pipe/);
  closes.kill();
  equal(leftOf(before), []);
});

Deno.test("RunningProgram ends a program and its children, however stubborn", async () => {
  const before = openPipes();
  const lines: string[] = [];
  const program = shell(
    `trap "" TERM; sleep 600 & echo $! >&2; echo $$ >&2; wait; wait`,
    "writes",
    lines,
  );
  while (lines.length < 2) program.hasOutput(10);
  program.kill();
  equal(program.end(), { code: 0, signal: 9 });
  const pids = lines.map(Number);
  ok(pids.every((pid) => pid > 1));
  await waitFor("the child to be gone", () => pids.every(isGone));
  equal(leftOf(before), []);
});

Deno.test("RunningProgram stops waiting when a word says so", () => {
  const word = makeStopWord();
  const program = shell("exec sleep 600", "reads");
  stop(word);
  throws(() => program.write(new Uint8Array(1 << 20), word), StoppedError);
  throws(() => program.waitForEnd(word), StoppedError);
  program.kill();
});
