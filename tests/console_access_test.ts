/** What consoles with lists of rights may see and do: each row of console.md 5.2, on a running director. */
import assert from "node:assert/strict";
import type { ConsoleSession } from "../protocol/mod.ts";
import {
  ConsoleScene,
  enterJobs,
  type OpenCatalog,
  sceneTest,
  steady,
} from "./support/console_scene.ts";

const kinds = [
  ...["Job", "Client", "Storage", "Schedule", "Pool", "Command", "FileSet", "Catalog", "Where"],
  "PluginOptions",
] as const;
type Kind = typeof kinds[number];

/** The lists of a console: everything, but for those that are given. */
function lists(some: Partial<Record<Kind, string>>, others = "*all*"): string {
  return kinds.map((kind) => [kind, some[kind] ?? others])
    .filter(([, list]) => list !== "").map(([kind, list]) => `  ${kind}Acl = ${list}\n`).join("");
}

const consoleText = (name: string, some: Partial<Record<Kind, string>>, others?: string): string =>
  `Console { Name = ${name}; Password = secret; TlsEnable = no\n${lists(some, others)}}\n`;

/** Each console lacks one thing. */
const consoles = [
  consoleText("full", {}),
  consoleText("nothing", {}, ""),
  consoleText("no-job", { Job: '"!Backup2", *all*' }),
  consoleText("no-client", { Client: '"!fd2", *all*' }),
  consoleText("no-storage", { Storage: '"!File2", *all*' }),
  consoleText("no-schedule", { Schedule: '"!Daily", *all*' }),
  consoleText("no-pool", { Pool: '"!Next", *all*' }),
  consoleText("no-command", { Command: '"!run", "!messages", "!configure", "!sqlquery", *all*' }),
  consoleText("no-fileset", { FileSet: '"!Set2", *all*' }),
  consoleText("no-catalog", { Catalog: '"!Second", *all*' }),
  consoleText("where", { Where: "/allowed/.*", PluginOptions: '"python.*"' }),
].join("");

const profiles = `
Profile { Name = reader; CommandAcl = list, .jobs, .authorized, .help
  JobAcl = "!Backup2", *all*; CatalogAcl = *all*; ClientAcl = *all*; PoolAcl = *all* }
Profile { Name = runner; CommandAcl = run, ".*"; JobAcl = *all*; FileSetAcl = *all*; StorageAcl = *all* }
Console { Name = layered; Password = secret; TlsEnable = no; Profile = reader, runner
  CommandAcl = "!list", whoami }
`;

/** Another schedule and catalog, and jobs of the past that use what may be forbidden. */
async function begun(open?: OpenCatalog): Promise<ConsoleScene> {
  return await ConsoleScene.start({
    open,
    resources: `Catalog { Name = Second; DbName = second; DbUser = x }
Schedule { Name = Weekly }
${consoles}${profiles}`,
    fill: (catalog) =>
      enterJobs(catalog, [
        { files: ["/data/a.txt"] },
        {
          name: "Backup2",
          client: "fd2",
          fileSet: "Set2",
          pool: "Next",
          storage: "File2",
          files: ["/x"],
        },
      ]),
  });
}

async function login(scene: ConsoleScene, name: string): Promise<ConsoleSession> {
  const session = await scene.login(name);
  await session.call("use catalog=MyCatalog");
  await session.call("list clients");
  await session.call("rerun");
  return session;
}

const needed = (kind: string): string => `Permission denied: need full ${kind} permission.\n`;
const notAuthorized = (what: string): string => `No authorization for "${what}" specification.\n`;

/** Who types what and gets which answer; a period is typed behind each. */
const rows: readonly (readonly [console: string, line: string, answer: string | RegExp])[] = [
  // Commands
  ["nothing", "list jobs", "list: is an invalid command.\n"],
  ["nothing", "help", "help: is an invalid command.\n"],
  ["nothing", "whoami", "nothing\n"],
  ["full", "whoami", "full\n"],
  ["no-command", "run job=Backup yes", "run: is an invalid command.\n"],
  ["no-command", "ru job=Backup yes", "ru: is an invalid command.\n"],
  ["no-command", "help run", /Can't find run command\./],
  ["full", "help run", /^ {2}Command {12}Description\n {2}=+ +=+\n {2}run {15} Run a job\n/],
  ["no-command", "messages", "messages: is an invalid command.\n"],
  // Lists of names
  ["no-job", ".jobs", /^(?![^]*Backup2)[^]*^Backup$/m],
  ["no-client", ".clients", "fd\ntape-fd\n"],
  ["no-storage", ".storages", "File\n"],
  ["no-schedule", ".schedule", "Weekly\n"],
  ["no-pool", ".pools", "Full\nIncr\n"],
  ["no-pool", ".media", "Full-0001\n"],
  ["no-fileset", ".filesets", "Set\n"],
  ["no-catalog", ".catalogs", "MyCatalog\n"],
  // Selectors
  ["no-job", "run", /^A job name must be specified\.\n(?![^]*Backup2)[^]*: Backup\n/],
  ["no-client", "run job=Backup client=Nope", /\n1: fd\n2: tape-fd\nSelect Client/],
  ["no-client", "restore select", "Defined Clients:\n1: fd\n2: tape-fd\nSelect the Client (1-2): "],
  ["no-fileset", "restore client=fd2 select", 'No FileSet found for client "fd2".\n'],
  // run
  ["no-job", "run job=Backup jobid=2 yes", "JobId 2 not found in catalog. \n"],
  ["no-job", "run job=Backup2 yes", /^Job "Backup2" not found\nThe defined Job/],
  ["no-client", "run job=Backup client=fd2 yes", 'No authorization. Client "fd2".\n'],
  ["no-client", "run job=Backup2 yes", 'No authorization. Client "fd2".\n'],
  ["no-storage", "run job=Backup storage=File2 yes", 'No authorization. Storage "File2".\n'],
  ["no-storage", "run job=Backup pool=Next yes", 'No authorization. Storage "File2".\n'],
  ["no-pool", "run job=Backup pool=Next yes", /^Pool "Next" not found\.\n[^]*1: Full\n2: Incr\n/],
  [
    "no-pool",
    "run job=Backup nextpool=Next yes",
    /^Pool "Next" not found\.\n[^]*1: Full\n2: Incr\n/,
  ],
  ["no-fileset", "run job=Backup fileset=Set2 yes", 'FileSet "Set2" not found.\n'],
  ["no-catalog", "run job=Backup catalog=Second yes", 'No authorization for Catalog "Second"\n'],
  ["where", "run job=Restore where=/other yes", notAuthorized("where")],
  ["where", "run job=Restore regexwhere=!a!b! yes", notAuthorized("regexwhere")],
  ["where", "run job=Restore where=/allowed/x", /^Run Restore job\n[^]*Where: {11}\/allowed\/x\n/],
  ["where", "run job=Backup pluginoptions=other yes", notAuthorized("PluginOptions")],
  ["where", "run job=Backup pluginoptions=python:x", /^Run Backup job\n/],
  // restore
  [
    "no-job",
    "restore client=fd jobid=2 all done",
    'Access to JobId=2 (Job "Backup2") not authorized. Not selected.\nNo Jobs selected.\n',
  ],
  ["no-client", "restore client=fd2 select", "invalid client argument: fd2\n"],
  ["no-client", "restore restoreclient=fd2 jobid=1", "invalid restoreclient argument: fd2\n"],
  ["no-fileset", "restore client=fd2 fileset=Set2 select", /^Error getting FileSet "Set2": ERR=/],
  [
    "no-storage",
    "restore client=fd2 restorejob=Restore jobid=2 all done",
    /No authorization\. Storage "File2"\.\n$/,
  ],
  ["where", "restore client=fd jobid=1 where=/x", '"where" specification not authorized.\n'],
  [
    "where",
    "restore client=fd jobid=1 regexwhere=!a!b!",
    '"RegexWhere" specification not authorized.\n',
  ],
  [
    "where",
    "restore client=fd jobid=1 add_prefix=/x",
    '"RegexWhere" specification not authorized.\n',
  ],
  // list
  ["no-job", "list jobs", /^(?![^]*Backup2)[^]*\| Backup {2}\|/],
  ["no-client", "list jobs", /^(?![^]*Backup2)[^]*\| Backup {2}\|/],
  ["no-client", "list clients", /^(?![^]*\| fd2)[^]*\| fd /],
  ["no-pool", "list pools", /^(?![^]*\| Next)[^]*\| Full/],
  ["no-fileset", "list filesets", /^(?![^]*\| Set2)[^]*\| Set /],
  ["no-storage", "list storages", /^(?![^]*\| File2)[^]*\| File /],
  [
    "no-pool",
    "list media all",
    "Restricted permission. Use the commands 'list media' or 'llist media all' instead\n",
  ],
  [
    "no-pool",
    "list volumes all",
    "Restricted permission. Use the commands 'list media' or 'llist media all' instead\n",
  ],
  ["full", "list media all", /Next-0001/],
  // show
  ["no-job", "show job=Backup2", "jobs resource Backup2 not found.\n"],
  ["no-client", "show clients", /^(?![^]*"fd2")[^]*"tape-fd"/],
  ["no-storage", "show storage=File2", "storages resource File2 not found.\n"],
  ["no-schedule", "show schedules", /^Schedule \{\n {2}Name = "Weekly"\n/],
  ["no-pool", "show pool=Next", "pools resource Next not found.\n"],
  ["no-fileset", "show fileset=Set2", "filesets resource Set2 not found.\n"],
  ["no-catalog", "show catalog=Second", "catalogs resource Second not found.\n"],
  ["no-command", "show directors", ""],
  ["no-command", "show consoles", ""],
  ["no-command", "show messages", ""],
  ["no-command", "show client=fd", /Password = "\*{16}"\n/],
  ["full", "show client=fd", /Password = "\[md5\][0-9a-f]{32}"\n/],
  ["full", "show consoles", /^Console \{\n {2}Name = "full"\n/],
  [
    "no-command",
    "status configuration",
    'status configuration: is an invalid command or needs access right to the "configure" command.\n',
  ],
  ...["no-client", "no-job", "no-fileset"].map((name) =>
    [
      name,
      "status subscriptions",
      "status subscriptions: needs access to all client, job and fileset resources.\n",
    ] as const
  ),
  // enable and disable
  ["no-job", "disable job=Backup2", 'Job "Backup2" not found.\n'],
  ["no-client", "disable client=fd2", 'Client "fd2" not found.\n'],
  ["no-schedule", "disable schedule=Daily", 'Schedule "Daily" not found.\n'],
  // prune and purge
  ["no-job", "prune files yes", needed("job")],
  ["no-storage", "prune files yes", needed("storage")],
  ["no-client", "prune volume yes", needed("client")],
  ["no-client", "prune stats yes", needed("client")],
  ["no-pool", "prune stats yes", needed("pool")],
  ["no-pool", "prune directory=/x client=fd yes", needed("pool")],
  ["no-client", "purge volume=Full-0001 yes", new RegExp(`${needed("client")}$`)],
  ["no-job", "purge volume=Full-0001 yes", new RegExp(`${needed("job")}$`)],
  ["no-pool", "purge volume=Full-0001 yes", new RegExp(`${needed("pool")}$`)],
  ["no-storage", "purge volume=Full-0001 yes", new RegExp(`${needed("storage")}$`)],
  // browsing
  ["no-job", ".bvfs_lsdirs jobid=2 path=/", "Unauthorized command from this console.\n"],
  ["no-client", ".bvfs_lsdirs jobid=2 path=/", "Unauthorized command from this console.\n"],
  ["no-job", ".bvfs_lsfiles jobid=1,2 path=/data/", /^\d+\t\d+\t1\t[^\t]+\ta\.txt\n$/],
  ["no-job", ".bvfs_get_jobids jobid=2", "Unauthorized command from this console.\n"],
  ["no-fileset", ".bvfs_get_jobids jobid=2", "\n"],
  ["full", ".bvfs_get_jobids jobid=2", "2\n"],
  [
    "no-client",
    ".bvfs_versions jobid=0 client=fd2 pathid=1 filename=x",
    "Unauthorized command from this console.\n",
  ],
  ["no-job", "rerun jobid=2", 'Specified jobid "2" is not valid\n'],
  // .authorized
  ["no-job", ".authorized job=Backup2", "not authorized\n"],
  ["no-job", ".authorized job=Backup", "authorized\n"],
  ["no-command", ".authorized cmd=run", "not authorized\n"],
  ["no-pool", ".authorized pool=Next", "not authorized\n"],
  ["no-schedule", ".authorized schedule=Daily", "not authorized\n"],
  ["no-catalog", ".authorized catalog=Second", "not authorized\n"],
  ["no-storage", ".authorized storage=File2", "not authorized\n"],
  ["no-fileset", ".authorized fileset=Set2", "not authorized\n"],
  ["no-client", ".authorized client=fd2", "not authorized\n"],
  ["no-client", ".authorized client=fd2 client=fd", "authorized\n"],
  // Profiles: the own list first, then each profile in order
  ["layered", "whoami", "layered\n"],
  ["layered", "list jobs", "list: is an invalid command.\n"],
  ["layered", ".authorized job=Backup2", "not authorized\n"],
  ["layered", ".authorized job=Backup", "authorized\n"],
  ["layered", ".authorized fileset=Set2", "authorized\n"],
  ["layered", ".authorized schedule=Daily", "not authorized\n"],
  ["layered", ".authorized cmd=RUN", "authorized\n"],
  ["layered", "run job=Backup2 yes", /^Job "Backup2" not found\n/],
  ["layered", "run job=Backup", /^Run Backup job\n/],
  ["layered", "run job=Restore where=/x", notAuthorized("where")],
];

sceneTest("a console sees and does what its lists allow, row by row", async (open) => {
  await using scene = await begun(open);
  const sessions = new Map<string, ConsoleSession>();
  const failures: string[] = [];
  for (const [name, line, wanted] of rows) {
    const session = sessions.get(name) ?? await login(scene, name);
    sessions.set(name, session);
    const { text, signal } = await session.dialogue(line);
    const got = steady(text);
    const fits = typeof wanted === "string" ? got === wanted : wanted.test(got);
    if (!fits) failures.push(`${name}> ${line}\n${got}--- not ${wanted}`);
    for (let last = signal; last === -27;) last = (await session.dialogue(".")).signal;
  }
  assert.deepEqual(failures, []);
});

Deno.test("jobs of others are neither canceled nor slowed down, nor offered", async () => {
  await using scene = await begun();
  const full = await login(scene, "full");
  for (const name of ["Backup", "Backup2"]) {
    await full.call(`run job=${name} when="2040-01-01 00:00:00" yes`);
  }
  const session = await login(scene, "no-job");
  const refused = "Unauthorized command from this console.\n";
  for (
    const line of [
      "cancel jobid=4",
      "cancel job=Backup2",
      "cancel jobid=3,4",
      "setbandwidth jobid=4 limit=100",
    ]
  ) assert.equal(steady(await session.call(line)), refused, line);
  assert.match(
    await session.call("cancel"),
    /^Automatically selected Job: JobId=3 Job=Backup\.\S+\nConfirm cancel \(yes\/no\): $/,
  );
  await session.call("no");
  assert.match(
    await session.call("cancel all yes"),
    /^Selected Job 3 for cancelling\n(?![^]*Job 4)/,
  );
  const other = await login(scene, "nothing");
  assert.equal(await other.call("cancel all"), "cancel: is an invalid command.\n");
});

Deno.test("without the command messages a console is not told of messages", async () => {
  await using scene = await begun();
  const full = await login(scene, "full");
  const session = await login(scene, "no-command");
  // Whoever is quicker, the job or the end of the answer: the console is told once the job has said something.
  const told = await full.call("run job=Admin yes") + await full.call("wait");
  assert.match(told, /^You have messages\.\n/m);
  assert.doesNotMatch(await session.call("time"), /messages/);
  await session.call("autodisplay on");
  assert.doesNotMatch(await session.call("time"), /Admin/);
  assert.match(await full.call("messages"), /Start Admin JobId 3/);
});

Deno.test(
  "the menu of restore keeps SQL from consoles without the command sqlquery",
  async () => {
    await using scene = await begun();
    const session = await login(scene, "no-command");
    await session.call("restore");
    for (const item of ["1", "4"]) {
      assert.match(await session.call(item), /^SQL query not authorized\.\nTo select the JobIds/);
    }
    await session.call(".");
  },
);

Deno.test(".help tells a program what it may do", async () => {
  await using scene = await begun();
  const session = await login(scene, "no-command");
  await session.call(".api 2 compact=yes");
  const own = JSON.parse(await session.call(".help")).result;
  const all = JSON.parse(await session.call(".help full")).result;
  assert.deepEqual(
    Object.keys(all).filter((name) => !(name in own)).sort(),
    ["configure", "messages", "run", "sqlquery"],
  );
  assert.equal(all.run.permission, false);
  assert.equal(all.list.permission, true);
  assert.equal(own.list.command, "list");
});

/** What a director that audits told of these lines, in the order in which it did. */
async function audited(events: string, lines: readonly string[]): Promise<string[]> {
  await using scene = await ConsoleScene.start({
    director: `Auditing = yes${events}`,
    messages: "Audited",
    resources: `${consoles}
Messages { Name = Audited; Console = audit }`,
    fill: (catalog) => enterJobs(catalog, [{ files: ["/data/a.txt"] }]),
  });
  const session = await scene.login("no-job");
  for (const line of lines) await session.call(line);
  const text = await (await scene.login("full")).call("messages");
  return [...text.matchAll(/Console \[no-job\] from \[127\.0\.0\.1\] (.*)$/gm)]
    .map(([, said]) => said ?? "");
}

const doings = [
  "list clients",
  "time",
  "disable job=Backup2",
  "restore client=fd restorejob=Restore jobid=1",
  "cd data",
  "ls",
  "mark a.txt",
  "done",
  "no",
  "run job=Admin yes",
];

Deno.test("commands that are marked, refusals and jobs are audited", async () => {
  assert.deepEqual(await audited("", doings), [
    "cmdline list clients",
    "cmdline disable job=Backup2",
    "Audit acl failure for Job Backup2",
    "cmdline restore client=fd restorejob=Restore jobid=1",
    "cmdline cd data",
    "cmdline mark a.txt",
    "cmdline done",
    "cmdline run job=Admin yes",
    "info message Job queued. JobId=2",
  ]);
});

Deno.test("Audit Events name the commands that are audited", async () => {
  assert.deepEqual(await audited("; AuditEvents = time, mark, run", doings), [
    "cmdline time",
    "Audit acl failure for Job Backup2",
    "cmdline mark a.txt",
    "cmdline run job=Admin yes",
    "info message Job queued. JobId=2",
  ]);
});
