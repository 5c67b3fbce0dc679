import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { fixture, hasFixtures } from "../../tests/support/paths.ts";
import {
  type Configuration,
  ConfigurationError,
  loadConfiguration,
  parseConfiguration,
  type ProgramName,
} from "./mod.ts";

const recorded: readonly (readonly [ProgramName, string])[] = [
  ["director", "dir.conf"],
  ["storage", "rec-sd1.conf"],
  ["storage", "rec-sd2.conf"],
  ["file", "rec-fd.conf"],
  ["file", "denied-fd.conf"],
  ["file", "pki-aes256.conf"],
  ["console", "bc.conf"],
  ["console", "bc-limited.conf"],
  ["console", "bc-admin.conf"],
];

const bacula: typeof recorded = [
  ["director", "dir.conf"],
  ["storage", "sd.conf"],
  ["file", "fd.conf"],
  ["console", "bc.conf"],
  ["console", "bc-named.conf"],
];

for (const [folder, files] of [["config", recorded], ["bacula-9.6/config", bacula]] as const) {
  for (const [program, file] of files) {
    Deno.test({
      name: `loadConfiguration() reads the recorded ${folder}/${file}`,
      ignore: !hasFixtures,
      fn: () => {
        const configuration = loadConfiguration(program, fixture(`${folder}/${file}`));
        ok(configuration.all("Director" as never).length > 0);
      },
    });
  }
  Deno.test({
    name: `the configurations in ${folder} are all tested`,
    ignore: !hasFixtures,
    fn: () => {
      const found = [...Deno.readDirSync(fixture(folder))].map(({ name }) => name)
        .filter((name) => name.endsWith(".conf"));
      deepEqual(found.sort(), files.map(([, file]) => file).sort());
    },
  });
}

const installed = [
  ["director", "bacula-dir.conf"],
  ["storage", "bacula-sd.conf"],
  ["file", "bacula-fd.conf"],
  ["console", "bconsole.conf"],
] as const;

function isReadable(path: string): boolean {
  try {
    Deno.openSync(path).close();
    return true;
  } catch {
    return false;
  }
}

for (const [program, file] of installed) {
  const path = `/etc/bacula/${file}`;
  Deno.test({
    name: `loadConfiguration() reads the ${file} that Debian's Bacula comes with`,
    ignore: !isReadable(path), // they hold passwords, and are root's
    fn: () => {
      const configuration = loadConfiguration(program, path);
      ok(configuration.all("Director" as never).length > 0);
      for (const text of configuration.warnings) {
        match(text, /has no effect|deprecated|alias usage/);
      }
    },
  });
}

Deno.test("a changer of Bacula's director is a Storage, by whatever name its drive calls it", () => {
  const changer = director(
    "Autochanger { Name = lib; Address = a; Password = p; Device = d; MediaType = t; Autochanger = lib }",
  );
  const configuration = parseConfiguration("director", changer);
  equal(configuration.get("Storage", "lib")?.autoChanger, true);
  ok(configuration.warnings.some((text) => text.includes('consider using "Storage" instead')));
  const wrong = changer.replace("Autochanger = lib", "Autochanger = 5");
  throws(() => parseConfiguration("director", wrong), /Illegal|Expect YES or NO|BCT_NUMBER/);
});

Deno.test({
  name: "loadConfiguration() gives the director's resources with types and references",
  ignore: !hasFixtures,
  fn: () => {
    const configuration = loadConfiguration("director", fixture("config/dir.conf"));
    const job = configuration.get("Job", "BackupFull");
    equal(job?.type, "B");
    equal(job?.client?.name, "rec-fd");
    equal(job?.client?.port, 9602);
    equal(job?.fileSet?.include.length, 1);
    ok(job?.pool.volumeRetention);
    equal(configuration.first("Director").password.key.length, 32);
  },
});

const problemsOf = (program: ProgramName, text: string): ConfigurationError["problems"] => {
  try {
    parseConfiguration(program, text, "test.conf");
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
};

const fileDaemon = (more: string): string => `
Client { Name = c-fd; ${more} }
Director { Name = d-dir; Password = secret }
Messages { Name = Standard; Director = d-dir = all, !skipped }
`;

const parseClient = (more: string) => parseConfiguration("file", fileDaemon(more)).first("Client");

Deno.test("values are read as the reference's examples say", () => {
  const client = parseClient(`
    M a x i m u m Concurrent Jobs = 5
    Working Directory = "/a b"
    Heartbeat Interval = 1 years 2 months 3 weeks 4 days 5 hours 6 minutes 7 seconds
    Maximum Bandwidth Per Job = 2 kb/s
    Allowed Job Command = backup, "restore"; AllowedJobCommand = verify
    VerId = "one "
            "two"
    Address = 127.0.0.1; Port = 19102
  `);
  equal(client.maximumConcurrentJobs, 5);
  equal(client.workingDirectory, "/a b");
  equal(client.heartbeatInterval, 38898367);
  equal(client.maximumBandwidthPerJob, 2000);
  deepEqual(client.allowedJobCommand, ["backup", "restore", "verify"]);
  equal(client.verId, "one two");
  deepEqual(client.addresses, [{ host: "127.0.0.1", port: 19102 }]);
});

Deno.test("listening addresses default to every address and take a block", () => {
  deepEqual(parseClient("").addresses, [
    { host: "0.0.0.0", port: 9102 },
    { host: "::", port: 9102 },
  ]);
  deepEqual(
    parseClient("Addresses = { ipv4 = { addr = 10.0.0.1; port = 5 } ipv6 = { addr = ::1; } }")
      .addresses,
    [{ host: "10.0.0.1", port: 5 }, { host: "::1", port: 9102 }],
  );
});

Deno.test("names: blanks vanish outside quotes, other signs end them", () => {
  const nameOf = (text: string) =>
    parseConfiguration("file", fileDaemon("").replace("Name = c-fd", `Name = ${text}\n`))
      .first("Client").name;
  equal(nameOf("Full Set"), "FullSet");
  equal(nameOf('"Full Set"'), "Full Set");
  equal(nameOf("Full-Set A"), "Full-Set");
  equal(nameOf("abc#x"), "abc");
});

Deno.test("a wrong word is named with file, line, column and what was meant", () => {
  const [problem] = problemsOf("file", fileDaemon("\n  Maximum Concurent Jobs = 5\n"));
  match(
    problem?.message ?? "",
    /Keyword "MaximumConcurentJobs" not permitted.*"MaximumConcurrentJobs"/,
  );
  equal(problem?.position?.file, "test.conf");
  equal(problem?.position?.line, 3);
  equal(problem?.position?.column, 3);
});

Deno.test("every kind of mistake is told, several at once", () => {
  const cases: readonly (readonly [text: string, ...messages: readonly RegExp[]])[] = [
    [fileDaemon("Passive = yes"), /Keyword "Passive"/],
    [fileDaemon("PkiEncryption = maybe"), /Expect YES or NO, got: maybe/],
    [fileDaemon("Sd Connect Timeout = soon"), /expected a time period, got: soon/],
    [fileDaemon("Pki Cipher = aes129"), /Crypto Cipher option, got: aes129.*"aes128"/],
    [fileDaemon("Messages = Standart"), /resource "Standart".*"Standard"/],
    [fileDaemon("Name = again"), /Attempt to redefine name "c-fd" to "again"/],
    [fileDaemon("Port = 0; Ver Id Messages"), /port number, got: 0/, /Keyword "VerIdMessages"/],
    [fileDaemon(""), ...[]],
    ["Klient { Name = x }", /Resource name identifier, got: Klient.*"Client"/],
    ["Client { Name = x", /unclosed resource/],
    ['Client { Name = "x }', /a open double quote without the closing/],
    ["Director { Name = d }\nMessages { Name = m }", /"Password" directive/, /No Client resource/],
    [
      fileDaemon("") + fileDaemon(""),
      /second Client/,
      /second Director/,
      /second Messages/,
      /Only one/,
    ],
    [
      fileDaemon("}") + "@/does/not/exist",
      /Resource name|not in resource|got: }/,
      /Cannot open included/,
    ],
  ];
  for (const [text, ...messages] of cases) {
    const problems = problemsOf("file", text);
    equal(problems.length >= messages.length, true, `${text}: ${JSON.stringify(problems)}`);
    for (const message of messages) {
      ok(
        problems.some((problem) => message.test(problem.message)),
        `${message} in ${JSON.stringify(problems)}`,
      );
    }
  }
});

Deno.test("no message and no printed resource shows a password", () => {
  const text = fileDaemon("").replace("Password = secret", 'Password = "[md5]secret"');
  throws(
    () => parseConfiguration("file", text),
    (error: unknown) => error instanceof ConfigurationError && !error.message.includes("]secret"),
  );
  const director = parseConfiguration("file", fileDaemon("")).first("Director");
  equal(Deno.inspect(director).includes("secret"), false);
  equal(JSON.stringify(director).includes("secret"), false);
});

Deno.test("a truncated configuration gives an error at whatever byte it ends", () => {
  const whole = fileDaemon("Addresses = { ipv4 = { addr = 10.0.0.1; port = 5 } }");
  const last = whole.lastIndexOf("Messages {");
  for (let length = 0; length < last; length++) {
    throws(() => parseConfiguration("file", whole.slice(0, length)), ConfigurationError);
  }
});

Deno.test("what has no effect, is old or is an alias gives one warning that names it", () => {
  const configuration: Configuration = parseConfiguration(
    "file",
    fileDaemon('PluginDirectory = "/x"; PidDirectory = "/run"').replace("Client", "FileDaemon"),
  );
  equal(configuration.warnings.length, 3);
  ok(
    configuration.warnings.some((text) => text.includes("PluginDirectory of Client has no effect")),
  );
  ok(configuration.warnings.some((text) => text.includes("PidDirectory")));
  ok(configuration.warnings.some((text) => text.includes('alias usage "FileDaemon"')));
});

const director = (more: string): string => `
Director { Name = d; Password = x; Messages = Standard }
Catalog { Name = c; DbName = c; DbUser = u }
Messages { Name = Standard; MailCommand = "/bin/mail %r"; Mail = "a@b", "c@d" = all, !skipped
  Append = "/tmp/log" = error }
Client { Name = c; Address = localhost; Password = y }
Storage { Name = s; Address = localhost; Password = z; Device = dev; MediaType = File }
Pool { Name = p; Storage = s; NextPool = p2; MaximumVolumeBytes = 9 m 549 k 640; VolumeRetention = 1 week }
Pool { Name = p2 }
FileSet { Name = f
  Include { Options { Signature = MD5; Compression = GZIP; OneFS = no; RegexDir = "^/a"; WildFile = "*.o" } File = /etc
    File = "\\\\|df -l"; Exclude Dir Containing = .nobackup }
  Exclude { File = /proc } }
JobDefs { Name = def; Type = Backup; Client = c; FileSet = f; Pool = p; Messages = Standard; Priority = 7
  Run Before Job = "/bin/true %i"; Level = Incremental }
Job { Name = j; JobDefs = def; Level = Full
  RunScript { RunsWhen = After; RunsOnClient = no; Command = "/bin/a"; Command = "/bin/b" } }
${more}`;

Deno.test("a director's resources: JobDefs, scripts, file sets, destinations", () => {
  const configuration = parseConfiguration("director", director(""));
  const job = configuration.get("Job", "j");
  equal(job?.level, "F");
  equal(job?.priority, 7);
  equal(job?.pool.nextPool?.name, "p2");
  equal(job?.pool.maximumVolumeBytes, 10_000_000);
  deepEqual(job?.runScripts.map(({ command, when, target }) => [command, when, target]), [
    ["/bin/a", 1, ""],
    ["/bin/b", 1, ""],
    ["/bin/true %i", 2, ""],
  ]);
  const include = job?.fileSet?.include[0];
  equal(include?.options[0]?.letters, "MZ6fHAX");
  deepEqual(include?.options[0]?.lines, [["RD", "^/a"], ["WF", "*.o"]]);
  deepEqual(include?.file, ["/etc", "\\|df -l"]);
  deepEqual(include?.excludeDirContaining, [".nobackup"]);
  const [mail, append] = configuration.first("Messages").destinations;
  equal(mail?.address, "a@b c@d");
  equal(mail?.command, "/bin/mail %r");
  equal(mail?.types.has(9), false);
  equal(mail?.types.size, 16);
  deepEqual([...append?.types ?? []], [4]);
});

Deno.test("Run lines: what the reference's examples fire at", () => {
  const runs = (line: string) =>
    parseConfiguration("director", director(`Schedule { Name = s; Run = ${line}\n }`))
      .first("Schedule").run[0];
  const first = runs("Full 1st sat at 21:00");
  deepEqual(
    [first?.level, [...first?.times.weeksOfMonth ?? []], [...first?.times.weekDays ?? []], [
      ...first?.times.hours ?? [],
    ]],
    ["F", [0], [6], [21]],
  );
  const incremental = runs("Level=Incremental Pool=p2 mon-fri at 9:05pm");
  equal(incremental?.pool?.name, "p2");
  deepEqual([...incremental?.times.weekDays ?? []], [1, 2, 3, 4, 5]);
  deepEqual([[...incremental?.times.hours ?? []], incremental?.times.minute], [[21], 5]);
  deepEqual([...runs("w03/w05 at 23:10")?.times.weeksOfYear ?? []].slice(0, 3), [3, 8, 13]);
  equal(runs("hourly at 0:15")?.times.hours.size, 24);
  equal(runs("last fri at 21:00")?.times.lastWeek, true);
  deepEqual([...runs("oct-mar 28-3 at 1:00")?.times.months ?? []], [9, 10, 11, 0, 1, 2]);
  for (const wrong of ["21:00", "at 25:00", "fri-oct at 1:00", "32 at 1:00", "Pol=p at 1:00"]) {
    throws(() => runs(wrong), ConfigurationError, wrong);
  }
});

Deno.test("directives that choose suites and versions of TLS must be understood", () => {
  parseConfiguration("file", fileDaemon('TlsCipherList = "ALL:!ADH:!LOW:!EXP:!MD5:@STRENGTH"'));
  for (
    const [directive, reason] of [
      ['TlsProtocol = "-TLSv1.3,-TLSv1.2"', /leaves neither TLSv1.2 nor TLSv1.3/],
      ['TlsProtocol = "TLSv9"', /"TLSv9" is unknown/],
      ['TlsCipherSuites = "TLS_FOO"', /"TLS_FOO" is none of TLS_CHACHA20/],
      ['TlsCipherList = "FOO"', /"FOO" is unknown/],
    ] as const
  ) throws(() => parseConfiguration("file", fileDaemon(directive)), reason);
});
