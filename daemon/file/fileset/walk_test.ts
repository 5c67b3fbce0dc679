import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { openBelow } from "../../../tests/support/open_files.ts";
import { decodeText, encodeText } from "../../../bytes/mod.ts";
import { FileType, ModeType } from "../../../storage/volume/mod.ts";
import { openPlatform, type Platform } from "../platform/mod.ts";
import { FileSetBuilder } from "./file_set_builder.ts";
import type { FileSet } from "./file_set.ts";
import type { FoundFile } from "./found_file.ts";
import { checkShadowing } from "./shadowing.ts";
import { walk, type WalkOptions } from "./walk.ts";

const isLinux = Deno.build.os === "linux";
const isRoot = isLinux && Deno.uid() === 0;

interface Place {
  readonly folder: string;
  readonly platform: Platform;
  /** Makes files; a name with a slash at its end is a directory. */
  make(...names: string[]): void;
  fileSet(...lines: string[]): Promise<FileSet>;
  /** Types and names, without the folder, that a FileSet finds; sorted if `sorts`. */
  walk(lines: string[], options?: WalkOptions): Promise<string[]>;
  all(lines: string[], options?: WalkOptions): Promise<FoundFile[]>;
}

function onDisk(name: string, test: (place: Place) => Promise<void>, ignore = false): void {
  Deno.test({
    name: `walk() ${name}`,
    ignore: !isLinux || ignore,
    async fn() {
      const folder = await Deno.makeTempDir({ prefix: "roost-walk-" });
      const platform = openPlatform();
      const fileSet = async (...lines: string[]) => {
        const builder = new FileSetBuilder();
        for (const line of lines) builder.add(line.replaceAll("@", folder));
        return await builder.build();
      };
      const all = async (lines: string[], options?: WalkOptions) =>
        Array.from(walk(await fileSet("I", ...lines), platform, options));
      const place: Place = {
        folder,
        platform,
        fileSet,
        all,
        make(...names) {
          for (const name of names) {
            if (name.endsWith("/")) Deno.mkdirSync(`${folder}/${name}`, { recursive: true });
            else Deno.writeTextFileSync(`${folder}/${name}`, name);
          }
        },
        async walk(lines, options) {
          return (await all(lines, options)).filter(({ isSaved }) => isSaved).map((
            { path, type },
          ) => `${type} ${decodeText(path).slice(folder.length)}`);
        },
      };
      try {
        await test(place);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

onDisk("yields directories behind their contents, all kinds of files", async (place) => {
  const { folder, platform, make } = place;
  make("d/e/", "d/e/f", "empty");
  Deno.truncateSync(`${folder}/empty`);
  Deno.symlinkSync("d/e", `${folder}/link`);
  platform.makeNode(encodeText(`${folder}/pipe`), ModeType.fifo | 0o600, 0);
  platform.makeNode(encodeText(`${folder}/sock`), ModeType.socket | 0o600, 0);
  const found = await place.all(["F @"]);
  const byName = new Map(
    found.map((file) => [decodeText(file.path).slice(folder.length), file] as const),
  );
  equal(
    Object.fromEntries(Array.from(byName, ([name, { type }]) => [name, type])),
    Object.fromEntries(Array.from(byName.keys(), (name) => [name, expectedTypes[name]])),
  );
  equal(byName.size, 8);
  equal(found.at(-1)?.path, encodeText(folder));
  const order = [...byName.keys()];
  ok(order.indexOf("/d/e/f") < order.indexOf("/d/e"));
  ok(order.indexOf("/d/e") < order.indexOf("/d"));
  equal(decodeText(byName.get("/link")?.link ?? new Uint8Array()), "d/e");
  equal(byName.get("/sock")?.isSaved, false);
  equal(byName.get("/sock")?.notice?.text, `     Socket file skipped: ${folder}/sock\n`);
});

function isLinked({ stat, type }: FoundFile): boolean {
  return stat?.nlink === 3 && type !== FileType.directory;
}

const expectedTypes: Record<string, number> = {
  "/d/e/f": FileType.regularFile,
  "/d/e": FileType.directory,
  "/d": FileType.directory,
  "/empty": FileType.emptyFile,
  "/link": FileType.symbolicLink,
  "/pipe": FileType.special,
  "/sock": FileType.special,
  "": FileType.directory,
};

onDisk("finds hard links once, unless they are not wanted", async ({ folder, make, all }) => {
  make("one", "sub/");
  Deno.linkSync(`${folder}/one`, `${folder}/two`);
  Deno.linkSync(`${folder}/one`, `${folder}/sub/three`);
  const found = (await all(["F @"])).filter(isLinked);
  const types = found.map(({ type }) => type);
  equal(types, [FileType.regularFile, FileType.hardLink, FileType.hardLink]);
  equal(found[1]?.link, found[0]?.path);
  ok(found[0]?.hardLink && found[0].hardLink === found[2]?.hardLink);
  // The name that came first, whichever the directory gives first, is ignored when it comes again.
  const first = decodeText(found[0]?.path ?? new Uint8Array());
  equal((await all(["F @", `F ${first}`])).filter(isLinked).length, 3);
  const single = (await all(["O H", "N", "F @"])).filter(({ type }) => type === FileType.hardLink);
  equal(single.length, 0);
});

onDisk("selects by the first block with a pattern that matches", async ({ make, walk, all }) => {
  make("src/", "src/a.c", "src/a.o", "src/b.txt", "src/cache/", "src/cache/x", "other");
  equal((await walk(["O e", "WD */cache", "WF *.o", "N", "O", "N", "F @/src"])).sort(), [
    "3 /src/a.c",
    "3 /src/b.txt",
    "5 /src",
  ]);
  // Only *.c
  equal((await walk(["O", "WF *.c", "N", "O e", "WF *", "N", "F @/src"])).sort(), [
    "3 /src/a.c",
    "5 /src",
    "5 /src/cache",
  ]);
  // A block that excludes everything ends the descent.
  equal(await walk(["O", "WF *.c", "N", "O e", "N", "F @/src"]), ["3 /src/a.c", "5 /src"]);
  const found = await all(["O M", "R \\.(c|o)$", "N", "O S", "N", "F @/src"]);
  const signature = (name: string) =>
    found.find(({ path }) => decodeText(path).endsWith(name))?.options.signature;
  equal([signature("a.c"), signature("a.o"), signature("b.txt")], ["MD5", "MD5", "SHA1"]);
});

onDisk("leaves out what Exclude blocks name", async ({ make, walk }) => {
  make("a/", "a/keep", "tmp/", "tmp/x", "b.o");
  const lines = ["F @", "E", "F @/tmp", "F *.o"];
  equal((await walk(lines)).sort(), ["3 /a/keep", "5 ", "5 /a"]);
});

onDisk("ignores directories with a marker, recursion and sizes", async ({ make, walk, all }) => {
  make("a/", "a/.nobackup", "a/x", "b/", "b/c/", "b/c/y", "b/long-name");
  const marked = await walk(["Z .nobackup", "O z>10:", "N", "F @"]);
  equal(marked.sort(), ["3 /b/long-name", "5 ", "5 /b", "5 /b/c"]);
  equal(await walk(["Z .nobackup", "F @/a"]), []);
  const flat = (await all(["O h", "N", "F @"])).map(({ type, notice }) => [type, notice?.text]);
  equal(
    flat.map(([type]) => type).sort(),
    [
      FileType.noRecursion,
      FileType.noRecursion,
      FileType.directory,
    ].sort(),
  );
  ok(String(flat[0]?.[1]).startsWith("     Recursion turned off. Will not descend from /"));
});

onDisk("says what it cannot look at and what is on other file systems", async ({ folder, all }) => {
  const [lost] = await all(["F @/none"]);
  equal([lost?.type, lost?.isSaved], [FileType.noStat, false]);
  equal(
    lost?.notice?.text,
    `     Could not stat "${folder}/none": ERR=No such file or directory\n`,
  );
  const [sys] = await all(["O", "X ext9", "N", "F /proc"]);
  equal(sys?.notice?.text, 'Top level directory "/proc" has unlisted fstype "proc"\n');
  const root = await all(["O e", "RD ^/[^pd]", "RD ^/(dev|proc)/.", "RF .", "N", "O", "N", "F /"]);
  const proc = root.find(({ path }) => decodeText(path) === "/proc");
  equal([proc?.type, proc?.isSaved], [FileType.otherFileSystem, true]);
  equal(
    proc?.notice?.text,
    "     /proc is a different filesystem. Will not descend from / into it.\n",
  );
});

onDisk("asks whether files changed", async ({ make, all }) => {
  make("a/", "a/new", "a/old");
  const asked: string[] = [];
  const found = await all(["F @"], {
    isChanged({ path, isDirectory }) {
      asked.push(decodeText(path).split("/").at(-1) ?? "");
      return !isDirectory && decodeText(path).endsWith("new");
    },
  });
  equal(found.filter(({ isSaved }) => isSaved).length, 1);
  equal(found.filter(({ type }) => type === FileType.directoryUnchanged).length, 2);
  equal(asked.length, 4);
});

onDisk("goes deeper than it keeps directories open", async ({ folder, platform, walk }) => {
  let path = folder;
  for (let level = 0; level < 300; level++) {
    path += `/${"n".repeat(30)}`;
    platform.makeDirectory(encodeText(path), 0o755);
  }
  const found = await walk(["F @"]);
  equal(found.length, 301);
  for (; path !== folder; path = path.slice(0, path.lastIndexOf("/"))) {
    platform.removeDirectory(encodeText(path));
  }
});

onDisk("closes its directories when it ends early", async ({ folder, make, fileSet, platform }) => {
  make("a/b/c/d/", "a/b/c/d/x");
  const set = await fileSet("I", "F @");
  for (let round = 0; round < 10; round++) {
    for (const file of walk(set, platform)) if (file.type === FileType.regularFile) break;
  }
  equal(openBelow(folder), 0);
});

onDisk("says which directory cannot be opened", async ({ folder, make, all }) => {
  make("closed/", "closed/x");
  Deno.chmodSync(`${folder}/closed`, 0);
  const [found] = await all(["F @/closed"]);
  Deno.chmodSync(`${folder}/closed`, 0o700);
  equal(
    found?.notice?.text,
    `     Could not open directory "${folder}/closed": ERR=Permission denied\n`,
  );
}, isRoot);

onDisk("checks entries that shadow others", async ({ folder, make, fileSet, platform }) => {
  make("a/b/", "c/");
  const messages: string[] = [];
  const report = ({ text }: { text: string }) => void messages.push(text);
  const warned = await fileSet("I", "O d1", "N", "F @/a", "F @/a/b", "F @/none");
  equal(checkShadowing(warned, platform, report), warned);
  equal(messages, [
    `Cannot stat file ${folder}/none: ERR=No such file or directory\n`,
    `Fileset include block entry ${folder}/a/b shadows ${folder}/a\n`,
  ]);
  messages.length = 0;
  const removed = checkShadowing(
    await fileSet("I", "O d4", "N", "F @/a", "F @/c", "I", "O", "N", "F @/a/b"),
    platform,
    report,
  );
  equal(messages, [
    `Fileset include block entry ${folder}/a/b shadows ${folder}/a removing it from fileset\n`,
  ]);
  equal(removed.includes.map(({ entries }) => entries.length), [2, 0]);
});
