import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { decodeText } from "../../bytes/mod.ts";
import { Connection, ConsoleSession, passwordKey, Signal } from "../../protocol/mod.ts";
import { memoryPair } from "../../tests/support/memory_transport.ts";
import { SmallDirector } from "../../tests/support/small_director.ts";
import { ConsoleLoop, type LineSource, Output } from "./mod.ts";

/** Lines as a person types them at a terminal, which echoes them itself. */
class TypedLines implements LineSource {
  readonly isTerminal = true;
  readonly prompts: string[] = [];
  readonly #lines: string[];

  constructor(lines: readonly string[]) {
    this.#lines = [...lines];
  }

  next(prompt: string): Promise<string | undefined> {
    this.prompts.push(prompt);
    return Promise.resolve(this.#lines.shift());
  }

  close(): void {}
}

/** Types lines at a console whose director answers `<LINE>`; what it heard and what was printed. */
async function typed(lines: readonly string[], userId = 1000) {
  const [a, b] = memoryPair();
  const director = new SmallDirector((line) => [`<${line}>\n`, Signal.EOD]);
  director.serve(new Connection(b)).catch(() => {}); // the console's end is the test's concern
  const session = await ConsoleSession.login(new Connection(a), {
    key: passwordKey("secret"),
    version: "26.0.0",
    protocolVersion: "26.0.0",
  });
  let printed = "";
  const output = new Output((bytes) => printed += decodeText(bytes));
  await new ConsoleLoop({ session, output, input: new TypedLines(lines), userId }).run();
  output.close();
  await session.close();
  return { heard: director.heard, printed };
}

Deno.test("local commands answer and complain as the reference says", async () => {
  for (
    const [line, wanted] of [
      ['@echo a "b  c" \'d', "a b  c 'd \n"],
      ["@input", "First argument to input command must be a filename.\n"],
      ["@input a b", "Too many arguments on input command.\n"],
      ["@output a b c", "Too many arguments on output/tee command.\n"],
      ["@tee a b c", "Too many arguments on output/tee command.\n"],
      [
        "@input /no/such/file",
        "Cannot open file /no/such/file for input. ERR=No such file or directory\n",
      ],
      [
        "@output /no/such/file",
        "Cannot open file /no/such/file for output. ERR=No such file or directory\n",
      ],
      ["@exec echo a b c", "Too many arguments. Enclose command in double quotes.\n"],
      ['@exec "echo one; echo two >&2"', "one\ntwo\n"],
      ["@exec false", "Autochanger error: ERR=Child exited with code 1\n"],
      ["@sleep 0", ""],
      ["@# anything", ""],
      ["@separator x", "Illegal separator character.\n"],
      ["@separator ;;", "Illegal separator character.\n"],
      ["@nonsense a b", "@nonsense a b: is an invalid command\n"],
    ] as const
  ) strictEqual((await typed([line])).printed, wanted, line);
  match((await typed(["@time"])).printed, /^\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d\n$/);
  match((await typed(["@VERSION"])).printed, /^Version: \S+ \(\d+ \w+ \d{4}\) \S/);
  const help = (await typed(["@help"])).printed.trimEnd().split("\n");
  strictEqual(help.length, 12);
  ok(help.every((line) => /^ {2}[a-z]+ +\S/.test(line)), help.join("\n"));
});

Deno.test("@exec ends a program that takes longer than it may", async () => {
  // On a slow machine the shell may not get as far as to its first word: then with more patience.
  const withPatience = async (command: (limit: number) => string): Promise<string> => {
    for (let limit = 1;; limit *= 4) {
      const { printed } = await typed([`@exec "${command(limit)}" ${limit}`]);
      if (printed.includes("begun") || limit > 60) return printed;
      strictEqual(printed, "Autochanger error: ERR=Child died from signal SIGTERM\n");
    }
  };
  strictEqual(
    await withPatience((limit) => `echo begun; sleep ${limit + 100}; echo done`),
    "begun\nAutochanger error: ERR=Child died from signal SIGTERM\n",
  );
  // The program itself has ended before; what it has started holds on to its output.
  strictEqual(await withPatience((limit) => `sleep ${limit * 5} & echo begun`), "begun\n");
});

Deno.test("a separator makes several commands of a typed line, until it is reset", async () => {
  const { heard, printed } = await typed([
    "one;two",
    "@separator ;",
    "three;four",
    "@separator",
    "five;six",
  ]);
  deepStrictEqual(heard, ["one;two", "three", "four", "five;six"]);
  strictEqual(printed, "<one;two>\n<three>\n<four>\n<five;six>\n");
});

Deno.test("@output and @tee write to files in the mode that is given", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/out`;
    await Deno.writeTextFile(path, "before\n");
    let { printed } = await typed([`@output ${path}`, "one", "@output", "two"]);
    strictEqual(printed, "<two>\n");
    strictEqual(await Deno.readTextFile(path), "before\n<one>\n");
    ({ printed } = await typed([`@tee ${path} w`, "three", "@echo x", "@tee", "four"]));
    strictEqual(printed, "<three>\nx \n<four>\n");
    strictEqual(await Deno.readTextFile(path), "<three>\nx \n");
    ({ printed } = await typed([`@output ${path} sideways`]));
    ok(printed.startsWith(`Cannot open file ${path} for output. ERR=`), printed);
    ({ printed } = await typed(["@output /dev/full w", "five", "six"]));
    strictEqual(
      printed,
      "Cannot write to /dev/full. ERR=No space left on device\n<five>\n<six>\n",
    );
    ({ printed } = await typed([`@input ${folder}`, "seven"]));
    strictEqual(printed, "Cannot read input. ERR=Is a directory\n<seven>\n");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the privileged user may not touch files or programs from the console", async () => {
  for (const name of ["input", "output", "tee", "exec"]) {
    strictEqual(
      (await typed([`@${name} /x`], 0)).printed,
      `@${name} command is not allowed as privileged user.\n`,
    );
  }
});
