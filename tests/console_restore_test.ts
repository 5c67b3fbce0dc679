/** `restore` by keywords: which jobs, files and words it takes, and what it refuses (console.md 12). @module */
import assert from "node:assert/strict";
import type { ConsoleSession } from "../protocol/mod.ts";
import {
  ConsoleScene,
  enterJobs,
  type OpenCatalog,
  sceneTest,
  steady,
} from "./support/console_scene.ts";
import { join } from "./support/paths.ts";
import { question } from "./support/run_scene.ts";

/**
 * Jobs of the past: 1 full, 2 its copy, 3 incremental in another pool, 4 full of another client in no
 * pool of these, 5 archived full of Set2, 6 one whose files are pruned.
 */
async function begun(
  open?: OpenCatalog,
): Promise<{ scene: ConsoleScene; session: ConsoleSession }> {
  const files = ["/data/", "/data/a.txt", "/data/sub/", "/data/sub/b.txt"];
  const scene = await ConsoleScene.start({
    open,
    fill: (catalog) => {
      enterJobs(catalog, [
        { files },
        {
          type: "C",
          priorJobId: 1,
          pool: "Next",
          storage: "File2",
          files,
        },
        { level: "I", start: "2026-01-02 10:00:00", files: ["/data/c.txt"], pool: "Incr" },
        { name: "Backup2", client: "fd2", fileSet: "Set2", files: ["/data2/x"] },
        { type: "A", fileSet: "Set2", files: ["/data2/y"], start: "2026-01-04 10:00:00" },
        { name: "Old", fileSet: "Set3", start: "2026-01-05 10:00:00", files: ["/data/old"] },
      ]);
      catalog.run("DELETE FROM File WHERE JobId = 6");
      catalog.run("UPDATE Job SET PurgedFiles = 1 WHERE JobId = 6");
    },
  });
  const session = await scene.login();
  await session.call("list clients");
  await session.call("use catalog=MyCatalog");
  return { scene, session };
}

/** What stands between the choice of jobs and the files, for these volumes. */
function volumes(files: string, ...rows: readonly (readonly [string, string])[]): string {
  const lines = rows.map(([volume, storage]) =>
    `    ${volume.padEnd(25)} ${storage.padEnd(25)} ${"Dev".padEnd(25)}\n`
  ).join("");
  return `Bootstrap records written to BOOTSTRAP

The job will require the following
   Volume(s)                 Storage(s)                SD Device(s)
${"=".repeat(75)}
   
${lines}
Volumes marked with "*" are online.


${files} selected to be restored.

`;
}

/** The screen of a restore by `Restore` with some lines changed. */
function screen(changes: Readonly<Record<string, string>> = {}): string {
  const lines: Record<string, string> = {
    JobName: "Restore",
    Bootstrap: "BOOTSTRAP",
    Where: "/tmp/restored",
    Replace: "Always",
    FileSet: "Set",
    "Backup Client": "fd",
    "Restore Client": "fd",
    Format: "Native",
    Storage: "File",
    When: "TIME",
    Catalog: "MyCatalog",
    Priority: "10",
    "Plugin Options": "*None*",
  };
  const shown = Object.entries(lines).map(([key, value]) => {
    const [name, text] = key === "Where" && changes.RegexWhere !== undefined
      ? ["RegexWhere", changes.RegexWhere]
      : [key, changes[key] ?? value];
    return `${`${name}:`.padEnd(17)}${text}\n`;
  });
  return `Run Restore job\n${shown.join("")}${question}`;
}

const table = (rows: string): string => {
  const rule = "+-------+-------+----------+----------+---------------------+------------+\n";
  return `${rule}| jobid | level | jobfiles | jobbytes | starttime           | volumename |\n${rule}${rows}${rule}`;
};
const fullRow = "|     1 | F     |        4 |    2,000 | TIME | Full-0001  |\n";
const incrementalRow = "|     3 | I     |        1 |    1,000 | TIME | Incr-0001  |\n";

const built = (jobs: string, files: number): string =>
  `\nBuilding directory tree for JobId(s) ${jobs} ...  ` +
  `${files > 1 ? "+" : ""}\n${files} files inserted into the tree and marked for extraction.\n`;

const one = "You have selected the following JobId: 1\n";

sceneTest(
  "restore refuses each wrong word with its own text, before it asks anything",
  async (open) => {
    const { scene, session } = await begun(open);
    await using _ = scene;
    for (
      const [line, answer] of [
        ["restore foo", "Unknown keyword: foo\n"],
        ["restore foo=bar", "Unknown keyword: foo\n"],
        ["restore client", "Missing value for keyword: client\n"],
        ["restore jobid=", "Missing value for keyword: jobid\n"],
        ["restore client=Nope", "invalid client argument: Nope\n"],
        ["restore restoreclient=Nope jobid=1", "invalid restoreclient argument: Nope\n"],
        [
          "restore jobid=1 before=2026",
          "A job was already explicitly chosen via 'jobid=1' which is incompatible with choosing a job by date 'before=2026'\n",
        ],
        [
          "restore current jobid=1",
          "A date was already chosen via 'current' which is incompatible with choosing a job explicitly via 'jobid=1'\n",
        ],
        [
          "restore current before=2026",
          "A date was already chosen via 'current'. Cannot choose another one via 'before=2026'\n",
        ],
        ["restore before=soon", "Improper date format: soon\n"],
        ["restore before=2026-13", "Improper date format: 2026-13\n"],
        ["restore jobid=x", "Could not parse jobid from 'x'\n"],
        ["restore jobid=0", "0 is not a valid jobid\n"],
        ["restore jobid=77", "Unable to get Job record for JobId=77: ERR=unknown\n"],
        ["restore jobid=1,77", "Unable to get Job record for JobId=77: ERR=unknown\n"],
        ["restore jobid=1 fileregex=a[", 'Invalid "FileRegex" value.\n'],
        [
          "restore client=fd fileset=Set select before=2025",
          "No Full backup before TIME found.\n",
        ],
        [
          "restore client=fd fileset=Set2 select before=2027",
          "No Full backup before TIME found.\n" +
          "A suitable full backup archive was found. Try restore archive <...> instead.\n",
        ],
        [
          "restore client=fd fileset=Set archive select before=2027",
          "No Full backup archive before TIME found.\n" +
          "A suitable full backup was found. Try normal restore <...> instead.\n",
        ],
        [
          "restore client=fd fileset=Set pool=Incr select before=2027",
          "No Full backup before TIME found.\n",
        ],
        ["restore client=tape-fd select current", 'No FileSet found for client "tape-fd".\n'],
        [
          "restore client=fd file=</no/such/list",
          "Cannot open file /no/such/list: ERR=No such file or directory\n",
        ],
        ["restore client=fd file=?b21", "No table found: b21\n"],
        ["restore client=fd file=?File", "No table found: File\n"],
        [
          "restore client=fd file=/nowhere",
          "No database record found for: /nowhere\nRestore not done.\n",
        ],
        [
          "restore jobid=1 directory=/nowhere",
          "No database record found for: /nowhere\nRestore not done.\n",
        ],
      ] as const
    ) assert.equal(steady(await session.call(line)), answer, line);
  },
);

sceneTest("restore takes jobs and files as its keywords say", async (open) => {
  const { scene, session } = await begun(open);
  await using _ = scene;
  const list = join(scene.folder, "list");
  await Deno.writeTextFile(list, "/data/a.txt\n/data/c.txt\n");
  const own = "client=fd restorejob=Restore";
  const fromFull = (files: string): string => volumes(files, ["Full-0001", "File"]);
  const fromBoth = (files: string): string =>
    volumes(files, ["Full-0001", "File"], ["Incr-0001", "File"]);
  const whole = one + built("1", 2) + fromFull("4 files");
  const other = join(scene.folder, "other");
  await Deno.writeTextFile(other, "/data/a.txt\nroot:secret\n\n/nowhere\n");
  for (
    const [line, answer] of [
      [
        // What is no list of names is not shown to somebody who may not read it.
        `restore ${own} file=<${other}`,
        `No database record found for: line 2 of ${other}\nNo database record found for: /nowhere\n${
          fromFull("1 file")
        }${screen()}`,
      ],
      [`restore ${own} jobid=1 all done`, whole + screen()],
      [
        `restore ${own} jobid=1 jobid=3 all done`,
        `You have selected the following JobIds: 1,3\n${built("1,3", 3)}${
          fromBoth("5 files")
        }${screen()}`,
      ],
      [
        `restore ${own} jobid=3 select all done`,
        `Selecting jobs to build the Full state at TIME\nYou have selected the following JobIds: 1,3\n${
          built("1,3", 3)
        }${fromBoth("5 files")}${screen()}`,
      ],
      [
        `restore ${own} fileset=Set select current all done`,
        `${table(fullRow + incrementalRow)}You have selected the following JobIds: 1,3\n${
          built("1,3", 3)
        }${fromBoth("5 files")}${screen()}`,
      ],
      [
        `restore ${own} fileset=Set select before=2026-1-2 all done`,
        table(fullRow) + whole + screen(),
      ],
      [
        `restore ${own} fileset=Set pool=Full select current all done`,
        table(fullRow) + whole + screen(),
      ],
      [
        `restore ${own} fileset=Set pool=Nope select before=2026-01-02 all done`,
        `Pool "Nope" not found, using any pool.\n${table(fullRow)}${whole}${screen()}`,
      ],
      [
        `restore ${own} fileset=Set2 archive select current all done`,
        `${
          table("|     5 | F     |        1 |    1,000 | TIME | Full-0001  |\n")
        }You have selected the following JobId: 5\n${built("5", 1)}${
          fromFull("1 file")
        }${screen()}`,
      ],
      [`restore ${own} file=/data/a.txt`, fromFull("1 file") + screen()],
      [
        `restore ${own} file=/data/a.txt file=/data/c.txt before=2026-01-02`,
        `No database record found for: /data/c.txt\n${fromFull("1 file")}${screen()}`,
      ],
      [`restore ${own} file=<${list}`, fromBoth("2 files") + screen()],
      [`restore ${own} jobid=1 file=/data/sub/b.txt`, fromFull("1 file") + screen()],
      [`restore ${own} jobid=1 directory=/data`, fromFull("2 files") + screen()],
      [
        `restore ${own} fileset=Set current directory=/data/`,
        table(fullRow + incrementalRow) + fromBoth("3 files") + screen(),
      ],
      [
        `restore ${own} jobid=1 fileregex=.*txt$`,
        `${one}${fromFull("4 files")}${screen()}`,
      ],
      [
        `restore ${own} jobid=1 all done where= replace=never comment=hello pluginoptions=a:b`,
        whole + screen({ Where: "", Replace: "Never", "Plugin Options": "a:b" }),
      ],
      [
        `restore ${own} jobid=1 all done restoreclient=fd2 where="/my files"`,
        whole + screen({ "Restore Client": "fd2", Where: "/my files" }),
      ],
      [
        `restore ${own} jobid=1 all done strip_prefix=/data add_prefix=/to add_suffix=.old`,
        whole + screen({ RegexWhere: "!/data!!i,!([^/])$!$1.old!,!^!/to!" }),
      ],
      [`restore ${own} jobid=1 all done regexwhere=!a!b!`, whole + screen({ RegexWhere: "!a!b!" })],
      [
        `restore ${own} jobid=1 all done storage=File2`,
        `${one}${built("1", 2)}${volumes("4 files", ["Full-0001", "File2"])}${
          screen({ Storage: "File2" })
        }`,
      ],
      [
        `restore ${own} jobid=1 all done storage=Nope`,
        `${one}${
          built("1", 2)
        }Storage "Nope" not found, using Storage "File" from MediaType "File".\n${
          fromFull("4 files")
        }${screen()}`,
      ],
      [`restore ${own} bootstrap=/tmp/x.bsr`, screen({ Bootstrap: "/tmp/x.bsr" })],
      [
        "restore client=fd restorejob=Restore2 bootstrap=/tmp/x.bsr",
        screen({
          Bootstrap: "/tmp/x.bsr",
          JobName: "Restore2",
          Where: "*None*",
        }),
      ],
    ] as const
  ) {
    assert.equal(steady(await session.call(line)), answer, line);
    assert.equal(steady(await session.call("no")), "Job not run.\n");
  }
});

sceneTest("restore offers copies, and asks where files are pruned", async (open) => {
  const { scene, session } = await begun(open);
  await using _ = scene;
  const offer = await session.call("restore client=fd restorejob=Restore jobid=1 copies all done");
  assert.match(
    offer,
    /^These JobIds have copies as follows:\n[^]*\| {5}1 \| Backup\S+ +\| +2 \| File2 +\|\n[^]*\nDo you want to restore from these copies\? \(yes\|no\): $/,
  );
  assert.equal(
    steady(await session.call("yes")),
    `You have selected the following JobId: 2\n${built("2", 2)}${
      volumes("4 files", ["Next-0001", "File2"])
    }${screen({ Storage: "File2" })}`,
  );
  await session.call("no");
  await session.call("restore client=fd restorejob=Restore jobid=1 copies all done");
  assert.ok((await session.call("no")).startsWith(one));
  await session.call("no");

  const pruned = `You have selected the following JobId: 6


For one or more of the JobIds selected, no files were found,
so file selection is not possible.
Most likely your retention policy pruned the files.

Do you want to restore all the files? (yes|no): `;
  const line = "restore client=fd restorejob=Restore jobid=6";
  assert.equal(steady(await session.call(line)), pruned);
  const pattern = "\nRegexp matching files to restore? (empty to abort): ";
  assert.equal(await session.call("no"), pattern);
  const wrong = await session.call("a[");
  assert.ok(wrong.startsWith("Regex compile error: ") && wrong.endsWith(pattern), wrong);
  assert.equal(await session.call(""), "Restore not done.\n");
  await session.call(line);
  await session.call("no");
  assert.equal(
    steady(await session.call("old$")),
    volumes("1 file", ["Full-0001", "File"]) + screen(),
  );
  await session.call("no");
  await session.call(line);
  assert.equal(
    steady(await session.call("yes")),
    volumes("1 file", ["Full-0001", "File"]) + screen(),
  );
  await session.call("no");
});

Deno.test(
  "restore asks for what is not on the line, and a period ends it anywhere",
  async () => {
    const { scene, session } = await begun();
    await using _ = scene;
    const clients = "Defined Clients:\n1: fd\n2: fd2\n3: tape-fd\nSelect the Client (1-3): ";
    const jobs =
      "The defined Restore Job resources are:\n1: Restore\n2: Restore2\nSelect Restore Job (1-2): ";
    const fileSets =
      "The defined FileSet resources are:\n1: Set\n2: Set2\n3: Set3\nSelect FileSet resource (1-3): ";
    assert.equal(steady(await session.call("restore select current all done")), clients);
    assert.equal(await session.call("1"), fileSets);
    assert.ok((await session.call("1")).endsWith(jobs));
    assert.equal(steady(await session.call("1")), screen());
    assert.equal(await session.call("."), "Job not run.\n");
    for (const answers of [[], ["1"], ["1", "1"]]) {
      await session.call("restore select current all done");
      for (const answer of answers) await session.call(answer);
      assert.match(await session.call("."), /^Selection aborted, nothing done\.\n/);
      assert.equal(await session.call(".pools"), "Full\nIncr\nNext\n");
    }
    assert.ok((await session.call("restore jobid=1 all done restorejob=Backup")).endsWith(
      `Error: Restore Job resource "Backup" does not exist.\n${jobs}`,
    ));
    await session.call(".");
    const wrong = await session.call("restore fileset=Nope client=fd select current");
    assert.equal(wrong, `Error getting FileSet "Nope": ERR=unknown\n${fileSets}`);
    await session.call(".");
    await session.call("restore");
    await session.call("4");
    const bad = await session.call("SELEC");
    assert.match(bad, /^Query failed: SELEC\. ERR=.*syntax error.*\nTo select the JobIds/);
    await session.call(".");
  },
);

sceneTest(
  "a program restores in API mode 2 with every choice on the line, and fails without",
  async (open) => {
    const { scene, session } = await begun(open);
    await using _ = scene;
    await session.call(".api 2 compact=yes");
    const ask = async (line: string) => JSON.parse(await session.call(line));
    const { result } = await ask("restore client=fd restorejob=Restore jobid=1 all done yes");
    assert.deepEqual(result, { run: { jobid: "7" } });
    for (
      const line of [
        "restore",
        "restore client=fd",
        "restore select current",
        "restore client=fd select current",
        "restore client=fd jobid=1 all done",
        "restore client=fd restorejob=Restore jobid=77 all done yes",
      ]
    ) assert.equal((await ask(line)).error?.message, "failed", line);
    assert.equal((await ask("list jobs count")).result.jobs[0].count, "7");
  },
);
