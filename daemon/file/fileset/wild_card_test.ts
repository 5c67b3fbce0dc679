import { equal } from "node:assert/strict";
import fc from "fast-check";
import { encodeText } from "../../../bytes/mod.ts";
import { WildCard } from "./wild_card.ts";

Deno.test("WildCard matches as director-client.md 23.2 says", () => {
  const cases: [string, string, boolean][] = [
    ["*.o", "/a/b/c.o", true],
    ["*.o", "/a/b/c.oo", false],
    ["/home/*/.cache", "/home/a/b/.cache", true],
    ["/a?b", "/a/b", true],
    ["[!a-c]x", "dx", true],
    ["[^a-c]x", "bx", false],
    ["[]-a]", "]", true],
    ["[[:digit:]]*", "7x", true],
    ["\\*", "*", true],
    ["\\*", "x", false],
    ["a[", "a[", true],
    ["*a*b*c", "xxaxxbxxbc", true],
    ["", "", true],
    ["*", "", true],
    ["?", "", false],
  ];
  for (const [pattern, name, expected] of cases) {
    equal(new WildCard(pattern).matches(encodeText(name)), expected, `${pattern} on ${name}`);
  }
  equal(new WildCard("*.TXT", { ignoreCase: true }).matches(encodeText("/a/b.txt")), true);
  equal(new WildCard("/a/*.c", { keepSlash: true }).matches(encodeText("/a/b/c.c")), false);
  equal(new WildCard("b*").matches(encodeText("/a/bcd"), 3), true);
  equal(new WildCard("?").matches(Uint8Array.of(0xff)), true);
  equal(new WildCard("??").matches(encodeText("ü")), true);
});

Deno.test("WildCard ends in time on patterns of many stars", () => {
  const wild = new WildCard("*a".repeat(30) + "b");
  equal(wild.matches(encodeText("a".repeat(5000))), false);
});

Deno.test({
  name: "WildCard agrees with the C library",
  ignore: Deno.build.os !== "linux",
  fn() {
    const { symbols } = Deno.dlopen("libc.so.6", {
      fnmatch: { parameters: ["buffer", "buffer", "i32"], result: "i32" },
    });
    const pieces = ["a", "B", "b", "/", ".", "*", "?", "[ab]", "[!a]", "[^/b]", "[]a]", "[a-b.]"];
    const pattern = fc.array(fc.constantFrom(...pieces, "\\*", "\\a", "[[:punct:]]", "-"), {
      maxLength: 8,
    }).map((parts) => parts.join(""));
    const name = fc.string({ unit: fc.constantFrom(..."aAbB/.*]-"), maxLength: 10 });
    fc.assert(
      fc.property(pattern, name, fc.boolean(), (pattern, name, ignoreCase) => {
        const expected = symbols.fnmatch(
          encodeText(`${pattern}\0`),
          encodeText(`${name}\0`),
          ignoreCase ? 16 : 0,
        ) === 0;
        equal(new WildCard(pattern, { ignoreCase }).matches(encodeText(name)), expected);
      }),
      { numRuns: 5000 },
    );
  },
});
