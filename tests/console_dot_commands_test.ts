/** Dot commands: lists of names and what else programs ask for, in text and as JSON (console.md 21). @module */
import assert from "node:assert/strict";
import { sceneTest } from "./support/console_scene.ts";
import { begun } from "./support/listed_scene.ts";

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

sceneTest(
  "dot commands answer as the reference says, and refuse with their own texts",
  async (open) => {
    const { scene, session } = await begun(open);
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
  },
);
