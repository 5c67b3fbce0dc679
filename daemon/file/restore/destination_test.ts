import { deepStrictEqual as equal, throws } from "node:assert/strict";
import { RegexWhereError } from "../../regex_where.ts";
import { destinationOf } from "./destination.ts";

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
  const there = destinationOf({ regexWhere: "!^/srv/data!/srv/back!,!x!y!" });
  equal([there.root, there.rewrite("/srv/data/x")], [undefined, "/srv/back/y"]);
  equal(there.rewriteHardLink("/srv/data/z"), "/srv/back/z");
  equal(destinationOf({ regexWhere: "!a!b!" }).rewriteSymbolicLink("a"), "a");
  equal(destinationOf({ regexWhere: "!a!b!", prefixLinks: true }).rewriteSymbolicLink("a"), "b");
  throws(() => destinationOf({ regexWhere: "" }), RegexWhereError);
});
