/** What can be changed before a job starts: the menu of `mod`, and words behind it (console.md 11.3). @module */
import assert from "node:assert/strict";
import { steady, typed } from "./support/console_scene.ts";
import { begun, clientList, poolList, question } from "./support/run_scene.ts";

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
