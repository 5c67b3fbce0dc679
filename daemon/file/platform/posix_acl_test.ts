import { deepStrictEqual as equal, match, throws } from "node:assert/strict";
import fc from "fast-check";
import { decodeText, encodeText } from "../../../bytes/mod.ts";
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

/** A list of one user whose name is this. */
const ofUser = (name: string): AclNames => ({
  ...names,
  userName: (uid) => uid === 7001 ? name : undefined,
  userId: (known) => known === name ? 7001 : undefined,
});
const entry = Uint8Array.of(2, 0, 0, 0, 2, 0, 4, 0, 0x59, 0x1b, 0, 0);

Deno.test("names are quoted in lists of access as acl_to_text(3) and acl_from_text(3) have it", () => {
  for (
    const [name, quoted, ...others] of [
      ["DOM\\bob smith", "DOM\\\\bob\\040smith", "DOM\\bob smith", "DOM\\134bob\\040smith"],
      ["a,b", "a\\054b"],
      ["a:b", "a\\072b"],
      ["a#b", "a#b", "a\\043b"],
      ["#c", "#c", "\\043c"],
      ["tab\tn", "tab\\011n"],
      ["x\\040y", "x\\\\040y"],
      ["jürgen", "jürgen", "j\\303\\274rgen"],
      ["latin\udcfc", "latin\udcfc", "latin\\374"],
      ["DOM\\777", "DOM\\\\777", "DOM\\777"],
      ["end\\", "end\\\\", "end\\"],
    ] as const
  ) {
    equal(formatAcl(entry, ofUser(name)), `user:${quoted}:r--\n`);
    for (const text of [quoted, ...others]) {
      equal(parseAcl(`# file: f\nuser:${text}:r-- # effective:r--`, ofUser(name)), entry, text);
    }
  }
});

Deno.test("a list of access is for the same user again, whatever bytes the name has", () => {
  const letters = fc.oneof(
    fc.nat({ max: 254 }).map((byte) => byte + 1),
    fc.constantFrom(...encodeText("\\01234#: ,")),
  );
  const name = fc.array(letters, { minLength: 1, maxLength: 12 })
    .map((bytes) => decodeText(Uint8Array.from(bytes)));
  fc.assert(fc.property(name, (name) => {
    const text = formatAcl(entry, ofUser(name));
    match(text, /^user:[^:, \t\r\n]+:r--\n$/);
    equal(parseAcl(text, ofUser(name)), entry);
  }));
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
