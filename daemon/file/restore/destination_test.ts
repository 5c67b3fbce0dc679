import { deepStrictEqual as equal, throws } from "node:assert/strict";
import fc from "fast-check";
import {
  destinationOf,
  formatRegexWhere,
  parseRegexWhere,
  RegexWhereError,
} from "./destination.ts";

Deno.test("destinationOf() puts files under a folder (director-client.md 25.1)", () => {
  const there = destinationOf({ where: "/restore" });
  equal(there.root, "/restore");
  equal(there.rewrite("/etc/f"), "/restore/etc/f");
  equal(there.rewrite("etc/f"), "/restore/etc/f");
  equal(there.rewrite("c:/Users/f"), "/restore/c/Users/f");
  equal(there.rewriteHardLink("/etc/g"), "/restore/etc/g");
  equal(there.rewriteSymbolicLink("/etc/g"), "/etc/g");
  const linked = destinationOf({ where: "/restore/", prefixLinks: true });
  equal(linked.rewriteSymbolicLink("/etc/g"), "/restore//etc/g");
  equal(linked.rewriteSymbolicLink("../g"), "../g");
  for (const where of ["", "/", undefined]) {
    const original = destinationOf({ where });
    equal([original.root, original.rewrite("/etc/f")], [undefined, "/etc/f"]);
  }
});

Deno.test("destinationOf() changes names by expressions (11.1)", () => {
  const rewrite = (regexWhere: string, name: string) => destinationOf({ regexWhere }).rewrite(name);
  equal(
    rewrite("!/prod!!i,!([^/])$!$1.old!,!^!/test!", "/prod/etc/f"),
    "/test/etc/f.old",
  );
  equal(
    rewrite("!^/srv/sample/data!/srv/sample/restore/rw!", "/srv/sample/data/x"),
    [
      "/srv/sample/restore/rw/x",
    ][0],
  );
  equal(rewrite("!a!b!", "aa"), "ba");
  equal(rewrite("!x!y!", "/same"), "/same");
  equal(rewrite("#(a)|(b)#[\\1$2]#g", "b"), "[b]");
  equal(rewrite("!a\\!b!c\\!d!", "xa!b"), "xc!d");
  equal(rewrite("|a\\|b|c|", "a|b"), "c");
  equal(rewrite("!A!x!i", "za"), "zx");
  equal(destinationOf({ regexWhere: "!a!b!" }).rewriteSymbolicLink("a"), "a");
  equal(destinationOf({ regexWhere: "!a!b!", prefixLinks: true }).rewriteSymbolicLink("a"), "b");
});

Deno.test("parseRegexWhere() refuses what is malformed", () => {
  for (const text of ["", "a", "!a!b", "!a", "!a!b!x", "![!b!", "aab", "!a!b!i,c"]) {
    throws(() => parseRegexWhere(text), RegexWhereError, text);
  }
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom(..."!a\\,ig$1[") }), (text) => {
    try {
      parseRegexWhere(text);
    } catch (error) {
      equal(error instanceof RegexWhereError, true, String(error));
    }
  }));
});

Deno.test("formatRegexWhere() writes the example of 11.2", () => {
  const parts = { stripPrefix: "/prod", addSuffix: ".old", addPrefix: "/test" };
  equal(formatRegexWhere(parts), "!/prod!!i,!([^/])$!$1.old!,!^!/test!");
  equal(formatRegexWhere({}), "");
});

Deno.test("prefixes and suffixes change names as they say", () => {
  const word = fc.string({ unit: fc.constantFrom(..."abc!/x,"), minLength: 1, maxLength: 8 });
  fc.assert(fc.property(word, word, word, (prefix, suffix, name) => {
    const path = `/${name}z`;
    const text = formatRegexWhere({ addPrefix: prefix, addSuffix: suffix });
    equal(destinationOf({ regexWhere: text }).rewrite(path), `${prefix}${path}${suffix}`);
  }));
});
