import { equal, throws } from "node:assert/strict";
import fc from "fast-check";
import { posixRegExp, type PosixRegExpOptions } from "./posix_reg_exp.ts";

const newlineSensitive = { newlineSensitive: true };
const ignoreCase = { ignoreCase: true };

const cases: readonly (readonly [string, string, boolean, PosixRegExpOptions?])[] = [
  ["\\.o$", "/a/b.o", true],
  ["\\.o$", "/a/b.ox", false],
  ["^/home/[^/]*/\\.cache$", "/home/u/.cache", true],
  ["[]x]", "]", true],
  ["[^]x]", "]", false],
  ["[a\\]b]", "a]b]", false],
  ["[\\]", "\\", true],
  ["[[:digit:][:upper:]_-]+$", "A1_-", true],
  ["^[[.-.][=a=]]$", "-", true],
  ["a{,2}b", "b", true],
  ["^a{2}$", "aaa", false],
  ["a{x", "a{x", true],
  ["^(a+)?$", "aa", true],
  ["^a+?$", "aaa", true],
  ["^(ab|c)*$", "abcab", true],
  ["(x)\\1", "xx", true],
  ["\\d", "d", true],
  ["\\d", "1", false],
  ["\\<word\\>", "a word here", true],
  ["\\<ord\\>", "a word here", false],
  ["a.c", "a\nc", true],
  ["a.c", "a\nc", false, newlineSensitive],
  ["^c$", "a\nc", false],
  ["^c$", "a\nc", true, newlineSensitive],
  ["a[^b]c", "a\nc", false, newlineSensitive],
  ["ÄB", "äb", true, ignoreCase],
  ["^.$", "\u{1f600}", true],
  ["^.$", "\udcff", true],
  ["a)b", "a)b", true],
  ["a/b-c&d", "a/b-c&d", true],
];

Deno.test("posixRegExp() matches as POSIX extended expressions do", () => {
  for (const [pattern, text, expected, options] of cases) {
    equal(posixRegExp(pattern, options).test(text), expected, `${pattern} on ${text}`);
  }
});

Deno.test("posixRegExp() refuses in the words of the C library", () => {
  const refused: Record<string, string> = {
    "[a": "Unmatched [, [^, [:, [., or [=",
    "(a": "Unmatched ( or \\(",
    "*a": "Invalid preceding regular expression",
    "a|*": "Invalid preceding regular expression",
    "[z-a]": "Invalid range end",
    "[[:none:]]": "Invalid character class name",
    "a\\": "Trailing backslash",
    "a\\1": "Invalid back reference",
    "a{3,2}": "Invalid content of \\{\\}",
  };
  for (const [pattern, message] of Object.entries(refused)) {
    throws(() => posixRegExp(pattern), { name: "SyntaxError", message }, pattern);
  }
});

/** The C library's own expressions, as the judge. */
function openJudge(): (pattern: string, text: string, flags: number) => boolean | undefined {
  const { symbols } = Deno.dlopen("libc.so.6", {
    regcomp: { parameters: ["buffer", "buffer", "i32"], result: "i32" },
    regexec: { parameters: ["buffer", "buffer", "usize", "pointer", "i32"], result: "i32" },
    regfree: { parameters: ["buffer"], result: "void" },
  });
  const zeroEnded = (text: string) => new TextEncoder().encode(`${text}\0`);
  return (pattern, text, flags) => {
    const compiled = new Uint8Array(256);
    if (symbols.regcomp(compiled, zeroEnded(pattern), flags) !== 0) return undefined;
    const result = symbols.regexec(compiled, zeroEnded(text), 0n, null, 0);
    symbols.regfree(compiled);
    return result === 0;
  };
}

Deno.test({
  name: "posixRegExp() agrees with the C library",
  ignore: Deno.build.os !== "linux",
  fn() {
    const judge = openJudge();
    const piece = fc.constantFrom(
      ..."abA.*+?()|^$/-]".split(""),
      ..."[^ab]|[a-b]|[]a]|[[:alpha:]]|{2}|{1,2}|{,1}|(a|b)|\\.|\\b|\\w|[^[:digit:]/]|[.-/]|\n"
        .split(
          /(?<=.)\|(?=[\\[{(\n])/,
        ),
    );
    const pattern = fc.array(piece, { maxLength: 7 }).map((pieces) => pieces.join(""));
    const text = fc.string({ unit: fc.constantFrom(..."abAB./-0]\n"), maxLength: 8 });
    const flags = fc.tuple(fc.boolean(), fc.boolean());
    fc.assert(
      fc.property(pattern, text, flags, (pattern, raw, [ignoreCase, newlineSensitive]) => {
        // Without REG_NEWLINE glibc sometimes takes a line feed for a line's end nevertheless.
        const text = newlineSensitive ? raw : raw.replaceAll("\n", "_");
        const flagBits = 1 | (ignoreCase ? 2 : 0) | (newlineSensitive ? 4 : 0) | 8;
        const expected = judge(pattern, text, flagBits);
        let actual: boolean | undefined;
        try {
          actual = posixRegExp(pattern, { ignoreCase, newlineSensitive }).test(text);
        } catch {
          actual = undefined;
        }
        equal(actual, expected);
      }),
      { numRuns: 3000 },
    );
  },
});
