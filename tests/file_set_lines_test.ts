/** What a FileSet says in the director's configuration is what the file daemon understands (director-client.md 6). */
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert";
import fc from "fast-check";
import { anyLetter } from "./support/fast_check/any_letter.ts";
import { decodeText } from "../bytes/mod.ts";
import { optionLetters, optionsOf } from "../daemon/config/file_set.ts";
import { type FileSetResource, parseConfiguration } from "../daemon/config/mod.ts";
import { fileSetLines, splitLetters } from "../daemon/director/peers/fileset_lines.ts";
import { type FileSet, FileSetBuilder } from "../daemon/file/fileset/mod.ts";
import { parseOptionLetters } from "../daemon/file/fileset/option_letters.ts";

const quoted = (text: string): string => `"${text.replace(/[\\"]/g, "\\$&")}"`;

function fileSetOf(text: string): FileSetResource {
  const configuration = parseConfiguration(
    "director",
    `Director { Name = d; Password = p; Messages = M }
     Messages { Name = M; Console = all }
     Catalog { Name = C; DbName = c; DbUser = u }
     Client { Name = fd; Address = 127.0.0.1; Password = x }
     Storage { Name = Disk; Address = 127.0.0.1; Password = x; Device = Dev; Media Type = File }
     Pool { Name = Full; Pool Type = Backup }
     Job { Name = J; Type = Backup; Client = fd; FileSet = Set; Storage = Disk; Pool = Full; Messages = M }
     FileSet { Name = Set\n${text}\n}\n`,
  );
  return configuration.first("FileSet");
}

async function understood(fileSet: FileSetResource, allowCompression = true): Promise<FileSet> {
  const warnings: string[] = [];
  const builder = new FileSetBuilder({ onWarning: (text) => warnings.push(text) });
  const onCompressionDropped = (): void => {};
  for await (
    const line of fileSetLines(fileSet, { allowCompression, codes: {}, onCompressionDropped })
  ) {
    builder.add(line);
  }
  const built = await builder.build();
  deepStrictEqual(warnings, []);
  return built;
}

const size = fc.tuple(
  fc.constantFrom("", "<", ">"),
  fc.nat(9999),
  fc.constantFrom("", " "),
  fc.constantFrom("", "k", "kb", "M", "MB", "g", "t"),
).map((parts) => parts.join(""));
const setting = fc.oneof(
  fc.constantFrom(
    ...Object.entries(optionLetters).flatMap(([keyword, values]) =>
      Object.keys(values).map((value) => [keyword, value] as const)
    ),
  ),
  fc.tuple(fc.constant("Verify"), fc.stringMatching(/^[ipnugsamcd15]{1,6}$/)),
  fc.tuple(fc.constant("Accurate"), fc.stringMatching(/^[ipnugsamcd15A]{1,6}$/)),
  fc.tuple(fc.constant("BaseJob"), fc.stringMatching(/^[ipnugsamcd15]{1,6}$/)),
  fc.tuple(fc.constant("StripPath"), fc.nat(99_999).map(String)),
  fc.tuple(fc.constant("Size"), fc.oneof(size, fc.constantFrom("10k-1m", "1 k - 5.5 mb", "0-0"))),
);

Deno.test("the letters of any options are understood, one by one and without compression", () => {
  fc.assert(fc.property(fc.array(setting, { maxLength: 8 }), (settings) => {
    const { letters } = optionsOf(settings);
    const all = splitLetters(letters);
    strictEqual(all.join(""), letters);
    const { options, unknown } = parseOptionLetters(letters);
    deepStrictEqual(unknown, [], letters);
    // Each by itself says what all together do.
    deepStrictEqual(
      parseOptionLetters(all.filter((letter) => !letter.startsWith("Z")).join("")),
      { options: { ...options, compression: undefined }, unknown },
      letters,
    );
    for (const letter of all) deepStrictEqual(parseOptionLetters(letter).unknown, [], letter);
    const last = (keyword: string) => settings.findLast(([given]) => given === keyword)?.[1];
    strictEqual(options.stripPath, Number(last("StripPath") ?? 0));
    strictEqual(options.accurate, last("Accurate"));
    strictEqual(options.baseJob, last("BaseJob"));
    strictEqual(options.size === undefined, last("Size") === undefined);
    strictEqual(
      options.verify,
      settings.filter(([keyword]) => keyword === "Verify").map(([, value]) => `V${value}`).join(""),
    );
    if (!settings.some(([keyword]) => keyword === "HardLinks")) ok(!options.hardLinks);
    if (!settings.some(([keyword]) => keyword === "AclSupport")) ok(options.acl);
  }));
});

Deno.test("names and patterns come to the file daemon as they are written", async () => {
  const anyName = fc.oneof(
    fc.string({
      unit: fc.constantFrom(..."ab/ \\\"'#;{}|<*?[]=\t\n\u00e9"),
      minLength: 1,
      maxLength: 8,
    }),
    fc.string({ unit: anyLetter, minLength: 1, maxLength: 8 })
      .map((text) => text.replaceAll(/[\r\0\ufeff]/g, "x")),
  ).map((text) => `/${text}`);
  const pattern = fc.tuple(fc.constantFrom("Wild", "WildDir", "WildFile"), anyName);
  const wire: Readonly<Record<string, string>> = {
    Wild: "all",
    WildDir: "directories",
    WildFile: "files",
  };
  // What ends a line does not belong to it (6.2).
  const came = (text: string): string => text.replace(/[\n ]+$/, "");
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(pattern, { maxLength: 3 }), { maxLength: 2 }),
      fc.array(anyName, { maxLength: 3 }),
      fc.array(anyName, { maxLength: 2 }),
      async (blocks, names, excluded) => {
        const fileSet = fileSetOf(`
          Include {
            ${
          blocks.map((patterns) =>
            `Options {\n${
              patterns.map(([keyword, text]) => `${keyword} = ${quoted(text)}\n`).join("")
            }}\n`
          ).join("")
        }
            ${names.map((name) => `File = ${quoted(name)}\n`).join("")}
          }
          Exclude {\n${excluded.map((name) => `File = ${quoted(name)}\n`).join("")}}`);
        const { includes: [include], excludes: [exclude] } = await understood(fileSet);
        deepStrictEqual(
          include?.entries.map(decodeText),
          names.map((name) => came(name).replace(/(?!^)\/+$/, "")),
        );
        deepStrictEqual(exclude?.entries.map(decodeText), excluded.map(came));
        deepStrictEqual(
          include?.blocks.map(({ patterns }) => patterns),
          (blocks.length === 0 ? [[]] : blocks).map((patterns) =>
            Object.keys(wire).flatMap((wanted) =>
              patterns.filter(([keyword]) => keyword === wanted)
                .map(([, text]) => ({ kind: "wild", scope: wire[wanted], text: came(text) }))
            )
          ),
        );
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("a value that a file daemon could not read is refused in the configuration", () => {
  const options = (line: string): string =>
    fileSetOf(`Include { Options { ${line} }\nFile = /a }`).include[0]?.options[0]?.letters ?? "";
  for (
    const line of [
      ...[
        "Size = 1g500m",
        'Size = "1 g 500 m"',
        'Size = "1k-2k-3k"',
        'Size = "<1k-2k"',
        "Size = x",
      ],
      ...["Size = -", 'BaseJob = "m:c"', "StripPath = 123456", 'StripPath = "-1"'],
    ]
  ) throws(() => options(line), /Set|file|line|Expected|Illegal/, line);
  const value = fc.string({ unit: fc.constantFrom(..."0123kKmbBgtpe .-<>:"), maxLength: 8 });
  fc.assert(
    fc.property(
      fc.constantFrom("Size", "StripPath", "BaseJob", "Verify"),
      value,
      (keyword, text) => {
        let letters: string;
        try {
          letters = options(`${keyword} = ${quoted(text)}`);
        } catch {
          return;
        }
        const { unknown, options: { checkFileChanges, portable, keepAccessTime } } =
          parseOptionLetters(letters);
        deepStrictEqual([unknown, checkFileChanges, portable, keepAccessTime], [
          [],
          false,
          false,
          false,
        ]);
      },
    ),
  );
});
