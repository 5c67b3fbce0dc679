/** Holds the tables of directives against those of the compatibility reference, row by row. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { existsSync } from "node:fs";
import { fromFileUrl } from "../../../tests/support/paths.ts";
import { defaultOf } from "../build.ts";
import { messageTypes } from "../destination.ts";
import { type Directive, keyOf } from "../directive.ts";
import { type EnumName, enums } from "../enums.ts";
import { lettersWithValue, optionLetters } from "../file_set.ts";
import { programs } from "../programs.ts";
import type { ProgramName } from "../resources.ts";

const reference = fromFileUrl(
  new URL("../../../../shared/spec/configuration.md", import.meta.url),
);
const ignore = !existsSync(reference);

/** Which resources the table of a section describes. */
const sections:
  readonly (readonly [heading: string, ...types: (readonly [ProgramName, string])[]])[] = [
    ["6.1", ["director", "Director"]],
    ["6.2", ["director", "Client"]],
    ["6.3", ["director", "Storage"]],
    ["6.4", ["director", "Catalog"]],
    ["6.5", ["director", "Job"], ["director", "JobDefs"]],
    ["6.6", ["director", "FileSet"]],
    ["6.7", ["director", "Schedule"]],
    ["6.8", ["director", "Pool"]],
    ["6.9", ["director", "Counter"]],
    ["6.10", ["director", "Console"]],
    ["10.1", ["director", "Messages"], ["storage", "Messages"], ["file", "Messages"]],
    ["12.1", ["storage", "Storage"]],
    ["12.2", ["storage", "Director"]],
    ["12.3", ["storage", "Device"]],
    ["12.4", ["storage", "Autochanger"]],
    ["13.1", ["file", "Client"]],
    ["13.2", ["file", "Director"]],
    ["14.1", ["console", "Director"]],
    ["14.2", ["console", "Console"]],
  ];

/** A row of the reference's tables; one that names several directives is several. */
interface Row {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly type: string;
  readonly default: string | undefined;
  readonly isRequired: boolean;
  readonly deprecated: string | undefined;
  /** Rows with several names say nothing about the order among others (section 15.2). */
  readonly isAlone: boolean;
}

const text = ignore ? "" : Deno.readTextFileSync(reference);

/** The rows of the first table with directives behind a heading. */
function rowsOf(heading: string): Row[] {
  const start = text.indexOf(`### ${heading} `);
  ok(start > 0, `There is no section ${heading}`);
  const lines = text.slice(start).split("\n").slice(1);
  const rows: Row[] = [];
  for (const line of lines) {
    if (line.startsWith("#") || (rows.length > 0 && !line.startsWith("|"))) break;
    if (!line.startsWith("| `")) continue;
    const cells = line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim());
    const [names = "", type = "", standard = "", isRequired = "", since = ""] = cells;
    // Rows with several names have them apart by commas, aliases behind a slash.
    for (const group of names.split(",")) {
      const [name = "", ...aliases] = group.split("/").map((word) =>
        word.replaceAll("`", "").trim()
      );
      rows.push({
        name,
        aliases,
        type,
        default: /`([^`]*)`/.exec(standard.replace(/\[.*\]/, ""))?.[1],
        isRequired: isRequired === "R",
        deprecated: /dep ([\d.]+)/.exec(since)?.[1],
        isAlone: !names.includes(","),
      });
    }
  }
  return rows;
}

/** The type of a directive as the reference writes it. */
function writtenType({ type }: Directive): string {
  if (type.startsWith("references:")) return `-> ${type.slice(11)}*`;
  if (type.startsWith("reference:")) return `-> ${type.slice(10)}`;
  if (type.startsWith("enum:")) return "enum";
  const words: Readonly<Record<string, string>> = {
    address: "addr",
    addresses: "addrs",
    clearPassword: "password",
    dirList: "dir*",
    dirOrCommand: "dir/cmd",
    exclude: "block*",
    include: "block*",
    messages: "msgs",
    run: "run*",
    runScript: "block*",
    shortScript: "script*",
    strList: "str*",
    strnameList: "strname*",
  };
  return words[type] ?? type;
}

/** Directives that its tables do not have: our own, and those of 13.2 that are honoured (18). */
const additions: ReadonlySet<string> = new Set([
  "AnswerTimeout",
  "AppendOnlyPeriod",
  "Base",
  "DbDriver",
  "Compatible",
  "MaximumVolumeSize",
  "SystemLibraries",
]);

const withoutNameAndTls = (directives: readonly Directive[]): readonly Directive[] =>
  directives.filter(({ name }) =>
    name !== "Name" && name !== "Description" && !/^Tls/.test(name) && !additions.has(name)
  );

for (const [heading, ...types] of sections) {
  for (const [program, type] of types) {
    Deno.test({
      name:
        `${type} of ${program}: names, types, defaults and order are those of section ${heading}`,
      ignore,
      fn: () => {
        const rows = rowsOf(heading);
        const directives = programs[program].resources[type]?.directives ?? [];
        const ours = withoutNameAndTls(directives);
        deepEqual(ours.map(({ name }) => name).sort(), rows.map(({ name }) => name).sort());
        const inOrder = (names: readonly string[]): readonly string[] =>
          names.filter((name) => rows.find((row) => row.name === name)?.isAlone);
        deepEqual(
          inOrder(ours.map(({ name }) => name)),
          inOrder(rows.map(({ name }) => name)),
          "order",
        );
        for (const row of rows) {
          const directive = ours.find(({ name }) => name === row.name) as Directive;
          const standard = row.default === undefined ? undefined : defaultOf({
            ...directive,
            default: row.default,
          });
          deepEqual(
            {
              ...row,
              type: writtenType(directive),
              aliases: directive.aliases ?? [],
              default: directive.default === undefined ? undefined : defaultOf(directive),
              isRequired: directive.required === true,
              deprecated: directive.deprecated,
            },
            { ...row, type: row.type.replace("bit", "bool"), default: standard },
            `${type}.${row.name}`,
          );
        }
        for (const each of ["Name", "Description"]) {
          ok(directives.some(({ name }) => name === each), `${type} has no ${each}`);
        }
      },
    });
  }
}

Deno.test({
  name: "the TLS directives are those of section 5.10, in every resource that it names",
  ignore,
  fn: () => {
    const start = text.indexOf("### 5.10 ");
    const rows = text.slice(start, text.indexOf("\n## ", start)).split("\n")
      .filter((line) => line.startsWith("| `Tls"))
      .map((line) => line.split("|").slice(1, 5).map((cell) => cell.trim()));
    equal(rows.length, 14);
    const expected = rows.map(([name = "", type, standard = "", since = ""]) => [
      name.replaceAll("`", ""),
      type,
      /^`(\w+)`/.exec(standard)?.[1],
      /dep (\d+)/.exec(rows.find(([other]) => other === name)?.[3] ?? since)?.[1],
    ]);
    const places: readonly (readonly [ProgramName, ...string[]])[] = [
      ["director", "Director", "Client", "Storage", "Console"],
      ["storage", "Storage", "Director"],
      ["file", "Client", "Director"],
      ["console", "Console", "Director"],
    ];
    for (const [program, ...types] of places) {
      for (const [type, { directives }] of Object.entries(programs[program].resources)) {
        const found = directives.filter(({ name }) => /^Tls/.test(name));
        deepEqual(
          found.map((each) => [each.name, writtenType(each), each.default, each.deprecated]),
          types.includes(type) ? expected : [],
          `${program} ${type}`,
        );
      }
    }
  },
});

Deno.test({
  name: "resource types of every program are those of section 4.2",
  ignore,
  fn: () => {
    const listed =
      /Resource types: director\n`([^`]*)`; SD\n`([^`]*)`; FD\s`([^`]*)`[^;]*;[^;]*; console\s+`([^`]*)`/
        .exec(text.slice(text.indexOf("### 4.2")))?.slice(1) ?? [];
    const ours = (["director", "storage", "file", "console"] as const)
      .map((program) => Object.keys(programs[program].resources).sort().join(" "));
    deepEqual(ours, listed.map((words) => words.split(/\s+/).sort().join(" ")));
  },
});

Deno.test("no two directives of a resource share a spelling or a member", () => {
  for (const { resources } of Object.values(programs)) {
    for (const [type, { directives }] of Object.entries(resources)) {
      const words = (directives as readonly Directive[])
        .flatMap(({ name, aliases = [] }) => [name, ...aliases])
        .map((word) => word.toLowerCase());
      equal(new Set(words).size, words.length, type);
      const keys = directives.map(({ name }) => keyOf(name));
      equal(new Set(keys).size, keys.length, type);
    }
  }
});

/** Pairs of a keyword and its code in the row of section 5.9 that begins with `head`. */
function keywordsOf(head: string): [keyword: string, code: string | undefined][] {
  const section = text.slice(text.indexOf("### 5.9 "), text.indexOf("### 5.10 "));
  const row = section.split("\n").find((line) => line.startsWith(`| ${head} |`));
  ok(row, head);
  const cell = (row.split("|")[2] ?? "").split(";")[0] ?? "";
  return [...cell.matchAll(/`([\w]+)`(?: (\w)(?=[,; (]|$))?/g)]
    .map(([, keyword = "", code]) => [keyword, code]);
}

Deno.test({
  name: "enumerations have the keywords and codes of section 5.9",
  ignore,
  fn: () => {
    const codes = (name: EnumName) => Object.entries(enums[name]);
    const words = (name: EnumName) => Object.keys(enums[name]).sort();
    const listed = (head: string) => keywordsOf(head).map(([keyword]) => keyword).sort();
    deepEqual(codes("JobType").sort(), keywordsOf("Job Type").sort());
    deepEqual(codes("Replace").sort(), keywordsOf("Replace").sort());
    deepEqual(
      codes("JobLevel").sort(),
      [...keywordsOf("Job Level, Backup"), ...keywordsOf("Job Level, Verify")].sort(),
    );
    deepEqual(words("JobProtocol"), listed("Job Protocol"));
    deepEqual(words("SelectionType"), listed("SelectionType"));
    deepEqual(words("PoolType"), listed("PoolType"));
    deepEqual(words("LabelType"), listed("LabelType"));
    deepEqual(words("PkiCipher"), listed("PkiCipher"));
    deepEqual(words("IoDirection"), listed("AccessMode, AutoDeflate, AutoInflate"));
  },
});

Deno.test({
  name: "options of file sets have the letters of section 7.3",
  ignore,
  fn: () => {
    const section = text.slice(text.indexOf("### 7.3 "), text.indexOf("### 7.4 "));
    const rows = section.split("\n").filter((line) =>
      /^\| `\w+` \| (`|letters|integer|pattern)/.test(line)
    );
    const letters: Record<string, Record<string, string>> = {};
    const withValue: Record<string, string> = {};
    for (const row of rows) {
      const [name = "", values = ""] = row.split("|").slice(1, 3).map((cell) => cell.trim());
      const keyword = name.replaceAll("`", "").replace("XAttr", "Xattr");
      const code = /-> `(\w)\w:`/.exec(values)?.[1];
      if (code !== undefined) withValue[keyword] = code;
      else if (/^`\w+` \w/.test(values)) {
        letters[keyword] = Object.fromEntries(
          [...values.replace("`GZIP1`..`GZIP9` Z1..Z9", gzipLevels).matchAll(/`(\w+)` (\w+)/g)]
            .map(([, word = "", letter = ""]) => [word, letter]),
        );
      }
    }
    deepEqual(optionLetters, letters);
    deepEqual(lettersWithValue, withValue);
  },
});

const gzipLevels = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `\`GZIP${n}\` Z${n}`).join(", ");

Deno.test({
  name: "message types have the codes of section 10.3",
  ignore,
  fn: () => {
    const section = text.slice(text.indexOf("### 10.3 "), text.indexOf("## 11."));
    const listed = [...section.matchAll(/\| `(\w+)`[^|]*\| (\d+) (?=\|)/g)]
      .map(([, word = "", code]) => [word, Number(code)] as const);
    deepEqual(messageTypes, Object.fromEntries(listed));
  },
});
