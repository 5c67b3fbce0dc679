import { deepStrictEqual as equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { formatRegexWhere, parseRegexWhere, RegexWhereError, rewriteName } from "./regex_where.ts";

const rewrite = (regexWhere: string, name: string): string =>
  rewriteName(name, parseRegexWhere(regexWhere));

Deno.test("names change by expressions (director-client.md 11.1)", () => {
  for (
    const [regexWhere, name, wanted] of [
      ["!/prod!!i,!([^/])$!$1.old!,!^!/test!", "/prod/etc/f", "/test/etc/f.old"],
      ["!^/srv/data!/srv/back!", "/srv/data/x", "/srv/back/x"],
      ["!a!b!", "aa", "ba"],
      ["!a!b!g", "banana", "bbnana"],
      ["!A!b!i", "banana", "bbnana"],
      ["!x!y!", "/same", "/same"],
      ["!a!b!,!b!c!", "xa", "xc"],
      ["!a!b!,", "xa", "xb"],
      [",a,b,,,b,c,", "xa", "xc"],
      ["#(a)|(b)#[\\1$2]#g", "b", "[b]"],
      ["!(b)(a)!$2\\1$0!", "banana", "abbanana"],
      ["#[[:digit:]]+#N#", "v12", "vN"],
      // A backslash before the separator makes it a letter, in brackets too.
      ["!a\\!b!c\\!d!", "xa!b", "xc!d"],
      ["/x\\/y/z/", "a/x/y", "a/z"],
      ["![\\!]!.!", "a\\!", "a\\."],
      ["|a\\|b|c\\|d|", "a|b", "c|d"],
      ["|a\\|b|c|", "ab", "ab"],
      [":[[\\:digit\\:]]:N:", "v1", "vN"],
      // Two backslashes belong together and stay two in what is put there.
      ["!\\\\!/!", "a\\b", "a/b"],
      ["!a!\\\\!", "xa", "x\\\\"],
      ["#a#\\\\#", "xa", "x\\\\"],
      ["#\\\\##", "a\\b", "ab"],
      ["!a!x\\!", undefined, undefined],
    ] as const
  ) {
    if (name === undefined) throws(() => parseRegexWhere(regexWhere), RegexWhereError, regexWhere);
    else equal(rewrite(regexWhere, name), wanted, regexWhere);
  }
});

Deno.test("parseRegexWhere() refuses what is malformed", () => {
  for (
    const text of [
      ...["", ",", "a", "!a!b", "!a", "!a!b!x", "![!b!", "!(!x!", "aab", "!a!b!i,c", "!a!b!,,"],
      ...["no separator", "!a!b!ig!"],
    ]
  ) throws(() => parseRegexWhere(text), RegexWhereError, text);
  const letters = fc.constantFrom(..."!#|a\\,ig$1[()*{}\udc80é");
  fc.assert(
    fc.property(fc.string({ unit: letters }), fc.string({ unit: letters }), (text, name) => {
      try {
        rewrite(text, name);
      } catch (error) {
        ok(error instanceof RegexWhereError, String(error));
      }
    }),
  );
});

Deno.test("formatRegexWhere() writes the expressions of 11.2", () => {
  for (
    const [stripPrefix, addSuffix, addPrefix, wanted] of [
      ["/prod", ".old", "/test", "!/prod!!i,!([^/])$!$1.old!,!^!/test!"],
      ["", "", "", ""],
      ["", "", "/to", "!^!/to!"],
      // A separator that does not occur, since Bareos knows no escaped one (11.1).
      ["/a!", ".b", "/c", ":/a!::i,:([^/])$:$1.b:,:^:/c:"],
      ["!:;&%=", "~#", "", "!\\!:;&%=!!i,!([^/])$!$1~#!"],
      ["/a.b(1)", "", "", "!/a\\.b\\(1\\)!!i"],
      // Digits that would be the number of a group.
      ["", "$1", "/a$0\\7", "!([^/])()$!$1$$21!,!^!/a$$00\\\\$07!"],
    ] as const
  ) equal(formatRegexWhere({ stripPrefix, addSuffix, addPrefix }), wanted);
});

Deno.test("prefixes and suffixes change names as they say", () => {
  const letters = [..."abA019 !:;|,&%=~/#$.+*?()[]{}^-\\éÄ\udc80\u{1f600}"];
  const word = fc.string({ unit: fc.constantFrom(...letters), maxLength: 8 });
  // Everything has one prefix that no other part holds, for stripping is not anchored.
  fc.assert(fc.property(word, word, word, word, (strip, prefix, suffix, rest) => {
    const stripPrefix = `/Q${strip}`;
    const regexWhere = formatRegexWhere({ stripPrefix, addPrefix: prefix, addSuffix: suffix });
    // Backslashes are doubled and stay so, as in Bareos (11.1, 11.2).
    const put = (text: string): string => text.replaceAll("\\", "\\\\");
    for (const name of [stripPrefix, `/q${strip}`]) {
      equal(
        rewrite(regexWhere, `${name}/${rest}z`),
        `${put(prefix)}/${rest}z${put(suffix)}`,
        regexWhere,
      );
    }
    equal(rewrite(regexWhere, `${stripPrefix}/`), `${put(prefix)}/`, regexWhere);
  }));
});
