/** `run`, `rerun` and `estimate` from the console: what they refuse, show and change (console.md 11). @module */
import assert from "node:assert/strict";
import type { ConsoleSession } from "../protocol/mod.ts";
import { ConsoleScene, enterJobs, steady, typed } from "./support/console_scene.ts";

const question = "OK to run? (yes/mod/no): ";

/** A director with a few jobs of the past, and a console that has opened the catalog. */
async function begun(): Promise<{ scene: ConsoleScene; session: ConsoleSession }> {
  const scene = await ConsoleScene.start({
    resources: `Pool { Name = Bare; PoolType = Backup }
Job { Name = Pooled; Type = Backup; Client = fd; FileSet = Set; Pool = Full; Messages = Standard }`,
    fill: (catalog) =>
      enterJobs(catalog, [
        { files: ["/data/a.txt"] },
        { level: "I", start: "2026-01-02 10:00:00", files: ["/data/c.txt"], pool: "Incr" },
        { status: "f", start: "2026-01-03 10:00:00" },
        {
          status: "f",
          start: "2026-01-04 10:00:00",
          name: "Backup2",
          client: "fd2",
          fileSet: "Set2",
        },
        { status: "f", start: "2026-01-05 10:00:00", name: "Restore", type: "R", level: " " },
      ]),
  });
  const session = await scene.login();
  await session.call("use catalog=MyCatalog");
  await session.call("rerun");
  return { scene, session };
}

/** Each line and all that the director answers to it. */
async function answers(
  session: ConsoleSession,
  rows: readonly (readonly [line: string, answer: string])[],
): Promise<void> {
  for (const [line, answer] of rows) assert.equal(steady(await session.call(line)), answer, line);
}

/** Types a line and reads until a question, which no signal follows in API mode 1. */
async function upTo(session: ConsoleSession, line: string, end: string): Promise<string> {
  await session.send(line);
  let text = "";
  for await (const event of session.events()) {
    if (event.kind === "text") text += event.text;
    if (text.endsWith(end)) break;
  }
  return text;
}

const clientList = `The defined Client resources are:
1: fd
2: fd2
3: tape-fd
Select Client (File daemon) resource (1-3): `;

const poolList = `The defined Pool resources are:
1: Bare
2: Full
3: Incr
4: Next
Select Pool resource (1-4): `;

Deno.test("run refuses each wrong word with its own text", async () => {
  const { scene, session } = await begun();
  await using _ = scene;
  const aborted = "Selection aborted, nothing done.\n";
  await answers(session, [
    ["run job=", "Value missing for keyword job\n"],
    ["run job=Backup level", "Value missing for keyword level\n"],
    ["run job=Backup job=Backup", "Job name specified twice.\n"],
    ["run job=Backup jobname=Backup", "Job name specified twice.\n"],
    ["run job=Backup jobid=1 jobid=1", "JobId specified twice.\n"],
    ["run job=Backup fd=fd client=fd", "Client specified twice.\n"],
    ["run job=Backup fileset=Set fileset=Set", "FileSet specified twice.\n"],
    ["run job=Backup level=Full level=Full", "Level specified twice.\n"],
    ["run job=Backup sd=File storage=File", "Storage specified twice.\n"],
    ["run job=Restore where=/x regexwhere=!a!b!", "RegexWhere or Where specified twice.\n"],
    ["run job=Restore regexwhere=!a!b! where=/x", "Where or RegexWhere specified twice.\n"],
    ["run job=Restore bootstrap=/x bootstrap=/x", "Bootstrap specified twice.\n"],
    ["run job=Restore replace=never replace=never", "Replace specified twice.\n"],
    ["run job=Backup when=now when=now", "When specified twice.\n"],
    ["run job=Backup priority=1 priority=1", "Priority specified twice.\n"],
    ["run job=Verify verifyjob=Backup verifyjob=Backup", "Verify Job specified twice.\n"],
    ["run job=Copy migrationjob=x migrationjob=x", "Migration Job specified twice.\n"],
    ["run job=Backup pool=Full pool=Full", "Pool specified twice.\n"],
    ["run job=Backup nextpool=Next nextpool=Next", "NextPool specified twice.\n"],
    ["run job=Restore restoreclient=fd restoreclient=fd", "Restore Client specified twice.\n"],
    ["run job=Backup pluginoptions=x pluginoptions=x", "Plugin Options specified twice.\n"],
    ["run job=Backup spooldata=no spooldata=no", "Spool flag specified twice.\n"],
    [
      "run job=Backup ignoreduplicatecheck=no ignoreduplicatecheck=no",
      "IgnoreDuplicateCheck flag specified twice.\n",
    ],
    ["run job=Backup accurate=no accurate=no", "Accurate flag specified twice.\n"],
    ["run job=Backup backupformat=x backupformat=x", "Backup Format specified twice.\n"],
    ["run job=Backup consolidatejob=x consolidatejob=x", "Consolidate Job specified twice.\n"],
    ["run job=Backup foo=bar", "Invalid keyword: foo\n"],
    ["run job=Backup spooldata=maybe", "Invalid spooldata flag.\n"],
    ["run job=Backup spooldata=1", "Invalid spooldata flag.\n"],
    ["run job=Backup accurate=true", "Invalid accurate flag.\n"],
    ["run job=Backup ignoreduplicatecheck=x", "Invalid ignoreduplicatecheck flag.\n"],
    ["run job=Restore jobid=77", "JobId 77 not found in catalog. \n"],
    ["run job=Backup catalog=Nope", 'Catalog "Nope" not found\n'],
    ["run job=Backup client=Nope", `Client "Nope" not found.\n${clientList}`],
    [".", aborted],
    ["run job=Restore restoreclient=Nope", `Restore Client "Nope" not found.\n${clientList}`],
    [".", aborted],
    ["run job=Backup pool=Nope", `Pool "Nope" not found.\n${poolList}`],
    [".", aborted],
    ["run job=Backup nextpool=Nope", `Pool "Nope" not found.\n${poolList}`],
    [".", aborted],
    [
      "run job=Backup storage=Nope",
      'Storage "Nope" not found.\nThe defined Storage resources are:\n1: File\n2: File2\nSelect Storage resource (1-2): ',
    ],
    [".", aborted],
    ["run job=Pooled pool=Bare", "No storage specified.\n"],
    ["run job=Backup fileset=Nope", 'FileSet "Nope" not found.\n'],
    ["run job=Verify verifyjob=Nope", 'Verify Job "Nope" not found.\n'],
    ["run job=Copy migrationjob=Nope", 'Migration Job "Nope" not found.\n'],
    ["run job=Backup consolidatejob=Nope", 'Consolidate Job "Nope" not found.\n'],
    [
      "run job=Backup level=VirtualFull consolidatejob=Admin",
      'Invalid Consolidate Job "Admin". Job type is "D" but expected "O".\n',
    ],
    [
      "run job=Backup consolidatejob=Consolidate",
      "Consolidate Job option is only valid for virtual full jobs.\n",
    ],
    [
      "run job=Backup when=yesterday",
      'Invalid time specification in when; expected: "YYYY-MM-DD HH:MM:SS"\n',
    ],
    ["run job=Restore replace=sometimes", "Invalid replace option: sometimes\n"],
    [
      "run job=Backup since=2026",
      'Since option expects string in format "yyyy-mm-dd hh:mm:ss", but is: 2026\n',
    ],
    ["run job=Backup level=Fullish", 'Level "Fullish" not valid.\n'],
    ["run job=Backup comment=a<b", 'Illegal character "<" in a comment.\n'],
  ]);
  const jobs = await session.call("run job=Nope");
  assert.match(jobs, /^Job "Nope" not found\nThe defined Job resources are:\n 1: Admin\n/);
  assert.match(jobs, /11: Verify\nSelect Job resource \(1-11\): $/);
  assert.equal(await session.call("."), aborted);
  assert.match(await session.call("run"), /^A job name must be specified\.\nThe defined Job/);
  assert.equal(await session.call("."), aborted);
  const low = await session.call("run job=Backup priority=0");
  assert.match(low, /^Priority must be positive nonzero setting it to 10\.\nRun Backup job\n/);
  assert.match(low, /\nPriority: 10\n/);
  assert.equal(await session.call("n"), "Job not run.\n");
});

const screens: readonly (readonly [line: string, screen: string])[] = [
  [
    "run Backup",
    `Run Backup job
JobName:  Backup
Level:    Full
Client:   fd
Format:   Native
FileSet:  Set
Pool:     Full (From Job resource)
Storage:  File (From Pool resource)
When:     TIME
Priority: 10
`,
  ],
  [
    "run job=Backup level=Incremental client=fd2 fileset=Set2 storage=File2 priority=3 accurate=yes",
    `Run Backup job
JobName:  Backup
Level:    Incremental
Client:   fd2
Format:   Native
FileSet:  Set2
Pool:     Incr (From Job IncPool override)
Storage:  File2 (From command line)
When:     TIME
Priority: 3
`,
  ],
  [
    "run job=Backup level=VirtualFull pool=Incr pluginoptions=python:module",
    `Run Backup job
JobName:  Backup
Level:    Virtual Full
Client:   fd
Format:   Native
FileSet:  Set
Pool:     Incr (From command line)
NextPool: *None*
Storage:  File (From Pool resource)
When:     TIME
Priority: 10
Plugin Options: python:module
`,
  ],
  ...["Admin", "Archive", "Consolidate"].map((name) =>
    [
      `run job=${name}`,
      `Run ${name} Job
JobName:  ${name}
FileSet:  Set
Client:   fd
Storage:  File
When:     TIME
Priority: 10
`,
    ] as const
  ),
  [
    "run job=Verify",
    `Run Verify Job
JobName:     Verify
Level:       Verify Volume to Catalog
Client:      fd
FileSet:     Set
Pool:        Full (From Job resource)
Storage:     File (From Pool resource)
Verify Job:  Backup
When:        TIME
Priority:    10
`,
  ],
  [
    "run job=Copy jobid=1",
    `Run Copy job
JobName:       Copy
Bootstrap:     *None*
Read Storage:  File (From Pool resource)
Pool:          Full (From Job resource)
Write Storage: File2 (From Storage from Pool's NextPool resource)
NextPool:      Next (From Pool resource)
JobId:         1
When:          TIME
Catalog:       MyCatalog
Priority:      10
`,
  ],
  [
    "run job=Migrate nextpool=Incr",
    `Run Migration job
JobName:       Migrate
Bootstrap:     *None*
Read Storage:  File (From Pool resource)
Pool:          Full (From Job resource)
Write Storage: File (From Storage from Pool's NextPool resource)
NextPool:      Incr (From command line)
JobId:         *None*
When:          TIME
Catalog:       MyCatalog
Priority:      10
`,
  ],
  [
    "run job=Restore client=fd restoreclient=fd2 bootstrap=/tmp/x.bsr replace=ifnewer",
    `Run Restore job
JobName:         Restore
Bootstrap:       /tmp/x.bsr
Where:           /tmp/restored
Replace:         IfNewer
FileSet:         Set
Backup Client:   fd
Restore Client:  fd2
Format:          Native
Storage:         File
When:            TIME
Catalog:         MyCatalog
Priority:        10
Plugin Options:  *None*
`,
  ],
  [
    "run job=Restore jobid=1 regexwhere=!a!b!",
    `Run Restore job
JobName:         Restore
Bootstrap:       *None*
RegexWhere:      !a!b!
Replace:         Always
Client:          fd
Format:          Native
Storage:         File
JobId:           1
When:            TIME
Catalog:         MyCatalog
Priority:        10
Plugin Options:  *None*
`,
  ],
];

Deno.test("run shows each type of job before it starts, to people and to programs", async () => {
  const { scene, session } = await begun();
  await using _ = scene;
  for (const [line, screen] of screens) {
    assert.equal(steady(await session.call(line)), screen + question, line);
    assert.equal(await session.call("no"), "Job not run.\n");
  }
  await session.call(".api 1");
  for (const [line, screen] of screens) {
    const [title = "", ...rest] = screen.split("\n");
    const type = /^Run (\w+)/.exec(title)?.[1]?.replace("Migration", "Migrate");
    const plain = rest.join("\n").replaceAll(/ \(From .*\)$/gm, "");
    assert.equal(
      steady(await upTo(session, line, question)),
      `Type: ${type}\nTitle: Run ${type} Job\n${plain}${question}`,
      line,
    );
    await session.call("no");
  }
});

const levels = "Levels:\n1: Full\n2: Incremental\n3: Differential\n4: Since\n5: VirtualFull\n";
const relocation = `This will replace your current Where value
1: Strip prefix
2: Add prefix
3: Add file suffix
4: Enter a regexp
5: Test filename manipulation
6: Use this ?
Select parameter to modify (1-6): `;

/** A line of the screen after answers to the menu; the last of these answers is a whole one. */
interface Change {
  readonly job: string;
  /** What is typed after `mod`, and all that is answered but for the last. */
  readonly steps: readonly (readonly [answer: string, next?: string])[];
  /** What the last answer brings, or the line that the screen shows then. */
  readonly shows: string;
}

const changes: readonly Change[] = [
  {
    job: "Backup",
    steps: [["1", `${levels}Select level (1-5): `], ["3"]],
    shows: "Level:    Differential\n",
  },
  {
    job: "Verify",
    steps: [
      [
        "1",
        "Levels:\n1: Initialize Catalog\n2: Verify Catalog\n3: Verify Volume to Catalog\n4: Verify Disk to Catalog\n" +
        "5: Verify Volume Data (not yet implemented)\nSelect level (1-5): ",
      ],
      ["4"],
    ],
    shows: "Level:       Verify Disk to Catalog\n",
  },
  {
    job: "Restore",
    steps: [["1"]],
    shows: "Level not appropriate for this Job. Cannot be changed.\n",
  },
  {
    job: "Backup",
    steps: [[
      "2",
      "The defined Storage resources are:\n1: File\n2: File2\nSelect Storage resource (1-2): ",
    ], ["2"]],
    shows: "Storage:  File2 (From user selection)\n",
  },
  { job: "Backup", steps: [["3"], ["4"]], shows: "JobName:  Backup2\n" },
  {
    job: "Backup",
    steps: [[
      "4",
      "The defined FileSet resources are:\n1: Set\n2: Set2\nSelect FileSet resource (1-2): ",
    ], ["2"]],
    shows: "FileSet:  Set2\n",
  },
  { job: "Backup", steps: [["5", clientList], ["2"]], shows: "Client:   fd2\n" },
  { job: "Restore", steps: [["5", clientList], ["2"]], shows: "Restore Client:  fd2\n" },
  {
    job: "Backup",
    steps: [["6", "Please enter Backup Format: "], ["Other"]],
    shows: "Format:   Other\n",
  },
  {
    job: "Backup",
    steps: [
      ["7", "Please enter desired start time as YYYY-MM-DD HH:MM:SS (return for now): "],
      ["soon"],
    ],
    shows: "Invalid time specification.\n",
  },
  {
    job: "Backup",
    steps: [["7"], ["2040-01-02 03:04:05"]],
    shows: "When:     2040-01-02 03:04:05\n",
  },
  {
    job: "Backup",
    steps: [["8", "Enter new Priority: "], ["0"]],
    shows: "Priority must be a positive integer.\n",
  },
  { job: "Backup", steps: [["8"], ["77"]], shows: "Priority: 77\n" },
  {
    job: "Backup",
    steps: [["9", poolList], ["3"]],
    shows: "Pool:     Incr (From user selection)\n",
  },
  {
    job: "Backup",
    steps: [["10", "Please enter Plugin Options string: "], ["python:x"]],
    shows: "Plugin Options: python:x\n",
  },
  {
    job: "Backup level=VirtualFull",
    steps: [["10", poolList], ["3"]],
    shows: "NextPool: Incr (From user selection)\n",
  },
  { job: "Verify", steps: [["10"], ["4"]], shows: "Verify Job:  Backup2\n" },
  {
    job: "Copy",
    steps: [["9", poolList], ["3"]],
    shows: "Pool:          Incr (From user selection)\n",
  },
  {
    job: "Copy",
    steps: [["10", poolList], ["3"]],
    shows: "NextPool:      Incr (From user selection)\n",
  },
  {
    job: "Restore",
    steps: [["9", "Please enter the Bootstrap file name: "], ["/no/such/file"]],
    shows: "Warning cannot open /no/such/file: ERR=No such file or directory\n",
  },
  {
    job: "Restore",
    steps: [
      ["10", "Please enter the full path prefix for restore (/ for none): "],
      ["/elsewhere"],
    ],
    shows: "Where:           /elsewhere\n",
  },
  {
    job: "Restore",
    steps: [
      ["11", `strip_prefix= add_prefix= add_suffix=\n${relocation}`],
      ["1", "Please enter the path prefix to strip: "],
      ["/data", `strip_prefix=/data add_prefix= add_suffix=\n${relocation}`],
      ["2", "Please enter the path prefix to add (/ for none): "],
      ["/to", `strip_prefix=/data add_prefix=/to add_suffix=\n${relocation}`],
      ["3", "Please enter the file suffix to add: "],
      [".old", `strip_prefix=/data add_prefix=/to add_suffix=.old\n${relocation}`],
      [
        "5",
        "strip_prefix=/data add_prefix=/to add_suffix=.old result=!/data!!i,!([^/])$!$1.old!,!^!/to!\n" +
        "Enter a period (.) to stop this test\nPlease enter filename to test: ",
      ],
      ["/data/x.txt", "/data/x.txt -> /to/x.txt.old\nPlease enter filename to test: "],
      [".", `strip_prefix=/data add_prefix=/to add_suffix=.old\n${relocation}`],
      ["6"],
    ],
    shows: "RegexWhere:      !/data!!i,!([^/])$!$1.old!,!^!/to!\n",
  },
  {
    job: "Restore",
    steps: [
      ["11"],
      ["4", "Please enter a valid regexp (!from!to!): "],
      ["x", `Cannot use your regexp\nstrip_prefix= add_prefix= add_suffix=\n${relocation}`],
      ["4"],
      ["!a!b!", `regexwhere=!a!b!\n${relocation}`],
      [
        "5",
        "regexwhere=!a!b!\nEnter a period (.) to stop this test\nPlease enter filename to test: ",
      ],
      ["cat", "cat -> cbt\nPlease enter filename to test: "],
      ["."],
      ["6"],
    ],
    shows: "RegexWhere:      !a!b!\n",
  },
  {
    job: "Restore",
    steps: [
      [
        "12",
        "Replace:\n1: Always\n2: IfNewer\n3: IfOlder\n4: Never\nSelect replace option (1-4): ",
      ],
      ["4"],
    ],
    shows: "Replace:         Never\n",
  },
  {
    job: "Restore",
    steps: [["13", "Please enter a JobId for restore: "], [
      "x",
      "Expected a positive integer, got: x\nPlease enter a JobId for restore: ",
    ], ["2"]],
    shows: "JobId:           2\n",
  },
  {
    job: "Restore bootstrap=/x",
    steps: [["13"]],
    shows: "You must set the bootstrap file to NULL to be able to specify a JobId.\n",
  },
  { job: "Restore", steps: [["14"], ["a:b"]], shows: "Plugin Options:  a:b\n" },
];

Deno.test("mod changes one thing at a time and shows the job again", async () => {
  const { scene, session } = await begun();
  await using _ = scene;
  for (const { job, steps, shows } of changes) {
    await session.call(`run job=${job}`);
    const menu = await session.call("mod");
    assert.match(
      menu,
      /^Parameters to modify:\n ?1: Level\n[^]*Select parameter to modify \(1-\d+\): $/,
    );
    let answer = "";
    for (const [step, next] of steps) {
      answer = await session.call(step);
      if (next !== undefined) assert.equal(answer, next, `${job}: ${step}`);
    }
    assert.ok(answer.endsWith(question), `${job}: ${answer}`);
    assert.ok(answer.includes(`\n${shows}`) || answer.startsWith(shows), `${job}: ${answer}`);
    assert.equal(await session.call("no"), "Job not run.\n");
  }
});

Deno.test("the menu of mod has the items of the type of job", async () => {
  const { scene, session } = await begun();
  await using _ = scene;
  const common = [
    "Level",
    "Storage",
    "Job",
    "FileSet",
    "Client",
    "Backup Format",
    "When",
    "Priority",
  ];
  const restore = common.map((item) => item === "Client" ? "Restore Client" : item);
  for (
    const [job, items] of [
      ["Backup", [...common, "Pool", "Plugin Options"]],
      ["Backup level=VirtualFull", [...common, "Pool", "NextPool", "Plugin Options"]],
      ["Verify", [...common, "Pool", "Verify Job", "Plugin Options"]],
      ["Copy", [...common, "Pool", "NextPool", "Plugin Options"]],
      ["Migrate", [...common, "Pool", "NextPool", "Plugin Options"]],
      ["Admin", common],
      [
        "Restore",
        [
          ...restore,
          ...["Bootstrap", "Where", "File Relocation", "Replace", "JobId", "Plugin Options"],
        ],
      ],
    ] as const
  ) {
    await session.call(`run job=${job}`);
    const width = String(items.length).length;
    const lines = items.map((item, at) => `${String(at + 1).padStart(width)}: ${item}\n`).join("");
    assert.equal(
      await session.call("mod"),
      `Parameters to modify:\n${lines}Select parameter to modify (1-${items.length}): `,
      job,
    );
    assert.equal(await session.call("."), "Selection aborted, nothing done.\nJob not run.\n");
  }
});

Deno.test("words behind mod are applied to what was chosen before; wrong ones change nothing", async () => {
  const { scene, session } = await begun();
  await using _ = scene;
  await typed(session, "run job=Backup", "mod", "5", "2");
  const first = await session.call(".mod level=Differential priority=7");
  assert.match(first, /\nLevel: {4}Differential\nClient: {3}fd2\n[^]*\nPriority: 7\n/);
  const wrong = await session.call("mod priority=9 foo=1");
  assert.match(wrong, /^Invalid keyword: foo\nRun Backup job\n[^]*\nPriority: 7\n/);
  const second = await session.call("mod pool=Incr");
  assert.match(
    second,
    /\nClient: {3}fd2\n[^]*\nPool: {5}Incr \(From command line\)\n[^]*\nPriority: 7\n/,
  );
  assert.match(await session.call("mod job=Admin"), /^Run Admin Job\n/);
  assert.equal(await session.call("what"), `Illegal response what\n${question}`);
  assert.equal(await session.call("."), "Job not run.\n");
  await session.call("run job=Admin");
  assert.equal(steady(await session.call("ye")), "Job queued. JobId=6\n");
  await session.call("run job=Admin");
  assert.equal(steady(await session.call("")), "Job queued. JobId=7\n");
  assert.equal(steady(await session.call("run Admin yes")), "Job queued. JobId=8\n");
});

Deno.test("rerun takes lists, ranges and times, and refuses what makes no sense", async () => {
  const { scene, session } = await begun();
  await using _ = scene;
  await answers(session, [
    ["rerun", "Please specify jobid, since_jobid, hours or days\n"],
    ["rerun jobid=x", 'Specified jobid "x" is not valid\n'],
    ["rerun jobid=99", 'Specified jobid "99" is not valid\n'],
    ["rerun since_jobid=x", 'Specified jobid "x" is not valid\n'],
    ["rerun since_jobid=1 until_jobid=y", 'Specified jobid "y" is not valid\n'],
    [
      "rerun jobid=1 since_jobid=2",
      "Please specify either jobid or since_jobid (and optionally until_jobid)\n",
    ],
    ["rerun jobid=1 days=3", "Please specify either jobid or a timeframe\n"],
    ["rerun since_jobid=1 hours=3", "Please specify either jobid or a timeframe\n"],
    ["rerun hours=1", "No jobids with the specified options were found.\n"],
    [
      "rerun since_jobid=1 until_jobid=2",
      "No jobids with the specified options were found.\n",
    ],
    [
      "rerun since_jobid=1",
      "The following ids were selected for rerun:\n3,4,5\nrerun these jobids? (yes/no): ",
    ],
    ["n", "Invalid response. You must answer YES or NO.\nrerun these jobids? (yes/no): "],
    ["no", ""],
    // A restore is no job to be run again.
    ["rerun jobid=5", ""],
  ]);
  const first = steady(await session.call("rerun jobid=2,4"));
  assert.equal(
    first,
    `rerunning jobid 2
Run Backup job
JobName:  Backup
Level:    Incremental
Client:   fd
Format:   Native
FileSet:  Set
Pool:     Incr (From command line)
Storage:  File (From Pool resource)
When:     TIME
Priority: 10
${question}`,
  );
  const second = await session.call("no");
  assert.match(second, /^Job not run\.\nrerunning jobid 4\nRun Backup job\nJobName: {2}Backup2\n/);
  await session.call("no");
  assert.equal(
    steady(await session.call("rerun since_jobid=4 until_jobid=5 yes")),
    "The following ids were selected for rerun:\n4,5\nrerunning jobid 4\nJob queued. JobId=6\n",
  );
  await session.call(".api 2 compact=yes");
  assert.deepEqual(JSON.parse(await session.call("rerun days=9999 yes")).result, {
    run: { jobid: "8" },
  });
});

Deno.test("estimate refuses each wrong word with its own text", async () => {
  const { scene, session } = await begun();
  await using _ = scene;
  await answers(session, [
    ["estimate client=Nope", 'Client "Nope" not found.\n'],
    ["estimate client", "Client name missing.\n"],
    ["estimate client=", "Client name missing.\n"],
    ["estimate job=Nope", 'Job "Nope" not found.\n'],
    ["estimate job", "Job name missing.\n"],
    ["estimate fileset=Nope", 'Fileset "Nope" not found.\n'],
    ["estimate fileset", "Fileset name missing.\n"],
    ["estimate level=Fullish", 'Level "Fullish" not valid.\n'],
    ["estimate level", "Level value missing.\n"],
    ["estimate job=Backup accurate=maybe", "Invalid value for accurate. It must be YES or NO.\n"],
    ["estimate job=Backup accurate=true", "Invalid value for accurate. It must be YES or NO.\n"],
    ["estimate job=Backup accurate", "Accurate value missing.\n"],
    ["estimate job=Admin", "Wrong job specified of type D.\n"],
    ["estimate job=Backup client=tape-fd", "Estimate is only supported on native clients.\n"],
    [
      "estimate",
      "The defined Job resources are:\n1: Backup\n2: Backup2\n3: Pooled\nSelect Job resource (1-3): ",
    ],
    [".", "Selection aborted, nothing done.\n"],
  ]);
  await session.call(".api 2");
  const { error } = JSON.parse(await session.call("estimate"));
  assert.match(error.data.messages.error[0], /^A job name|^No job specified|multiple choices/);
});
