import { deepStrictEqual, strictEqual } from "node:assert";
import { createHash } from "node:crypto";
import { encodeText } from "../../../bytes/mod.ts";
import { encodeStat, FileType } from "../../../storage/volume/mod.ts";
import { join } from "../../../tests/support/paths.ts";
import { KnownFilesWriter } from "../accurate/mod.ts";
import { type FileSet, FileSetBuilder, walk, withPluginFiles } from "../fileset/mod.ts";
import { openPlatform, type Platform } from "../platform/mod.ts";
import { ChangeFilter } from "./change_filter.ts";
import type { WalkOrder } from "./messages.ts";

interface Scene {
  readonly folder: string;
  readonly platform: Platform;
  fileSet(letters: string, entry?: string): Promise<FileSet>;
  /** A filter whose list has these files as they are now, with the digests given. */
  filter(order: Omit<WalkOrder, "known">, files: Readonly<Record<string, string>>): ChangeFilter;
}

async function scene(run: (scene: Scene) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "roost-filter-" });
  const work = await Deno.makeTempDir({ prefix: "roost-filter-" });
  const platform = openPlatform();
  try {
    await run({
      folder,
      platform,
      async fileSet(letters, entry = folder) {
        const builder = new FileSetBuilder();
        for (const line of ["I", `O ${letters}`, "N", `F ${entry}`]) builder.add(line);
        return await builder.build();
      },
      filter(order, files) {
        const place = { folder: work, daemon: "fd", job: "job", expected: 10 };
        const list = new KnownFilesWriter(place);
        for (const [name, digest] of Object.entries(files)) {
          const stat = platform.lstat(encodeText(join(folder, name)));
          list.add(
            encodeText(
              `${join(folder, name)}\0${encodeStat(stat, { dataStream: 2 })}\0${digest}\x000`,
            ),
          );
        }
        list.add(
          encodeText(`${join(folder, "gone")}\0${encodeStat(noStat, { dataStream: 2 })}\0\x000`),
        );
        return new ChangeFilter({ ...order, known: list.finish() }, platform);
      },
    });
  } finally {
    for (const each of [folder, work]) await Deno.remove(each, { recursive: true });
  }
}

const noStat = {
  ...{ dev: 0, ino: 0, mode: 0o100644, nlink: 1, uid: 0, gid: 0, rdev: 0, size: 7 },
  ...{ blksize: 4096, blocks: 8, atime: 1, mtime: 2, ctime: 3 },
};

/** Walks, and gives the names that are to be saved. */
function changed(filter: ChangeFilter, fileSet: FileSet, { platform, folder }: Scene): string[] {
  const names: string[] = [];
  const isChanged = filter.isChanged.bind(filter);
  for (const file of walk(fileSet, platform, { isChanged })) {
    filter.found(file);
    const name = new TextDecoder().decode(file.path).slice(folder.length + 1);
    if (file.isSaved && name !== "") names.push(name);
  }
  return names.toSorted();
}

Deno.test("ChangeFilter: a Full with base jobs saves what differs, and tells what is as it was", () =>
  scene(async (it) => {
    const { folder } = it;
    for (const name of ["same", "other", "new"]) await Deno.writeTextFile(join(folder, name), name);
    const md5 = "UfezMIHNZpIaYCRjjyzWgg"; // not that of any of them
    const fileSet = await it.fileSet("MJspug:");
    using filter = it.filter({ fileSet, level: "F", since: 0 }, { same: md5, other: md5 });
    await Deno.chmod(join(folder, "other"), 0o600);
    deepStrictEqual(changed(filter, fileSet, it), ["new", "other"]);
    deepStrictEqual(
      [...filter.listed()].map(({ type, file }) => [type, file.path]),
      [[FileType.base, join(folder, "same")]],
    );

    // What is compared by default includes the digest.
    const byDigest = await it.fileSet("M");
    using strict = it.filter({ fileSet: byDigest, level: "F", since: 0 }, { same: md5, new: "" });
    deepStrictEqual(changed(strict, byDigest, it), ["new", "other", "same"]);
    deepStrictEqual([...strict.listed()], []);

    // An incomplete job that goes on has told it before.
    using again = it.filter({ fileSet, level: "F", since: 0, isRerun: true }, { same: md5 });
    changed(again, fileSet, it);
    deepStrictEqual([...again.listed()], []);
  }));

Deno.test("ChangeFilter: a plugin's file is always saved: never gone, never as a base job has it", () =>
  scene(async (it) => {
    const name = join(it.folder, "of a plugin");
    await Deno.writeTextFile(name, "known to the catalog");
    const asked = { name: encodeText(name), line: "x:y", program: ["true"], environment: {} };
    const plain = await it.fileSet("M", join(it.folder, "nothing"));
    const [include] = plain.includes;
    const fileSet = withPluginFiles(
      { ...plain, includes: include === undefined ? [] : [{ ...include, plugins: ["x:y"] }] },
      () => [asked],
    );
    for (const level of ["I", "F"]) {
      using filter = it.filter({ fileSet, level, since: 0 }, { "of a plugin": "" });
      deepStrictEqual(changed(filter, fileSet, it), ["of a plugin"]);
      const listed = [...filter.listed()].map(({ file }) => file.path);
      deepStrictEqual(listed, level === "F" ? [] : [join(it.folder, "gone")]);
    }
  }));

Deno.test("ChangeFilter: without a digest in the list a file counts as changed, and a warning says so", () =>
  scene(async (it) => {
    const path = join(it.folder, "file");
    await Deno.writeTextFile(path, "text");
    const fileSet = await it.fileSet("MCm5:");
    using filter = it.filter({ fileSet, level: "I", since: 0 }, { file: "" });
    const notices: (string | undefined)[] = [];
    const isChanged: ChangeFilter["isChanged"] = (candidate) => {
      const verdict = filter.isChanged(candidate);
      if (!candidate.isDirectory) notices.push(filter.notice?.text);
      return verdict;
    };
    const found = [...walk(fileSet, it.platform, { isChanged })].filter(({ isSaved }) => isSaved);
    strictEqual(found.length, 2);
    deepStrictEqual(notices, [`Cannot verify checksum for ${path}\n`]);
    // Without a digest in the file set there is nothing to compare.
    const plain = await it.fileSet("Cm5:");
    using other = it.filter({ fileSet: plain, level: "I", since: 0 }, { file: "" });
    deepStrictEqual(changed(other, plain, it), []);
  }));

Deno.test("ChangeFilter: names are looked up as they stand on the volume", () =>
  scene(async (it) => {
    const { folder, platform } = it;
    await Deno.mkdir(join(folder, "d"));
    await Deno.writeTextFile(join(folder, "d/f"), "text");
    const depth = folder.split("/").length - 1;
    const fileSet = await it.fileSet(`P${depth}:`);
    const list = new KnownFilesWriter({ folder, daemon: "fd", job: "job", expected: 2 });
    for (const name of ["/d/", "/d/f"]) {
      const stat = encodeStat(platform.lstat(encodeText(folder + name)), { dataStream: 2 });
      list.add(encodeText(`${name}\0${stat}\0\x000`));
    }
    const order = { fileSet, level: "I", since: 0, known: list.finish() };
    using filter = new ChangeFilter(order, platform);
    deepStrictEqual(changed(filter, fileSet, it), []);
    deepStrictEqual([...filter.listed()], []);
  }));

Deno.test("ChangeFilter: a sparse file is compared without its holes, as it was saved", () =>
  scene(async (it) => {
    const path = join(it.folder, "file");
    await Deno.writeTextFile(path, "text");
    await Deno.truncate(path, 600_000);
    // The first chunk of 262,136 bytes has the text, the second is a hole, the third is the last one.
    const bytes = await Deno.readFile(path);
    const saved = new Uint8Array([...bytes.subarray(0, 262_136), ...bytes.subarray(524_272)]);
    const digest = (data: Uint8Array): string =>
      createHash("md5").update(data).digest("base64").replace(/=+$/, "");
    for (const [letters, content] of [["MsC5:", saved], ["MC5:", bytes]] as const) {
      const fileSet = await it.fileSet(letters);
      using filter = it.filter({ fileSet, level: "I", since: 0 }, { file: digest(content) });
      deepStrictEqual(changed(filter, fileSet, it), [], letters);
      using other = it.filter({ fileSet, level: "I", since: 0 }, {
        file: digest(content === saved ? bytes : saved),
      });
      deepStrictEqual(changed(other, fileSet, it), ["file"], letters);
    }
  }));

Deno.test("ChangeFilter: by times, what changed in the second of the last job is saved again", () =>
  scene(async (it) => {
    const path = join(it.folder, "file");
    await Deno.writeTextFile(path, "text");
    await Deno.utime(path, 1000, 1000);
    const { ctime } = await Deno.stat(path);
    const now = Math.floor((ctime?.getTime() ?? 0) / 1000);
    const saved = async (letters: string, since: number, level = "I"): Promise<boolean> => {
      const fileSet = await it.fileSet(letters);
      using filter = new ChangeFilter({ fileSet, level, since }, it.platform);
      return changed(filter, fileSet, it).includes("file");
    };
    strictEqual(await saved("M", now), true);
    strictEqual(await saved("M", now + 1), false);
    strictEqual(await saved("Mm", now), false);
    strictEqual(await saved("Mm", 1000), true);
    strictEqual(await saved("Mm", 1001), false);
    strictEqual(await saved("M", now + 1, "F"), true);
  }));

Deno.test("ChangeFilter: a file that was changed since the last job began is saved, though its times are those of the list", () =>
  scene(async (it) => {
    const { folder, platform } = it;
    const path = join(folder, "file");
    await Deno.writeTextFile(path, "text");
    await Deno.utime(folder, 1, 1);
    const isSaved = async (letters: string, before: number, digest = ""): Promise<boolean> => {
      const fileSet = await it.fileSet(letters);
      // The last job began in the second before the last change, or in that of it.
      const { mtime, ctime } = platform.lstat(encodeText(path));
      const since = (letters.includes("c") ? ctime : mtime) - before;
      using filter = it.filter({ fileSet, level: "I", since }, { file: digest });
      return changed(filter, fileSet, it).includes("file");
    };
    for (const letters of ["Cmcs:", "Cc:", "Cms:"]) {
      deepStrictEqual(
        [await isSaved(letters, 1), await isSaved(letters, 0)],
        [true, false],
        letters,
      );
    }
    // What compares no times, or contents, needs no guess.
    const md5 = createHash("md5").update("text").digest("base64").replace(/=+$/, "");
    strictEqual(await isSaved("Cpins:", 1), false);
    strictEqual(await isSaved("MCmcs5:", 1, md5), false);
    // A time that somebody has set ahead is no reason to save the file again and again.
    await Deno.utime(path, 4e9, 4e9);
    strictEqual(await isSaved("Cms:", 1), false);
    strictEqual(await isSaved("Cms:", 1e9), false);
  }));
