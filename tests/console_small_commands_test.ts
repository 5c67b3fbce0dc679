/** Small commands and queries: complete answers (console.md 18, 19, 23). @module */
import assert from "node:assert/strict";
import { ConsoleScene, steady } from "./support/console_scene.ts";
import { begun } from "./support/listed_scene.ts";
import { join } from "./support/paths.ts";

Deno.test("small commands answer as the reference says", async () => {
  const { scene, session } = await begun();
  await using _ = scene;
  const warning = (verb: string): string =>
    `${verb} is a temporary operation until the director reloads.\n` +
    'For a permanent setting, please set the value of the "Enabled"\n' +
    "directive in the relevant configuration resource file.\n";
  for (
    const [line, text] of [
      ["autodisplay", "ON or OFF keyword missing.\n"],
      ["autodisplay maybe", "ON or OFF keyword missing.\n"],
      ["autodisplay ON", ""],
      ["autodisplay off", ""],
      ["gui", "ON or OFF keyword missing.\n"],
      ["gui on", ""],
      ["gui off", ""],
      ["automount", "Turn on or off? "],
      ["off", ""],
      ["trace", "Turn on or off? "],
      ["off", ""],
      ["whoami", "root\n"],
      ["use", "Using Catalog name=MyCatalog DB=catalog\n"],
      ["use catalog=Nope", 'Could not open catalog database "Nope".\n'],
      ["setip", "No corresponding client found.\n"],
      ["resolve", "Hostname missing.\n"],
      ["resolve client= localhost", "Client name missing.\n"],
      ["resolve storage= localhost", "Storage name missing.\n"],
      ["resolve client=Nope localhost", 'Client "Nope" not found.\n'],
      ["resolve storage=Nope localhost", 'Storage "Nope" not found.\n'],
      ["resolve 127.0.0.1", "dir resolves 127.0.0.1 to host[ipv4;127.0.0.1] \n"],
      ["resolve no.such.invalid", "dir Failed to resolve no.such.invalid\n"],
      ["disable job=Nope", 'Job "Nope" not found.\n'],
      ["disable job=Backup2", `Job "Backup2" disabled\n${warning("Disabling")}`],
      ["disable client=fd2", `Client "fd2" disabled\n${warning("Disabling")}`],
      ["disable schedule=Daily", `Schedule "Daily" disabled\n${warning("Disabling")}`],
      [".jobs disabled", "Backup2\n"],
      [".clients disabled", "fd2\n"],
      [".schedule disabled", "Daily\n"],
      [
        "enable",
        `Automatically selected Job: Backup2\nJob "Backup2" enabled\n${warning("Enabling")}`,
      ],
      ["enable client=fd2", `Client "fd2" enabled\n${warning("Enabling")}`],
      ["enable schedule=Daily", `Schedule "Daily" enabled\n${warning("Enabling")}`],
      ["setdevice", "Argument missing: storage\n"],
      ["setdevice storage=File", "Argument missing: device\n"],
      ["setdevice storage=File device=Dev", "Argument missing: autoselect\n"],
      [
        "setdevice storage=File device=Dev autoselect=maybe",
        "Bad value for argument autoselect: maybe (expected YES or NO)\n",
      ],
      ["setdevice storage=Nope device=Dev autoselect=yes", 'Storage "Nope" not found.\n'],
      [
        "setdebug",
        "Enter new debug level: ",
      ],
      [
        "5",
        "Available daemons are: \n1: Director\n2: Storage\n3: Client\n4: All\nSelect daemon type to set debug level (1-4): ",
      ],
      [
        "1",
        `level=5 trace=0 hangup=0 timestamp=0 tracefilename=${scene.folder}/dir.trace\n`,
      ],
      ["var Vol-${Number}", "Vol-7\n"],
      ["messages", "You have no messages.\n"],
      [
        "help nothing",
        "  Command            Description\n  =======            ===========\n\nCan't find nothing command.\n\n\nWhen at a prompt, entering a period (.) cancels the command.\n\n",
      ],
    ] as const
  ) assert.equal(steady(await session.call(line)), text, line);
  assert.match(
    await session.call("time"),
    /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d\n$/,
  );
  assert.match(await session.call("version"), /^dir Version: \S+ \(\d+ \w+ \d{4}\) \S+/);
  assert.match(await session.call("memory"), /^dir Version: [^\n]+\nDaemon started /);

  await session.call(".api 2 compact=yes");
  const ask = async (line: string) => JSON.parse(await session.call(line)).result;
  assert.deepEqual(await ask("whoami"), { whoami: "root" });
  assert.deepEqual(Object.keys((await ask("time")).time), [
    ...["full", "year", "month", "day", "hour", "minute", "second"],
  ]);
  assert.deepEqual(Object.keys((await ask("version")).version), [
    ...["name", "type", "version", "bdate", "operatingsystem", "distname", "distversion"],
    "customversionid",
  ]);
  assert.deepEqual(await ask("disable job=Backup2"), { jobs: ["Backup2"] });
  assert.deepEqual(await ask("enable job=Backup2"), { jobs: ["Backup2"] });
  assert.deepEqual(await ask("run job=Admin yes"), { run: { jobid: "4" } });
  await session.call("wait");
  const raw = await session.call("messages");
  assert.match(
    raw,
    /^\d\d-\w{3} \d\d:\d\d dir JobId 4: [^]*\{"jsonrpc":"2\.0","id":null,"result":\{\}\}$/,
  );
});

Deno.test("setip gives the client that is called like the console the console's address", async () => {
  await using scene = await ConsoleScene.start({
    resources: `Client { Name = roamer; Address = 192.0.2.9; Password = x; TlsEnable = no }
Console { Name = roamer; Password = x; CommandAcl = setip, .defaults; ClientAcl = *all*; CatalogAcl = *all*; TlsEnable = no }
Console { Name = stranger; Password = x; CommandAcl = setip; TlsEnable = no }`,
  });
  const session = await scene.login("roamer", "x");
  assert.match(await session.call(".defaults client=roamer"), /\naddress=192\.0\.2\.9\n/);
  assert.equal(await session.call("setip"), 'Client "roamer" address set to 127.0.0.1\n');
  assert.match(await session.call(".defaults client=roamer"), /\naddress=127\.0\.0\.1\n/);
  const other = await scene.login("stranger", "x");
  assert.equal(await other.call("setip"), 'Client "stranger" not found.\n');
});

Deno.test("query asks what the file says, sqlquery what is typed, until a blank line", async () => {
  const { scene, session } = await begun();
  await using _ = scene;
  const path = join(scene.folder, "query.sql");
  assert.equal(
    await session.call("query"),
    `Could not open ${path}: ERR=No such file or directory\n`,
  );
  await Deno.writeTextFile(
    path,
    `# a comment
:Jobs of a level
*Enter the level:
SELECT JobId, Name FROM Job
 WHERE Level = '%1';
!SELECT 'a;b' AS text;
:Nothing
:Too many
${"*Enter: \n".repeat(10)}SELECT 1;
:Missing
SELECT '%2' AS two;
:Wrong
SELEC;
`,
  );
  const menu =
    "Available queries:\n1: Jobs of a level\n2: Nothing\n3: Too many\n4: Missing\n5: Wrong\nChoose a query (1-5): ";
  for (
    const [line, text] of [
      ["query", menu],
      ["1", "Enter the level: "],
      [
        "I",
        "+-------+--------+\n| jobid | name   |\n+-------+--------+\n|     2 | Backup |\n+-------+--------+\n text: a;b\n\n",
      ],
      ["query", menu],
      ["2", "Could not find query.\n"],
      ["query", menu],
      ["3", "Too many prompts in query, max is 9.\n"],
      ["query", menu],
      ["4", "Warning prompt 2 missing.\n+------+\n| two  |\n+------+\n|      |\n+------+\n"],
      ["query", menu],
      ["5", 'Query failed: SELEC. ERR=near "SELEC": syntax error\n'],
      ["query", menu],
      [".", "Selection aborted, nothing done.\n"],
      [
        "sqlquery",
        "Entering SQL query mode.\nTerminate each query with a semicolon.\nTerminate query mode with a blank line.\nEnter SQL query: ",
      ],
      ["SELECT count(*) AS n", "Add to SQL query: "],
      ["FROM Job;", "+------+\n| n    |\n+------+\n|    3 |\n+------+\nEnter SQL query: "],
      ["SELEC;", 'Query failed: SELEC. ERR=near "SELEC": syntax error\nEnter SQL query: '],
      ["SELECT Name FROM Client WHERE 1 = 0;", "No results to list.\nEnter SQL query: "],
      ["", "End query mode.\n"],
    ] as const
  ) assert.equal(await session.call(line), text, line);
});
