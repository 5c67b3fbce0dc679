import { deepStrictEqual as equal, throws } from "node:assert";
import fc from "fast-check";
import {
  type BpipeDefinition,
  parseBpipe,
  parsePluginLine,
  PluginError,
} from "./bpipe_definition.ts";

Deno.test("parseBpipe() reads the forms that users write", () => {
  const cases: readonly (readonly [string, BpipeDefinition])[] = [
    [
      "file=/MYSQL/dump.sql:reader=mysqldump --all-databases:writer=mysql",
      { file: "/MYSQL/dump.sql", reader: "mysqldump --all-databases", writer: "mysql" },
    ],
    [
      "/MYSQL/dump.sql:mysqldump --all-databases:mysql",
      { file: "/MYSQL/dump.sql", reader: "mysqldump --all-databases", writer: "mysql" },
    ],
    ["writer=cat", { writer: "cat" }],
    ["writer=", { writer: "" }],
    // Colons that separate nothing, with and without a backslash.
    [
      "file=/x:reader=psql host:5432:writer=ssh a:b c\\:d",
      { file: "/x", reader: "psql host:5432", writer: "ssh a:b c:d" },
    ],
    ["/x:psql host\\:5432:ssh a:b", { file: "/x", reader: "psql host:5432", writer: "ssh a:b" }],
    ["reader=a --file=b:file=/x", { file: "/x", reader: "a --file=b" }],
    ["/x:cat a=b:dd of=c", { file: "/x", reader: "cat a=b", writer: "dd of=c" }],
    ["/x:cat", { file: "/x", reader: "cat" }],
    ["", { file: "" }],
  ];
  for (const [text, wanted] of cases) equal(parseBpipe(text), wanted, text);
});

Deno.test("parseBpipe() refuses what would be misread", () => {
  throws(() => parseBpipe("file=/x:reader=a:reader=b"), new PluginError("it has reader= twice"));
  throws(() => parseBpipe("file=/x:raeder=a"), new PluginError("raeder= is not known to it"));
});

Deno.test("parsePluginLine() cuts at the first colon", () => {
  equal(parsePluginLine("bpipe:file=/x:reader=y"), {
    ...{ plugin: "bpipe", definition: "file=/x:reader=y" },
  });
  equal(parsePluginLine("bpipe"), { plugin: "bpipe", definition: "" });
});

/** Values as they come back: a backslash at the end would escape the colon behind it. */
const value = fc.string({ unit: "grapheme", maxLength: 30 }).filter((text) => !text.endsWith("\\"));
const escape = (text: string): string => text.replaceAll(":", "\\:");

Deno.test("parseBpipe() gives back any values, their colons escaped, in any order", () => {
  const keys = ["file", "reader", "writer"] as const;
  const order = fc.shuffledSubarray([...keys], { minLength: 1 });
  fc.assert(fc.property(fc.tuple(value, value, value), order, (values, order) => {
    const entries = order.map((key) => [key, values[keys.indexOf(key)] ?? ""] as const);
    const text = entries.map(([key, value]) => `${key}=${escape(value)}`).join(":");
    equal(parseBpipe(text), Object.fromEntries(entries));
  }));
});

Deno.test("parseBpipe() gives back any values of the short form", () => {
  // A name that looks like a key makes it the long form.
  const name = value.filter((text) => !/^(?:file|reader|writer)=/.test(text));
  fc.assert(fc.property(name, value, value, (file, reader, writer) => {
    const text = `${escape(file)}:${escape(reader)}:${writer}`;
    equal(parseBpipe(text), { file, reader, writer: writer.replaceAll("\\:", ":") });
  }));
});
