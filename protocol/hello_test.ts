import { deepStrictEqual, rejects, strictEqual } from "node:assert";
import fc from "fast-check";
import { anyLetter } from "../tests/support/fast_check/any_letter.ts";
import { encodeText } from "../bytes/mod.ts";
import { memoryPair } from "../tests/support/memory_transport.ts";
import {
  type AcceptorRole,
  Connection,
  effectiveFdVersion,
  hellos,
  parseHello,
  readHello,
  realEnvironment,
  Signal,
  versionNumber,
} from "./mod.ts";

const parse = (role: AcceptorRole, text: string) => parseHello(role, encodeText(text));

Deno.test("parseHello() recognises both forms of every pair (wire.md 4.1)", () => {
  const cases: readonly [AcceptorRole, string, unknown][] = [
    ["director", "Hello *UserAgent* calling\n", ["console", "*UserAgent*", undefined]],
    ["director", "Hello a calling version 18.2.4rc2\n", ["console", "a", 1802]],
    [
      "director",
      'Hello my\x01console calling version 26.0.0~pre1 Version="26.0.0"\n',
      ["console", "my console", 2600],
    ],
    ["director", "Hello con1 calling 100\n", ["console", "con1", undefined]],
    ["director", "Hello con1 calling version nonsense\n", undefined],
    ["director", "Hello Client c-fd calling\n", ["client", "c-fd", undefined]],
    ["director", "Hello Client c-fd FdProtocolVersion=54 calling\n", ["client", "c-fd", undefined]],
    [
      "director",
      'Hello Client c-fd FdProtocolVersion=54 calling Version="26.0.0"\n',
      ["client", "c-fd", 2600],
    ],
    ["storage", "Hello Start Job a.2026_01\n", ["job", "a.2026_01", undefined]],
    ["storage", 'Hello Start Job a.2026_01 Version="26.1.0"\n', ["job", "a.2026_01", 2601]],
    ["storage", "Hello Start Storage Job a.b_01\n", ["storage", "a.b_01", undefined]],
    ["storage", "Hello Director my\x01dir calling\n", ["director", "my dir", undefined]],
    ["storage", "Hello Storage calling Start Job a_01\n", undefined],
    ["file", 'Hello Director d-dir calling Version="26.0.0"\n', ["director", "d-dir", 2600]],
    ["file", "Hello Storage calling Start Job a_01\n", ["storage", "a_01", undefined]],
    ["file", "Hello Director calling\n", undefined],
    ["file", `Hello Storage calling Start Job a_01${" ".repeat(230)}\n`, undefined],
    ["file", `Hello Director d calling${" ".repeat(230)}\n`, ["director", "d", undefined]],
    ["file", `Hello Director d calling${" ".repeat(500)}\n`, undefined],
    ["file", `Hello Director ${"d".repeat(128)} calling\n`, undefined],
    ["director", "Hello a calling", ["console", "a", undefined]],
    ["director", "Hello calling\n", undefined],
  ];
  for (const [role, text, wanted] of cases) {
    const hello = parse(role, text);
    deepStrictEqual(hello && [hello.kind, hello.name, hello.version], wanted, text.trim());
  }
});

Deno.test("parseHello() recognises the forms of Bacula (bacula.md 3, 5.1)", () => {
  const cases: readonly [AcceptorRole, string, unknown][] = [
    ["storage", "Hello Bacula SD: Start Job a.2026_01 214\n", ["job", "a.2026_01", true]],
    ["storage", "Hello Bacula SD: Start Job a.2026_01 14 tlspsk=100\n", ["job", "a.2026_01", true]],
    ["storage", "Hello Start Job a.2026_01\n", ["job", "a.2026_01", undefined]],
    ["director", "Hello con1 calling 100\n", ["console", "con1", true]],
    ["storage", "Hello SD: Bacula Director bacula-dir calling 103\n", [
      "director",
      "bacula-dir",
      true,
    ]],
    ["storage", "Hello SD: Bacula Director d calling 10002 tlspsk=100\n", ["director", "d", true]],
    ["storage", "Hello SD: Bacula Director my\x01dir calling\n", ["director", "my dir", true]],
    ["file", "Hello Director bacula-dir calling 103\n", ["director", "bacula-dir", true]],
    ["file", "Hello Director bacula-dir calling 10002 tlspsk=100\n", [
      "director",
      "bacula-dir",
      true,
    ]],
    ["file", "Hello Director bareos-dir calling\n", ["director", "bareos-dir", undefined]],
    ["director", "Hello con1 calling\n", ["console", "con1", undefined]],
  ];
  for (const [role, text, wanted] of cases) {
    const hello = parse(role, text);
    deepStrictEqual(hello && [hello.kind, hello.name, hello.isBacula], wanted, text.trim());
  }
});

Deno.test("parseHello() reads the protocol version of a client", () => {
  const hello = parse("director", "Hello Client c-fd FdProtocolVersion=52 calling\n");
  strictEqual(hello?.kind === "client" && hello.fdVersion, 52);
});

Deno.test("parseHello() keeps to the lengths of wire.md 4.4", () => {
  const long = (fill: number) => `Hello a calling${" ".repeat(fill)}`;
  strictEqual(parse("director", long(153 - 15))?.kind, "console");
  strictEqual(parse("director", long(154 - 15)), undefined);
  strictEqual(parse("director", "Hello a calling".slice(0, 14)), undefined);
});

Deno.test("parseHello() never throws on garbage", () => {
  for (const role of ["director", "storage", "file"] as const) {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (b) => void parseHello(role, b)));
    fc.assert(fc.property(fc.string({ unit: anyLetter }), (t) => void parse(role, `Hello ${t}`)));
  }
});

Deno.test("versionNumber() reads major and minor (wire.md 4.5)", () => {
  const cases: readonly [string, number | undefined][] = [
    ["26.0.0~pre1045.0bb2f1c", 2600],
    ["18.2.4rc2", 1802],
    ["13.2", 1302],
    ["100", undefined],
    ["a.b", undefined],
    ["", undefined],
  ];
  for (const [text, wanted] of cases) strictEqual(versionNumber(text), wanted, text);
});

Deno.test("effectiveFdVersion() takes foreign numbers as 5 (wire.md 4.3)", () => {
  deepStrictEqual([0, 5, 6, 14, 50, 51, 54, 99, 100, 214].map(effectiveFdVersion), [
    0,
    5,
    5,
    5,
    5,
    51,
    54,
    99,
    5,
    5,
  ]);
});

Deno.test("readHello() waits for a hello that comes in pieces", async () => {
  const [a, b] = memoryPair();
  const reading = readHello(new Connection(b), "storage");
  const bytes = encodeText(`\0\0\0\x22${hellos.director.format({ name: "bareos-dir" })}`);
  for (const byte of bytes) await a.write(Uint8Array.of(byte));
  strictEqual((await reading).name, "bareos-dir");
});

Deno.test("readHello() sends TERMINATE only after the pause when the text is wrong", async () => {
  const [a, b] = memoryPair();
  const log: string[] = [];
  const environment = {
    ...realEnvironment,
    pause: (ms: number) => {
      log.push(`pause ${ms}, ${b.written.length} frames sent`);
      return Promise.resolve();
    },
  };
  await new Connection(a).send("Hello nobody knows what this is\n");
  await rejects(readHello(new Connection(b), "file", { environment }), /invalid hello/);
  deepStrictEqual(log, ["pause 5000, 0 frames sent"]);
  const frame = await new Connection(a).receive();
  deepStrictEqual(frame, { kind: "signal", signal: Signal.TERMINATE });
});
