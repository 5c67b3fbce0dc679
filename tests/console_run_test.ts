/** `run`: which words it refuses, and what it shows before a job starts (console.md 11.1, 11.2). @module */
import assert from "node:assert/strict";
import type { ConsoleSession } from "../protocol/mod.ts";
import { steady } from "./support/console_scene.ts";
import { answers, begun, clientList, poolList, question } from "./support/run_scene.ts";

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

Deno.test(
  "run shows each type of job before it starts, to people and to programs",
  async () => {
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
  },
);
