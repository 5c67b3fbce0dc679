import { deepStrictEqual as equal, match, ok, throws } from "node:assert";
import { waitFor } from "../../../tests/support/wait_for.ts";
import { makeStopWord, openPlatform, stop, StoppedError, SystemError } from "../platform/mod.ts";
import { faultOf, RunningProgram } from "./running_program.ts";

const platform = openPlatform();

/** A program of a test, and what the system calls its ends of pipes: no two are called alike. */
interface Shell {
  readonly program: RunningProgram;
  readonly pipes: readonly string[];
}

/** Lines in which a shell tells its pipes before anything else. */
const told = 3;

/** Starts a shell's command. */
function shell(command: string, direction: "reads" | "writes", lines: string[] = []): Shell {
  const pipes: string[] = [];
  const tells = "for n in 0 1 2; do readlink /proc/$$/fd/$n; done >&2";
  const order = {
    words: ["/bin/sh", "-c", `${tells}; ${command}`],
    environment: { BareosJobId: "7" },
  };
  const program = new RunningProgram(
    platform,
    order,
    direction,
    (line) => (pipes.length < told ? pipes : lines).push(line),
  );
  return { program, pipes };
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

/** The pipes that the process has open. */
function openPipes(): string[] {
  return [...Deno.readDirSync("/proc/self/fd")].flatMap(({ name }) => {
    try {
      return Deno.readLinkSync(`/proc/self/fd/${name}`);
    } catch {
      return []; // that by which the folder was read
    }
  }).filter((target) => target.startsWith("pipe:"));
}

/** Those of a program that are still open: other tests of the process have pipes, too. */
function leftOf({ pipes }: Shell): string[] {
  equal(pipes.length, told);
  return openPipes().filter((pipe) => pipes.includes(pipe));
}

const isGone = (pid: number): boolean => {
  try {
    // The state follows the name; a zombie that its new parent has not asked for is gone, too.
    return / Z /.test(Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/^.*\)/s, ""));
  } catch {
    return true;
  }
};

Deno.test("RunningProgram reads what a program writes while it says a lot", () => {
  const lines: string[] = [];
  const started = shell(
    "echo of $BareosJobId >&2; yes x | head -c 300000 >&2; yes y | head -c 300000; exit 5",
    "writes",
    lines,
  );
  const { program } = started;
  equal(readAll(program), 300_000);
  const end = program.waitForEnd();
  equal([end, faultOf(end)], [{ code: 5, signal: 0 }, "Child exited with code 5"]);
  equal([lines[0], lines[1], lines.length], ["of 7", "x", 1000 - told]);
  match(lines.at(-1) ?? "", /says more/);
  equal(leftOf(started), []);
});

Deno.test("RunningProgram writes what a program takes, and hears what it says meanwhile", () => {
  const lines: string[] = [];
  const { program } = shell("yes out | head -c 200000 ; wc -c; echo err >&2", "reads", lines);
  for (let piece = 0; piece < 30; piece++) program.write(new Uint8Array(10_000));
  program.closeData();
  equal(faultOf(program.waitForEnd()), "");
  equal(lines.slice(0, 2), ["out", "out"]);
  const short: string[] = [];
  const { program: other } = shell("wc -c; echo err >&2", "reads", short);
  other.write(new Uint8Array(300_000));
  other.closeData();
  other.waitForEnd();
  equal(short, ["300000", "err"]);
});

Deno.test("RunningProgram tells of programs that cannot start, or take no more", () => {
  const start = (word: string) =>
    new RunningProgram(platform, { words: [word] }, "reads", () => {});
  throws(() => start("/not/there"), (error) => {
    ok(error instanceof SystemError);
    equal(error.reason, "No such file or directory");
    return true;
  });
  throws(() => start("/etc/passwd"), /Permission denied/);
  const before = openPipes().length;
  for (let count = 0; count < 200; count++) throws(() => start("/not/there"));
  ok(openPipes().length < before + 200, "programs that cannot start leave pipes open");
  const quick = shell("true", "reads");
  quick.program.waitForEnd();
  equal(leftOf(quick), []);
  const closes = shell("exec 0<&-; sleep 0; read x <&0", "reads");
  throws(() => {
    for (let piece = 0; piece < 100; piece++) closes.program.write(new Uint8Array(10_000));
  }, /Broken pipe/);
  closes.program.kill();
  equal(leftOf(closes), []);
});

Deno.test("RunningProgram ends a program and its children, however stubborn", async () => {
  const lines: string[] = [];
  const started = shell(
    `trap "" TERM; sleep 600 & echo $! >&2; echo $$ >&2; wait; wait`,
    "writes",
    lines,
  );
  const { program } = started;
  while (lines.length < 2) program.hasOutput(10);
  program.kill();
  equal(program.end(), { code: 0, signal: 9 });
  const pids = lines.map(Number);
  ok(pids.every((pid) => pid > 1));
  await waitFor("the child to be gone", () => pids.every(isGone));
  equal(leftOf(started), []);
});

Deno.test("RunningProgram stops waiting when a word says so", () => {
  const word = makeStopWord();
  const { program } = shell("exec sleep 600", "reads");
  stop(word);
  throws(() => program.write(new Uint8Array(1 << 20), word), StoppedError);
  throws(() => program.waitForEnd(word), StoppedError);
  program.kill();
});
