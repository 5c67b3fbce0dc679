import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
import { openBelow } from "../../../tests/support/open_files.ts";
import { createHash } from "node:crypto";
import { decodeText, encodeText } from "../../../bytes/mod.ts";
import { FileDevice } from "../../../storage/device/mod.ts";
import { VolumeReader } from "../../../storage/mod.ts";
import {
  encodeAttributes,
  encodeStat,
  FileType,
  isDirectoryType,
  ModeType,
  Stream,
} from "../../../storage/volume/mod.ts";
import { compareWithManifest, sampleManifest } from "../../../tests/support/manifest.ts";
import { fixture, hasFixtures } from "../../../tests/support/paths.ts";
import { unpack } from "../../../tests/support/sample.ts";
import { encodeFoundFile, readLists } from "../attributes/mod.ts";
import { FileSetBuilder, type FoundFile, savedType, walk } from "../fileset/mod.ts";
import { openPlatform, type Platform, SystemError } from "../platform/mod.ts";
import { BackupReadParser } from "./backup_read.ts";
import { destinationOf, type DestinationOptions } from "./destination.ts";
import { PatientTarget, type RestoreOptions, type RestoreRecord, RestoreTarget } from "./mod.ts";

const isLinux = Deno.build.os === "linux";
const isRoot = isLinux && Deno.uid() === 0;

/** A restore in a folder of its own, with what it said. */
interface Scene {
  readonly folder: string;
  readonly platform: Platform;
  readonly messages: string[];
  target(where: DestinationOptions, options?: Partial<RestoreOptions>): RestoreTarget;
  /** Restores all records. */
  restore(
    records: Iterable<RestoreRecord>,
    where: DestinationOptions,
    options?: Partial<RestoreOptions>,
  ): RestoreTarget;
}

function onDisk(name: string, test: (scene: Scene) => Promise<void> | void, ignore = false): void {
  Deno.test({
    name: `RestoreTarget ${name}`,
    ignore: !isLinux || ignore,
    async fn() {
      const folder = await Deno.makeTempDir({ prefix: "roost-restore-" });
      const messages: string[] = [];
      const platform = openPlatform();
      const scene: Scene = {
        folder,
        platform,
        messages,
        target: (where, options) =>
          new RestoreTarget({
            platform,
            destination: destinationOf(where),
            replace: "always",
            report: ({ text }) => void messages.push(text),
            ...options,
          }),
        restore(records, where, options) {
          const target = scene.target(where, options);
          const patient = new PatientTarget(target);
          for (const record of records) patient.accept(record);
          patient.finish();
          return target;
        },
      };
      try {
        await test(scene);
        equal(openBelow(folder), 0, "open files");
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

/** What a file daemon would send of a folder. */
async function* save(
  folder: string,
  platform: Platform,
  letters = "MAX",
): AsyncGenerator<RestoreRecord> {
  const builder = new FileSetBuilder();
  for (const line of ["I", `O ${letters}`, "N", `F ${folder}`]) builder.add(line);
  let fileIndex = 0;
  for (const file of walk(await builder.build(), platform)) {
    if (!file.isSaved) continue;
    fileIndex++;
    if (file.hardLink && file.hardLink.fileIndex === 0) file.hardLink.fileIndex = fileIndex;
    const { sparse } = file.options;
    const stream = sparse ? Stream.sparseData : Stream.fileData;
    yield {
      fileIndex,
      stream: Stream.unixAttributes,
      data: encodeFoundFile(file, fileIndex, stream),
    };
    const digest = createHash("md5");
    if (file.type === FileType.regularFile) {
      const open = platform.open(file.path);
      const buffer = new Uint8Array(65536);
      for (let at = 0;;) {
        const count = platform.read(open, buffer, at);
        if (count === 0) break;
        const bytes = buffer.slice(0, count);
        const isHole = sparse && at + count < (file.stat?.size ?? 0) && bytes.every((b) => b === 0);
        if (!isHole) {
          const data = new Uint8Array(count + (sparse ? 8 : 0));
          if (sparse) new DataView(data.buffer).setBigUint64(0, BigInt(at));
          data.set(bytes, sparse ? 8 : 0);
          digest.update(bytes);
          yield { fileIndex, stream, data };
        }
        at += count;
      }
      platform.close(open);
    }
    for (const { stream, data } of readLists(platform, file).records) {
      yield { fileIndex, stream, data };
    }
    if (file.type === FileType.regularFile || file.type === FileType.emptyFile) {
      yield { fileIndex, stream: Stream.md5Digest, data: digest.digest() };
    }
  }
}

/** Every fact of the files below a folder that a restore must bring back, by name. */
async function describe(folder: string, platform: Platform): Promise<Map<string, unknown>> {
  const builder = new FileSetBuilder();
  for (const line of ["I", "O AX", "N", `F ${folder}`]) builder.add(line);
  const facts = new Map<string, unknown>();
  const inodes = new Map<unknown, string[]>();
  for (const file of walk(await builder.build(), platform)) {
    ok(file.stat);
    const { mode, uid, gid, rdev, size, mtime, nlink, ino } = file.stat;
    const isDirectory = isDirectoryType(savedType(file));
    const name = decodeText(file.path).slice(folder.length);
    if (!isDirectory && nlink > 1) inodes.set(ino, [...inodes.get(ino) ?? [], name]);
    facts.set(name, {
      ...{ mode, uid, gid, rdev, mtime },
      size: isDirectory ? 0 : size,
      target: file.type === FileType.symbolicLink ? decodeText(file.link) : "",
      content: contentOf(file, platform),
      lists: readLists(platform, file).records,
    });
  }
  facts.set("hard links", [...inodes.values()].map((names) => names.sort()).sort());
  return facts;
}

function contentOf(file: FoundFile, platform: Platform): string {
  if (((file.stat?.mode ?? 0) & ModeType.mask) !== ModeType.regular) return "";
  const open = platform.open(file.path);
  const digest = createHash("sha1");
  const buffer = new Uint8Array(1 << 20);
  for (let count = platform.read(open, buffer); count > 0; count = platform.read(open, buffer)) {
    digest.update(buffer.subarray(0, count));
  }
  platform.close(open);
  return digest.digest("hex");
}

/** Records of one file with content. */
function fileRecords(
  fileIndex: number,
  name: string,
  content: string | undefined,
  more: { type?: number; link?: string; mode?: number; size?: number; mtime?: number } = {},
): RestoreRecord[] {
  const { type = FileType.regularFile, link = "", mode = 0o100644, mtime = 1_600_000_000 } = more;
  const size = more.size ?? content?.length ?? 0;
  const numbers = { dev: 1, ino: 1, nlink: 1, rdev: 0, blksize: 4096, blocks: 8 };
  const times = { atime: 1_500_000_000, mtime, ctime: 5 };
  const owner = { uid: isLinux ? Deno.uid() ?? 0 : 0, gid: isLinux ? Deno.gid() ?? 0 : 0 };
  const stat = encodeStat({ ...numbers, ...times, ...owner, mode, size });
  const data = encodeAttributes({ fileIndex, type, name, link, stat });
  const records: RestoreRecord[] = [{ fileIndex, stream: Stream.unixAttributes, data }];
  if (content !== undefined) {
    records.push({ fileIndex, stream: Stream.fileData, data: encodeText(content) });
  }
  return records;
}

onDisk("brings back every kind of file, deep paths and odd names", async (scene) => {
  const { folder, platform } = scene;
  const source = `${folder}/source`;
  Deno.mkdirSync(`${source}/sub/empty`, { recursive: true });
  const odd = encodeText(`${source}/sub/odd\udcff\udce9\n`);
  const file = platform.open(odd, { access: "write", create: true });
  platform.write(file, new Uint8Array(200_000).map((_, at) => at * at));
  platform.close(file);
  platform.writeAttribute(odd, encodeText("user.note"), encodeText("hello"));
  platform.setMode(odd, 0o4444);
  platform.makeLink(odd, encodeText(`${source}/zweiter Name`));
  platform.makeSymbolicLink(encodeText("nowhere/\udcff"), encodeText(`${source}/link`));
  platform.makeNode(encodeText(`${source}/pipe`), ModeType.fifo | 0o640, 0);
  if (isRoot) platform.makeNode(encodeText(`${source}/null`), ModeType.character | 0o600, 0x103);
  Deno.writeTextFileSync(`${source}/empty file`, "");
  Deno.utimeSync(`${source}/empty file`, 100, -100);
  const acl = "user::rwx\nuser:54321:r--\ngroup::r-x\nmask::r-x\nother::r--\n";
  platform.writeAcl(encodeText(`${source}/sub`), "access", acl);
  platform.writeAcl(encodeText(`${source}/sub/empty`), "default", acl);
  let deep = `${source}/deep`;
  for (platform.makeDirectory(encodeText(deep), 0o700); deep.length < 6000;) {
    deep += `/${"d".repeat(200)}`;
    platform.makeDirectory(encodeText(deep), 0o750);
  }
  platform.close(platform.open(encodeText(`${deep}/x`), { access: "write", create: true }));
  for (const name of ["sub/empty", "sub", "deep", "link"]) {
    platform.setTimes(
      encodeText(`${source}/${name}`),
      { seconds: 1, nanoseconds: 0 },
      { seconds: 1_234_567, nanoseconds: 0 },
    );
  }
  const target = scene.target({ where: `${folder}/target` });
  for await (const record of save(source, platform)) target.accept(record);
  target.finish();
  equal(scene.messages, []);
  const before = await describe(source, platform);
  equal(await describe(`${folder}/target${source}`, platform), before);
  equal(target.counters.files, before.size - 1);
  equal(target.counters.bytesWritten, 200_000);
  for (const start of [source, `${folder}/target${source}`]) removeDeep(platform, `${start}/deep`);
});

/** The runtime cannot remove paths that long. */
function removeDeep(platform: Platform, path: string): void {
  let deepest = path;
  while (deepest.length < path.length + 6000) {
    deepest += `/${"d".repeat(200)}`;
    if (!exists(platform, deepest)) break;
  }
  const name = "d".repeat(200);
  for (let at = deepest; at.length > path.length; at = at.slice(0, -name.length - 1)) {
    if (!exists(platform, at)) continue;
    if (exists(platform, `${at}/x`)) platform.remove(encodeText(`${at}/x`));
    platform.removeDirectory(encodeText(at));
  }
}

function exists(platform: Platform, path: string): boolean {
  try {
    platform.lstat(encodeText(path));
    return true;
  } catch {
    return false;
  }
}

onDisk("brings back holes", async (scene) => {
  const { folder, platform } = scene;
  Deno.mkdirSync(`${folder}/source`);
  const path = encodeText(`${folder}/source/sparse`);
  const open = platform.open(path, { access: "write", create: true });
  platform.write(open, encodeText("begin"));
  platform.write(open, encodeText("middle"), 5 << 20);
  platform.truncate(open, 10 << 20);
  platform.close(open);
  const target = scene.target({ where: `${folder}/target` });
  for await (const record of save(`${folder}/source`, platform, "Ms")) target.accept(record);
  target.finish();
  equal(scene.messages, []);
  const there = encodeText(`${folder}/target${folder}/source/sparse`);
  equal(platform.lstat(there).size, 10 << 20);
  ok(platform.lstat(there).blocks * 512 < 1 << 20);
  equal(
    await describe(`${folder}/target${folder}/source`, platform),
    await describe(`${folder}/source`, platform),
  );
});

onDisk("extends a file whose last zeros were left out", (scene) => {
  const where = scene.folder;
  const [attributes] = fileRecords(1, "/f", undefined, { size: 300_000 });
  ok(attributes);
  const data = new Uint8Array(8 + 5);
  data.set(encodeText("begin"), 8);
  scene.restore([attributes, { fileIndex: 1, stream: Stream.sparseData, data }], { where });
  equal(scene.messages, []);
  equal(Deno.statSync(`${where}/f`).size, 300_000);
});

onDisk("never leaves the target directory", (scene) => {
  const { folder, messages } = scene;
  Deno.mkdirSync(`${folder}/outside`);
  Deno.mkdirSync(`${folder}/target`);
  Deno.writeTextFileSync(`${folder}/outside/secret`, "secret");
  const link = { type: FileType.symbolicLink, link: `${folder}/outside`, mode: 0o120777 };
  const hard = { type: FileType.hardLink };
  scene.restore([
    ...fileRecords(1, "/evil", undefined, link),
    ...fileRecords(2, "/evil/file", "planted"),
    ...fileRecords(3, "/../outside/file", "planted"),
    ...fileRecords(4, "/a/../../outside/file", "planted"),
    ...fileRecords(5, "/evil/sub/", undefined, { type: FileType.directory, mode: 0o40777 }),
    ...fileRecords(6, "/stolen", undefined, { ...hard, link: "/evil/secret" }),
    ...fileRecords(7, "/stolen2", undefined, { ...hard, link: "/../outside/secret" }),
    ...fileRecords(8, "/evil", "a file instead of the link"),
    ...fileRecords(9, "/..", undefined, { type: FileType.directory, mode: 0o40777 }),
    ...fileRecords(10, "/fine", "fine"),
  ], { where: `${folder}/target` });
  equal([...Deno.readDirSync(`${folder}/outside`)].map(({ name }) => name), ["secret"]);
  equal(
    [...Deno.readDirSync(`${folder}/target`)].map(({ name }) => name).sort(),
    ["evil", "fine"],
  );
  equal(Deno.readTextFileSync(`${folder}/target/evil`), "a file instead of the link");
  equal(messages.length, 7);
  match(messages[0] ?? "", /^Could not create .*\/target\/evil\/file: ERR=Not a directory\n$/);
  match(messages[1] ?? "", /the name leads out of the target directory\n$/);
});

onDisk("replaces as it is told", (scene) => {
  const { folder, messages } = scene;
  const at = (replace: RestoreOptions["replace"], mtime: number) => {
    Deno.writeTextFileSync(`${folder}/f`, "old");
    Deno.utimeSync(`${folder}/f`, 1000, 1000);
    messages.length = 0;
    const { counters } = scene.restore(
      fileRecords(1, "/f", "new", { mtime }),
      { where: folder },
      { replace },
    );
    equal(counters.files, 1);
    return [Deno.readTextFileSync(`${folder}/f`), messages.join("").replaceAll(folder, "")];
  };
  equal(at("always", 1), ["new", ""]);
  equal(at("ifNewer", 1000), ["old", "File skipped. Not newer: /f\n"]);
  equal(at("ifNewer", 1001), ["new", ""]);
  equal(at("ifOlder", 1000), ["old", "File skipped. Not older: /f\n"]);
  equal(at("ifOlder", 999), ["new", ""]);
  equal(at("never", 1), ["old", "File skipped. Already exists: /f\n"]);
});

onDisk("never replaces, but finishes the directories it made itself", (scene) => {
  const { folder } = scene;
  const directory = { type: FileType.directory, mode: 0o40711 };
  Deno.mkdirSync(`${folder}/old`, { mode: 0o700 });
  scene.restore(
    [
      ...fileRecords(1, "/new/f", "x"),
      ...fileRecords(2, "/new/", undefined, directory),
      ...fileRecords(3, "/old/f", "x"),
      ...fileRecords(4, "/old/", undefined, directory),
    ],
    { where: folder },
    { replace: "never" },
  );
  equal((Deno.statSync(`${folder}/new`).mode ?? 0) & 0o777, 0o711);
  equal((Deno.statSync(`${folder}/old`).mode ?? 0) & 0o777, 0o700);
  equal(scene.messages, [`File skipped. Already exists: ${folder}/old\n`]);
});

onDisk("keeps a directory's times when files come later", (scene) => {
  const { folder } = scene;
  const directory = { type: FileType.directory, mode: 0o40755 };
  scene.restore([
    ...fileRecords(1, "/d/a", "x"),
    ...fileRecords(2, "/d/", undefined, directory),
    ...fileRecords(3, "/e", "x"),
    ...fileRecords(4, "/d/b", "x"),
    ...fileRecords(5, "/d/sub/c", "x"),
  ], { where: folder });
  equal(Deno.statSync(`${folder}/d`).mtime?.getTime(), 1_600_000_000_000);
  equal([...Deno.readDirSync(`${folder}/d`)].length, 3);
});

onDisk("reports what does not match and goes on", (scene) => {
  const { folder, messages } = scene;
  const digest = (fileIndex: number, stream: number, name: string, text: string) => ({
    fileIndex,
    stream,
    data: createHash(name).update(text).digest(),
  });
  const target = scene.restore([
    ...fileRecords(1, "/good", "good"),
    digest(1, Stream.md5Digest, "md5", "good"),
    ...fileRecords(2, "/bad", "bad!"),
    digest(2, Stream.md5Digest, "md5", "good"),
    ...fileRecords(3, "/other", "good"),
    digest(3, Stream.sha256Digest, "sha256", "good"),
    ...fileRecords(4, "/short", "abc", { size: 5 }),
    ...fileRecords(14, "/cut", undefined, { size: 7 }),
    ...fileRecords(15, "/odd-empty", undefined, { size: 4096 }),
    digest(15, Stream.md5Digest, "md5", ""),
    ...fileRecords(5, "/x", undefined, { type: 9 }),
    ...fileRecords(6, "/gone", undefined, { type: FileType.deleted }),
    ...fileRecords(7, "/as-before", undefined, { type: FileType.base }),
    ...fileRecords(7, "/odd", undefined, { type: 99 }),
    { fileIndex: 7, stream: Stream.fileData, data: encodeText("ignored") },
    { fileIndex: 8, stream: Stream.fileData, data: encodeText("lost") },
    ...fileRecords(9, "/unknown", "u"),
    { fileIndex: 9, stream: 1500, data: new Uint8Array(3) },
    { fileIndex: 9, stream: Stream.aclFreebsdAccess, data: new Uint8Array(3) },
    { fileIndex: 9, stream: Stream.macosForkData, data: new Uint8Array(3) },
    ...fileRecords(10, "/crypt", undefined),
    { fileIndex: 10, stream: Stream.encryptedSessionData, data: new Uint8Array(3) },
    ...fileRecords(11, "/zip", undefined),
    { fileIndex: 11, stream: Stream.compressedData, data: new Uint8Array(30) },
    { fileIndex: 12, stream: Stream.unixAttributes, data: encodeText("nonsense") },
    ...fileRecords(13, "/last", "last"),
  ], { where: folder });
  equal(
    messages.filter((text) => !text.includes("/zip:")).map((text) => text.replaceAll(folder, "")),
    [
      `MD5 digest of restored file /bad not correct. Original ${md5("good")}, ` +
      `restored ${md5("bad!")}.\n`,
      "File size of restored file /short not correct. Original 5, restored 3.\n",
      "File size of restored file /cut not correct. Original 7, restored 0.\n",
      "Original file /x not saved: type=9\n",
      "Original file /gone have been deleted: type=23\n",
      "Not restored: /as-before. It is as a base job has it, which is to be restored with this one\n",
      "Unknown file type 99; not restored: /odd\n",
      "Expected to write data to stream 2 of file 8, but this file was never created. " +
      "Current file is: 7.\n",
      "Unknown stream=1500 ignored. This shouldn't happen!\n",
      "Can't restore ACLs of /unknown - incompatible acl stream encountered - 1003\n",
      "MACOS-RSRC stream not supported on this Client.\n",
      "No private decryption keys have been defined to decrypt encrypted backup data.\n",
      "Cannot read attributes record: a number and a space were expected\n",
      "1 non-supported resource fork streams ignored.\n",
      "1 non-supported acl streams ignored.\n",
    ],
  );
  equal(exists(scene.platform, `${folder}/crypt`), false);
  equal(Deno.readTextFileSync(`${folder}/last`), "last");
  equal(target.counters.files, 7);
  equal(target.counters.errors, 9);
});

function md5(text: string): string {
  return createHash("md5").update(text).digest("base64").slice(0, 22);
}

onDisk("goes on when the disk is full", (scene) => {
  const { folder, messages } = scene;
  let left = 6;
  const platform: Platform = Object.create(scene.platform, {
    write: {
      value(file: number, bytes: Uint8Array, position?: number) {
        left -= bytes.length;
        if (left < 0) throw new SystemError("write", 28, "ENOSPC", "No space left on device");
        scene.platform.write(file, bytes, position);
      },
    },
  });
  const bound = bindAll(platform, scene.platform);
  const { counters } = scene.restore(
    [
      ...fileRecords(1, "/a", "fits"),
      ...fileRecords(2, "/b", "does not fit"),
      ...fileRecords(3, "/c", "neither"),
    ],
    { where: folder },
    { platform: bound },
  );
  equal(messages.map((text) => text.replaceAll(folder, "")), [
    "Write error on file /b: ERR=No space left on device\n",
    "Write error on file /c: ERR=No space left on device\n",
  ]);
  equal([counters.files, counters.errors], [1, 2]);
});

/** A platform whose methods are another's, but for its own. */
function bindAll(own: Platform, other: Platform): Platform {
  return new Proxy(other, {
    get(target, name) {
      const value = Object.hasOwn(own, name) ? Reflect.get(own, name) : Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

onDisk("reports places where nothing can be made", (scene) => {
  const { folder, messages } = scene;
  Deno.writeTextFileSync(`${folder}/file`, "");
  Deno.mkdirSync(`${folder}/dir/full`, { recursive: true });
  scene.restore([
    ...fileRecords(1, "/file/x", "x"),
    ...fileRecords(2, "/dir", "x"),
    ...fileRecords(3, "/file/", undefined, { type: FileType.directory, mode: 0o40755 }),
    ...fileRecords(4, "/hard", undefined, { type: FileType.hardLink, link: "/none" }),
  ], { where: folder });
  equal(messages.map((text) => text.replaceAll(folder, "")), [
    "Could not create /file/x: ERR=Not a directory\n",
    "File /dir already exists and could not be replaced. ERR=Is a directory.\n",
    "/file exists but is not a directory.\n",
    "Could not hard link /hard -> /none: ERR=No such file or directory\n",
  ]);
});

onDisk("makes directories of what Windows has in their place", (scene) => {
  const { folder, messages } = scene;
  const more = { mode: 0o40755, link: "C:/elsewhere" };
  const { counters } = scene.restore([
    ...fileRecords(1, "/C/point/", undefined, { ...more, type: FileType.reparsePoint }),
    ...fileRecords(2, "/C/junction/", undefined, { ...more, type: FileType.junction }),
  ], { where: folder });
  equal(messages, []);
  equal(
    [...Deno.readDirSync(`${folder}/C`)].map(({ name, isDirectory }) => [name, isDirectory]).sort(),
    [
      ["junction", true],
      ["point", true],
    ],
  );
  equal(counters.files, 2);
});

onDisk("feeds a fifo that somebody reads", async (scene) => {
  const { folder, platform } = scene;
  platform.makeNode(encodeText(`${folder}/pipe`), ModeType.fifo | 0o600, 0);
  const reader = new Deno.Command("cat", { args: [`${folder}/pipe`], stdout: "piped" }).spawn();
  const output = reader.output();
  const records = fileRecords(1, "/pipe", "through the pipe", {
    type: FileType.fifoData,
    mode: 0o10600,
    size: 0,
  });
  scene.restore(records, { where: folder });
  equal(decodeText((await output).stdout), "through the pipe");
  equal(scene.messages, []);
});

onDisk("makes a file of a device's contents elsewhere", (scene) => {
  const { folder } = scene;
  const more = { type: FileType.rawDevice, mode: 0o60600, size: 0 };
  scene.restore(fileRecords(1, "/disk", "sectors", more), { where: folder });
  equal(Deno.readTextFileSync(`${folder}/disk`), "sectors");
  scene.restore(fileRecords(1, `${folder}/missing`, "sectors", more), {});
  equal(scene.messages, [`Device restore on root failed, device ${folder}/missing missing.\n`]);
});

Deno.test("BackupReadParser finds the contents however they are cut", () => {
  const part = (id: number, name: number, data: string) => {
    const head = new Uint8Array(20 + name + data.length);
    const view = new DataView(head.buffer);
    view.setUint32(0, id, true);
    view.setUint32(8, data.length, true);
    view.setUint32(16, name, true);
    head.set(encodeText(data), 20 + name);
    return [...head];
  };
  const stream = Uint8Array.from([
    ...part(3, 0, "security"),
    ...part(1, 0, "the data"),
    ...part(4, 6, "alternate"),
  ]);
  for (let size = 1; size < stream.length; size++) {
    const parser = new BackupReadParser();
    let text = "";
    for (let at = 0; at < stream.length; at += size) {
      parser.push(stream.subarray(at, at + size), (data) => text += decodeText(data));
    }
    equal(text, "the data");
  }
});

/** Restores one job of a recorded volume. */
async function* volumeRecords(
  name: string,
  sessionId: number | undefined,
): AsyncGenerator<RestoreRecord> {
  const device = new FileDevice(fixture("volumes"), "test");
  const volume = await device.open(name, "read");
  try {
    const reader = new VolumeReader();
    for (const record of reader.read(volume)) {
      sessionId ??= record.sessionId;
      if (record.fileIndex > 0 && record.sessionId === sessionId) yield record;
    }
    reader.finish();
  } finally {
    volume.close();
  }
}

const plainVolumes = [
  "Cnone-0005",
  "CGZIP-0006",
  "CLZO-0009",
  "CLZFAST-0010",
  "CLZ4-0011",
  "SMD5-0013",
  "SSHA1-0014",
  "SSHA256-0015",
  "SXXH128-0017",
];

for (const name of plainVolumes) {
  onDisk(`restores the recorded volume ${name}`, async (scene) => {
    const target = scene.target({ where: scene.folder });
    for await (const record of volumeRecords(name, undefined)) target.accept(record);
    target.finish();
    equal(scene.messages, []);
    // These jobs saved each name of a file by itself, and something more was there.
    const entries = sampleManifest().map((entry) => ({ ...entry, nlink: 1 }));
    const extra = ["/srv/sample/data/zz-blocker"];
    const properties = ["mtime /srv/sample/data"];
    equal(await compareWithManifest(scene.folder, entries, { extra, properties }), []);
  }, !hasFixtures || !isRoot);
}

onDisk("restores hard links, lists and attributes of the recorded Main-0001", async (scene) => {
  const target = scene.target({ where: scene.folder });
  for await (const record of volumeRecords("Main-0001", undefined)) target.accept(record);
  target.finish();
  equal(scene.messages, []);
  // The sample is as it was from the third recording on; this is the first.
  const base = "/srv/sample/data";
  const changed = [`${base}/mode-4755`, `${base}/many`, base];
  const missing = [...changed, `${base}/many/new`, `${base}/many/f004-renamed`];
  equal(
    await compareWithManifest(scene.folder, sampleManifest(), {
      missing,
      extra: [`${base}/many/f003`, `${base}/many/f004`],
    }),
    [],
  );
}, !hasFixtures || !isRoot);

onDisk("brings the sample back as it was", async (scene) => {
  const { folder, platform } = scene;
  await unpack(fixture("sample-data.tar.gz"), folder);
  const before = await describe(`${folder}/data`, platform);
  for (const letters of ["MAX", "MAXsH"]) {
    const target = scene.target({ where: `${folder}/${letters}` });
    for await (const record of save(`${folder}/data`, platform, letters)) target.accept(record);
    target.finish();
    const after = await describe(`${folder}/${letters}${folder}/data`, platform);
    if (letters.endsWith("H")) after.set("hard links", before.get("hard links"));
    equal(after, before);
  }
  equal(scene.messages, []);
}, !hasFixtures || !isRoot);

onDisk(
  "restores what plugins have saved as plain files, says so once, and refuses deltas",
  (scene) => {
    const { folder, messages } = scene;
    const plugin = (fileIndex: number, text: string) => ({
      fileIndex,
      stream: Stream.pluginName,
      data: encodeText(text),
    });
    const delta = encodeAttributes({
      ...{ fileIndex: 3, type: FileType.regularFile, name: "/db/part", deltaSequence: 2 },
      stat: encodeStat({ ...emptyStat, size: 4 }, { dataStream: Stream.fileData }),
    });
    const target = scene.restore([
      plugin(1, "1 1 0 bpipe:file=/db/dump:reader=x:writer=y\0"),
      ...fileRecords(1, "/db/dump", "dump"),
      plugin(1, "1 0"),
      plugin(2, "2 1 0 bpipe:file=/db/other\0"),
      ...fileRecords(2, "/db/other", "more"),
      plugin(2, "2 0"),
      { fileIndex: 3, stream: Stream.unixAttributes, data: delta },
      { fileIndex: 3, stream: Stream.fileData, data: encodeText("part") },
      { fileIndex: 4, stream: Stream.restoreObject, data: encodeText("4 27 0 1 1 0 p\0o\0x\0") },
      ...fileRecords(5, "/last", "last"),
    ], { where: folder });
    equal(messages, [
      'Plugin "bpipe" is not available: what it has saved is restored as plain files\n',
      "Cannot restore /db/part: it is number 2 of a chain of deltas, which only its plugin can put " +
      "together\n",
    ]);
    equal(Deno.readTextFileSync(`${folder}/db/dump`), "dump");
    equal(exists(scene.platform, `${folder}/db/part`), false);
    equal(target.counters.files, 3);
  },
);

const emptyStat = {
  ...{ dev: 0, ino: 0, mode: 0o100644, nlink: 1, uid: 0, gid: 0, rdev: 0, size: 0 },
  ...{ blksize: 4096, blocks: 0, atime: 1, mtime: 1, ctime: 1 },
};
