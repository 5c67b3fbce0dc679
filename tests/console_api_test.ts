/** API modes, dot commands and small commands: signals, keys and complete answers (console.md 7, 18, 19, 21, 23). */
import assert from "node:assert/strict";
import { type ConsoleSession, Signal } from "../protocol/mod.ts";
import { ConsoleScene, enterJobs, steady } from "./support/console_scene.ts";
import { join } from "./support/paths.ts";

/** Jobs of the past, a console that everything is told to, and users and profiles to list. */
async function begun(): Promise<{ scene: ConsoleScene; session: ConsoleSession }> {
  const scene = await ConsoleScene.start({
    resources: `Profile { Name = operator; CommandAcl = *all* }
Console { Name = web; Password = x; Profile = operator; TlsEnable = no }
User { Name = alice; Profile = operator }
Counter { Name = Number; Minimum = 7 }`,
    fill: (catalog) => {
      enterJobs(catalog, [
        { files: ["/data/", "/data/a.txt"] },
        { level: "I", start: "2026-01-02 10:00:00", files: ["/data/c.txt"] },
        { status: "f", start: "2026-01-03 10:00:00" },
      ]);
      catalog.run("INSERT INTO Location (Location, Cost, Enabled) VALUES ('Vault', 0, 1)");
    },
  });
  const session = await scene.login();
  await session.call("use catalog=MyCatalog");
  await session.call("list clients");
  return { scene, session };
}

/** What a line brings: texts, and the signals around them. */
async function heard(session: ConsoleSession, line: string): Promise<[string, string[]]> {
  const names = Object.entries(Signal);
  await session.send(line);
  let text = "";
  const signals: string[] = [];
  for await (const event of session.events()) {
    if (event.kind === "text") text += event.text;
    else signals.push(names.find(([, number]) => number === event.signal)?.[0] ?? "");
  }
  return [text, signals];
}

const begin = "CMD_BEGIN";
const ok = [begin, "CMD_OK", "MAIN_PROMPT"];
const failed = [begin, "ERROR_MSG", "CMD_FAILED", "MAIN_PROMPT"];

Deno.test(".api switches between modes, each with its signals", async () => {
  const { scene, session } = await begun();
  await using _ = scene;
  const json = (api: number, isCompact: boolean): string =>
    JSON.stringify({ jsonrpc: "2.0", id: null, result: { api } }, undefined, isCompact ? 0 : 2);
  for (
    const [line, text, signals] of [
      [".api", "api: 1\n", ["CMD_OK", "MAIN_PROMPT"]],
      [".api 0", "api: 0\n", [begin, "EOD"]],
      [".api on", "api: 1\n", ["CMD_OK", "MAIN_PROMPT"]],
      [".api 1", "api: 1\n", ok],
      [".api off", "api: 0\n", [begin, "EOD"]],
      [".api 3", "", ["EOD"]],
      [".api 1 2 3", "", ["EOD"]],
      [".api json", json(2, false), ["CMD_OK", "MAIN_PROMPT"]],
      [".api 2 compact=yes", json(2, true), ok],
      [".api 2", json(2, true), ok],
      [".api 2 compact=no", json(2, false), ok],
      ["foo", undefined, ["ERROR_MSG", "MAIN_PROMPT"]],
      ["list foo", undefined, failed],
      [".bvfs_clear_cache yes", undefined, [begin, "INFO_MSG", "CMD_OK", "MAIN_PROMPT"]],
      [".", undefined, ok],
      ["", undefined, ["MAIN_PROMPT"]],
    ] as const
  ) {
    const [got, around] = await heard(session, line);
    if (text !== undefined) assert.equal(got, text, line);
    assert.deepEqual(around, signals, line);
  }
});

Deno.test("in API mode 1 questions come with their signals, answers with a number", async () => {
  const { scene, session } = await begun();
  await using _ = scene;
  await session.call(".api 1");
  assert.deepEqual(await heard(session, "run job=Backup client=Nope"), [
    'Client "Nope" not found.\nThe defined Client resources are:\nfdfd2tape-fdSelect Client (File daemon) resource (1-3): ',
    [begin, "WARNING_MSG", "START_SELECT", "END_SELECT", "SELECT_INPUT", "SUB_PROMPT"],
  ]);
  const [screen, signals] = await heard(session, "2");
  assert.match(screen, /^Type: Backup\nTitle: Run Backup Job\n[^]*\nClient: {3}fd2\n/);
  assert.deepEqual(signals, ["RUN_CMD", "TEXT_INPUT", "SUB_PROMPT"]);
  assert.deepEqual(await heard(session, "no"), [
    "Job not run.\n",
    ["CMD_FAILED", "MAIN_PROMPT"],
  ]);
  assert.deepEqual(await heard(session, "restore jobid=1 client=fd restorejob=Restore"), [
    `You have selected the following JobId: 1

Building directory tree for JobId(s) 1 ...  
2 files inserted into the tree.

You are now entering file selection mode where you add (mark) and
remove (unmark) files to be restored. No files are initially added, unless
you used the "all" keyword on the command line.
Enter "done" to leave this mode.

cwd is: /
$ `,
    [begin, "INFO_MSG", "START_RTREE", "SUB_PROMPT"],
  ]);
  assert.deepEqual(await heard(session, "quit"), [
    "Restore not done.\n",
    ["END_RTREE", "CMD_FAILED", "MAIN_PROMPT"],
  ]);
});

const names = (...all: readonly string[]) => all.map((name) => ({ name }));
const enabled = (...all: readonly string[]) => all.map((name) => ({ name, enabled: true }));
const levels = (type: string, all: Readonly<Record<string, string>>) =>
  Object.entries(all).map(([name, letter]) => ({
    name,
    level: letter.charCodeAt(0),
    jobtype: type.charCodeAt(0),
  }));
const backupLevels = levels("B", {
  ...{ Full: "F", Base: "B", Incremental: "I", Differential: "D", Since: "S", VirtualFull: "f" },
});
const verifyLevels = levels("V", {
  ...{ Catalog: "C", InitCatalog: "V", VolumeToCatalog: "O", DiskToCatalog: "d", Data: "A" },
});
const copyLevels = { Full: "F", Incremental: "I", Differential: "D" };

/** A line and the result in mode 2; names of lists are the lines of mode 0. */
const lists: readonly (readonly [line: string, result: Record<string, unknown>])[] = [
  [".jobs type=R", { jobs: enabled("Restore", "Restore2") }],
  [".jobs type=c", { jobs: enabled("Copy") }],
  [".jobs disabled", { jobs: [] }],
  [".clients", { clients: enabled("fd", "fd2", "tape-fd") }],
  [".clients enabled", { clients: enabled("fd", "fd2", "tape-fd") }],
  [".clients disabled", { clients: [] }],
  [".storages", { storages: enabled("File", "File2") }],
  [".storage", { storages: enabled("File", "File2") }],
  [".schedule", { schedules: enabled("Daily") }],
  [".filesets", { filesets: names("Set", "Set2") }],
  [".catalogs", { catalogs: names("MyCatalog") }],
  [".pools", { pools: names("Full", "Incr", "Next") }],
  [".pools type=Back", { pools: names("Full", "Incr", "Next") }],
  [".pools type=Scratch", { pools: [] }],
  [".profiles", { profiles: names("operator") }],
  [".consoles", { consoles: names("web") }],
  [".users", { users: names("alice") }],
  [".jobdefs", { jobdefs: names("Standard") }],
  [".msgs", { messages: [{ text: "Standard" }] }],
  [".actiononpurge", { actiononpurge: names("None", "Truncate") }],
  [
    ".types",
    {
      jobtypes: names(
        ...["Backup", "Admin", "Archive", "Verify", "Restore", "Migrate", "Copy", "Consolidate"],
      ),
    },
  ],
  [
    ".volstatus",
    {
      volstatus: names(
        ...["Unlabeled", "Append", "Full", "Used", "Recycle", "Purged", "Cleaning", "Error"],
        ...["Archive", "Disabled"],
      ),
    },
  ],
  [".mediatypes", { mediatypes: names("File") }],
  [".media", { media: names("Full-0001") }],
  [".locations", { locations: names("Vault") }],
  [".levels Backup", { levels: backupLevels }],
  [".levels verify", { levels: verifyLevels }],
  [".levels Restore", { levels: [] }],
  [
    ".levels",
    {
      levels: [
        ...backupLevels,
        ...verifyLevels,
        ...levels("c", copyLevels),
        ...levels("g", copyLevels),
      ],
    },
  ],
];

Deno.test("dot commands list names, in text and as JSON", async () => {
  const { scene, session } = await begun();
  await using _ = scene;
  const linesOf = (result: Record<string, unknown>): string =>
    Object.values(result).flatMap((list) => list as { name?: string; text?: string }[])
      .map(({ name, text }) => `${name ?? text}\n`).join("");
  for (const [line, result] of lists) {
    assert.equal(await session.call(line), linesOf(result), line);
  }
  await session.call(".api 2 compact=yes");
  for (const [line, result] of lists) {
    assert.deepEqual(JSON.parse(await session.call(line)).result, result, line);
  }
});

Deno.test("dot commands answer as the reference says, and refuse with their own texts", async () => {
  const { scene, session } = await begun();
  await using _ = scene;
  for (
    const [line, text] of [
      [".", ""],
      [".messages", ""],
      [".jobstatus=T", "T\tCompleted successfully\t10\t0\t0\n"],
      [".jobstatus=TT", "Unknown JobStatus 'TT'. JobStatus must be a single character.\n"],
      [".jobstatus=?", "Unknown JobStatus '?'. JobStatus must be a single character.\n"],
      [".authorized job=Backup", "authorized\n"],
      [".authorized", "not authorized\n"],
      [".defaults", ".defaults command requires a parameter.\n"],
      [".defaults job=Nope", ""],
      [
        ".defaults job=Restore",
        "job=Restore\npool=Full\nmessages=Standard\nclient=fd\nstorage=File\nwhere=/tmp/restored\nreplace=always\n" +
        "level=\ntype=Restore\nfileset=Set\nenabled=1\ncatalog=MyCatalog\n",
      ],
      [
        ".defaults storage=File2",
        "storage=File2\naddress=127.0.0.1\nport=1\nenabled=1\nmedia_type=File2\ndevice=Dev\n",
      ],
      [
        ".defaults client=fd",
        "client=fd\naddress=127.0.0.1\nport=1\nfile_retention=5184000\njob_retention=15552000\nautoprune=0\nenabled=1\ncatalog=MyCatalog\n",
      ],
      [
        ".defaults pool=Full",
        "pool=Full\npool_type=Backup\nlabel_format=*\npurge_oldest_volume==0\nrecycle_oldest_volume=0\nmax_volumes=0\n" +
        "vol_retention=31536000\nvol_use_duration=0\nmax_vol_jobs=0\nmax_vol_files=0\nmax_vol_bytes=0\nauto_prune=1\nrecycle=1\n" +
        "file_retention=0\njob_retention=0\n",
      ],
      [".help item=use", "catalog=<catalog>\n"],
      [".help item=nope", ""],
      [".help full=x", "The full option does not take a value.\n"],
      [".sql", "query keyword not found.\n"],
      [
        '.sql query="SELECT JobId, Name, Level FROM Job WHERE JobId < 3"',
        "1\tBackup\tF\n2\tBackup\tI\n",
      ],
      ['.sql query="SELEC"', 'Query failed: SELEC. ERR=near "SELEC": syntax error\n'],
    ] as const
  ) assert.equal(await session.call(line), text, line);
  await session.call(".api 2 compact=yes");
  const ask = async (line: string) => JSON.parse(await session.call(line));
  assert.deepEqual((await ask(".authorized job=Backup")).result, {
    ".authorized": { authorized: true },
  });
  assert.equal((await ask(".authorized")).error.message, "failed");
  assert.deepEqual(
    (await ask('.sql query="SELECT JobId AS id, Name FROM Job WHERE JobId = 1"')).result,
    {
      query: [{ id: "1", name: "Backup" }],
    },
  );
  assert.deepEqual(Object.keys((await ask(".help item=use")).result.use), [
    ...["command", "description", "arguments", "permission"],
  ]);
  assert.equal((await ask(".defaults pool=Full")).result.defaults["purge_oldest_volume="], 0);
});

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

Deno.test("commands that change something work in mode 2 with every choice on the line, and fail without", async () => {
  const { scene, session } = await begun();
  await using _ = scene;
  const later = 'when="2040-01-01 00:00:00"';
  await session.call(".api 2 compact=yes");
  const keys: [string, string[] | undefined][] = [];
  for (
    const line of [
      `run job=Backup ${later} yes`,
      `run job=Backup ${later}`,
      "run job=Nope",
      "run",
      "rerun jobid=1 yes",
      "rerun",
      "restore client=fd restorejob=Restore jobid=1 all done yes",
      "restore client=fd restorejob=Restore jobid=1 all",
      "restore client=fd jobid=1 all done yes",
      "restore",
      "cancel jobid=4",
      "cancel all yes",
      "cancel jobid=99",
      "enable job=Backup",
      "enable",
      "disable client=fd2",
      "disable client",
      "update volume=Full-0001 volstatus=Used",
      "update volume=Full-0001",
      "update",
      "prune files client=fd yes",
      "prune files client=fd",
      "purge volume=Full-0001 yes",
      "purge volume=Full-0001",
      "delete jobid=3",
      "delete volume=Full-0001 yes",
      "delete volume=Nope yes",
      "delete",
      "configure add pool name=Extra pooltype=Backup",
      "configure add pool name=Extra pooltype=Backup",
      "reload",
      "setdebug dir level=1",
      "setdebug",
      "gui on",
      "gui",
    ]
  ) {
    const { result } = JSON.parse(await session.call(line));
    keys.push([line, result === undefined ? undefined : Object.keys(result)]);
  }
  assert.deepEqual(keys, [
    [`run job=Backup ${later} yes`, ["run"]],
    [`run job=Backup ${later}`, ["run"]],
    ["run job=Nope", undefined],
    ["run", undefined],
    ["rerun jobid=1 yes", ["run"]],
    ["rerun", undefined],
    ["restore client=fd restorejob=Restore jobid=1 all done yes", ["run"]],
    ["restore client=fd restorejob=Restore jobid=1 all", ["run"]],
    ["restore client=fd jobid=1 all done yes", undefined],
    ["restore", undefined],
    ["cancel jobid=4", []],
    ["cancel all yes", []],
    ["cancel jobid=99", undefined],
    ["enable job=Backup", ["jobs"]],
    ["enable", undefined],
    ["disable client=fd2", ["clients"]],
    ["disable client", undefined],
    ["update volume=Full-0001 volstatus=Used", []],
    ["update volume=Full-0001", undefined],
    ["update", undefined],
    ["prune files client=fd yes", []],
    ["prune files client=fd", undefined],
    ["purge volume=Full-0001 yes", []],
    ["purge volume=Full-0001", undefined],
    ["delete jobid=3", ["deleted"]],
    ["delete volume=Full-0001 yes", ["deleted"]],
    ["delete volume=Nope yes", undefined],
    ["delete", undefined],
    ["configure add pool name=Extra pooltype=Backup", ["configure"]],
    ["configure add pool name=Extra pooltype=Backup", undefined],
    ["reload", ["reload"]],
    ["setdebug dir level=1", []],
    ["setdebug", undefined],
    ["gui on", []],
    ["gui", undefined],
  ]);
});
