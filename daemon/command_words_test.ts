import { deepEqual } from "node:assert/strict";
import fc from "fast-check";
import { commandWords } from "./command_words.ts";

Deno.test("commandWords() separates as bacula-fd does", () => {
  // As bacula-fd 9.6.7 has handed them to a program.
  for (
    const [command, ...words] of [
      ['"a b" c', "a b", "c"],
      ["c\\ d", "c\\", "d"],
      ["'e f' g", "e f", "g"],
      ['g"h i"j', 'g"h', 'i"j'],
      ['\\"k\\" l', '\\"k\\"', "l"],
      ["x\\\\y", "x\\\\y"],
      [`"it's" z`, "it's", "z"],
      [`'a"b' q`, 'a"b', "q"],
      ['open "end of', "open", "end of"],
      ["a\\nb", "a\\nb"],
      ["'a\\'b' c'", "a\\", "b'", "c'"],
      ['"" x', "", "x"],
      ['"a\\"b" c', "a\\", 'b"', "c"],
      ["a'b c'd e", "a'b", "c'd", "e"],
    ] as const
  ) deepEqual(commandWords(command), words, command);
  deepEqual(commandWords(""), []);
  deepEqual(commandWords(" \t "), []);
  deepEqual(commandWords(" echo it's  done "), ["echo", "it's", "done"]);
  deepEqual(commandWords("a\u00a0b"), ["a\u00a0b"]);
});

Deno.test("words that can be written as one are found again", () => {
  const letters = fc.constantFrom(..."ab \t\"'\\%$é\u00a0\udc80\n");
  const written = fc.string({ unit: letters }).chain((word) =>
    fc.constantFrom(
      ...(word.includes('"') ? [] : [`"${word}"`]),
      ...(word.includes("'") ? [] : [`'${word}'`]),
      ...(/^$|^["']|[ \t\n]/.test(word) ? [] : [word]),
      "", // no way to write it
    ).map((text) => ({ word, text }))
  ).filter(({ text }) => text !== "");
  const blanks = fc.stringMatching(/^[ \t\n]{1,3}$/);
  fc.assert(fc.property(fc.array(written), blanks, (words, blank) => {
    const command = words.map(({ text }) => text).join(blank);
    deepEqual(commandWords(command), words.map(({ word }) => word), command);
    deepEqual(commandWords(blank + command + blank), words.map(({ word }) => word), command);
  }));
});
