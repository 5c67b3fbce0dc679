import assert from "node:assert/strict";
import fc from "fast-check";
import { Arguments, quoteWord, splitLine, withoutSecrets } from "./arguments.ts";

const words = (line: string): string[] =>
  splitLine(line).map(({ keyword, value }) =>
    value === undefined ? keyword : `${keyword}|${value}`
  );

Deno.test("splitLine() cuts at blanks, quotes group, backslashes take the next letter", () => {
  assert.deepEqual(words('run  job="My Job" yes'), ["run", "job|My Job", "yes"]);
  assert.deepEqual(words('a\\ b "c\\"d" e\\\\f'), ["a b", 'c"d', "e\\f"]);
  assert.deepEqual(words("restore regexwhere=!a=b!c!"), ["restore", "regexwhere|!a=b!c!"]);
});

Deno.test("splitLine() lets a quote that is not closed run to the end of the line", () => {
  assert.deepEqual(words('status storage="File 1'), ["status", "storage|File 1"]);
});

Deno.test("splitLine() ends at an empty word and after thirty", () => {
  assert.deepEqual(words('a "" b'), ["a"]);
  assert.equal(splitLine("x ".repeat(40)).length, 30);
});

Deno.test("quoteWord() is taken apart again as what it was", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string(), (key, value) => {
      fc.pre(!/[\s"\\=]/.test(key));
      assert.deepEqual(splitLine(`${key}=${quoteWord(value)}`), [{ keyword: key, value }]);
    }),
  );
});

Deno.test("Arguments finds keywords without regard to case, and the first of several", () => {
  const args = new Arguments(splitLine('Client=a fd=b all limit=12 days=x where=""'));
  assert.equal(args.value("client", "fd"), "a");
  assert.deepEqual(args.values("client", "fd"), ["a", "b"]);
  assert.ok(args.has("all") && !args.has("none"));
  assert.equal(args.number("limit", 0), 12);
  assert.equal(args.number("days", 7), 7);
  assert.equal(args.value("where"), "");
  assert.equal(args.filled("where"), undefined);
  assert.equal(args.firstOf(["limit", "all"])?.keyword, "all");
});

Deno.test("withoutSecrets() hides the whole value of a password, however it is quoted", () => {
  for (
    const [line, shown] of [
      [
        "configure add client name=a password=b address=c",
        "configure add client name=a password=*** address=c",
      ],
      ['x Password="a b" y', "x Password=*** y"],
      ['x password="a\\" b" y', "x password=*** y"],
      ['x "password=a b" y', "x password=*** y"],
      ['x password=a" b"c\\ d y', "x password=*** y"],
      ['x password="a b', "x password=***"],
      ["password = a", "password = ***"],
      ["list volumes where=a=b", "list volumes where=a=b"],
    ] as const
  ) assert.equal(withoutSecrets(line), shown);
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (value) => {
      assert.equal(withoutSecrets(`x password=${quoteWord(value)} y`), "x password=*** y");
    }),
  );
});
