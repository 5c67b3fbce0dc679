import { deepStrictEqual, strictEqual, throws } from "node:assert";
import fc from "fast-check";
import { anyLetter } from "../tests/support/fast_check/any_letter.ts";
import {
  ACCURATE_ENTRY,
  AUTHENTICATION,
  CATALOG_ANSWER,
  CATALOG_REQUEST,
  CONSOLE_TO_DIRECTOR,
  DATA_HEADER,
  DIRECTOR_TO_CONSOLE,
  DIRECTOR_TO_FILE,
  DIRECTOR_TO_STORAGE,
  type FieldValue,
  FILE_TO_DIRECTOR,
  FILE_TO_STORAGE,
  formatAttributeUpdate,
  HELLOS,
  JOB_MESSAGE,
  message,
  parseAttributeUpdate,
  READER_TO_WRITER,
  STORAGE_TO_DIRECTOR,
  STORAGE_TO_FILE,
  WRITER_TO_READER,
} from "./mod.ts";

const tables: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ACCURATE_ENTRY,
  AUTHENTICATION,
  CATALOG_ANSWER,
  CATALOG_REQUEST,
  CONSOLE_TO_DIRECTOR,
  DATA_HEADER,
  DIRECTOR_TO_CONSOLE,
  DIRECTOR_TO_FILE,
  DIRECTOR_TO_STORAGE,
  FILE_TO_DIRECTOR,
  FILE_TO_STORAGE,
  HELLOS,
  JOB: { JOB_MESSAGE },
  READER_TO_WRITER,
  STORAGE_TO_DIRECTOR,
  STORAGE_TO_FILE,
  WRITER_TO_READER,
};

const all = Object.entries(tables).flatMap(([table, patterns]) =>
  Object.entries(patterns).map(([name, pattern]) => ({ name: `${table}.${name}`, pattern }))
);

/** One word without white space, of characters that need one to four bytes. */
function word(limit: number): fc.Arbitrary<string> {
  return fc.string({
    unit: fc.constantFrom(..."abcXYZ019-_=./\\\"'éß名𝄞\udcff"),
    maxLength: limit >> 2,
  });
}

/** Values of a field of `type`; what follows it in the pattern must not occur in it. */
function valueOf(type: string, after: string): fc.Arbitrary<FieldValue> {
  const stop = /^[^{[]*/.exec(after)?.[0] ?? "";
  switch (type) {
    case "u":
      return fc.maxSafeNat();
    case "d":
      return fc.maxSafeInteger();
    case "name":
      return fc.string({ unit: fc.constantFrom(..."ab Cé-_."), maxLength: 60 });
    case "words":
      return fc.string({ unit: fc.constantFrom(..."ab C/é-_."), maxLength: 200 });
    case "q":
      return fc.string({ unit: anyLetter }).filter((t) =>
        stop === "" || !`${t}${stop}`.slice(0, -1).includes(stop)
      );
    case "text":
      return fc.string({ unit: anyLetter });
    default:
      return /^s1$/.test(type)
        ? fc.constantFrom("a", "T", "0", "")
        : word(Number(type.slice(1)) || 100);
  }
}

/** Fields of a pattern, each optional part given or not. */
function fieldsOf(pattern: string): fc.Arbitrary<Record<string, FieldValue>> {
  const parts: fc.Arbitrary<Record<string, FieldValue>>[] = [];
  for (const piece of pattern.matchAll(/\[([^\]]*)\]|\{(\w+):(\w+)\}/g)) {
    const [whole, inner, name, type] = piece;
    if (inner !== undefined) {
      parts.push(fc.oneof(fieldsOf(inner), fc.constant({})));
    } else if (name !== undefined && type !== undefined) {
      const before = pattern.slice(0, piece.index);
      const after = pattern.slice(piece.index + whole.length);
      // An empty word between two spaces would be filled with the word that follows.
      const values = valueOf(type, after).filter((v) => v !== "" || !/\s$/.test(before));
      parts.push(values.map((value) => ({ [name]: value })));
    }
  }
  return fc.tuple(...parts).map((list) => Object.assign({}, ...list));
}

Deno.test("every message reads back the fields that it was written from", () => {
  for (const { name, pattern } of all) {
    const described = message(pattern);
    const property = fc.property(fieldsOf(pattern), (fields) => {
      deepStrictEqual({ ...described.parse(described.format(fields as never)) }, fields);
    });
    try {
      fc.assert(property, { numRuns: 20 });
    } catch (cause) {
      throw new Error(`${name}: ${pattern}`, { cause });
    }
  }
});

Deno.test("no message throws on garbage", () => {
  const garbage = fc.oneof(
    fc.string({ unit: anyLetter }),
    fc.tuple(fc.constantFrom(...all), fc.nat(80), fc.string({ unit: anyLetter })).map(
      ([{ pattern }, at, text]) => pattern.slice(0, at) + text,
    ),
  );
  const described = all.map(({ pattern }) => message(pattern));
  fc.assert(fc.property(garbage, (text) => described.forEach((m) => void m.parse(text))));
  fc.assert(fc.property(fc.uint8Array(), (b) => described.forEach((m) => void m.parse(b))));
  fc.assert(fc.property(fc.uint8Array(), (b) => parseAttributeUpdate(b) === undefined));
});

Deno.test("message() scans as the field's scanners do", () => {
  const job = message("JobId={id:u} Job={job:s5} x={x:d}[ ssl={ssl:u}]\n");
  const cases: readonly [string, unknown][] = [
    ["JobId=1 Job=a x=-2\n", { id: 1, job: "a", x: -2 }],
    ["JobId=1 Job=a x=-2 ssl=4\n", { id: 1, job: "a", x: -2, ssl: 4 }],
    ["JobId=1\tJob=a \n x=2", { id: 1, job: "a", x: 2 }],
    ["JobId= Job= x= trailing text", { id: 0, job: "", x: 0 }],
    ["JobId=1Job=a x=2", { id: 1, job: "a", x: 2 }],
    ["JobId= 1 Job=a x=2", undefined],
    ["JobId=1 Job=abcdef x=2", undefined],
    ["JobId=-1 Job=a x=2", undefined],
    ["jobid=1 Job=a x=2", undefined],
    ["JobId=9007199254740993 Job=a x=2", undefined],
  ];
  for (const [text, wanted] of cases) {
    const got = job.parse(text);
    deepStrictEqual(got === undefined ? got : { ...got }, wanted, text);
  }
});

Deno.test("message() bashes the spaces of names", () => {
  const use = message("use device={device:name}\n");
  strictEqual(use.format({ device: "a b" }), "use device=a\x01b\n");
  strictEqual(use.parse("use device=a\x01b\n")?.device, "a b");
});

Deno.test("message() refuses values that do not fit", () => {
  const job = message("{id:u} {job:s3}");
  throws(() => job.format({ id: -1, job: "a" }), /id is -1/);
  throws(() => job.format({ id: 1.5, job: "a" }), RangeError);
  throws(() => job.format({ id: 1, job: "a b" }), RangeError);
  throws(() => job.format({ id: 1, job: "abcd" }), RangeError);
  throws(() => job.format({ id: 1, job: "a\n" }), RangeError);
});

Deno.test("an attribute update reads back as it was written", () => {
  fc.assert(fc.property(
    word(100).filter((w) => w !== ""),
    fc.nat(0xffffffff),
    fc.integer(),
    fc.uint8Array(),
    (job, id, stream, data) => {
      const update = { job, volSessionId: id, volSessionTime: id, fileIndex: 7, stream, data };
      deepStrictEqual(parseAttributeUpdate(formatAttributeUpdate(update)), update);
    },
  ));
});
