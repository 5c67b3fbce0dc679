import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { decompressChunk } from "../../../compress/mod.ts";
import { decodeAttributes, FileType, Stream } from "../../../storage/volume/mod.ts";
import {
  orderOf,
  save,
  type Saved,
  saveOrder,
  type SentStream,
  streamsOf,
} from "../../../tests/support/crew.ts";
import { join } from "../../../tests/support/paths.ts";
import { bytesOf, makeLargeFile, makeSmallFiles } from "../../../tests/support/sample.ts";
import { type FileSet, FileSetBuilder, withPluginFiles } from "../fileset/mod.ts";
import { BackupThreadError } from "./crew.ts";
import { CrewPool } from "./crew_pool.ts";
import { mostFiles, tooManyFiles } from "./unit_builder.ts";

/** Threads come to rest when they are told to, however slow the machine is: none is given up. */
const patient = { restMs: 600_000 };

async function makeTree(folder: string): Promise<void> {
  await makeSmallFiles(join(folder, "a"), 700);
  await makeLargeFile(join(folder, "large"), 11_000_001);
  const zeros = new Uint8Array(9 << 20);
  zeros.set(bytesOf(5, 100_000), 4 << 20);
  await Deno.writeFile(join(folder, "zeros"), zeros);
  await Deno.link(join(folder, "large"), join(folder, "large-again"));
  await Deno.link(join(folder, "a", "d0", "f7"), join(folder, "small-again"));
  await makeSmallFiles(join(folder, "z"), 600);
  await Deno.symlink("nowhere", join(folder, "link"));
}

/** The contents of a file from its data stream, with holes where a sparse one has left them out. */
function contentOf({ stream, records }: SentStream, size: number): Uint8Array {
  const isSparse = stream === Stream.sparseCompressedData || stream === Stream.sparseData;
  const isPacked = stream === Stream.sparseCompressedData || stream === Stream.compressedData;
  const content = new Uint8Array(size);
  let end = 0;
  for (const record of records) {
    const at = isSparse ? Number(new DataView(record.slice().buffer).getBigUint64(0)) : end;
    const body = isSparse ? record.subarray(8) : record;
    const plain = isPacked ? decompressChunk(body) : body;
    content.set(plain, at);
    end = at + plain.length;
  }
  return content;
}

async function withTree(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "roost-crew-" });
  try {
    await makeTree(folder);
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("Crew saves the same with one thread and with three, and all of it is right", async () => {
  await withTree(async (folder) => {
    const crews = [new CrewPool(1), new CrewPool(3)] as const;
    try {
      // Directories that are read for the first time get a new time of access.
      await save(crews[0], folder, "MK");
      for (const letters of ["MK", "MKsZf4", "MKZ1", "MKZo"]) {
        const [one, three] = [
          await save(crews[0], folder, letters),
          await save(crews[1], folder, letters),
        ];
        equal(three.bytes, one.bytes, letters);
        ok(Buffer.compare(one.frames, three.frames) === 0, `the frames with ${letters} differ`);
        deepEqual(three.messages, []);
        check(folder, three.frames, three.files);
      }
    } finally {
      for (const crew of crews) crew.close();
    }
  });
});

Deno.test("Crew leaves what a long dump becomes to all threads, and it is the same", async () => {
  const line = "a dump that compresses well: one part holds much of it";
  const length = 12_345_678;
  const plain = new TextEncoder().encode(`${line}\n`);
  const asked = async (options: string): Promise<FileSet> => {
    const builder = new FileSetBuilder();
    for (const text of ["I", `O ${options}`, "N", "N", "P x", "N"]) builder.add(text);
    return withPluginFiles(await builder.build(), (text) => [{
      ...{ name: new TextEncoder().encode("/dump"), line: text, environment: {} },
      program: ["/bin/sh", "-c", `yes "${line}" | head -c ${length}`],
    }]);
  };
  for (const letters of ["MZf4", "SZ1"]) {
    const fileSet = await asked(letters);
    const order = { fileSet, level: "F", since: 0, firstFileIndex: 0 };
    const dumps: Saved[] = [];
    for (const threads of [1, 3]) {
      const crew = new CrewPool(threads);
      try {
        dumps.push(await saveOrder(crew, order));
      } finally {
        crew.close();
      }
    }
    const [one, three] = dumps;
    ok(one && three);
    for (const { frames, messages, files } of [one, three]) {
      deepEqual([messages, files], [[], 1]);
      const data = streamsOf(frames).find(({ stream }) => stream === Stream.compressedData);
      ok(data);
      const found = contentOf(data, length);
      ok(found.every((byte, at) => byte === plain[at % plain.length]), "the contents differ");
    }
    equal(three.bytes, one.bytes);
    // Each group of chunks that another thread works on is a part of its own.
    ok(one.parts < 6, `${one.parts} parts`);
    ok(three.parts > 10, `${three.parts} parts`);
  }
});

/** Compares what was sent with what is on disk. */
function check(folder: string, frames: Uint8Array, files: number): void {
  const streams = streamsOf(frames);
  const indexes = [...new Set(streams.map(({ fileIndex }) => fileIndex))];
  deepEqual(indexes, Array.from({ length: files }, (_, at) => at + 1));
  const digests = new Map<number, string>();
  let linked = 0;
  for (const fileIndex of indexes) {
    const own = streams.filter((stream) => stream.fileIndex === fileIndex);
    const [attributes, data] = own;
    const { name, type, stat } = decodeAttributes(attributes?.records[0] ?? frames);
    const digest = own.find(({ stream }) => stream === Stream.md5Digest)?.records[0];
    const text = digest === undefined ? "" : Buffer.from(digest).toString("hex");
    digests.set(fileIndex, text);
    if (type === FileType.hardLink) {
      linked++;
      equal(text, digests.get(stat.linkFileIndex));
    }
    if (type !== FileType.regularFile || data === undefined) continue;
    const content = Deno.readFileSync(name);
    ok(Buffer.compare(contentOf(data, content.length), content) === 0, name);
    // What a sparse backup leaves out counts for nothing in its digest.
    const isSparse = data.stream === Stream.sparseCompressedData;
    if (!isSparse) equal(text, createHash("md5").update(content).digest("hex"), name);
  }
  equal(linked, 2);
  ok(files > 1300 && folder.length > 0);
}

Deno.test("a job that is canceled gives back what it has, and the threads do the next one", async () => {
  await withTree(async (folder) => {
    const pool = new CrewPool(2, 0, patient);
    try {
      for (let round = 0; round < 4; round++) {
        const crew = pool.take();
        const output = crew.save(await orderOf(folder, "MKZ9"));
        const first = await output.next();
        equal(first.done, false); // and its buffer is never given back, as when the network is stuck
        await pool.giveBack(crew);
        equal(crew.working.size, 0);
        const { frames, files } = await save(pool, folder, "MK");
        check(folder, frames, files);
      }
    } finally {
      pool.close();
    }
  });
});

Deno.test("a job has as many threads as there are, others beside it fewer, and no more than it may", async () => {
  const pool = new CrewPool(4);
  const narrow = new CrewPool(4, 1);
  try {
    const crews = [pool.take(), pool.take(), pool.take()];
    deepEqual(crews.map(({ size }) => size), [4, 2, 1]);
    for (const crew of crews) await pool.giveBack(crew);
    const again = pool.take();
    equal(again.size, 4);
    await pool.giveBack(again);
    const own = narrow.take();
    equal(own.size, 1);
    await narrow.giveBack(own);
  } finally {
    pool.close();
    narrow.close();
  }
});

Deno.test("many jobs at once save what each one saves alone, though most of them are stuck", async () => {
  await withTree(async (folder) => {
    const pool = new CrewPool(2, 0, patient);
    try {
      await save(pool, folder, "MK");
      const letters = ["MK", "MKsZf4", "MKZ1", "MKZo"];
      const alone = new Map<string, Uint8Array>();
      for (const one of letters) alone.set(one, (await save(pool, folder, one)).frames);
      // Their storage daemons take nothing at all.
      const stuck = Array.from({ length: 12 }, () => pool.take());
      const order = await orderOf(folder, "MK");
      const outputs = stuck.map((crew) => crew.save(order));
      for (const output of outputs) equal((await output.next()).done, false);
      const together = await Promise.all(
        [...letters, ...letters].map(async (one) => [one, await save(pool, folder, one)] as const),
      );
      for (const [one, { frames, messages }] of together) {
        ok(Buffer.compare(frames, alone.get(one) ?? new Uint8Array(0)) === 0, one);
        deepEqual(messages, []);
      }
      for (const crew of stuck) await pool.giveBack(crew);
      const { frames } = await save(pool, folder, "MK");
      ok(Buffer.compare(frames, alone.get("MK") ?? frames.subarray(0, 0)) === 0);
    } finally {
      pool.close();
    }
  });
});

Deno.test("a job whose numbers of files are used up on its way ends with the reason", async () => {
  const folder = await Deno.makeTempDir({ prefix: "roost-crew-" });
  const pool = new CrewPool(1);
  try {
    await makeSmallFiles(folder, 5);
    const order = await orderOf(folder, "MK");
    const { files } = await saveOrder(pool, order);
    const all = await saveOrder(pool, { ...order, firstFileIndex: mostFiles - files });
    equal(all.files, mostFiles);
    await rejects(saveOrder(pool, { ...order, firstFileIndex: mostFiles - files + 1 }), {
      name: "BackupThreadError",
      message: tooManyFiles,
    });
  } finally {
    pool.close();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("who waits for the output of a job that is canceled meanwhile is told", async () => {
  await withTree(async (folder) => {
    const pool = new CrewPool(2, 0, patient);
    try {
      const crew = pool.take();
      const order = await orderOf(folder, "MKZ9");
      const all = (async () => {
        for await (const { done } of crew.save(order)) {
          done();
          void crew.cancel();
        }
      })();
      await rejects(all, BackupThreadError);
      await pool.giveBack(crew);
      equal(crew.working.size, 0);
    } finally {
      pool.close();
    }
  });
});
