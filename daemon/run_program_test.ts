import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "../tests/support/wait_for.ts";
import { ProgramOutput, runProgram } from "./run_program.ts";

/** A time that does not pass in a test, in milliseconds. */
const NEVER_MS = 2 ** 30;

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "roost-programs-" });
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function shell(command: string, ...args: string[]): string[] {
  return ["/bin/sh", "-c", command, "sh", ...args];
}

Deno.test("runProgram() gives a text, says how it ended, and what it wrote to which of both", async () => {
  const output = new ProgramOutput();
  const outcome = await runProgram(shell("cat; echo trouble >&2; exit 3"), {
    onOutput: output.take,
    input: "a text\n",
  });
  deepStrictEqual(outcome, { status: 3, why: "Child exited with code 3" });
  deepStrictEqual([output.text("stdout"), output.text("stderr")], ["a text\n", "trouble\n"]);
});

Deno.test("runProgram() gives more than a pipe holds to who writes as much meanwhile", async () => {
  const size = 3_000_000;
  let length = 0;
  const { status } = await runProgram(["cat"], {
    onOutput: (piece) => void (length += piece.length),
    input: "x".repeat(size),
  });
  deepStrictEqual([status, length], [0, size]);
});

Deno.test("runProgram() takes no offence at a program that does not read its input", async () => {
  const input = "x".repeat(3_000_000);
  deepStrictEqual(await runProgram(["true"], { onOutput: () => {}, input }), {
    status: 0,
    why: "",
  });
});

Deno.test("runProgram() gives an open file from where it stands, and tells one that cannot be read", () =>
  inFolder(async (folder) => {
    const path = join(folder, "file");
    await Deno.writeTextFile(path, `skipped${"0123456789".repeat(50_000)}`);
    const file = openSync(path, "r");
    try {
      readSync(file, new Uint8Array(7));
      let text = "";
      const onOutput = (piece: Uint8Array): void => void (text += new TextDecoder().decode(piece));
      const { status } = await runProgram(["cat"], { onOutput, input: file });
      strictEqual(status, 0);
      ok(text === "0123456789".repeat(50_000), `${text.length} bytes`);
    } finally {
      closeSync(file);
    }
    const directory = openSync(folder, "r");
    try {
      const outcome = await runProgram(["cat"], { onOutput: () => {}, input: directory });
      strictEqual(outcome.status, -1);
      match(outcome.why, /^Cannot read what it is to get: .*EISDIR/);
    } finally {
      closeSync(directory);
    }
  }));

Deno.test("runProgram() does not begin what is aborted, and says why something cannot begin", () =>
  inFolder(async (folder) => {
    const made = join(folder, "made");
    const onOutput = () => {};
    const aborted = AbortSignal.abort(new Error("it is too late"));
    deepStrictEqual(await runProgram(["touch", made], { onOutput, aborted }), {
      status: -1,
      why: "it is too late",
    });
    ok(!await Deno.stat(made).then(() => true, () => false));
    deepStrictEqual(await runProgram([join(folder, "nothing")], { onOutput, input: "x" }), {
      status: -1,
      why: "No such file or directory",
    });
  }));

for (const isAborted of [false, true]) {
  Deno.test({
    name: `runProgram() ends with a program ${isAborted ? "that is aborted" : "that ends"}, ` +
      "though one of another session keeps its pipes",
    // The pipes are read until that one has ended, which is a moment after it was killed.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: () =>
      inFolder(async (folder) => {
        const pidFile = join(folder, "pid");
        const abort = new AbortController();
        const output = new ProgramOutput();
        const own =
          `setsid sh -c 'echo $$ > "$1.new"; mv "$1.new" "$1"; exec sleep 3600' sh "$1" &`;
        const wait = `while ! test -e "$1"; do sleep 0.02; done; echo said; ${
          isAborted ? "sleep 3600" : ""
        }`;
        const program = runProgram(shell(`${own} ${wait}`, pidFile), {
          onOutput: output.take,
          input: "x".repeat(3_000_000), // which nobody reads
          aborted: abort.signal,
          outputGraceMs: isAborted ? NEVER_MS : 50,
        });
        try {
          if (isAborted) {
            await waitFor("the one of another session", () => output.text("stdout") === "said\n");
            abort.abort();
          }
          const { status } = await program;
          // By SIGTERM, or by SIGKILL if it did not come to run before that.
          ok(isAborted ? status === 143 || status === 137 : status === 0, `status ${status}`);
        } finally {
          const pid = Number(await Deno.readTextFile(pidFile));
          Deno.kill(pid, "SIGKILL"); // it lived until now
        }
      }),
  });
}
