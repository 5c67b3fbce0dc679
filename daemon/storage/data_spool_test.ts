/** The file in which a job's blocks wait for the volume (storage-daemon.md 9.1), whole and damaged. */
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert";
import fc from "fast-check";
import { SpoolError } from "./attribute_spool.ts";
import { DataSpool } from "./data_spool.ts";

const anyIndex = fc.integer({ min: -0x80000000, max: 0x7fffffff });
const anyBlock = fc.record({
  firstIndex: anyIndex,
  lastIndex: anyIndex,
  bytes: fc.uint8Array({ maxLength: 300 }),
}, { noNullPrototype: true });
const blocks = fc.array(anyBlock, { maxLength: 8 });

/** What is read from a spool; each block is only valid until the next. */
function contents(spool: DataSpool) {
  return Array.from(spool.blocks(), (block) => ({ ...block, bytes: block.bytes.slice() }));
}

/** A spool file in a folder that is gone afterwards. */
function withPath(run: (path: string) => void): void {
  const folder = Deno.makeTempDirSync({ prefix: "roost-spool-" });
  try {
    run(`${folder}/job.spool`);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("DataSpool gives back the blocks in their order, as often as it is asked, and after it was emptied", () =>
  withPath((path) => {
    fc.assert(
      fc.property(blocks, blocks, (first, second) => {
        const spool = new DataSpool(path);
        try {
          for (const [at, block] of first.entries()) {
            spool.append(block);
            // Reading in between does not move the place of the next one.
            if (at % 3 === 1) deepStrictEqual(contents(spool), first.slice(0, at + 1));
          }
          deepStrictEqual(contents(spool), first);
          strictEqual(spool.size, first.reduce((sum, each) => sum + 12 + each.bytes.length, 0));
          if (first.length > 0) strictEqual(Deno.statSync(path).size, spool.size);
          spool.clear();
          deepStrictEqual([contents(spool), spool.size], [[], 0]);
          for (const block of second) spool.append(block);
          deepStrictEqual(contents(spool), second);
        } finally {
          spool.discard();
        }
        throws(() => Deno.statSync(path), Deno.errors.NotFound);
      }),
      { numRuns: 30 },
    );
  }));

Deno.test("DataSpool has the layout of the reference: indexes and length before each block", () =>
  withPath((path) => {
    const spool = new DataSpool(path);
    spool.append({ firstIndex: 1, lastIndex: -2, bytes: Uint8Array.of(7, 8, 9) });
    const view = new DataView(Deno.readFileSync(path).buffer);
    const isLittle = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
    deepStrictEqual([0, 4, 8].map((at) => view.getInt32(at, isLittle)), [1, -2, 3]);
    deepStrictEqual([...new Uint8Array(view.buffer, 12)], [7, 8, 9]);
    spool.discard();
  }));

Deno.test("DataSpool tells of a file that was damaged or cut, and gives nothing that was not in it", () =>
  withPath((path) => {
    fc.assert(
      fc.property(
        fc.array(anyBlock, { minLength: 1, maxLength: 8 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        (written, place, change, isCut) => {
          const spool = new DataSpool(path);
          try {
            for (const block of written) spool.append(block);
            const bytes = Deno.readFileSync(path);
            const at = place % bytes.length;
            if (isCut) Deno.truncateSync(path, at);
            else {
              bytes[at] = (bytes[at] ?? 0) ^ change;
              Deno.writeFileSync(path, bytes);
            }
            let length = 0;
            try {
              for (const block of spool.blocks()) length += 12 + block.bytes.length;
              ok(!isCut, "a file that is too short was not noticed");
            } catch (error) {
              ok(error instanceof SpoolError, String(error));
            }
            ok(length <= spool.size);
          } finally {
            spool.discard();
          }
        },
      ),
      { numRuns: 30 },
    );
  }));
