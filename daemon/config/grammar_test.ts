/** The grammar of configuration files, example by example of the reference (configuration.md 3 to 5). */
import { deepEqual, equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { anyLetter } from "../../tests/support/fast_check/any_letter.ts";
import { director, parse, problems } from "../../tests/support/small_configuration.ts";
import { ConfigurationError, loadConfiguration, parseConfiguration } from "./mod.ts";

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

Deno.test("what stands behind a value has no effect, which is told without telling it", () => {
  const { warnings } = parse(`Pool {
    Name = "a"  Pool Type = Backup
    Maximum Volumes = 5; Volume Use Duration = 1 h  # a comment is none of it
    Label Format = ab=secret
  }
  Pool { Name = b-c d; Auto Prune = yes }
  `);
  const behind = warnings.filter((text) => text.startsWith("what stands behind the value"));
  const lines = behind.map((text) => Number(/line (\d+)/.exec(text)?.[1]));
  deepEqual(lines.map((line) => line - (lines[0] ?? 0)), [0, 2, 4]);
  for (const text of behind) ok(!text.includes("secret"), text);
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
