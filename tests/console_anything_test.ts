/** Whatever is typed gets an answer, and the console stays: lines that nobody would type, and mistakes. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type ConsoleSession, Signal } from "../protocol/mod.ts";
import { ConsoleScene, enterJobs, type OpenCatalog, sceneTest } from "./support/console_scene.ts";

/** Commands that need no other daemon and wait for nothing. */
const commands = [
  ...["add", "autodisplay", "cancel", "configure", "create", "delete", "disable", "enable", "gui"],
  ...[
    "help",
    "list",
    "llist",
    "messages",
    "memory",
    "prune",
    "purge",
    "query",
    "restore",
    "reload",
  ],
  ...[
    "rerun",
    "run",
    "setdebug dir",
    "setdevice",
    "setip",
    "show",
    "sqlquery",
    "status dir",
    "time",
  ],
  ...["status scheduler", "trace", "truncate", "update", "use", "var", "version", "whoami", "."],
  ...[".api", ".authorized", ".clients", ".defaults", ".help", ".jobs", ".jobstatus", ".levels"],
  ...[".media", ".pools", ".sql", ".status", ".bvfs_lsdirs", ".bvfs_lsfiles", ".bvfs_update"],
  ...[".bvfs_get_jobids", ".bvfs_versions", ".bvfs_restore", ".bvfs_cleanup"],
];
const keywords = [
  ...[
    "job",
    "jobid",
    "jobname",
    "client",
    "fileset",
    "pool",
    "storage",
    "volume",
    "level",
    "where",
  ],
  ...[
    "regexwhere",
    "replace",
    "when",
    "priority",
    "files",
    "catalog",
    "since",
    "comment",
    "before",
  ],
  ...["current", "file", "directory", "select", "all", "fileregex", "yes", "bootstrap", "done"],
  ...["copies", "archive", "limit", "offset", "days", "hours", "jobs", "media", "volumes", "pools"],
  ...[
    "log",
    "joblog",
    "jobtotals",
    "backups",
    "name",
    "add",
    "export",
    "verbose",
    "disabled",
    "on",
  ],
  ...["1", "pathid", "path", "fileid", "dirid", "jobstatus", "jobtype", "last", "count", "order"],
  ...["stats", "slots", "volstatus", "enabled", "header", "since_jobid", "ujobid", "query", "item"],
];
const values = [
  ...["", "1", "2", "99", "-1", "x", "fd", "Backup", "Restore", "Set", "Full", "File", "Full-0001"],
  ...[
    "*",
    "!a!b!",
    "/data/",
    "/data/a.txt",
    "<",
    "?b21",
    "2026",
    "2026-01-02 10:00:00",
    "yes",
    "no",
  ],
  ...["a,b", "1,2,3", "99999999999999999999", "'; DROP TABLE Job; --", "%", "é", "[a", "(", "b21"],
  ...["SELECT 1", "F", "T,W", "Differential", "asc"],
];
const word = fc.oneof(
  fc.tuple(fc.constantFrom(...keywords), fc.constantFrom(...values)).map(([keyword, value]) =>
    `${keyword}=${value.includes(" ") ? `"${value}"` : value}`
  ),
  fc.constantFrom(...keywords),
  fc.string({ maxLength: 12 }).map((text) => text.replaceAll("\n", " ")),
);
const line = fc.tuple(fc.constantFrom(...commands), fc.array(word, { maxLength: 5 }))
  .map(([command, words]) => [command, ...words].join(" "));
const answer = fc.constantFrom(
  ...[
    "",
    "1",
    "2",
    "3",
    "no",
    "yes",
    ".",
    "x",
    "99",
    "done",
    "mod",
    "5",
    "8",
    "mark *",
    "SELECT 1;",
  ],
);
/** API modes. */
const modes = fc.constantFrom(0, 1, 2);
/** What a mistake of ours would look like. */
const ours =
  /TypeError|RangeError|undefined|\[object|is not a function|\bNaN\b|Cannot (query|change) the catalog/;

async function begun(
  open?: OpenCatalog,
): Promise<{ scene: ConsoleScene; session: ConsoleSession }> {
  const scene = await ConsoleScene.start({
    open,
    fill: (catalog) =>
      enterJobs(catalog, [
        { files: ["/data/", "/data/a.txt", "/data/sub/", "/data/sub/b.txt"] },
        { level: "I", start: "2026-01-02 10:00:00", files: ["/data/a.txt"] },
        { status: "f", name: "Backup2", client: "fd2", fileSet: "Set2" },
      ]),
  });
  return { scene, session: await scene.login() };
}

sceneTest(
  "every line is answered, every dialogue can be left, and the console stays",
  async (open) => {
    const { scene, session } = await begun(open);
    await using _ = scene;
    await fc.assert(
      fc.asyncProperty(
        modes,
        line,
        fc.array(answer, { maxLength: 6 }),
        async (mode, typed, answers) => {
          await session.call(`.api ${mode}`);
          let said = await session.dialogue(typed);
          for (const next of [...answers, ...Array(20).fill([".", "no"]).flat()]) {
            if (!/sql/.test(typed)) assert.doesNotMatch(said.text, ours);
            if (said.signal !== Signal.SUB_PROMPT) break;
            said = await session.dialogue(next);
          }
          assert.notEqual(said.signal, Signal.SUB_PROMPT, "the dialogue can be left");
          await session.call(".api 0");
        },
      ),
      { numRuns: 300, interruptAfterTimeLimit: 60_000 },
    );
    assert.match(await session.call("version"), /^dir Version: /);
  },
);

Deno.test("lines that are no commands, or too much of one, are refused in words", async () => {
  const { scene, session } = await begun();
  await using _ = scene;
  await session.call("list clients");
  for (
    const [typed, wanted] of [
      ["\0", /^\0: is an invalid command\.\n$/],
      ["\xff\xfe", /is an invalid command\.\n$/],
      ["\t ", /^$/],
      ['"', /^$/],
      ['""', /^$/],
      ['"" list', /^$/],
      ["=", /^$/],
      ["@time", /^@time: is an invalid command\.\n$/],
      ["x".repeat(900_000), /^x+: is an invalid command\.\n$/],
      ['"list" clients', /^\+-+\+[^]*\| fd /],
      ['list "clients', /^\+-+\+[^]*\| fd /],
      ["LIST CLIENTS", /^\+-+\+[^]*\| fd /],
      ["  list clients  ", /^\+-+\+[^]*\| fd /],
      ['list "" clients', /^list command requires a keyword\n$/],
      [`run ${"job=Backup ".repeat(40)}`, /^Job name specified twice\.\n$/],
      [`help ${"y".repeat(5000)}`, /Can't find y+ command\./],
      [`.sql query=${"x".repeat(100_000)}`, /^Query failed: x+\. ERR=/],
      ["status storage", /^The defined Storage resources are:\n1: File\n2: File2\n/],
    ] as const
  ) {
    const { text, signal } = await session.dialogue(typed);
    assert.match(text, wanted, typed.slice(0, 40));
    if (signal === Signal.SUB_PROMPT) await session.call(".");
  }
});

Deno.test("a script with mistakes goes on behind each of them", async () => {
  const { scene, session } = await begun();
  await using _ = scene;
  let text = "";
  for (
    const typed of [
      "lst jobs",
      "list jbos",
      "run job=Bakcup",
      ".",
      "restore client=rost select",
      "restore client=fd select curent",
      "restore client=fd fileset=Set select current",
      "makr /data",
      "mark data",
      "dnoe",
      "done",
      "7",
      "1",
      "modd",
      "no",
      "whoami",
    ]
  ) text += `${typed}\n${await session.call(typed)}`;
  for (
    const said of [
      "lst jobs\nlst: is an invalid command.\n",
      "Unknown list keyword: jbos\n",
      'Job "Bakcup" not found\n',
      "invalid client argument: rost\n",
      "Unknown keyword: curent\n",
      'Invalid command "makr". Enter "done" to exit.\n$ mark data\n4 files newly marked.\n$ ',
      'Invalid command "dnoe". Enter "done" to exit.\n$ done\n',
      "Select Restore Job (1-2): 7\nPlease enter a number between 1 and 2\n",
      "Illegal response modd\nOK to run? (yes/mod/no): no\nJob not run.\n",
    ]
  ) assert.ok(text.includes(said), `${said} in ${text}`);
  assert.match(text, /whoami\nroot\n(You have messages\.\n)?$/);
});

Deno.test("quit and its like end the session without a word, for consoles with no rights too", async () => {
  await using scene = await ConsoleScene.start({
    resources: "Console { Name = nobody; Password = secret; TlsEnable = no }\n",
  });
  for (const typed of ["quit", "exit", ".quit", "QUIT", "q", "ex"]) {
    for (const name of [undefined, "nobody"]) {
      const session = await scene.login(name);
      let text = "";
      await session.send(typed);
      for await (const event of session.events()) {
        if (event.kind === "text") text += event.text;
        else assert.fail(`${typed} is answered by signal ${event.signal}`);
      }
      assert.equal(text, "", typed);
      assert.ok(session.isTerminated, typed);
    }
  }
});
