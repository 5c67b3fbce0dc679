import { deepStrictEqual, strictEqual } from "node:assert";
import fc from "fast-check";
import { decodeText, encodeBase64, encodeText } from "../../bytes/mod.ts";
import { PackedFiles } from "./packed_files.ts";
import { splitPath } from "./rows.ts";

/** A part of a path: bytes as on a disk, mostly of few kinds, so that folders come again. */
const part = fc.oneof(
  fc.constantFrom("a", "bc", "d e", "ü", "\udcff"),
  fc.uint8Array({ minLength: 1, maxLength: 6 }).map((bytes) =>
    decodeText(bytes.map((byte) => byte === 0 || byte === 0x2f ? 0x41 : byte))
  ),
);
const path = fc.tuple(fc.boolean(), fc.array(part, { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([isRooted, parts, isFolder]) =>
    (isRooted ? "/" : "") + parts.join("/") + (isFolder ? "/" : "")
  );
const row = fc.record({
  fileIndex: fc.nat(2 ** 31 - 1),
  deltaSeq: fc.nat(99999),
  path,
  lstat: fc.constantFrom("gB A IGk B", "A", "x\u00e9"),
  digest: fc.option(fc.uint8Array({ minLength: 1, maxLength: 70 }), { nil: undefined }),
});

Deno.test("PackedFiles gives back the rows that it was given, as records and as values", () => {
  const packed = new PackedFiles();
  fc.assert(fc.property(fc.array(row, { maxLength: 150 }), (rows) => {
    packed.clear();
    for (const { fileIndex, deltaSeq, path, lstat, digest } of rows) {
      packed.add(fileIndex, deltaSeq, encodeText(path), encodeText(lstat));
      if (digest !== undefined) packed.digest(digest);
    }
    const files = rows.map(({ digest, ...file }) => ({
      ...file,
      digest: digest === undefined ? "0" : encodeBase64(digest, "standard"),
    }));
    strictEqual(packed.count, rows.length);
    deepStrictEqual(packed.files(), files);
    const folders: string[] = [];
    const pathId = (folder: string) => folders.push(folder) - 1;
    const values = packed.values(7, pathId);
    files.forEach(({ fileIndex, deltaSeq, path, lstat, digest }, at) => {
      const [index, job, folder, delta, stat, md5, name] = values.slice(at * 7, at * 7 + 7);
      deepStrictEqual([index, job, delta, stat, md5], [fileIndex, 7, deltaSeq, lstat, digest]);
      strictEqual(folders[Number(folder)], splitPath(path).folder);
      strictEqual(name instanceof Uint8Array ? decodeText(name) : name, splitPath(path).name);
    });
    strictEqual(values.length, files.length * 7);
  }));
});

Deno.test("PackedFiles keeps a row whose digest may still follow, and takes whole rows", () => {
  const packed = new PackedFiles();
  packed.addFile({ fileIndex: 1, deltaSeq: 0, path: "/a/b", lstat: "s", digest: "abc" });
  packed.add(2, 3, encodeText("/a/c"), encodeText("t"));
  const putBack = packed.takeOpen();
  deepStrictEqual(packed.files().map(({ path }) => path), ["/a/b"]);
  packed.clear();
  strictEqual(packed.takeOpen(), undefined);
  putBack?.();
  packed.digest(Uint8Array.of(255));
  deepStrictEqual(packed.files(), [
    { fileIndex: 2, deltaSeq: 3, path: "/a/c", lstat: "t", digest: "/w" },
  ]);
});
