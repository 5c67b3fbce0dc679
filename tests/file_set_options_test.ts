/**
 * Every option of a FileSet as a user writes it, in real backups: what is saved, and what comes back.
 * One FileSet has an Include block for each row, so that one job tells of all of them.
 */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { join } from "./support/paths.ts";
import { type Scene, scene } from "./support/scene.ts";
import { nextSecond } from "./support/wait_for.ts";

const isRoot = Deno.build.os === "linux" && Deno.uid() === 0;

/** One Include block. `@` stands for the row's own folder. */
interface Row {
  /** What is tried. */
  readonly what: string;
  /** Names in the folder; directories with a slash. */
  readonly tree: readonly string[];
  /** Options blocks. */
  readonly options?: readonly string[];
  /** Other lines of the Include block. */
  readonly lines?: readonly string[];
  /** Entries; the folder if absent. */
  readonly files?: readonly string[];
  /** What else belongs to it. */
  readonly prepare?: (folder: string) => Promise<void>;
  /** Names that are saved; `.` is the folder. */
  readonly saved: readonly string[];
}

const usual = ["a.c", "a.o", "B.C", "sub/", "sub/x.c", "sub/y.txt", "cache/", "cache/z.c"];

const rows: readonly Row[] = [
  { what: "no options", tree: ["a", "d/", "d/b"], saved: [".", "a", "d", "d/b"] },
  {
    what: "Exclude with WildFile and WildDir",
    tree: usual,
    options: ['Wild File = "*.o"; Wild Dir = "*/cache"; Exclude = yes'],
    saved: [".", "B.C", "a.c", "sub", "sub/x.c", "sub/y.txt"],
  },
  {
    what: "Exclude with Wild takes files and directories",
    tree: usual,
    options: ['Wild = "@/[as]*"; Exclude = yes'],
    saved: [".", "B.C", "cache", "cache/z.c"],
  },
  {
    what: "the first block that matches wins",
    tree: usual,
    options: ['Wild File = "*/x.c"', 'Wild File = "*.c"; Exclude = yes'],
    saved: [".", "B.C", "a.o", "cache", "sub", "sub/x.c", "sub/y.txt"],
  },
  {
    what: "only some files, by a block that takes and one that leaves out",
    tree: usual,
    options: ['Wild File = "*.txt"', 'Wild File = "*"; Exclude = yes'],
    saved: [".", "cache", "sub", "sub/y.txt"],
  },
  {
    what: "patterns without Exclude restrict nothing",
    tree: usual,
    options: ['Wild File = "*.txt"'],
    saved: [".", "B.C", "a.c", "a.o", "cache", "cache/z.c", "sub", "sub/x.c", "sub/y.txt"],
  },
  {
    what: "Ignore Case",
    tree: usual,
    options: ['Ignore Case = yes; Wild File = "*.c"; Exclude = yes'],
    saved: [".", "a.o", "cache", "sub", "sub/y.txt"],
  },
  {
    what: "RegexFile, RegexDir and Regex search anywhere in the path",
    tree: [...usual, "other.c/"],
    options: ['Regex File = "/[^/]+\\\\.c$"; Regex Dir = "ach"; Regex = "txt"; Exclude = yes'],
    saved: [".", "B.C", "a.o", "other.c", "sub"],
  },
  {
    what: "Regex with Ignore Case",
    tree: usual,
    options: ['Ignore Case = yes; Regex File = "\\\\.C$"; Exclude = yes'],
    saved: [".", "a.o", "cache", "sub", "sub/y.txt"],
  },
  {
    what: "Exclude Dir Containing",
    tree: ["a", "d/", "d/.nobackup", "d/b", "e/", "e/f/", "e/f/.nobackup", "e/g"],
    lines: ["Exclude Dir Containing = .nobackup"],
    saved: [".", "a", "e", "e/g"],
  },
  {
    what: "Recurse = no",
    tree: ["a", "d/", "d/b"],
    options: ["Recurse = no"],
    saved: [".", "a", "d"],
  },
  {
    what: "Size as a range",
    tree: ["empty", "small", "large", "d/"],
    options: ["Size = 10-100"],
    prepare: (folder) => Deno.writeTextFile(`${folder}/small`, "x".repeat(50)),
    saved: [".", "d", "small"],
  },
  {
    what: "Size above and below",
    tree: ["d/"],
    options: ["Wild File = *.big; Size = >1k", "Size = <1k"],
    prepare: async (folder) => {
      for (
        const [name, size] of [["a", 100], ["a.big", 100], ["b", 3000], ["b.big", 3000]] as const
      ) {
        await Deno.writeTextFile(`${folder}/${name}`, "x".repeat(size));
      }
    },
    saved: [".", "a", "b.big", "d"],
  },
  {
    what: "a list of names on the director",
    tree: ["one", "two", "three"],
    files: ["<@/../list-of-names"],
    prepare: (folder) =>
      Deno.writeTextFile(join(folder, "../list-of-names"), `${folder}/one\n\n${folder}/three\n`),
    saved: ["one", "three"],
  },
  {
    what: "a list of names on the client",
    tree: ["one", "two", "three"],
    files: ["\\\\<@/../client-list"],
    prepare: (folder) => Deno.writeTextFile(join(folder, "../client-list"), `${folder}/two\r\n`),
    saved: ["two"],
  },
  {
    what: "a program on the director",
    tree: ["one", "two"],
    files: ["|sh -c 'echo @/one'"],
    saved: ["one"],
  },
  {
    what: "a program on the client",
    tree: ["one", "two"],
    files: ["\\\\|sh -c 'echo @/two'"],
    saved: ["two"],
  },
  {
    what: "entries that are files, and one that is there twice",
    tree: ["one", "d/", "d/two"],
    files: ["@/one", "@/d", "@/one"],
    saved: ["d", "d/two", "one", "one"],
  },
  {
    what: "the file system types of entries",
    tree: ["one"],
    options: ["FS Type = ext9"],
    saved: [],
  },
  {
    what: "Hard Links = yes saves a second name as a link",
    tree: ["a/", "a/first"],
    options: ["Hard Links = yes"],
    prepare: (folder) => Deno.link(`${folder}/a/first`, `${folder}/second`),
    saved: [".", "a", "a/first", "second"],
  },
  {
    what: "Drive Type means nothing here",
    tree: ["a"],
    options: ["Drive Type = fixed"],
    saved: [".", "a"],
  },
  {
    what: "Meta, Base, AutoExclude, HFS+ and Portable mean nothing here",
    tree: ["a"],
    options: [
      'Meta = "x"; AutoExclude = no; HFS Plus Support = yes; Portable = yes; Replace = never',
    ],
    saved: [".", "a"],
  },
  {
    what: "EnhancedWild is NoAtime, as Bareos has it: stars match slashes",
    tree: ["sub/", "sub/x.c"],
    options: ['Enhanced Wild = yes; Wild File = "@/*.c"; Exclude = yes'],
    saved: [".", "sub"],
  },
  {
    what: "Shadowing = localremove",
    tree: ["d/", "d/e/", "d/e/f"],
    options: ["Shadowing = localremove"],
    files: ["@/d", "@/d/e"],
    saved: ["d", "d/e", "d/e/f"],
  },
  {
    what: "names outside of ASCII in patterns",
    tree: ["grün", "rot", "gr?n"],
    options: ['Wild File = "*/gr??n"; Regex File = "/r[oö]t$"; Exclude = yes'],
    saved: [".", "gr?n"],
  },
];

const folderOf = (source: string, at: number): string => join(source, `row-${at}`);

function includeOf({ options = [], lines = [], files = ["@"] }: Row, folder: string): string {
  const text = [
    "  Include {",
    ...options.map((each) => `    Options {\n      ${each.replaceAll("; ", "\n      ")}\n    }`),
    ...lines.map((line) => `    ${line}`),
    ...files.map((file) => `    File = "${file}"`),
    "  }",
  ];
  return text.join("\n").replaceAll("@", folder);
}

async function makeTree(folder: string, { tree, prepare }: Row): Promise<void> {
  await Deno.mkdir(folder);
  for (const name of tree) {
    if (name.endsWith("/")) await Deno.mkdir(join(folder, name));
    else await Deno.writeTextFile(join(folder, name), "");
  }
  await prepare?.(folder);
}

/** The names that a job has saved below the source, `.` for a row's own folder. */
async function savedNames({ installation, source }: Scene, jobId: number): Promise<string[]> {
  const listed = await installation.console(`list files jobid=${jobId} limit=100000`);
  return listed.split("\n").flatMap((line) => {
    const at = line.indexOf(`${source}/`);
    return at < 0
      ? []
      : [line.slice(at + source.length + 1).replace(/[ |]*$/, "").replace(/\/$/, "")];
  });
}

Deno.test("FileSet options select what they say", () =>
  scene(async (it) => {
    const { installation, source, withFileSet, job } = it;
    for (const [at, row] of rows.entries()) await makeTree(folderOf(source, at), row);
    await Deno.mkdir(join(source, "excluded"));
    for (const name of ["keep", "drop", "drop.o"]) {
      await Deno.writeTextFile(join(source, "excluded", name), "");
    }
    await withFileSet(
      rows.map((row, at) => includeOf(row, folderOf(source, at))).join("\n") +
        `\n  Include {\n    File = "${source}/excluded"\n  }` +
        `\n  Exclude {\n    File = "${source}/excluded/drop"\n    File = "*/excluded/*.o"\n  }`,
    );
    await installation.start();
    const report = await job("run job=Backup level=Full yes");
    match(report, /Termination: +Backup OK -- with warnings\n/, report);
    match(report, /Top level directory "\S+" has unlisted fstype "\w+"/);
    match(report, /Warning: Fileset include block entry (\S+)\/d\/e shadows \1\/d removing it/);
    const names = await savedNames(it, 1);
    const found = rows.map((_, at) => {
      const prefix = `row-${at}`;
      return names.filter((name) => name === prefix || name.startsWith(`${prefix}/`))
        .map((name) => name.slice(prefix.length + 1) || ".").toSorted();
    });
    deepStrictEqual(
      rows.map(({ what }, at) => [what, found[at]]),
      rows.map(({ what, saved }) => [what, saved.toSorted()]),
    );
    deepStrictEqual(names.filter((name) => name.startsWith("excluded")).toSorted(), [
      "excluded",
      "excluded/keep",
    ]);
  }));

Deno.test("a list or program that fails ends the job with its reason", () =>
  scene(async ({ installation, source, withFileSet, job }) => {
    const cases: readonly (readonly [file: string, reason: RegExp])[] = [
      ["</nowhere/list", /Cannot open included file: \/nowhere\/list\. ERR=/],
      ["|/bin/false", /Error running program: \/bin\/false\. ERR=/],
      ["\\\\</nowhere/list", /Cannot open FileSet input file: \/nowhere\/list\. ERR=/],
      ["\\\\|/bin/false", /Error running program: \/bin\/false\. status=1: ERR=/],
      ["\\\\|/nowhere/program", /(Cannot run|Error running) program: \/nowhere\/program\./],
    ];
    let isStarted = false;
    for (const [file, reason] of cases) {
      await withFileSet(`  Include {\n    File = "${file}"\n    File = "${source}"\n  }`);
      if (!isStarted) await installation.start();
      isStarted = true;
      const report = await job("reload", "run job=Backup level=Full yes");
      match(report, reason);
      match(report, /Backup Error/);
    }
  }));

Deno.test("plugins that are not there are told of: in a FileSet they end the job, their options alone are a warning", () =>
  scene(async ({ installation, source, withFileSet, withDirectives, job }) => {
    await withDirectives(
      "bareos-dir.d/job/Backup.conf",
      'FD Plugin Options = "python:key=a value"',
    );
    const cases: readonly (readonly [text: string, reason: RegExp])[] = [
      [
        `  Include {\n    Plugin = "python3:module_name=x"\n    File = "${source}"\n  }`,
        /Command plugin "python3:module_name=x" requested, but is not loaded\.\n/,
      ],
      [
        `  Include {\n    Options {\n      Plugin = "python3:x"\n    }\n    File = "${source}"\n  }`,
        /Options plugin "python3:x" not found\. Plugins other than those that are built in cannot/,
      ],
    ];
    for (const [at, [text, reason]] of cases.entries()) {
      await withFileSet(text);
      if (at === 0) await installation.start();
      const report = await job("reload", "run job=Backup level=Full yes");
      match(report, reason);
      match(report, /Termination: +\*\*\* Backup Error \*\*\*\n/);
      match(await installation.console("estimate job=Backup"), reason);
    }
    await withFileSet(`  Include {\n    File = "${source}"\n  }`);
    const report = await job("reload", "run job=Backup level=Full yes");
    match(
      report,
      /Warning: Plugin options "python:key=a value" have no effect: the plugin "python" is not loaded\n/,
    );
    match(report, /Termination: +Backup OK -- with warnings\n/);
  }));

Deno.test("what options keep of the contents comes back: sparse, compressed, digested, stripped", () =>
  scene(async (it) => {
    const { installation, source, withFileSet, job } = it;
    const kinds: readonly (readonly [name: string, options: string])[] = [
      ["plain", "Signature = MD5"],
      ["sparse", "Sparse = yes; Signature = SHA1"],
      ["sparse-gzip", "Sparse = yes; Compression = GZIP; Signature = SHA256"],
      ["lz4", "Compression = LZ4; Signature = SHA512"],
      ["lzo", "Compression = LZO; Signature = XXH128"],
      ["none", "ACL Support = no; XAttr Support = no"],
    ];
    for (const [name] of kinds) {
      const path = join(source, name);
      const file = await Deno.open(path, { write: true, create: true });
      await file.write(new TextEncoder().encode(`${name} `.repeat(5000)));
      await file.seek(3_000_000, Deno.SeekMode.Start);
      await file.write(new TextEncoder().encode("behind the hole"));
      await file.truncate(5_000_000); // it ends in a hole
      file.close();
      await Deno.writeFile(`${path}.zeros`, new Uint8Array(786_408)); // whole chunks of a sparse file
      await Deno.writeTextFile(`${path}.empty`, "");
      if (name === "none") continue;
      const { success } = new Deno.Command("setfattr", {
        args: ["-n", "user.comment", "-v", "kept", path],
      }).outputSync();
      ok(success);
    }
    await withFileSet(
      kinds.map(([name, options]) =>
        `  Include {\n    Options {\n      ${options.replaceAll("; ", "\n      ")}\n    }\n` +
        ["", ".zeros", ".empty"].map((end) => `    File = "${join(source, name + end)}"\n`).join(
          "",
        ) +
        "  }\n"
      ).join(""),
    );
    await installation.start();
    match(await job("run job=Backup level=Full yes"), /Termination: +Backup OK\n/);
    const { differences, report } = await it.restored((path) => path === ".");
    match(report, /Termination: +Restore OK\n/);
    deepStrictEqual(differences, []);

    // StripPath: the names lose components, and hard links to them as well.
    const depth = source.split("/").length - 1;
    await Deno.link(join(source, "plain"), join(source, "plain-again"));
    await withFileSet(
      `  Include {\n    Options {\n      Strip Path = ${depth}\n      Hard Links = yes\n    }\n` +
        `    File = "${source}/plain"\n    File = "${source}/plain-again"\n  }`,
    );
    match(await job("reload", "run job=Backup level=Full yes"), /Termination: +Backup OK\n/);
    const where = join(installation.folder, "stripped");
    match(
      await job(`restore client=roost-fd where=${where} select current all done yes`),
      /Termination: +Restore OK\n/,
    );
    const [first, second] = [
      await Deno.stat(`${where}/plain`),
      await Deno.stat(`${where}/plain-again`),
    ];
    strictEqual(first.size, 5_000_000);
    strictEqual(first.ino, second.ino);
  }));

Deno.test("Honor NoDump Flag, NoAtime, KeepAtime and MtimeOnly do what they say", () =>
  scene(async (it) => {
    const { installation, source, withFileSet, job } = it;
    const names = ["usual", "noatime", "keepatime", "mtimeonly"];
    for (const name of names) await Deno.writeTextFile(join(source, name), name);
    const flagged = new Deno.Command("chattr", { args: ["+d", join(source, "usual")] })
      .outputSync();
    const block = (file: string, options: string): string =>
      `  Include {\n    Options {\n      ${options}\n    }\n    File = "${
        join(source, file)
      }"\n  }\n`;
    await withFileSet(
      block("usual", "Honor NoDump Flag = yes") + block("noatime", "NoAtime = yes") +
        block("keepatime", "Keep Atime = yes") + block("mtimeonly", "Mtime Only = yes"),
    );
    const old = new Date("2020-01-01T00:00:00Z");
    for (const name of names) await Deno.utime(join(source, name), old, old);
    await installation.start();
    const report = await job("run job=Backup level=Full yes");
    const saved = await savedNames(it, 1);
    strictEqual(saved.includes("usual"), !flagged.success);
    if (flagged.success) match(report, /NODUMP flag set - will not process \S+usual/);
    for (const name of ["noatime", "keepatime"]) {
      const { atime, mtime } = await Deno.stat(join(source, name));
      deepStrictEqual([name, atime, mtime], [name, old, old]);
    }
    // Setting times changes the inode's own time: only who looks at that saves the file again.
    await nextSecond();
    match(await job("run job=Backup level=Incremental yes"), /Backup OK/);
    for (const name of ["noatime", "mtimeonly"]) await Deno.chmod(join(source, name), 0o751);
    match(await job("run job=Backup level=Incremental yes"), /Backup OK/);
    // Setting times back, as KeepAtime does after each backup, changes that time as well.
    deepStrictEqual((await savedNames(it, 3)).toSorted(), ["keepatime", "noatime"]);
  }));

Deno.test({
  name: "OneFS and FS Type decide about what is mounted below",
  ignore: !isRoot,
  fn: () =>
    scene(async (it) => {
      const { installation, source, withFileSet, job } = it;
      const mounted: string[] = [];
      try {
        for (const name of ["one", "all", "tmpfs", "other"]) {
          await Deno.mkdir(join(source, name, "mnt"), { recursive: true });
          await Deno.writeTextFile(join(source, name, "file"), name);
          const mount = join(source, name, "mnt");
          const { success } = new Deno.Command("mount", {
            args: ["-t", "tmpfs", "none", mount],
          }).outputSync();
          ok(success, "cannot mount a tmpfs");
          mounted.push(mount);
          await Deno.writeTextFile(join(mount, "below"), name);
        }
        const type = new Deno.Command("stat", { args: ["-f", "-c", "%T", source] }).outputSync();
        const own = new TextDecoder().decode(type.stdout).trim().replace("ext2/ext3", "ext4");
        const block = (name: string, ...options: string[]): string =>
          `  Include {\n    Options {\n${
            options.map((line) => `      ${line}\n`).join("")
          }    }\n` +
          `    File = "${join(source, name)}"\n  }\n`;
        await withFileSet(
          block("one", "OneFS = yes") + block("all", "OneFS = no") +
            block("tmpfs", "OneFS = no", `FS Type = ${own}`, "FS Type = tmpfs") +
            block("other", "OneFS = no", `FS Type = ${own}`),
        );
        await installation.start();
        const report = await job("run job=Backup level=Full yes");
        match(report, /Termination: +Backup OK\n/);
        match(
          report,
          /\/one\/mnt is a different filesystem\. Will not descend from \S+\/one into it\./,
        );
        match(report, /Disallowed filesystem\. Will not descend from (\S+\/other) into \1\/mnt/);
        const names = (await savedNames(it, 1)).toSorted();
        deepStrictEqual(
          names,
          [
            ...["all", "all/file", "all/mnt", "all/mnt/below"],
            ...["one", "one/file", "one/mnt"],
            ...["other", "other/file", "other/mnt"],
            ...["tmpfs", "tmpfs/file", "tmpfs/mnt", "tmpfs/mnt/below"],
          ].toSorted(),
        );
      } finally {
        for (const mount of mounted) new Deno.Command("umount", { args: [mount] }).outputSync();
      }
    }),
});
