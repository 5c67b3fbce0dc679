/**
 * Arbitrary configurations of every program as text, for property tests: all types of
 * resources, any of their directives, with values that the reference allows.
 *
 * @module
 */
import fc from "fast-check";
import { anyLetter } from "./fast_check/any_letter.ts";
import {
  type Directive,
  messageTypes,
  type ProgramName,
  programs,
  type ResourceTable,
} from "../../daemon/config/mod.ts";
import { type EnumName, enums } from "../../daemon/config/enums.ts";
import { lineCodes, optionLetters } from "../../daemon/config/file_set.ts";

/** A text in quotes. A carriage return cannot be written in a configuration. */
const quoted = (text: string): string => `"${text.replace(/[\\"]/g, "\\$&")}"`;

const anyText = fc.string({ unit: anyLetter, maxLength: 20 })
  .map((text) => text.replaceAll("\r", "").replaceAll("\ufeff", ""));
const anyPath = fc.string({ maxLength: 12 }).map((text) => `/${text.replaceAll("\r", "")}`);
const anyWord = fc.stringMatching(/^[A-Za-z][\w.-]{0,10}$/);
/** A part of a name of a resource; a number behind it makes it unique. */
const anyName = fc.stringMatching(/^[A-Za-z0-9]([\w:. \/-]{0,8}[\w])?$/);
const anyHost = fc.constantFrom("0.0.0.0", "127.0.0.1", "::1", "host.example.com", "fe80::1");

const anyBoolean = fc.constantFrom("yes", "no", "Yes", "NO");
const anyPool = "Pool";

/** Names of resources that exist, by type. */
type Names = Readonly<Record<string, readonly string[]>>;

const oneOf = (names: readonly string[]): fc.Arbitrary<string> =>
  fc.constantFrom(...names).map(quoted);

const anyTime = fc.oneof(
  fc.nat(4_000_000_000).map(String),
  fc.tuple(fc.nat(99), fc.constantFrom("years", "m", "weeks", "mins", "s", "q"))
    .map(([count, unit]) => `${count} ${unit}`),
);
const anySize = fc.oneof(
  fc.maxSafeNat().map(String),
  fc.tuple(fc.nat(999), fc.constantFrom("k", "kb", "m", "gb", "t")).map((parts) => parts.join(" ")),
);

const clock = fc.tuple(fc.nat(23), fc.nat(59))
  .map(([hour, minute]) => `at ${hour}:${String(minute).padStart(2, "0")}`);
const dateWords = fc.constantFrom(
  ...["1", "31", "2-15", "28-3", "1/2", "jan", "oct-mar", "sun", "mon-fri", "sat-mon", "1st"],
  ...["2nd-5th", "last", "w00", "w10-w20", "w01/w05", "hourly", "daily", "fri-sat", "december"],
);

function anyRun(names: Names): fc.Arbitrary<string> {
  const pool = oneOf(names[anyPool] ?? []);
  const overrides = fc.subarray([
    fc.constantFrom("Full", "Level = Incremental", "level=Differential"),
    ...["Pool", "FullPool", "IncrementalPool", "DifferentialPool", "NextPool", "VirtualFullPool"]
      .map((word) => pool.map((name) => `${word} = ${name}`)),
    oneOf(names.Storage ?? []).map((name) => `Storage = ${name}`),
    oneOf(names.Messages ?? []).map((name) => `Messages = ${name}`),
    fc.nat(99).map((priority) => `Priority = ${priority}`),
    anyBoolean.map((flag) => `SpoolData = ${flag}`),
    anyBoolean.map((flag) => `Accurate = ${flag}`),
    fc.nat(99_999).map((seconds) => `MaxRunSchedTime = ${seconds}`),
  ]).chain((chosen) => fc.tuple(...chosen));
  return fc.tuple(
    overrides,
    fc.array(dateWords, { maxLength: 4 }),
    fc.array(clock, { maxLength: 2 }),
  )
    .map(([given, days, times]) =>
      // A bare day behind the overrides needs its keyword.
      [...given, ...(days.length > 0 ? ["on", ...days] : []), ...times].join(" ")
    );
}

const anyTypes = fc.tuple(
  fc.constantFrom("all", "error, warning", "fatal"),
  fc.subarray(Object.keys(messageTypes)),
).map(([first, without]) => [first, ...without.map((word) => `!${word}`)].join(", "));

function anyDestination(name: string): fc.Arbitrary<string> {
  const withAddress = /^(Mail|Operator|File|Append|Director)/.test(name);
  if (!withAddress) return anyTypes.map((types) => `${name} = ${types}`);
  const address = /^(File|Append)/.test(name) ? anyPath.map(quoted) : anyWord;
  return fc.tuple(address, anyTypes).map(([to, types]) => `${name} = ${to} = ${types}`);
}

function anyScript(names: Names): fc.Arbitrary<string> {
  return fc.record({
    commands: fc.array(fc.tuple(fc.constantFrom("Command", "Console"), anyText), {
      minLength: 1,
      maxLength: 2,
    }),
    when: fc.constantFrom("Before", "After", "AfterVSS", "Always"),
    client: fc.oneof(fc.constantFrom("yes", "no"), oneOf(names.Client ?? [])),
    flags: fc.subarray(["RunsOnSuccess", "RunsOnFailure", "FailJobOnError", "AbortJobOnError"]),
    value: anyBoolean,
  }).map(({ commands, when, client, flags, value }) =>
    `RunScript {
      RunsWhen = ${when}; RunsOnClient = ${client}
      ${commands.map(([kind, text]) => `${kind} = ${quoted(text)}`).join("\n")}
      ${flags.map((flag) => `${flag} = ${value}`).join("\n")}
    }`
  );
}

const anyOptions = fc.tuple(
  fc.array(
    fc.constantFrom(
      ...Object.entries(optionLetters).flatMap(([keyword, values]) =>
        Object.keys(values).map((value) => `${keyword} = ${value}`)
      ),
      ...["Verify = pins5", "Accurate = mcs", "StripPath = 2", "Size = 10k-1m", "BaseJob = mcs"],
    ),
    { maxLength: 5 },
  ),
  fc.array(
    fc.tuple(
      fc.constantFrom(
        ...Object.keys(lineCodes).filter((word) => !/^(Regex|DriveType)/.test(word)),
      ),
      anyText,
    ).map(([keyword, text]) => `${keyword} = ${quoted(text)}`),
    { maxLength: 3 },
  ),
  fc.constantFrom("", 'RegexDir = "^/a\\\\.b$"', "DriveType = fixed"),
).map(([settings, lines, more]) => `Options {\n${[...settings, ...lines, more].join("\n")}\n}`);

function anyBlock(name: string): fc.Arbitrary<string> {
  const files = fc.array(fc.oneof(anyPath, anyText), { maxLength: 3 })
    .map((paths) => paths.map((path) => `File = ${quoted(path)}`));
  if (name === "Exclude") return files.map((lines) => `Exclude {\n${lines.join("\n")}\n}`);
  return fc.tuple(
    fc.array(anyOptions, { maxLength: 2 }),
    files,
    fc.array(anyText.map((text) => `Plugin = ${quoted(text)}`), { maxLength: 1 }),
    fc.array(anyWord.map((text) => `ExcludeDirContaining = ${text}`), { maxLength: 2 }),
  ).map((parts) => `Include {\n${parts.flat().join("\n")}\n}`);
}

/** The lines that give a directive some value. */
function anyLines({ name, type, aliases = [] }: Directive, names: Names): fc.Arbitrary<string> {
  const lines = (value: fc.Arbitrary<string>, most = 1): fc.Arbitrary<string> =>
    fc.tuple(fc.constantFrom(name, ...aliases), fc.array(value, { minLength: 1, maxLength: most }))
      .map(([word, values]) => values.map((text) => `${word} = ${text}`).join("\n"));
  if (type.startsWith("enum:")) {
    return lines(fc.constantFrom(...Object.keys(enums[type.slice(5) as EnumName])));
  }
  if (type.startsWith("reference:")) return lines(oneOf(names[type.slice(10)] ?? []));
  if (type.startsWith("references:")) return lines(oneOf(names[type.slice(11)] ?? []), 3);
  const text = anyText.map(quoted);
  const several = (value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
    fc.oneof(
      lines(value, 3),
      fc.array(value, { minLength: 1, maxLength: 3 }).map((all) => `${name} = ${all.join(", ")}`),
    );
  switch (type) {
    case "bool":
      return lines(anyBoolean);
    case "int32":
      return lines(fc.integer().map((value) => quoted(String(value))));
    case "uint32":
      return lines(fc.nat(0xffffffff).map(String));
    case "uint16":
      return lines(fc.nat(65535).map(String));
    case "port":
      return lines(fc.integer({ min: 1, max: 65534 }).map(String));
    case "time":
      return lines(anyTime);
    case "size":
      return lines(anySize);
    case "size32":
      return lines(fc.nat(0xffffffff).map(String));
    case "speed":
      return lines(fc.oneof(fc.nat().map(String), fc.constantFrom("3 kb/s", "2 m/s", "5 k")));
    case "dir":
      return lines(anyPath.map(quoted));
    case "strname":
    case "str":
    case "dirOrCommand":
      return lines(text);
    case "password":
    case "clearPassword":
      return lines(anyText.map((text) => quoted(`p${text}`)));
    case "address":
      return lines(anyHost.map(quoted));
    case "strList":
    case "strnameList":
    case "acl":
      return several(text);
    case "dirList":
      return several(anyPath.map(quoted));
    case "plugins":
      return several(anyWord);
    case "addresses":
      return fc.array(fc.tuple(anyHost, fc.integer({ min: 1, max: 65534 })), {
        minLength: 1,
        maxLength: 3,
      }).map((sockets) =>
        `${name} = {\n${
          sockets.map(([host, port]) =>
            `${host.includes(":") ? "ipv6" : "ip"} = { addr = ${host}; port = ${port} }`
          ).join("\n")
        }\n}`
      );
    case "run":
      return lines(anyRun(names), 3);
    case "shortScript":
      return lines(text, 2);
    case "runScript":
      return anyScript(names);
    case "include":
    case "exclude":
      return anyBlock(name);
    case "messages":
      return anyDestination(name);
  }
  throw new RangeError(`No values for type ${type}`);
}

/** What cannot be left to chance: directives that other checks of the whole are about. */
const fixed: Readonly<Record<string, string>> = {
  "director Job": "Type = Backup",
  "director JobDefs": "Type = Backup",
  "storage Device":
    "DeviceType = file; Count = 1; LabelMedia = no; AutoDeflateAlgorithm = lz4; MaximumBlockSize = 64 k",
  "file Client": "PkiKeyPair = /key",
};
const excluded: Readonly<Record<string, readonly string[]>> = {
  "director Job": ["Type", "MaxFullConsolidations"],
  "director JobDefs": ["Type", "MaxFullConsolidations"],
  "director Console": ["UsePamAuthentication"],
  "storage Device": [
    "DeviceType",
    "Count",
    "LabelMedia",
    "AutoDeflateAlgorithm",
    "MaximumBlockSize",
  ],
  "file Client": ["PkiKeyPair"],
  "file Director": ["ConnectionFromClientToDirector"],
};

/** Directives of all resources whose words are checked one by one. */
const checkedWords: readonly string[] = ["TlsCipherList", "TlsCipherSuites", "TlsProtocol"];

function anyResource(
  program: ProgramName,
  type: string,
  table: ResourceTable,
  name: string,
  names: Names,
): fc.Arbitrary<string> {
  const key = `${program} ${type}`;
  // Nothing inherits from itself.
  const known: Names = { ...names, JobDefs: (names.JobDefs ?? []).filter((each) => each !== name) };
  const directives = table.directives.filter(({ name }) =>
    name !== "Name" && !excluded[key]?.includes(name) && !checkedWords.includes(name) &&
    (name !== "JobDefs" || type !== "JobDefs" || known.JobDefs?.length !== 0)
  );
  const isNeeded = (directive: Directive): boolean =>
    directive.required === true ||
    (type === "Job" && ["Client", "FileSet", "Storage"].includes(directive.name)) ||
    (type === "Director" && program === "console" && directive.name === "Password");
  const optional = directives.filter((directive) => !isNeeded(directive));
  return fc.tuple(fc.subarray(optional, { maxLength: Math.min(14, optional.length) }), fc.boolean())
    .chain(
      ([chosen, isNew]) => {
        const given = chosen.filter(({ name }) =>
          isNew ? !/^(Ndmp)?(Address|Port)$/.test(name) : !/Addresses$/.test(name)
        );
        const all = [...directives.filter(isNeeded), ...given];
        return fc.tuple(
          ...all.map((directive) => anyLines(directive, type === "JobDefs" ? known : names)),
        );
      },
    ).map((lines) =>
      `${type} {\nName = ${quoted(name)}\n${fixed[key] ?? ""}\n${lines.join("\n")}\n}\n`
    );
}

/** An arbitrary configuration of a program with one to three resources of every type. */
export function anyConfiguration(program: ProgramName): fc.Arbitrary<string> {
  const types = Object.entries(programs[program].resources);
  const counts = fc.tuple(
    ...types.map(([, { count }]) =>
      count === "one" ? fc.constant(1) : fc.integer({ min: 1, max: 3 })
    ),
  );
  return fc.tuple(counts, anyName).chain(([numbers, stem]) => {
    const names: Names = Object.fromEntries(
      types.map(([type], at) => [
        type,
        Array.from({ length: numbers[at] ?? 1 }, (_, number) => `${stem}${number}`),
      ]),
    );
    return fc.tuple(
      ...types.flatMap(([type, table]) =>
        (names[type] ?? []).map((name) => anyResource(program, type, table, name, names))
      ),
    );
  }).map((texts) => texts.join("\n"));
}
