/** The macOS package, read by the independent programs that Linux has for its formats. @module */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { bomOf, posixChecksum } from "./bom.ts";
import { fileType, folderType, linkType, type PackageEntry } from "./cpio.ts";
import { linkNames, macosPackage } from "./macos_package.ts";

const executable = new TextEncoder().encode("#!/bin/sh\necho $0\n" + "\x01ü".repeat(5000));
const parts = { version: "1.2.3", processor: "arm64", executable } as const;

async function run(program: string, args: readonly string[], cwd = "/"): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd,
    env: { LC_ALL: "C.UTF-8" },
  }).output();
  const text = new TextDecoder().decode(stdout);
  ok(success, `${program} ${args.join(" ")}: ${text}${new TextDecoder().decode(stderr)}`);
  return text;
}

function isThere(...programs: readonly string[]): boolean {
  return programs.every((name) =>
    (Deno.env.get("PATH") ?? "").split(":").some((folder) => {
      try {
        return Deno.statSync(join(folder, name)).isFile;
      } catch {
        return false;
      }
    })
  );
}

/** Unpacks the package and its payload as an installer would. */
async function installed(folder: string, content: Uint8Array): Promise<string> {
  const file = join(folder, "roost.pkg");
  await Deno.writeFile(file, content);
  const [outer, root] = [join(folder, "outer"), join(folder, "root")];
  const place = join(root, "usr/local");
  await Deno.mkdir(outer);
  await Deno.mkdir(place, { recursive: true });
  await run("bsdtar", ["-xf", file], outer);
  await run("bsdtar", ["-xpf", join(outer, "roost.pkg/Payload")], place);
  return root;
}

Deno.test({
  name: "macOS package: 7z and bsdtar read the archive and what is in it",
  ignore: !isThere("7z", "bsdtar", "cpio"),
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      const content = await macosPackage(parts);
      const root = await installed(folder, content);
      const tested = await run("7z", ["t", "-txar", join(folder, "roost.pkg")]);
      match(tested, /Everything is Ok/);
      const names = (await run("bsdtar", ["-tf", join(folder, "roost.pkg")])).trim().split("\n");
      deepStrictEqual(names.map((name) => name.replace(/\/$/, "")).sort(), [
        "Distribution",
        "roost.pkg",
        "roost.pkg/Bom",
        "roost.pkg/PackageInfo",
        "roost.pkg/Payload",
        "roost.pkg/Scripts",
      ]);
      const payload = join(folder, "outer/roost.pkg/Payload");
      const listed = await run("sh", ["-c", 'gzip -dc "$1" | cpio -itvn --quiet', "sh", payload]);
      match(listed, /^-rwxr-xr-x +1 0 +0 .* \.\/bin\/roost$/m);
      match(listed, /^lrwxrwxrwx|^lrwxr-xr-x/m);
      for (const line of listed.trim().split("\n")) match(line, /^\S+ +\d+ 0 +0 /);

      deepStrictEqual(await Deno.readFile(join(root, "usr/local/bin/roost")), executable);
      for (const name of linkNames) {
        strictEqual(await Deno.readLink(join(root, "usr/local/bin", name)), "roost");
      }
      const page = await Deno.readTextFile(join(root, "usr/local/share/man/man1/bconsole.1"));
      match(page, /^\.TH "ROOST\\-CONSOLE" 1 /);
      const info = await Deno.readTextFile(join(folder, "outer/roost.pkg/PackageInfo"));
      match(info, /install-location="\/usr\/local"/);
      match(info, /overwrite-permissions="false"/);
      match(await Deno.readTextFile(join(folder, "outer/Distribution")), /arm64/);
      const again = await macosPackage(parts);
      const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
      strictEqual(digest(again), digest(content));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "macOS package: the scripts leave a configuration alone and remove the rest",
  ignore: !isThere("7z", "bsdtar", "cpio"),
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      const root = await installed(folder, await macosPackage(parts));
      const scripts = join(folder, "scripts");
      await Deno.mkdir(scripts);
      await run("bsdtar", ["-xpf", join(folder, "outer/roost.pkg/Scripts")], scripts);
      const postinstall = join(scripts, "postinstall");
      await run(postinstall, ["roost.pkg", "/usr/local", root]);
      const etc = join(root, "usr/local/etc/roost");
      strictEqual(((await Deno.stat(etc)).mode ?? 0) & 0o777, 0o700);
      await Deno.writeTextFile(join(etc, "kept"), "mine");
      await Deno.chmod(etc, 0o750);
      await run(postinstall, ["roost.pkg", "/usr/local", root]);
      strictEqual(((await Deno.stat(etc)).mode ?? 0) & 0o777, 0o750);

      const bin = join(root, "usr/local/bin");
      await Deno.remove(join(bin, "bls"));
      await Deno.symlink("/opt/other/bls", join(bin, "bls"));
      const services = join(root, "Library/LaunchDaemons");
      await Deno.mkdir(services, { recursive: true });
      await Deno.writeTextFile(join(services, "org.roost.fd.plist"), "");
      await Deno.writeTextFile(join(services, "org.other.plist"), "");
      const unpacked = join(root, "var/cache/roost/0123");
      await Deno.mkdir(unpacked, { recursive: true });
      for (const name of ["runtime", "roost.js"]) {
        await Deno.writeTextFile(join(unpacked, name), "");
      }
      await Deno.writeTextFile(join(unpacked, "../of-others"), "");
      const uninstall = join(root, "usr/local/share/roost/uninstall.sh");
      await run("env", [`ROOST_UNINSTALL_ROOT=${root}`, uninstall]);
      const left = (await run("find", [root, "!", "-type", "d"])).trim().split("\n").sort();
      deepStrictEqual(
        left,
        [
          join(services, "org.other.plist"),
          join(bin, "bls"),
          join(etc, "kept"),
          join(root, "var/cache/roost/of-others"),
        ].sort(),
      );
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("bill of materials: every path can be walked to, with mode, size and checksum", async () => {
  const text = (value: string) => new TextEncoder().encode(value);
  const entries: PackageEntry[] = [
    { path: ".", mode: folderType | 0o755, content: text("") },
    { path: "./z", mode: folderType | 0o755, content: text("") },
    { path: "./a", mode: linkType | 0o755, content: text("z/b") },
    { path: "./z/b", mode: fileType | 0o755, content: text("content") },
    { path: "./z/a", mode: fileType | 0o644, content: text("") },
  ];
  const walked = walkedBom(bomOf(entries));
  deepStrictEqual(
    walked.toSorted((a, b) => a.path < b.path ? -1 : 1),
    await Promise.all(
      entries.toSorted((a, b) => a.path < b.path ? -1 : 1).map(async (entry) => ({
        path: entry.path,
        mode: entry.mode,
        size: entry.content.length,
        sum: (entry.mode & 0o170000) === folderType ? 0 : await systemChecksum(entry.content),
        link: (entry.mode & 0o170000) === linkType ? "z/b" : "",
      })),
    ),
  );
});

Deno.test("bill of materials: the checksum is that of cksum", async () => {
  for (const length of [0, 1, 255, 256, 70_000]) {
    const bytes = Uint8Array.from({ length }, (_, index) => index * 7);
    strictEqual(posixChecksum(bytes), await systemChecksum(bytes));
  }
});

async function systemChecksum(bytes: Uint8Array): Promise<number> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, bytes);
    return Number((await run("cksum", [path])).split(" ")[0]);
  } finally {
    await Deno.remove(path);
  }
}

interface Walked {
  readonly path: string;
  readonly mode: number;
  readonly size: number;
  readonly sum: number;
  readonly link: string;
}

/** Reads the tree `Paths` of a store by the published layout, and by nothing of the writer. */
function walkedBom(bom: Uint8Array): Walked[] {
  const view = new DataView(bom.buffer, bom.byteOffset, bom.length);
  const decode = (from: number, to: number) => new TextDecoder().decode(bom.subarray(from, to));
  strictEqual(decode(0, 8), "BOMStore");
  const index = view.getUint32(16);
  strictEqual(index + view.getUint32(20), bom.length);
  const block = (number: number): number => view.getUint32(index + 4 + number * 8);
  const names = new Map<string, number>();
  let at = view.getUint32(24);
  const count = view.getUint32(at);
  at += 4;
  for (let left = count; left > 0; left--) {
    const length = bom[at + 4] ?? 0;
    names.set(decode(at + 5, at + 5 + length), view.getUint32(at));
    at += 5 + length;
  }
  deepStrictEqual([...names.keys()], ["BomInfo", "Paths", "HLIndex", "VIndex", "Size64"]);
  const tree = block(names.get("Paths") ?? 0);
  strictEqual(decode(tree, tree + 4), "tree");
  const leaf = block(view.getUint32(tree + 8));
  strictEqual(view.getUint16(leaf), 1);
  const paths = new Map<number, string>();
  const found: Walked[] = [];
  for (let place = 0; place < view.getUint16(leaf + 2); place++) {
    const value = block(view.getUint32(leaf + 12 + place * 8));
    const key = block(view.getUint32(leaf + 16 + place * 8));
    const name = decode(key + 4, bom.indexOf(0, key + 4));
    const parent = view.getUint32(key);
    const path = parent === 0 ? name : `${paths.get(parent)}/${name}`;
    paths.set(view.getUint32(value), path);
    const facts = block(view.getUint32(value + 4));
    const linkLength = view.getUint32(facts + 27);
    found.push({
      path,
      mode: view.getUint16(facts + 4),
      size: view.getUint32(facts + 18),
      sum: view.getUint32(facts + 23),
      link: linkLength === 0 ? "" : decode(facts + 31, facts + 31 + linkLength - 1),
    });
  }
  strictEqual(found.length, view.getUint32(tree + 16));
  return found;
}
