import { deepStrictEqual } from "node:assert";
import { complete, keywords, splitWords } from "./mod.ts";

const answers: Readonly<Record<string, string>> = {
  ".help all": "label\nlist\nmessages\nmount\n",
  ".help item=list": "jobs [limit=<n>] | jobid=<id> | files | client=<name> last\n",
  ".client": "one-fd\ntwo-fd\n",
  ".jobs type=R": "Restore\n",
  ".ls ho*": "home/\nhosts\n",
};

const ask = (command: string) => Promise.resolve(answers[command] ?? "");

Deno.test("complete() asks the director for what may follow (console.md 1.7)", async () => {
  const cases: readonly [string, boolean, readonly string[], string][] = [
    ["", false, ["label", "list", "messages", "mount"], ""],
    ["m", false, ["messages", "mount"], "m"],
    ["list ", false, ["jobs", "limit=", "jobid=", "files", "client=", "last"], ""],
    ["list l", false, ["limit=", "last"], "l"],
    ["list client=", false, ["one-fd", "two-fd"], ""],
    ["list client=tw", false, ["two-fd"], "tw"],
    ["restore restore_job=", false, ["Restore"], ""],
    ["x unknown=", false, [], ""],
    ["mark ho", true, ["home/", "hosts"], "ho"],
    ["done", true, [], "done"],
  ];
  for (const [line, isInTree, candidates, part] of cases) {
    deepStrictEqual(await complete(line, isInTree, ask), [candidates, part], line);
  }
});

Deno.test("keywords() takes lower-case words at a space, an equals sign or the end", () => {
  deepStrictEqual(keywords("storage=<storage-name> [ drive=<drivenum> ] yes"), [
    "storage=",
    "drive=",
    "yes",
  ]);
});

Deno.test("splitWords() knows quotes and backslashes", () => {
  deepStrictEqual(splitWords('a "b c" d\\ e "unclosed f'), ["a", "b c", "d e", "unclosed f"]);
});
