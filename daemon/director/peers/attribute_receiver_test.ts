import { deepStrictEqual, strictEqual } from "node:assert";
import fc from "fast-check";
import { decodeText, encodeText } from "../../../bytes/mod.ts";
import { AttributeReceiver, cutAttributes } from "./attribute_receiver.ts";
import { PackedFiles, type RestoreObject } from "../../../storage/catalog/mod.ts";

const STAT = "gB EtaH IGk B Po Po A DA5 BAA g BlU/EA Bku1qA Bku1qB A A C";

function update(fileIndex: number, stream: number, data: Uint8Array | string) {
  const bytes = typeof data === "string" ? encodeText(data) : data;
  return { job: "j", volSessionId: 1, volSessionTime: 2, fileIndex, stream, data: bytes };
}

const attributes = (fileIndex: number, type: number, name: string, delta = "0") =>
  update(fileIndex, 1, `${fileIndex} ${type} ${name}\0${STAT}\0link\0\0${delta}\0`);

function receiver() {
  const rows = new PackedFiles();
  const warnings: string[] = [];
  const objects: RestoreObject[] = [];
  const base: string[] = [];
  const sink = {
    count: 0,
    add: (file: Parameters<PackedFiles["addFile"]>[0]) => rows.addFile(file),
    addBytes: (...row: Parameters<PackedFiles["add"]>) => rows.add(...row),
    addDigest: (digest?: Uint8Array) => digest === undefined ? rows.close() : rows.digest(digest),
    addObject: (object: RestoreObject) => void objects.push(object),
    flush: () => {},
  };
  return {
    files: () => rows.files(),
    objects,
    base,
    warnings,
    receiver: new AttributeReceiver(
      sink,
      (text) => void warnings.push(text),
      (path) => void base.push(path),
    ),
  };
}

Deno.test("AttributeReceiver joins a file with the digest that follows it", () => {
  const { files, warnings, receiver: into } = receiver();
  into.take(attributes(1, 3, "/a"));
  into.take(update(1, 3, Uint8Array.from({ length: 16 }, (_, at) => at)));
  into.take(attributes(2, 5, "/d/"));
  into.take(attributes(3, 3, "/b"));
  into.take(update(9, 3, new Uint8Array(16)));
  into.finish();
  deepStrictEqual(files().map(({ fileIndex, path, digest }) => [fileIndex, path, digest]), [
    [1, "/a", "AAECAwQFBgcICQoLDA0ODw"],
    [2, "/d/", "0"],
    [3, "/b", "0"],
  ]);
  deepStrictEqual(warnings, ["Got digest but not same File as attributes. FI=9"]);
  strictEqual(into.bytes > 200, true);
});

Deno.test("AttributeReceiver makes deleted files index 0, hands base files on, reads deltas", () => {
  const { files, base, warnings, receiver: into } = receiver();
  into.take(attributes(1, 23, "/gone"));
  into.take(attributes(2, 24, "/base"));
  into.take(attributes(3, 3 | 0x10000, "/delta with blanks", "7"));
  into.take(attributes(4, 4, "/link", "7"));
  into.finish();
  deepStrictEqual(files().map(({ fileIndex, path, deltaSeq }) => [fileIndex, path, deltaSeq]), [
    [0, "/gone", 0],
    [3, "/delta with blanks", 7],
    [4, "/link", 0],
  ]);
  deepStrictEqual(base, ["/base"]);
  deepStrictEqual(warnings, []);
});

Deno.test("AttributeReceiver hands restore objects on, and tells of those it cannot read", () => {
  const { objects, warnings, receiver: into } = receiver();
  const record = (text: string) => into.take(update(7, 28, text));
  record("7 27 0 5 9 1 my plugin\0config\0a\0b=c\0");
  record("7 25 1 0 0 0 python\0empty\0\0");
  record("7 25 1 900 900 0 python\0short\0data\0");
  record("7 25 nonsense");
  deepStrictEqual(objects, [
    {
      ...{ type: 27, index: 0, fullLength: 9, compression: 1, fileIndex: 7, plugin: "my plugin" },
      ...{ name: "config", data: encodeText("a\0b=c") },
    },
    {
      ...{ type: 25, index: 1, fullLength: 0, compression: 0, fileIndex: 7, plugin: "python" },
      ...{ name: "empty", data: new Uint8Array(0) },
    },
  ]);
  strictEqual(warnings.length, 2);
});

Deno.test("cutAttributes() takes short records of old daemons and refuses others", () => {
  const cut = (text: string) => {
    const parts = cutAttributes(encodeText(text));
    return parts && { ...parts, path: decodeText(parts.path), lstat: decodeText(parts.lstat) };
  };
  deepStrictEqual(cut(`1 3 /old\0${STAT}\0`), { type: 3, path: "/old", lstat: STAT, deltaSeq: 0 });
  deepStrictEqual(cut(" -1 65539 /a b\0s\0\0\0" + "12\0"), {
    ...{ type: 3, path: "/a b", lstat: "s", deltaSeq: 12 },
  });
  strictEqual(cut("1 3 /a\0s\0\0\0" + "123456\0")?.deltaSeq, 0);
  strictEqual(cut("1 3 /a\0s\0\0\0" + "7x\0")?.deltaSeq, 0);
  strictEqual(cut("1 3 /a\0s\0\0\0" + "7")?.deltaSeq, 7);
  for (
    const text of ["", "1 3 /no-stat\0", "x 3 /a\0s\0", "1 3 \0s\0", "- 3 /a\0s\0", "1 3\0s\0"]
  ) {
    strictEqual(cut(text), undefined);
  }
});

Deno.test("cutAttributes() ends with whatever comes, as the pattern of a record has it", () => {
  const byte = fc.oneof(fc.constantFrom(0x20, 0x30, 0x33, 0x2d, 0x2f, 0, 9), fc.nat(255));
  fc.assert(fc.property(fc.array(byte, { maxLength: 40 }), (bytes) => {
    const data = Uint8Array.from(bytes);
    const text = String.fromCharCode(...bytes);
    const match = /^[ \t-\r]*-?\d+ (\d+) ([^\0]+)\0([^\0]*)\0/.exec(text);
    const cut = cutAttributes(data);
    strictEqual(cut !== undefined, match !== null);
    if (cut === undefined || match === null) return;
    strictEqual(String.fromCharCode(...cut.path), match[2]);
    strictEqual(String.fromCharCode(...cut.lstat), match[3]);
  }));
});
