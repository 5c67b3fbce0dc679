import { deepStrictEqual, strictEqual } from "node:assert";
import { decodeText, encodeText } from "../../bytes/mod.ts";
import { Connection, ConsoleSession, passwordKey, Signal } from "../../protocol/mod.ts";
import { memoryPair } from "../../tests/support/memory_transport.ts";
import { type Answers, SmallDirector } from "../../tests/support/small_director.ts";
import { ConsoleLoop, Output, StreamLines } from "./mod.ts";

async function startSession(
  answers: Answers,
): Promise<{ session: ConsoleSession; heard: string[] }> {
  const [a, b] = memoryPair();
  const director = new SmallDirector(answers);
  director.serve(new Connection(b)).catch(() => {}); // the console's end is the test's concern
  const session = await ConsoleSession.login(new Connection(a), {
    key: passwordKey("secret"),
    version: "26.0.0",
    protocolVersion: "26.0.0",
  });
  return { session, heard: director.heard };
}

async function runLines(input: string, answers: Answers, userId = 1000) {
  const { session, heard } = await startSession(answers);
  let printed = "";
  const output = new Output((bytes) => printed += decodeText(bytes));
  const source = new StreamLines(ReadableStream.from([encodeText(input)]));
  await new ConsoleLoop({ session, output, input: source, userId }).run();
  await session.close();
  return { heard, printed };
}

Deno.test("ConsoleLoop echoes piped lines, sends them stripped and prints the answers", async () => {
  const { heard, printed } = await runLines("version  \r\n\nlist jobs\nlast", (line) => [
    `<${line}`,
    `>\n`,
    Signal.EOD,
  ]);
  deepStrictEqual(heard, ["version", "", "list jobs", "last"]);
  strictEqual(printed, "version  \r\n<version>\n\n<>\nlist jobs\n<list jobs>\nlast\n<last>\n");
});

Deno.test("ConsoleLoop answers a sub prompt with the next line", async () => {
  const { heard, printed } = await runLines(
    "run\nyes\n",
    (line) => line === "run" ? ["OK to run? ", Signal.SUB_PROMPT] : ["Job queued\n", Signal.EOD],
  );
  deepStrictEqual(heard, ["run", "yes"]);
  strictEqual(printed, "run\nOK to run? yes\nJob queued\n");
});

Deno.test("ConsoleLoop ends when the director closes, and after .quit without waiting", async () => {
  const closing = await runLines("quit\nmore\n", () => undefined);
  deepStrictEqual(closing.heard, ["quit"]);
  strictEqual(closing.printed, "quit\n");
  const leaving = await runLines(".quit\nmore\n", () => []);
  strictEqual(leaving.printed, ".quit\n");
});

Deno.test("ConsoleLoop runs local commands by prefix", async () => {
  const { heard, printed } = await runLines(
    "@# a comment\n@ec hello  there\n@nonsense\n@\n@sep x\n@help\n@quit\nnever\n",
    () => [Signal.EOD],
  );
  deepStrictEqual(heard, []);
  const lines = printed.split("\n");
  deepStrictEqual(lines.slice(0, 8), [
    "@# a comment",
    "@ec hello  there",
    "hello there ",
    "@nonsense",
    "@nonsense: is an invalid command",
    "@",
    "@: is an invalid command",
    "@sep x",
  ]);
  strictEqual(lines[8], "Illegal separator character.");
  strictEqual(lines.includes("  output     output to file"), true);
});

Deno.test("ConsoleLoop reads and writes files, but not for the privileged user", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/in`, "one\ntwo\n");
    const { heard, printed } = await runLines(
      `@output ${folder}/out\n@input ${folder}/in\n@output\n@input ${folder}/none\n` +
        `@exec "echo a; echo b"\n@exec "exit 3"\n`,
      (line) => [`<${line}>\n`, Signal.EOD],
    );
    deepStrictEqual(heard, ["one", "two"]);
    strictEqual(
      await Deno.readTextFile(`${folder}/out`),
      `@input ${folder}/in\none\n<one>\ntwo\n<two>\n@output\n`,
    );
    strictEqual(
      printed.includes(`Cannot open file ${folder}/none for input. ERR=No such file`),
      true,
    );
    strictEqual(printed.includes("\na\nb\n"), true);
    strictEqual(printed.includes("ERR=Child exited with code 3\n"), true);
    const refused = await runLines(`@output ${folder}/x\n`, () => [], 0);
    strictEqual(
      refused.printed.endsWith("@output command is not allowed as privileged user.\n"),
      true,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
