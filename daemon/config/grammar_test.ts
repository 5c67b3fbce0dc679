/** The grammar of configuration files, example by example of the reference (configuration.md 3 to 5). */
import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { anyLetter } from "../../tests/support/fast_check/any_letter.ts";
import { ConfigurationError, loadConfiguration, parseConfiguration } from "./mod.ts";
import { type ScanMode, Scanner } from "./scanner.ts";

/** Kinds and texts of all tokens up to the end. */
function tokens(text: string, mode: ScanMode = "normal"): string[] {
  const scanner = new Scanner(text, "test.conf");
  const found: string[] = [];
  for (;;) {
    const { kind, text } = scanner.next(mode);
    if (kind === "end of file") return found;
    found.push(kind === "end of line" ? "." : kind === text ? kind : `${kind}:${text}`);
  }
}

const director = (more: string): string => `
Director { Name = d; Password = x }
Catalog { Name = c; DbName = c; DbUser = u }
Messages { Name = m; Console = all }
Client { Name = c; Address = a; Password = y }
Storage { Name = s; Address = a; Password = z; Device = dev; MediaType = File }
Pool { Name = p; Storage = s }
FileSet { Name = f; Include { File = / } }
Job { Name = j; Type = Backup; Client = c; FileSet = f; Pool = p; Messages = m }
${more}`;

const parse = (more: string) => parseConfiguration("director", director(more), "test.conf");

function problems(more: string): readonly string[] {
  try {
    parse(more);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems.map(({ message }) => message);
    throw error;
  }
  return [];
}

/** A Pool with a directive, read back. */
const pool = (line: string) => parse(`Pool { Name = "p 2"\n ${line}\n }`).get("Pool", "p 2");

Deno.test("Scanner: the kinds of tokens of section 3.2", () => {
  const cases: readonly (readonly [string, ...string[]])[] = [
    ["M a x i m u m Volumes = 5", "identifier:MaximumVolumes", "=", "number:5"],
    ["Name = Full Set", "identifier:Name", "=", "identifier:FullSet"],
    ['Name = "Full Set"', "identifier:Name", "=", "quoted:Full Set"],
    ["Name = Full-Set A", "identifier:Name", "=", "string:Full-Set", "identifier:A"],
    ["Full Set-A b", "string:FullSet-A", "identifier:b"],
    ["12 34k a1 b", "number:12", "string:34k", "string:a1", "identifier:b"],
    ["{a=b,c;d}#e", "{", "identifier:a", "=", "identifier:b", ",", "identifier:c", "."]
      .concat("identifier:d", "}") as [string, ...string[]],
    ["abc#x\ny", "identifier:abc", ".", "identifier:y"],
    ['abc"d"', "identifier:abc", "quoted:d"],
    ['a-b"d"', "string:a-b", "quoted:d"],
    ["a\\b", "string:a\\b"],
    ["it's", "string:it's"],
    ["\u00e9t\u00e9 x", "string:\u00e9t\u00e9", "identifier:x"],
    ["one\r\ntwo\rthree\n", "identifier:one", ".", "identifier:two", ".", "identifier:three", "."],
    ["\ufeffa", "identifier:a"],
  ];
  for (const [text, ...expected] of cases) deepEqual(tokens(text), expected, text);
  deepEqual(tokens("a b 5 mon", "words"), ["string:a", "string:b", "number:5", "string:mon"]);
});

Deno.test("Scanner: quoted strings lose one level of backslashes, and are joined", () => {
  const one = (text: string) => tokens(text);
  deepEqual(one('"a\\"b\\\\c\\n\\t"'), ['quoted:a"b\\cnt']);
  deepEqual(one('"a\nb\\\nc"'), ["quoted:a\nb\nc"]);
  deepEqual(one('"a"\n  "b"\n"c" "d"'), ["quoted:abcd"]);
  deepEqual(one('"a"\n\n"b"'), ["quoted:a", ".", ".", "quoted:b"]);
  deepEqual(one('"a" # no\n"b"'), ["quoted:a", ".", "quoted:b"]);
  deepEqual(one('"a", "b"'), ["quoted:a", ",", "quoted:b"]);
  throws(() => one('"a'), /a open double quote without the closing double quote/);
});

Deno.test("Scanner: positions count lines and columns of the file that a token is from", () => {
  const scanner = new Scanner("a\r\n\n  b = 5\n", "x.conf");
  const places: string[] = [];
  for (let token = scanner.next(); token.kind !== "end of file"; token = scanner.next()) {
    if (token.kind === "end of line") continue;
    const { line, column, text } = token.position;
    places.push(`${token.text} ${line}:${column} ${text}`);
  }
  deepEqual(places, ["a 1:1 a", "b 3:3   b = 5", "= 3:5   b = 5", "5 3:7   b = 5"]);
});

Deno.test("Scanner: files, wild cards in reverse order, and commands are included", async (t) => {
  const folder = Deno.makeTempDirSync();
  try {
    const write = (name: string, text: string) => Deno.writeTextFileSync(`${folder}/${name}`, text);
    write("a.conf", "one");
    write("b.conf", "two # no line end");
    write("b c.conf", '"three"');
    write("a.conf.example", "no");
    await t.step("a path ends at a blank or a sign", () => {
      deepEqual(tokens(`x = @${folder}/a.conf; y`), [
        ...["identifier:x", "=", "identifier:one", ".", ".", "identifier:y"],
      ]);
      deepEqual(tokens(`@"${folder}/b c.conf" y`), ["quoted:three", ".", "identifier:y"]);
    });
    await t.step("wild cards match in reverse order, or nothing", () => {
      deepEqual(tokens(`@${folder}/[ab].conf`), ["identifier:two", ".", "identifier:one", "."]);
      deepEqual(tokens(`@${folder}/?.conf`), ["identifier:two", ".", "identifier:one", "."]);
      deepEqual(tokens(`@${folder}/*.none x`), ["identifier:x"]);
      throws(() => tokens(`@${folder}/[x].none`), /Cannot open included config file .*\[x\]/);
    });
    await t.step("commands run without a shell", () => {
      deepEqual(
        tokens('@|"echo $HOME is here"'),
        ["string:$HOME", "identifier:ishere", "."]
          .concat("."),
      );
      deepEqual(tokens(`@|"sh -c 'echo a-\\$((1+1))'"`), ["string:a-2", ".", "."]);
      throws(() => tokens("@|/does/not/exist"), /Cannot open included config file \|\/does/);
      throws(() => tokens("@|false"), /ended with status 1/);
    });
    await t.step("an endless chain of includes ends with an error", () => {
      write("self.conf", `@${folder}/self.conf`);
      throws(() => tokens(`@${folder}/self.conf`), /nested more than 32/);
    });
    await t.step("UTF-16 is refused, a byte order mark is skipped, other bytes are kept", () => {
      Deno.writeFileSync(`${folder}/u16.conf`, new Uint8Array([0xff, 0xfe, 0x41, 0]));
      throws(() => tokens(`@${folder}/u16.conf`), /cannot handle UTF-16/);
      Deno.writeFileSync(`${folder}/mark.conf`, new Uint8Array([0xef, 0xbb, 0xbf, 0x41]));
      deepEqual(tokens(`@${folder}/mark.conf`), ["identifier:A", "."]);
      Deno.writeFileSync(`${folder}/bytes.conf`, new Uint8Array([0x22, 0xe9, 0x22]));
      deepEqual(tokens(`@${folder}/bytes.conf`), ["quoted:\udce9", "."]);
    });
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("values: the examples of section 3.2 and the leniencies of section 18", () => {
  equal(parse('Console { Name = x; Password = "a=b" }').get("Console", "x")?.password.clear, "a=b");
  equal(
    parse("Console { Name = x; Password = ab=cd#ef\n }").get("Console", "x")?.password.clear,
    "ab",
  );
  equal(pool('MaximumVolumes = "11"')?.maximumVolumes, 11);
  equal(pool('MaximumVolumeBytes = "50G"')?.maximumVolumeBytes, 50 * 2 ** 30);
  equal(pool("AutoPrune = 1")?.autoPrune, true);
  equal(pool("AutoPrune = false")?.autoPrune, false);
  equal(pool("VolumeRetention = 2\tdays")?.volumeRetention, 172_800);
  equal(parse('Counter { Name = x; Minimum = "-1" }').get("Counter", "x")?.minimum, -1);
  deepEqual(pool("Storage = s }\n Pool { Name = p3")?.storage.map(({ name }) => name), ["s"]);
  deepEqual(problems("Console { Name = x; Password = 12345 }").length, 1);
  deepEqual(problems("Console { Name = x; Password = @/no/secret\n }").length > 0, true);
  match(problems("FileSet { Name = g; Include { File = C:\\dir } }")[0] ?? "", /Backslash found/);
});

Deno.test("values: one directive after another of every kind", () => {
  const cases: readonly (readonly [line: string, key: string, value: unknown])[] = [
    [
      "VolumeRetention = 1 years 2 months 3 weeks 4 days 5 hours 6 minutes 7 seconds",
      ...retention(38898367),
    ],
    ["VolumeRetention = 1.5 h", ...retention(5400)],
    ["VolumeRetention = 5 m", ...retention(5 * 2_592_000)],
    ["VolumeRetention = 5 mi", ...retention(300)],
    ["VolumeRetention = 5mins", ...retention(300)],
    ["VolumeRetention = 5 N", ...retention(300)],
    ["VolumeRetention = 2 Q", ...retention(2 * 7_862_400)],
    ["VolumeRetention = 77", ...retention(77)],
    ["VolumeRetention =\n 3 d", ...retention(259_200)],
    ["MaximumVolumeBytes = 9 m 549 k 640", "maximumVolumeBytes", 10_000_000],
    ["MaximumVolumeBytes = 1.5k", "maximumVolumeBytes", 1536],
    ["MaximumVolumeBytes = 2 KB", "maximumVolumeBytes", 2000],
    ["MaximumVolumeBytes = 3 tb", "maximumVolumeBytes", 3e12],
    ["MaximumVolumeBytes = 16 eb", "maximumVolumeBytes", Number.MAX_SAFE_INTEGER],
    ["MaximumBlockSize = 1 m", "maximumBlockSize", 2 ** 20],
    ["PoolType = scratch", "poolType", "Scratch"],
    ["ActionOnPurge = Truncate", "actionOnPurge", "Truncate"],
    ["pool type\n= backup", "poolType", "Backup"],
    ["CleaningPrefix = CLN", "cleaningPrefix", "CLN"],
    ["Maximum Volumes = 3; Maximum Volumes = 4", "maximumVolumes", 4],
  ];
  for (const [line, key, value] of cases) {
    deepEqual((pool(line) as unknown as Record<string, unknown>)[key], value, line);
  }
  const job = (line: string) =>
    parse(
      `Job { Name = k; Type = Backup; Client = c; FileSet = f; Pool = p; Messages = m\n${line}\n}`,
    )
      .get("Job", "k");
  equal(job("MaximumBandwidth = 2 kb/s")?.maximumBandwidth, 2000);
  equal(job("MaximumBandwidth = 2 k")?.maximumBandwidth, 2048);
  equal(job("MaximumBandwidth = 3 m/s")?.maximumBandwidth, 3 * 2 ** 20);
  equal(job("Verify Job = j")?.jobToVerify?.name, "j");
  deepEqual(job("Run = a; Run = b, c")?.run, ["a", "b", "c"]);
  equal(job("Full Max Wait Time = 3 h")?.fullMaxRuntime, 10_800);
});

const retention = (seconds: number) => ["volumeRetention", seconds] as const;

Deno.test("passwords: digests count as they are, everywhere", () => {
  const key = "5ebe2294ecd0e0f08eab7690d2a6ee69";
  for (const text of ["secret", "[md5]" + key]) {
    equal(
      parse(`Console { Name = x; Password = "${text}" }`).get("Console", "x")?.password.key,
      key,
    );
  }
});

Deno.test("listening addresses: services, blocks and what excludes what", () => {
  const addresses = (text: string) =>
    parseConfiguration("director", director("").replace("Password = x", `Password = x; ${text}`))
      .first("Director").addresses;
  deepEqual(addresses("Port = bacula-dir"), [
    { host: "0.0.0.0", port: 9101 },
    { host: "::", port: 9101 },
  ]);
  deepEqual(addresses("DirAddress = 127.0.0.1; DirPort = 5"), [{ host: "127.0.0.1", port: 5 }]);
  deepEqual(addresses("DirPort = 5; DirAddress = 127.0.0.1"), [{ host: "127.0.0.1", port: 5 }]);
  deepEqual(
    addresses(`Addresses = {
      ipv4 = { addr = 0.0.0.0; port = bacula-sd }
      ipv6 = { port = 7 }
      ip = { addr = host.example.com } }`),
    [
      { host: "0.0.0.0", port: 9103 },
      { host: "::", port: 7 },
      { host: "host.example.com", port: 9101 },
    ],
  );
  const wrong: readonly (readonly [string, RegExp])[] = [
    ["Port = no-such-service", /can't resolve service\(no-such-service\)/],
    ["Port = 65535", /port number, got: 65535/],
    ["Addresses = { }", /Empty addr block is not allowed/],
    ["Addresses = { tcp = { port = 5 } }", /Expected a string \[ip\|ipv4\|ipv6\], got: tcp/],
    ["Addresses = { ip = { port = 5; port = 6 } }", /Only one port/],
    ["Addresses = { ip = { host = a } }", /Expected addr or port, got: host/],
    ["Address = a; Addresses = { ip = { addr = b } }", /old style addresses cannot be mixed/],
  ];
  for (const [text, message] of wrong) throws(() => addresses(text), message, text);
});

Deno.test("mistakes are told with the reference's words", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    [
      "Pool { Name = a; PoolTyp = Backup }",
      /^Keyword "PoolTyp" not permitted in this resource.*"PoolType"[^]*trailing brace/,
    ],
    ["Pool { Name = a; Name = b }", /^Attempt to redefine name "a" to "b"\./],
    ["Pool { Name = a; NextPool = p; NextPool = p }", /^Attempt to redefine resource "NextPool"/],
    ["Pool { Name = p }", /^Attempt to define second Pool resource named "p" is not permitted\./],
    ["Pool { Maximum Volumes = 5 }", /^Name not specified for resource/],
    ["Pool { Name += a }", /^unexpected token .* in resource definition/],
    ["Pool { Name { a } }", /^expected an equals, got: {/],
    ["Pool\n Name = a", /^not in resource definition: Name/],
    ["Poool { Name = a }", /^Expected a Resource name identifier, got: Poool.*"Pool"/],
    ["Pool { Name = a", /^End of conf file reached with unclosed resource\./],
    ["Pool { Name = a; AutoPrune = perhaps }", /^Expect YES or NO, got: perhaps/],
    [
      "Pool { Name = a; VolumeRetention = 5 lightyears }",
      /^expected a time period, got: 5 lightyears/,
    ],
    ["Pool { Name = a; MaximumVolumeBytes = 5 xb }", /^expected a size number, got: 5 xb/],
    ["Pool { Name = a; MaximumVolumes = -5 }", /^expected a positive integer number, got: -5/],
    ["Pool { Name = a; PoolType = Bakcup }", /^Expected a Pool Type option, got: Bakcup.*"Backup"/],
    ["Pool { Name = a; LabelType = sun }", /^Expected a Tape Label keyword, got: sun/],
    ["Job { Name = a; Type = Bakup }", /^Expected a Job Type keyword, got: Bakup/],
    ["Job { Name = a; Level = Ful }", /^Expected a Job Level keyword, got: Ful.*"Full"/],
    ["Job { Name = a; Replace = Sometimes }", /^Expected a Restore replacement option, got/],
    ["Job { Name = a; SelectionType = Luck }", /^Expected a Migration Job Type keyword, got/],
    ["Job { Name = a; Protocol = X25 }", /^Expected a Protocol Type keyword, got/],
    ["Job { Name = a; MaximumBandwidth = fast }", /^expected a speed number, got: fast/],
    ["Pool { Name = a; NextPool = pp }", /^Could not find config resource "pp".*"p"/],
    ["Pool { Name = 5 }", /^expected a string, got BCT_NUMBER: 5/],
    ["Pool { Name = a%b }", /^Illegal character "%" in name\./],
    ['Pool { Name = " a" }', /^Name cannot start with space\./],
    [`Pool { Name = ${"x".repeat(128)} }`, /^Name too long\./],
    ['Console { Name = a; Password = "" }', /^Empty Password not allowed in Resource "a"/],
    [
      'Console { Name = a; Password = "[md5]12" }',
      /^md5 password does not have the right size; expected: 32, got: 2/,
    ],
    [
      'Console { Name = a; Password = "[md5]zebe2294ecd0e0f08eab7690d2a6ee69" }',
      /^md5 password contains non hexadecimal/,
    ],
    ['Job { Name = a; Where = "|rm" }', /^expected a path, got a command/],
    [
      "Job { Name = a; RunScript { Command = x; RunsWhen = Never } }",
      /^Expect Before, After, AfterVSS or Always, got: Never/,
    ],
    ["Job { Name = a; RunScript = { Command = x } }", /^Expecting open brace\. Got/],
    [
      "Job { Name = a; RunScript { Comand = x } }",
      /^Keyword Comand not permitted in this resource.*"Command"/,
    ],
    ["Job { Name = a; RunScript { Command = } }", /^expected a value for Command/],
    ["FileSet { Name = a; Include = { File = / } }", /^Old style Include\/Exclude not supported/],
    [
      "FileSet { Name = a; Exclude { Options { OneFS = no } } }",
      /^Options section not permitted in Exclude/,
    ],
    ["FileSet { Name = a; Exclude { Plugin = x } }", /^Plugin directive not permitted in Exclude/],
    [
      "FileSet { Name = a; Exclude { ExcludeDirContaining = x } }",
      /^ExcludeDirContaining directive not permitted in Exclude\./,
    ],
    ['FileSet { Name = a; Include { Options { Regex = "(" } } }', /^Regex compile error\. ERR=/],
    [
      "FileSet { Name = a; Include { Options { Verify = pz } } }",
      /^Illegal verify option z, got option string: pz:/,
    ],
    ["FileSet { Name = a; Include { Options { Size = big } } }", /size/],
    ["FileSet { Name = a; Include { Options { DriveType = floppy } } }", /drive type, got: floppy/],
    [
      `FileSet { Name = a; Include { Options { Size = ${"9".repeat(120)} } } }`,
      /size|Too many fileset options/,
    ],
    ["Messages { Name = a; Console = al }", /^message type: al not found.*"all"/],
    ["Messages { Name = a; File = all }", /^expected an =/],
    ["Schedule { Name = a; Run = 21:00 }", /^Time must be preceded by keyword AT\./],
    ["Schedule { Name = a; Run = at 21:5 }", /^Bad time specification\./],
    ["Schedule { Name = a; Run = 32 at 1:00 }", /^Day number out of range \(1-31\)/],
    ["Schedule { Name = a; Run = w54 at 1:00 }", /^Week number out of range \(0-53\)/],
    ["Schedule { Name = a; Run = fri-oct at 1:00 }", /^Invalid month, week or position day range/],
    ["Schedule { Name = a; Run = 3/2 at 1:00 }", /^Bad modulo time specification\. Format/],
    [
      "Schedule { Name = a; Run = Level=Most at 1:00 }",
      /^Job level field: Most not found in run record/,
    ],
    [
      "Schedule { Name = a; Run = sometimes at 1:00 }",
      /^Job type field: sometimes in run record not found/,
    ],
    ["Schedule { Name = a; Run = Pool=pp at 1:00 }", /pp/],
    ["Schedule { Name = a; Run = SpoolData=5 at 1:00 }", /^Expect a YES or NO; got: 5/],
  ];
  for (const [text, message] of cases) {
    const found = problems(text);
    ok(found.some((problem) => message.test(problem)), `${text}: ${found.join(" / ")}`);
  }
});

Deno.test("what a configuration must have is checked as section 4.7 says", () => {
  const job = "Type = Backup; Pool = p; Messages = m";
  const cases: readonly (readonly [string, RegExp])[] = [
    [`Job { Name = a; ${job}; Client = c }`, /"fileset" directive in Job "a" resource is required/],
    [`Job { Name = a; ${job}; FileSet = f }`, /"client" directive in Job "a" resource is required/],
    [
      "Job { Name = a; Pool = p; Messages = m; Client = c; FileSet = f }",
      /"Type" directive in Job "a"/,
    ],
    [
      `Pool { Name = q }\n Job { Name = a; ${job.replace("= p", "= q")}; Client = c; FileSet = f }`,
      /No storage specified in Job "a" nor in Pool/,
    ],
    [
      "Job { Name = a; Type = Restore; Pool = p; Messages = m; Client = c; FileSet = f; Always Incremental = yes }",
      /^AlwaysIncremental configured in job a which is not/,
    ],
    [
      "Job { Name = a; Type = Restore; Pool = p; Messages = m; Client = c; FileSet = f; Always Incremental Keep Number = 3 }",
      /^AlwaysIncrementalKeepNumber configured in job a/,
    ],
    [
      `Job { Name = a; ${job}; Client = c; FileSet = f; Max Full Consolidations = 3 }`,
      /^MaxFullConsolidations configured in job a/,
    ],
    [
      "Console { Name = a; Password = b; UsePamAuthentication = yes; JobAcl = *all*\n }",
      /^Combining `Use Pam Authentication` with ACL commands or `Profile` in Console\(s\) `a`/,
    ],
    ["Director { Name = e; Password = x }", /^Only one Director resource permitted/],
    [
      `Job { Name = a; ${job}; Client = c; FileSet = f; RunScript { RunsWhen = After; RunsOnClient = cc; Command = x } }`,
      /^Could not find config Resource cc .*"c"/,
    ],
  ];
  for (const [text, message] of cases) {
    const found = problems(text);
    ok(found.some((problem) => message.test(problem)), `${text}: ${found.join(" / ")}`);
  }
  deepEqual(
    problems("Job { Name = a; Type = Copy; Pool = p; Messages = m; SelectionType = Job }"),
    [],
  );
  throws(
    () => parseConfiguration("director", "Messages { Name = m }"),
    /No Director resource[^]*No Job/,
  );
});

Deno.test("JobDefs inherit from those that were read before, and only what the child lacks", () => {
  const text = director(`
JobDefs { Name = third; Priority = 3; Where = /third; Run = "third" }
JobDefs { Name = second; JobDefs = third; Where = /second; Accurate = yes
  Run After Job = "second" }
JobDefs { Name = first; JobDefs = second; Type = Backup }
JobDefs { Name = early; JobDefs = late; Client = c }
JobDefs { Name = late; JobDefs = third }
Job { Name = a; JobDefs = first; FileSet = f; Client = c; Pool = p; Messages = m
  Run Before Job = "own" }
Job { Name = b; JobDefs = early; Type = Backup; FileSet = f; Pool = p; Messages = m; Priority = 10 }
`);
  const configuration = parseConfiguration("director", text);
  const a = configuration.get("Job", "a");
  equal(a?.priority, 3);
  equal(a?.where, "/second");
  equal(a?.accurate, true);
  deepEqual(a?.run, ["third"]);
  deepEqual(a?.runScripts.map(({ command }) => command), ["own", "second"]);
  const b = configuration.get("Job", "b");
  equal(b?.priority, 10);
  // When "early" inherited, "late" had not yet done so.
  equal(b?.where, "");
  equal(b?.client?.name, "c");
});

Deno.test("warnings name what is old, what has no effect and what is to go, once", () => {
  const { warnings } = parse(`
Pool { Name = q; AutoPrune = true; LabelFormat = "a-\${Year}"; UseVolumeOnce = yes }
Pool { Name = r; LabelFormat = "plain-" }
Counter { Name = o; WrapCounter = o }
Client { Name = e; Address = a; Password = b; FileRetention = 5 d }
`);
  const expected = [
    /^setting boolean value via true\/false\/1\/0 is deprecated/,
    /^use of variable substitutions in LabelFormat on line 11 of file test.conf is deprecated/,
    /^keyword UseVolumeOnce has no effect any more on line 11/,
    /^WrapCounter of Counter has no effect in this version \(on line 13/,
    /^using deprecated keyword FileRetention on line 14 of file test.conf/,
    /^using deprecated resource type "Counter" on line 13 of file test.conf/,
  ];
  equal(warnings.length, expected.length, warnings.join("\n"));
  for (const text of expected) ok(warnings.some((each) => text.test(each)), String(text));
});

Deno.test("whatever a file holds, it is read or refused with its problems", () => {
  const word = fc.constantFrom(
    ...["Director", "Pool", "Job", "FileSet", "Messages", "Schedule", "Name", "Include", "Run"],
    ...["Options", "File", "RunScript", "Command", "Addresses", "Mail", "Console", "Password"],
    ...[
      "=",
      "{",
      "}",
      ",",
      ";",
      "\n",
      '"',
      "\\",
      "#",
      "5",
      "50 G",
      "at",
      "1/2",
      "yes",
      "all",
      "!x",
    ],
  );
  const anyText = fc.oneof(
    fc.array(word, { maxLength: 40 }).map((words) => words.join(" ")),
    fc.string({ unit: anyLetter, maxLength: 60 }).map((text) => text.replaceAll("@", "")),
  );
  fc.assert(fc.property(anyText, (text) => {
    for (const program of ["director", "storage", "file", "console"] as const) {
      try {
        parseConfiguration(program, text);
      } catch (error) {
        ok(error instanceof ConfigurationError, String(error));
        ok(error.problems.length > 0);
      }
    }
  }));
});

Deno.test("files of a folder are read in reverse order; a single file wins over the folder", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const load = () => loadConfiguration("director", folder);
    throws(
      load,
      /Failed to find configuration files under directory.*bareos-dir\.conf.*bareos-dir\.d/,
    );
    const write = (path: string, text: string) => {
      Deno.mkdirSync(`${folder}/bareos-dir.d/${path.slice(0, path.lastIndexOf("/"))}`, {
        recursive: true,
      });
      Deno.writeTextFileSync(`${folder}/bareos-dir.d/${path}`, text);
    };
    write("all/one.conf", director(""));
    write("catalog/a.conf", "Catalog { Name = a; DbName = x; DbUser = y }");
    write("catalog/z.conf", "Catalog { Name = z; DbName = x; DbUser = y }");
    write("catalog/z.conf.example", "Nonsense");
    write("catalog/deeper/x.conf", "Nonsense");
    const configuration = load();
    deepEqual(configuration.all("Catalog").map(({ name }) => name), ["z", "a", "c"]);
    equal(configuration.folder, folder);
    equal(configuration.path, `${folder}/bareos-dir.d`);
    Deno.writeTextFileSync(`${folder}/bareos-dir.conf`, director(""));
    equal(load().path, `${folder}/bareos-dir.conf`);
    equal(loadConfiguration("director", `${folder}/bareos-dir.conf`).folder, folder);
    equal(loadConfiguration("director", undefined, { defaultFolder: folder }).folder, folder);
    throws(() => loadConfiguration("director", `${folder}/none`), /does not exist/);
    throws(
      () => loadConfiguration("storage", undefined, { defaultFolder: folder }),
      /Failed to read config file at the default locations/,
    );
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
