/** The file tree of restore, and the browsing commands of programs: complete answers (console.md 12.4, 22). */
import assert from "node:assert/strict";
import type { ConsoleSession } from "../protocol/mod.ts";
import {
  ConsoleScene,
  enterJobs,
  type OpenCatalog,
  sceneTest,
  steady,
} from "./support/console_scene.ts";

const files = [
  ...["/data/", "/data/a.txt", "/data/b b.txt", "/data/sub/", "/data/sub/c.txt", "/data/sub/deep/"],
  ...["/data/sub/deep/d.txt", "/data/empty/", "/etc/hosts", "C:/Users/", "C:/Users/x.doc"],
];

/** Job 1 is full; 2 has a newer a.txt and has lost `b b.txt`; 3 is of another client; 4 copies 1. */
async function begun(
  open?: OpenCatalog,
): Promise<{ scene: ConsoleScene; session: ConsoleSession }> {
  const scene = await ConsoleScene.start({
    open,
    fill: (catalog) => {
      enterJobs(catalog, [
        { files },
        { level: "I", start: "2026-01-02 10:00:00", files: ["/data/a.txt", "/data/b b.txt"] },
        { name: "Backup2", client: "fd2", fileSet: "Set2", files: ["/data/a.txt"] },
        { type: "C", priorJobId: 1, pool: "Next", storage: "File2", files: ["/data/a.txt"] },
      ]);
      catalog.run("UPDATE File SET FileIndex = 0 WHERE JobId = 2 AND Name = 'b b.txt'");
    },
  });
  const session = await scene.login();
  await session.call("use catalog=MyCatalog");
  await session.call("list clients");
  return { scene, session };
}

const help = `  Command    Description
  =======    ===========
  abort      abort and do not do restore
  add        add dir/file to be restored recursively, wildcards allowed
  cd         change current directory
  count      count marked files in and below the cd
  delete     delete dir/file to be restored recursively in dir
  dir        long list current directory, wildcards allowed
  .dir       long list current directory, wildcards allowed
  done       leave file selection mode
  estimate   estimate restore size
  exit       same as done command
  find       find files, wildcards allowed
  help       print help
  ls         list current directory, wildcards allowed
  .ls        list current directory, wildcards allowed
  .lsdir     list subdir in current directory, wildcards allowed
  lsmark     list the marked files in and below the cd
  .lsmark    list the marked files in
  mark       mark dir/file to be restored recursively, wildcards allowed
  markdir    mark directory name to be restored (no files)
  pwd        print current working directory
  .pwd       print current working directory
  unmark     unmark dir/file to be restored recursively in dir
  unmarkdir  unmark directory name only no recursion
  quit       quit and do not do restore
  .help      print help
  ?          print help
`;
const unclear = "Too few or too many arguments. Try using double quotes.\n";
const none = "No files newly marked.\n";
const noneUnmarked = "No files newly unmarked.\n";

/** What is typed in the tree of job 1, in this order, and all that it brings. */
const steps: readonly (readonly [line: string, answer: string])[] = [
  ["help", help],
  ["?", help],
  [".help", help],
  ["h", help],
  ["nonsense", 'Invalid command "nonsense". Enter "done" to exit.\n'],
  [".nonsense", ""],
  ["", ""],
  ["pwd", "cwd is: /\n"],
  [".pwd", "/"],
  ["ls", "C:/\ndata/\netc/\n"],
  [".ls", "C:/\ndata/\netc/\n"],
  ["ls d*", "data/\n"],
  ["ls [a-d]ata", "data/\n"],
  ["ls nothing", ""],
  [".lsdir", "C:/\ndata/\netc/\n"],
  ["cd", unclear],
  ["cd b b", unclear],
  ["cd nowhere", "Invalid path given.\ncwd is: /\n"],
  ["cd data", "cwd is: /data/\n"],
  ["ls", "a.txt\nb b.txt\nempty\nsub/\n"],
  [".ls s*", "sub/\n"],
  [".lsdir", "empty/\nsub/\n"],
  ["dir a*", "-rw-r--r--   1 0 (root) 0 (root)          1000  TIME   /data/a.txt\n"],
  ["dir sub", "drwxr-xr-x   2 0 (root) 0 (root)          4096  TIME   /data/sub/\n"],
  [".dir a*", "-rw-r--r--,1,0(root),0(root),1000,1767225984, ,/data/a.txt\n"],
  ["cd sub/deep", "cwd is: /data/sub/deep/\n"],
  ["cd ..", "cwd is: /data/sub/\n"],
  ["cd ../empty", "cwd is: /data/empty/\n"],
  ["ls", "Node /data/empty/ has no children.\n"],
  ["mark *", "No files marked.\n"],
  ["markdir *", "No directories marked.\n"],
  ["cd C:/Users", "cwd is: C:/Users/\n"],
  ["ls", "x.doc\n"],
  ["cd /", "cwd is: /\n"],
  ["mark", "No files marked.\n"],
  ["mark nothing", none],
  ["mark data/a.txt", "1 file newly marked.\n"],
  ["mark /data/a.txt", none],
  ["ls", "C:/\n+data/\netc/\n"],
  ["lsmark", "+data/\n  *a.txt\n"],
  [".lsmark", "+data/\n  *a.txt\n"],
  ["dir data", "drwxr-xr-x   2 0 (root) 0 (root)          4096  TIME + /data/\n"],
  ["count", "11 total files/dirs. 1 marked to be restored.\n"],
  ["estimate", "11 total files; 1 marked to be restored; 1,000 bytes.\n"],
  ["unmark", noneUnmarked],
  ["unmark nothing", noneUnmarked],
  ["unmark data/a.txt", "1 file newly unmarked.\n"],
  ["delete data/a.txt", noneUnmarked],
  ['add "data/b b.txt" etc/hosts', "2 files newly marked.\n"],
  ["m data/sub/", "4 files newly marked.\n"],
  [
    "lsmark",
    "+data/\n  *b b.txt\n  *sub/\n    *c.txt\n    *deep/\n      *d.txt\n+etc/\n  *hosts\n",
  ],
  ["cd data", "cwd is: /data/\n"],
  ["ls", "a.txt\n*b b.txt\nempty\n*sub/\n"],
  ["lsmark", "*b b.txt\n*sub/\n  *c.txt\n  *deep/\n    *d.txt\n"],
  ["unmark sub/c.txt", "1 file newly unmarked.\n"],
  ["cd /", "cwd is: /\n"],
  ["unmark *", "5 files newly unmarked.\n"],
  ["markdir", "No directories marked.\n"],
  ["markdir nothing", "No directories newly marked.\n"],
  ["markdir data", "1 directory newly marked.\n"],
  ["markdir data", "No directories newly marked.\n"],
  ["lsmark", "*data/\n"],
  ["unmarkdir", "No directories newly unmarked.\n"],
  ["unmarkdir data", "1 directory newly unmarked.\n"],
  ["unmarkdir data", "No directories newly unmarked.\n"],
  ["find", "No file specification given.\n"],
  ["find *.txt", "/data/a.txt\n/data/b b.txt\n/data/sub/c.txt\n/data/sub/deep/d.txt\n"],
  ["find s?b", "/data/sub/\n"],
  ["find none", ""],
  ["mark **/*.txt", "4 files newly marked.\n"],
  ["find [ab]*.txt", "*/data/a.txt\n*/data/b b.txt\n"],
  ["unmark data/**", "4 files newly unmarked.\n"],
  ["mark C:/Users/*.doc", "1 file newly marked.\n"],
  ["mark C:/Users", "1 file newly marked.\n"],
  ["unmark C:", "2 files newly unmarked.\n"],
  ["mark etc", "1 file newly marked.\n"],
];

sceneTest("each command of the file tree answers as the reference says", async (open) => {
  const { scene, session } = await begun(open);
  await using _ = scene;
  const begin = "restore jobid=1 client=fd restorejob=Restore";
  await session.call(begin);
  for (const [line, answer] of steps) {
    assert.equal(steady(await session.call(line)), `${answer}$ `, line);
  }
  assert.match(await session.call("exit"), /\n1 file selected to be restored\.\n/);
  assert.equal(await session.call("no"), "Job not run.\n");
  for (const line of ["quit", "abort", ".", "q", "ab"]) {
    await session.call(begin);
    await session.call("mark data");
    assert.equal(await session.call(line), "Restore not done.\n", line);
  }
  await session.call(begin);
  assert.equal(await session.call("done"), "No files selected to be restored.\n");
  // With all, everything is marked from the start; what is taken out is left out.
  await session.call(`${begin} all`);
  assert.equal(await session.call("unmark data"), "8 files newly unmarked.\n$ ");
  assert.match(await session.call("done"), /\n3 files selected to be restored\.\n/);
  await session.call("no");
});

const empty = "A A A A A A A A A A A A A A";
const folder = "Po BAAB EHt C A A A BAA BAA I BpVbqA BpVbqA BpVbqA A A M";
const file = "Po BAAA IGk B A A A Po BAA C BpVbqA BpVbqA BpVbqA A A M";

sceneTest("the browsing commands answer as the reference says", async (open) => {
  const { scene, session } = await begun(open);
  await using _ = scene;
  assert.equal(await session.call(".bvfs_update jobid=1"), "");
  const idOf = async (path: string): Promise<string> =>
    (await session.call(`.sql query="SELECT PathId FROM Path WHERE Path = '${path}'"`)).trim();
  const paths = ["", "/", "/data/", "/data/sub/", "/data/empty/", "/etc/", "C:/", "C:/Users/"];
  const ids: string[] = [];
  for (const path of paths) ids.push(await idOf(path));
  const [top, root, data, sub, lonely, etc, drive, users] = ids;
  const row = (...cells: readonly (string | number | undefined)[]): string =>
    `${cells.join("\t")}\n`;
  const needed = "Can't find jobid, pathid or path argument\n";
  const denied = "Unauthorized command from this console.\n";
  for (
    const [line, answer] of [
      [".bvfs_lsdirs", needed],
      [".bvfs_lsdirs jobid=1", needed],
      [".bvfs_lsfiles path=/", needed],
      [".bvfs_lsdirs jobid=99 path=/", denied],
      [".bvfs_lsdirs jobid=x path=/", denied],
      [".bvfs_lsdirs jobid=1 path=/nowhere/", ""],
      [".bvfs_lsfiles jobid=1 pathid=x", ""],
      [
        '.bvfs_lsdirs jobid=1 path=""',
        row(top, 0, 0, empty, ".") + row(root, 0, 0, empty, "/") + row(drive, 0, 0, empty, "C:/"),
      ],
      [
        ".bvfs_lsdirs jobid=1 path=/",
        row(root, 0, 0, empty, ".") + row(top, 0, 0, empty, "..") +
        row(data, 1, 1, folder, "data/") +
        row(etc, 0, 0, empty, "etc/"),
      ],
      [
        `.bvfs_lsdirs jobid=1 pathid=${data}`,
        row(data, 1, 1, folder, ".") + row(root, 0, 0, empty, "..") +
        row(lonely, 8, 1, folder, "empty/") + row(sub, 4, 1, folder, "sub/"),
      ],
      [
        ".bvfs_lsdirs jobid=1 path=C:/",
        row(drive, 0, 0, empty, ".") + row(top, 0, 0, empty, "..") +
        row(users, 10, 1, folder, "Users/"),
      ],
      [
        ".bvfs_lsfiles jobid=1 path=/data/",
        row(data, 2, 1, file, "a.txt") + row(data, 3, 1, file, "b b.txt"),
      ],
      // The newest version of each file; one that is deleted is left out.
      [".bvfs_lsfiles jobid=1,2 path=/data/", row(data, 12, 2, file, "a.txt")],
      [".bvfs_lsfiles jobid=1 path=/data/ limit=1", row(data, 2, 1, file, "a.txt")],
      [".bvfs_lsfiles jobid=1 path=/data/ limit=1 offset=1", row(data, 3, 1, file, "b b.txt")],
      [".bvfs_lsfiles jobid=1 path=/data/ pattern=b%", row(data, 3, 1, file, "b b.txt")],
      [".bvfs_versions", "Can't find client or fname argument\n"],
      [`.bvfs_versions jobid=0 client=fd pathid=${data}`, "Can't find client or fname argument\n"],
      [
        `.bvfs_versions jobid=0 client=fd pathid=${data} filename=a.txt versions`,
        row(data, 2, 1, file, 0, "Full-0001", 0) + row(data, 12, 2, file, 0, "Full-0001", 0),
      ],
      [
        `.bvfs_versions jobid=0 client=fd pathid=${data} fname=a.txt copies`,
        row(data, 2, 1, file, 0, "Full-0001", 0) + row(data, 12, 2, file, 0, "Full-0001", 0) +
        row(data, 15, 4, file, 0, "Next-0001", 0),
      ],
      [".bvfs_get_jobids", "Can't find ujobid or jobid argument\n"],
      [".bvfs_get_jobids jobid=99", "Unable to get Job record for JobId=99: ERR=unknown\n"],
      [".bvfs_get_jobids jobid=1", "1\n"],
      [".bvfs_get_jobids jobid=2", "1,2\n"],
      [".bvfs_get_jobids jobid=2 all", "1,2\n"],
      [".bvfs_get_jobids jobid=3", "3\n"],
      [".bvfs_restore", "Can't create restore list\n"],
      [".bvfs_restore path=b2x jobid=1 fileid=2", "Can't create restore list\n"],
      [".bvfs_restore path=b21 fileid=2", "Can't create restore list\n"],
      [".bvfs_restore path=b21 jobid=1 hardlink=1", "Can't create restore list\n"],
      [".bvfs_restore path=b21 jobid=99 fileid=2", denied],
      [".bvfs_cleanup", "Can't find path argument\n"],
      [".bvfs_cleanup path=File", "Can't find path argument\n"],
      [".bvfs_cleanup path=b299", ""],
      [".bvfs_clear_cache", "Can't find 'yes' argument\n"],
      [".bvfs_clear_cache yes", "OK\n"],
      [".bvfs_update", ""],
    ] as const
  ) assert.equal(await session.call(line), answer, line);

  await session.call(".api 2 compact=yes");
  const ask = async (line: string) => JSON.parse(await session.call(line));
  const { directories } = (await ask(".bvfs_lsdirs jobid=1 path=/")).result;
  assert.deepEqual(directories[2], {
    type: "D",
    pathid: Number(data),
    fileid: 1,
    jobid: 1,
    lstat: folder,
    name: "data/",
    fullpath: "/data/",
    stat: {
      ...{ dev: 1000, ino: 262145, mode: 16877, nlink: 2, uid: 0, gid: 0 },
      ...{ user: "root", group: "root", rdev: 0, size: 4096 },
      ...{ atime: 1767225984, mtime: 1767225984, ctime: 1767225984 },
    },
    linkfileindex: 0,
  });
  const [found] = (await ask(".bvfs_lsfiles jobid=1 path=/data/")).result.files;
  assert.deepEqual(Object.keys(found), [
    ...["type", "pathid", "fileid", "jobid", "lstat", "name", "stat", "linkfileindex"],
  ]);
  const [version] =
    (await ask(`.bvfs_versions client=fd pathid=${data} fname=a.txt`)).result.versions;
  assert.deepEqual(Object.keys(version), [
    ...[
      "type",
      "pathid",
      "fileid",
      "jobid",
      "lstat",
      "md5",
      "volumename",
      "volumeinchanger",
      "stat",
    ],
  ]);
  assert.deepEqual((await ask(".bvfs_get_jobids jobid=2")).result, {
    jobids: [{ id: "1" }, { id: "2" }],
  });
  assert.equal((await ask(".bvfs_lsdirs jobid=1 path=/nowhere/")).error.message, "failed");
});

sceneTest(
  "a selection of files, folders and hard links is restored as it was prepared",
  async (open) => {
    const { scene, session } = await begun(open);
    await using _ = scene;
    await session.call(".bvfs_update");
    const idOf = async (path: string): Promise<string> =>
      (await session.call(`.sql query="SELECT PathId FROM Path WHERE Path = '${path}'"`)).trim();
    const restore = "restore file=?b24711 client=fd restorejob=Restore";
    for (
      const [selected, indexes] of [
        ["jobid=1 fileid=2", ["FileIndex=2"]],
        ["jobid=1 fileid=2,3,7", ["FileIndex=2-3", "FileIndex=7"]],
        [`jobid=1 dirid=${await idOf("/data/sub/")}`, ["FileIndex=4-7"]],
        [`jobid=1 dirid=${await idOf("/data/")} fileid=9`, ["FileIndex=1-9"]],
        // Of a folder the newest versions: job 2 has changed a.txt and lost another file.
        [`jobid=1,2 dirid=${await idOf("/data/")}`, [
          "FileIndex=1",
          "FileIndex=4-8",
          "FileIndex=1",
        ]],
        ["jobid=1 fileid=2 hardlink=1,5", ["FileIndex=2", "FileIndex=5"]],
        // What is not of the jobs that were named is not taken.
        ["jobid=1 fileid=2,12 hardlink=2,1", ["FileIndex=2"]],
      ] as const
    ) {
      assert.equal(await session.call(`.bvfs_restore path=b24711 ${selected}`), "OK\n");
      const text = await session.call(restore);
      assert.match(text, /OK to run\? \(yes\/mod\/no\): $/, selected);
      const bootstrap = await Deno.readTextFile(/written to (\S+)/.exec(text)?.[1] ?? "");
      assert.deepEqual(bootstrap.match(/^FileIndex=.*$/gm), indexes, selected);
      assert.equal(await session.call("no"), "Job not run.\n");
    }
    assert.equal(await session.call(".bvfs_cleanup path=b24711"), "");
    assert.equal(await session.call(restore), "No table found: b24711\n");
  },
);
