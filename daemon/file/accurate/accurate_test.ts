import { deepStrictEqual, ok, strictEqual, throws } from "node:assert";
import fc from "fast-check";
import { anyLetter } from "../../../tests/support/fast_check/any_letter.ts";
import { decodeText, encodeText } from "../../../bytes/mod.ts";
import { type KnownFile, KnownFiles, KnownFilesWriter, removeLeftOvers } from "./mod.ts";

function withFolder(run: (folder: string) => void): void {
  const folder = Deno.makeTempDirSync({ prefix: "roost-accurate-" });
  try {
    run(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

const place = (folder: string, inMemory: number, expected = 0) => ({
  ...{ folder, daemon: "fd", job: "job.2026-01-01_00.00.00_01", expected, inMemory },
});

const entryOf = ({ path, stat, digest }: KnownFile): Uint8Array =>
  encodeText(`${path}\0${stat}\0${digest}\x000`);

function fill(folder: string, inMemory: number, files: readonly KnownFile[]): KnownFilesWriter {
  const writer = new KnownFilesWriter(place(folder, inMemory));
  for (const file of files) writer.add(entryOf(file));
  return writer;
}

const text = fc.string({ unit: anyLetter, minLength: 1, maxLength: 40 })
  .map((value) => value.replaceAll("\0", "_"));
const knownFile = fc.record({ path: text, stat: text, digest: text }, { noNullPrototype: true });

Deno.test("KnownFiles finds what was put in, wherever it is kept, and knows what was seen", () =>
  withFolder((folder) =>
    fc.assert(
      fc.property(
        fc.uniqueArray(knownFile, { selector: ({ path }) => path, maxLength: 60 }),
        fc.array(text, { maxLength: 10 }),
        fc.constantFrom(0, 200, 1 << 20),
        (files, others, inMemory) => {
          const writer = fill(folder, inMemory, files);
          using known = new KnownFiles(writer.finish());
          strictEqual(writer.count, files.length);
          const seen = files.filter((_, at) => at % 3 === 0);
          for (const { path } of seen) known.see(known.find(encodeText(path))?.slot ?? -1);
          for (const file of files) {
            const found = known.find(encodeText(file.path));
            deepStrictEqual({ ...found }, { ...file, slot: found?.slot });
          }
          for (const path of others.filter((each) => files.every((file) => file.path !== each))) {
            strictEqual(known.find(encodeText(path)), undefined);
          }
          deepStrictEqual([...known.files(true)], seen);
          deepStrictEqual([...known.files(false)], files.filter((file) => !seen.includes(file)));
          writer.discard();
        },
      ),
      { numRuns: 60 },
    )
  ));

Deno.test("KnownFilesWriter counts what comes twice, and passes over what is no entry", () =>
  withFolder((folder) => {
    for (const inMemory of [0, 1 << 20]) {
      const writer = new KnownFilesWriter(place(folder, inMemory));
      for (
        const entry of ["/a\0A B\0x\x000", "/b\0A B", "/a\0C D\0y\x000", "/c", "/d\0", "\0A\0", ""]
      ) {
        writer.add(encodeText(entry));
      }
      deepStrictEqual([writer.count, writer.duplicates], [2, 1]);
      using known = new KnownFiles(writer.finish());
      deepStrictEqual([...known.files(false)], [
        { path: "/a", stat: "A B", digest: "x" },
        { path: "/b", stat: "A B", digest: "" },
      ]);
      writer.discard();
    }
  }));

Deno.test("a list that outgrows what was announced, with very long names, stays whole", () =>
  withFolder((folder) => {
    const count = 20_000;
    const nameOf = (at: number): string =>
      `/d${at % 7}/${"long".repeat(at % 5000 === 0 ? 300_000 : 3)}/f${at}`;
    const writer = new KnownFilesWriter(place(folder, 1 << 16));
    for (let at = 0; at < count; at++) {
      writer.add(entryOf({ path: nameOf(at), stat: `A ${at}`, digest: "" }));
    }
    strictEqual(writer.count, count);
    const memory = writer.finish();
    deepStrictEqual(writer.finish(), memory);
    // What a file costs in memory does not depend on its name.
    const perFile = (memory.slots.byteLength + memory.tags.byteLength) / count;
    ok(perFile < 15, `${perFile} bytes a file`);
    using known = new KnownFiles(memory);
    for (let at = 0; at < count; at += 37) {
      const found = known.find(encodeText(nameOf(at)));
      strictEqual(found?.stat, `A ${at}`);
      known.see(found.slot);
    }
    strictEqual([...known.files(true)].length, Math.ceil(count / 37));
    strictEqual([...known.files(false)].length, count - Math.ceil(count / 37));
    writer.discard();
  }));

Deno.test("names that are not UTF-8 keep their bytes in a list", () =>
  withFolder((folder) => {
    const name = new Uint8Array([0x2f, 0xff, 0xc3, 0x28, 0x80]);
    const writer = fill(folder, 0, [{ path: decodeText(name), stat: "A", digest: "" }]);
    using known = new KnownFiles(writer.finish());
    deepStrictEqual(encodeText(known.find(name)?.path ?? ""), name);
    writer.discard();
  }));

Deno.test("the file of a list goes with its job, and what a killed daemon left goes at the next start", () =>
  withFolder((folder) => {
    const files = [{ path: "/a", stat: "A", digest: "" }];
    const names = (): string[] =>
      [...Deno.readDirSync(`${folder}/fd.accurate`)].map((it) => it.name);
    const writer = fill(folder, 0, files);
    writer.finish();
    strictEqual(names().length, 1);
    writer.discard();
    writer.discard();
    deepStrictEqual(names(), []);
    fill(folder, 0, files).finish();
    removeLeftOvers(folder, "fd");
    throws(names, Deno.errors.NotFound);
    removeLeftOvers(folder, "fd");
  }));
