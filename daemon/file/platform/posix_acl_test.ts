import { deepStrictEqual as equal, throws } from "node:assert/strict";
import fc from "fast-check";
import { type AclNames, formatAcl, parseAcl } from "./posix_acl.ts";

const names: AclNames = {
  userName: (uid) => uid === 1234 ? "bob" : undefined,
  groupName: (gid) => gid === 99 ? "some group" : undefined,
  userId: (name) => name === "bob" ? 1234 : undefined,
  groupId: (name) => name === "some group" ? 99 : undefined,
};

Deno.test("formatAcl() writes the example of the reference, volume.md 14.1", () => {
  const bytes = Uint8Array.from([
    [2, 0, 0, 0],
    [1, 0, 6, 0, 255, 255, 255, 255],
    [2, 0, 4, 0, 0xd2, 4, 0, 0],
    [4, 0, 4, 0, 255, 255, 255, 255],
    [16, 0, 4, 0, 255, 255, 255, 255],
    [32, 0, 4, 0, 255, 255, 255, 255],
  ].flat());
  const text = "user::rw-\nuser:bob:r--\ngroup::r--\nmask::r--\nother::r--\n";
  equal(formatAcl(bytes, names), text);
  equal(parseAcl(text, names), bytes);
  equal(parseAcl("u::rw, u:1234:r #effective:r--\ng::4\nm::r--\no::r--", names), bytes);
});

Deno.test("parseAcl() is the inverse of formatAcl()", () => {
  const rights = fc.integer({ min: 0, max: 7 }).map((bits) =>
    ["r", "w", "x"].map((letter, index) => bits & (4 >> index) ? letter : "-").join("")
  );
  const named = (word: string) =>
    fc.uniqueArray(fc.integer({ min: 2000, max: 0xfffffffe })).chain((ids) =>
      fc.tuple(...ids.sort((a, b) => a - b).map((id) => rights.map((r) => `${word}:${id}:${r}\n`)))
    ).map((lines) => lines.join(""));
  const plain = (word: string) => rights.map((r) => `${word}::${r}\n`);
  const list = fc.tuple(
    plain("user"),
    named("user"),
    plain("group"),
    named("group"),
    plain("mask"),
    plain("other"),
  ).map((parts) => parts.join(""));
  fc.assert(fc.property(list, (text) => equal(formatAcl(parseAcl(text, names), names), text)));
});

Deno.test("parseAcl() refuses what is no list", () => {
  for (const text of ["user", "user::rwz", "user:nobody known:rwx", "boss::rwx", "mask:bob:r--"]) {
    throws(() => parseAcl(text, names), /Cannot read access control list/);
  }
  fc.assert(fc.property(fc.uint8Array(), (bytes) => {
    try {
      formatAcl(bytes, names);
    } catch (error) {
      equal((error as Error).message.startsWith("Cannot read access control list"), true);
    }
  }));
});
