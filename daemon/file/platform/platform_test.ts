import { deepStrictEqual as equal, ok, throws } from "node:assert/strict";
import { decodeText, encodeText } from "../../../bytes/mod.ts";
import { ModeType } from "../../../storage/volume/mod.ts";
import { darwinStatLength, decodeDarwinStat } from "./darwin_stat.ts";
import { isSystemError, openPlatform, type Platform } from "./mod.ts";
import { parseMountTable } from "./mount_table.ts";
import { deviceNumber } from "./statx.ts";

const isLinux = Deno.build.os === "linux";

/** Runs a test in a folder of its own, with the platform of this machine. */
function onDisk(name: string, test: (platform: Platform, folder: string) => void, ignore = false) {
  Deno.test({
    name: `LinuxPlatform ${name}`,
    ignore: !isLinux || ignore,
    fn() {
      const folder = Deno.makeTempDirSync({ prefix: "roost-platform-" });
      try {
        test(openPlatform(), folder);
      } finally {
        Deno.removeSync(folder, { recursive: true });
      }
    },
  });
}

const isRoot = isLinux && Deno.uid() === 0;

function names(platform: Platform, path: string): string[] {
  const reader = platform.readDirectory(encodeText(path));
  const found: string[] = [];
  for (let batch = reader.read(); batch !== undefined; batch = reader.read()) {
    found.push(...decodeText(batch).split("\0").slice(0, -1));
  }
  return found.sort();
}

onDisk("stats files as Deno does", (platform, folder) => {
  Deno.writeTextFileSync(`${folder}/a`, "hello");
  Deno.utimeSync(`${folder}/a`, new Date(1_000_000_000_250), new Date(-1500));
  const stat = platform.lstat(encodeText(`${folder}/a`));
  const expected = Deno.lstatSync(`${folder}/a`);
  equal(stat.size, 5);
  equal([stat.dev, stat.ino, stat.mode, stat.nlink], [
    expected.dev,
    expected.ino,
    expected.mode,
    expected.nlink,
  ]);
  equal([stat.uid, stat.gid, stat.blksize, stat.blocks], [
    expected.uid,
    expected.gid,
    expected.blksize,
    expected.blocks,
  ]);
  equal([stat.atime, stat.atimeNanoseconds], [1_000_000_000, 250_000_000]);
  equal([stat.mtime, stat.mtimeNanoseconds], [-2, 500_000_000]);
  ok(stat.ctime > 1_700_000_000);
});

onDisk("names errors", (platform, folder) => {
  throws(() => platform.lstat(encodeText(`${folder}/none`)), (error) => {
    ok(isSystemError(error, "ENOENT"));
    equal(error.reason, "No such file or directory");
    equal(error.message, `Cannot stat ${folder}/none: No such file or directory`);
    return true;
  });
  throws(
    () => platform.readDirectory(encodeText("/etc/hostname")),
    (error) => isSystemError(error, "ENOTDIR"),
  );
});

onDisk("reads directories of many and odd names", (platform, folder) => {
  const odd = Uint8Array.of(0x66, 0xff, 0x0a, 0xe9, 0x2a);
  const expected = [decodeText(odd), ".hidden", "...", "ünï"];
  for (let number = 0; number < 3000; number++) expected.push(`file-${number}`);
  for (const name of expected) {
    platform.close(platform.open(encodeText(`${folder}/${name}`), {
      access: "write",
      create: true,
    }));
  }
  equal(names(platform, folder), expected.sort());
});

onDisk("handles paths of 5,000 bytes and more", (platform, folder) => {
  const step = "d".repeat(100);
  let path = folder;
  while (path.length < 9000) {
    path += `/${step}`;
    platform.makeDirectory(encodeText(path), 0o755);
  }
  const file = encodeText(`${path}/file`);
  const opened = platform.open(file, { access: "readWrite", create: true, exclusive: true });
  platform.write(opened, encodeText("deep"));
  equal(platform.fstat(opened).size, 4);
  platform.close(opened);
  equal(platform.lstat(file).size, 4);
  equal(names(platform, path), ["file"]);
  platform.makeLink(file, encodeText(`${path}/other`));
  platform.makeSymbolicLink(encodeText("file"), encodeText(`${path}/soft`));
  platform.rename(encodeText(`${path}/other`), encodeText(`${path}/third`));
  equal(names(platform, path), ["file", "soft", "third"]);
  equal(decodeText(platform.readLink(encodeText(`${path}/soft`))), "file");
  platform.setTimes(file, { seconds: 5, nanoseconds: 6 }, { seconds: 7, nanoseconds: 8 });
  equal([platform.lstat(file).mtime, platform.lstat(file).mtimeNanoseconds], [7, 8]);
  platform.writeAttribute(file, encodeText("user.deep"), encodeText("value"));
  equal(platform.listAttributes(file).map(decodeText), ["user.deep"]);
  for (const name of ["file", "soft", "third"]) platform.remove(encodeText(`${path}/${name}`));
  for (; path !== folder; path = path.slice(0, -step.length - 1)) {
    platform.removeDirectory(encodeText(path));
  }
});

onDisk("reads and writes with holes", (platform, folder) => {
  const file = platform.open(encodeText(`${folder}/sparse`), { access: "readWrite", create: true });
  platform.write(file, encodeText("begin"));
  platform.write(file, encodeText("end"), 1 << 20);
  platform.truncate(file, (1 << 20) + (1 << 16));
  const into = new Uint8Array(8);
  equal(platform.read(file, into, (1 << 20) + 1), 8);
  equal(decodeText(into.subarray(0, 2)), "nd");
  equal(platform.nextData(file, 1 << 16), 1 << 20);
  ok(platform.nextHole(file, 0) <= 1 << 16);
  equal(platform.nextData(file, (1 << 20) + (1 << 15)), undefined);
  equal(platform.fstat(file).size, (1 << 20) + (1 << 16));
  equal(platform.read(file, into, 1 << 24), 0);
  platform.close(file);
});

onDisk("does not follow symbolic links", (platform, folder) => {
  const link = encodeText(`${folder}/link`);
  platform.makeSymbolicLink(encodeText("/etc/hostname"), link);
  throws(() => platform.open(link), (error) => isSystemError(error, "ELOOP"));
  platform.setTimes(link, { seconds: 1, nanoseconds: 2 }, { seconds: 3, nanoseconds: 4 });
  equal(platform.lstat(link).mtime, 3);
  equal(platform.lstat(link).mode & ModeType.mask, ModeType.symbolicLink);
  equal(platform.stat(link).mode & ModeType.mask, ModeType.regular);
});

onDisk("works from an open directory", (platform, folder) => {
  const at = platform.open(encodeText(folder), { place: true, directory: true });
  platform.makeDirectory(encodeText("sub"), 0o700, at);
  platform.makeNode(encodeText("pipe"), ModeType.fifo | 0o640, 0, at);
  platform.writeAttribute(encodeText("sub"), encodeText("user.x"), encodeText(""), at);
  equal(platform.readAttribute(encodeText("sub"), encodeText("user.x"), at), new Uint8Array());
  equal(platform.readAttribute(encodeText("sub"), encodeText("user.y"), at), undefined);
  platform.setMode(encodeText("sub"), 0o1751, at);
  equal(platform.lstat(encodeText("sub"), at).mode, 0o041751);
  platform.close(at);
  equal(names(platform, folder), ["pipe", "sub"]);
});

onDisk("makes device nodes and sets owners", (platform, folder) => {
  const path = encodeText(`${folder}/null`);
  platform.makeNode(path, ModeType.character | 0o600, 0x103);
  platform.setOwner(path, 1234, 5678);
  const { mode, rdev, uid, gid } = platform.lstat(path);
  equal([mode, rdev, uid, gid], [0o020600, 0x103, 1234, 5678]);
}, !isRoot);

onDisk("sets and reads access control lists as text", (platform, folder) => {
  const path = encodeText(folder);
  const text = "user::rwx\nuser:54321:r--\ngroup::r-x\nmask::r-x\nother::r--\n";
  equal(platform.readAcl(path, "access"), undefined);
  equal(platform.readAcl(path, "default"), undefined);
  platform.writeAcl(path, "access", text);
  platform.writeAcl(path, "default", text);
  equal(platform.readAcl(path, "access"), text);
  equal(platform.readAcl(path, "default"), text);
  platform.writeAcl(path, "default", "");
  equal(platform.readAcl(path, "default"), undefined);
  throws(() => platform.writeAcl(path, "access", "user::rwx\nnonsense"));
});

onDisk("knows users, groups and file systems", (platform) => {
  equal([platform.userName(0), platform.groupName(0)], ["root", "root"]);
  equal([platform.userId("root"), platform.groupId("root")], [0, 0]);
  equal(platform.userName(4_000_000_000), undefined);
  equal(platform.userId("nobody with this name"), undefined);
  equal(platform.fileSystemType(encodeText("/proc")), "proc");
  ok(platform.fileSystemType(encodeText("/")) !== undefined);
});

Deno.test("decodeDarwinStat() reads each field from its place", () => {
  const bytes = new Uint8Array(darwinStatLength);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, 16777220, true);
  view.setUint16(4, 0o100644, true);
  view.setUint16(6, 2, true);
  view.setBigUint64(8, 2n ** 60n, true);
  view.setUint32(16, 501, true);
  view.setUint32(20, 20, true);
  view.setBigInt64(32, 100n, true);
  view.setBigInt64(48, -7n, true);
  view.setUint32(56, 5, true);
  view.setBigInt64(64, 300n, true);
  view.setBigInt64(96, 12n, true);
  view.setBigInt64(104, 8n, true);
  view.setInt32(112, 4096, true);
  view.setUint32(116, 1, true);
  equal(decodeDarwinStat(bytes), {
    ...{ dev: 16777220, ino: 2n ** 60n, mode: 0o100644, nlink: 2, uid: 501, gid: 20, rdev: 0 },
    ...{ size: 12, blksize: 4096, blocks: 8, atime: 100, mtime: -7, ctime: 300 },
    ...{ atimeNanoseconds: 0, mtimeNanoseconds: 5, ctimeNanoseconds: 0, flags: 1, noDump: true },
  });
});

Deno.test("deviceNumber() is makedev(3)", () => {
  equal(deviceNumber(8, 1), 0x801);
  equal(deviceNumber(253, 0x12345), 0x12300000 + 253 * 256 + 0x45);
  equal(deviceNumber(0x12345, 7), 0x12 * 2 ** 44 + 0x345 * 256 + 7);
  equal(deviceNumber(0xffffffff, 0xffffffff), 2n ** 64n - 1n);
});

Deno.test("parseMountTable() reads mountinfo", () => {
  const table = parseMountTable(
    "36 35 98:0 /a /b rw,noatime master:1 - ext3 /dev/root rw\n21 1 0:20 / /p rw - proc proc rw\nodd",
  );
  equal([table.byId.get(36), table.byDevice.get("0:20")], ["ext3", "proc"]);
  equal(table.byId.size, 2);
});
