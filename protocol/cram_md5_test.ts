import { strictEqual } from "node:assert";
import fc from "fast-check";
import { anyLetter } from "../tests/support/fast_check/any_letter.ts";
import {
  cramResponse,
  isReflected,
  isRightResponse,
  makeChallenge,
  makeSessionKey,
  parseChallenge,
  passwordKey,
} from "./mod.ts";

const key = "5ebe2294ecd0e0f08eab7690d2a6ee69";

/** wire.md 6.7: challenge, standard, legacy. */
const vectors = [
  [
    "<1234567890.1700000000@R_CLIENT::bareos-fd>",
    "EDWybeiIpfiL3rQIc8q6ww",
    "ED+yb++Ip/+L37QIc8+6wD",
  ],
  [
    "<987654321.1700000001@R_DIRECTOR::bareos-dir>",
    "oaK5yd1Zrwq0yJSDO2IkPg",
    "o6+5y91Zrw+0y5+DO2IkPC",
  ],
  [
    "<1234567890.1700000000@R_DIRECTOR::bareos-dir>",
    "wGRS4ZMJwQ7T0hLdbxPWSA",
    "wGRS45MJwQ/T0h/dbx/WSA",
  ],
  [
    "<987654321.1700000001@R_CONSOLE::*UserAgent*>",
    "Oh9iiWrwYceKi2fYfndiug",
    "Oh9iiW/wY8+Ki2/YfndiuC",
  ],
  ["<1442222229.1690000000@bacula-dir>", "BJTbtIlfq0mu2bdx30RqNw", "B5/bt4lfq0+u27dx30RqND"],
  ["<1.1@x>", "1QyhYFqzUrfsgGIdilyCkg", "1Q+hYF+zU7/sgGIdil+CkC"],
] as const;

Deno.test("cramResponse() gives the vectors of wire.md 6.7 in both variants", () => {
  for (const [challenge, standard, legacy] of vectors) {
    strictEqual(cramResponse(key, challenge, "standard"), standard);
    strictEqual(cramResponse(key, challenge, "legacy"), legacy);
  }
});

Deno.test("isRightResponse() accepts both variants, a zero byte and a line end, and nothing else", () => {
  for (const [challenge, standard, legacy] of vectors) {
    for (const response of [standard, legacy, `${legacy}\0`, `${standard}\n`]) {
      strictEqual(isRightResponse(key, challenge, response), true);
    }
    strictEqual(isRightResponse(passwordKey("other"), challenge, legacy), false);
    strictEqual(isRightResponse(key, challenge, legacy.slice(1)), false);
    strictEqual(isRightResponse(key, challenge, `${legacy}A`), false);
  }
  fc.assert(
    fc.property(fc.string({ unit: anyLetter }), (t) => !isRightResponse(key, "<1.1@x>", t)),
  );
});

Deno.test("passwordKey() hashes a password and takes [md5] as written", () => {
  strictEqual(passwordKey("secret"), key);
  strictEqual(passwordKey(`[md5]${key.toUpperCase()}`), key.toUpperCase());
  for (const bad of ["", "[md5]", "[md5]abc", "[md5]d41d8cd98f00b204e9800998ecf8427e"]) {
    let why = "";
    try {
      passwordKey(bad);
    } catch (error) {
      why = String(error);
    }
    strictEqual(why.startsWith("RangeError: Cannot use password"), true, bad);
  }
});

Deno.test("makeSessionKey() writes low nibble first", () => {
  const bytes = Uint8Array.from({ length: 16 }, (_, i) => 0x10 + i);
  strictEqual(makeSessionKey(bytes), "ABBB-CBDB-EBFB-GBHB-IBJB-KBLB-MBNB-OBPB");
  strictEqual(makeSessionKey().length, 39);
});

Deno.test("parseChallenge() understands the forms of wire.md 6.2", () => {
  const plain = parseChallenge("auth cram-md5 <1.2@R_CLIENT::a> ssl=2\n");
  strictEqual(plain?.challenge, "<1.2@R_CLIENT::a>");
  strictEqual(plain?.tlsPolicy, 2);
  strictEqual(parseChallenge("auth cram-md5c <9999999999.2@a>")?.mechanism, "cram-md5c");
  strictEqual(parseChallenge("auth cram-md5c <9999999999.2@a>")?.tlsPolicy, 254);
  const named = "auth cram-md5 <1.2@a\x01b> ssl=0 qualified-name=a b\n";
  strictEqual(parseChallenge(named)?.name, "a\x01b");
  for (
    const bad of [
      "",
      "auth cram-md5 1.2@a ssl=0",
      "auth cram-md5 <1.2@>",
      "Hello",
      "auth cram-md5 <a.b@c>",
    ]
  ) {
    strictEqual(parseChallenge(bad), undefined, bad);
  }
});

Deno.test("isReflected() catches our own challenge, but lets storage daemons of one name pass", () => {
  const reflected = (name: string): boolean => {
    const challenge = parseChallenge(`auth cram-md5 ${makeChallenge(1, 2, name)} ssl=0\n`);
    return challenge !== undefined && isReflected(challenge, name);
  };
  strictEqual(reflected("R_CLIENT::a b"), true);
  strictEqual(reflected("R_STORAGE::a"), false);
});
