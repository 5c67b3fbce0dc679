import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert";
import { S3Server } from "../../tests/support/s3_server.ts";
import { waitFor } from "../../tests/support/wait_for.ts";
import { DeviceError, ObjectDevice, type ObjectStore } from "./mod.ts";

const CHUNK = 100_000;

/** A device over a server, with a cache of its own; `another` is a second machine's. */
async function withDevice(
  test: (parts: {
    store: ObjectStore;
    server: S3Server;
    cache: string;
    make(cache: string, store?: ObjectStore): ObjectDevice;
  }) => Promise<void>,
): Promise<void> {
  const caches = await Deno.makeTempDir();
  try {
    await using server = await S3Server.start();
    const store = server.store();
    await test({
      store,
      server,
      cache: `${caches}/one`,
      make: (cache, other = store) => {
        Deno.mkdirSync(cache, { recursive: true });
        return new ObjectDevice({
          store: other,
          cache,
          name: "Cloud",
          prefix: "p/",
          chunkSize: CHUNK,
        });
      },
    });
  } finally {
    await Deno.remove(caches, { recursive: true });
  }
}

function bytesOf(length: number, seed: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, at) => (at * 7 + seed) % 251);
}

Deno.test("a volume goes up in chunks while it is written, and comes back without the cache", async () => {
  await withDevice(async ({ store, cache, make }) => {
    const device = make(cache);
    const volume = device.open("Full-0001", "create");
    const written = bytesOf(350_000, 1);
    volume.writeAt(written.subarray(0, 250_000), 0);
    await waitFor(
      "chunks in the store",
      async () => (await store.list("p/Full-0001/")).length >= 2,
    );
    volume.writeAt(written.subarray(250_000), 250_000);
    await volume.syncMeanwhile();
    const objects = await store.list("p/");
    deepStrictEqual(
      objects.map(({ key, size }) => [key, size]),
      [0, 1, 2, 3].map((at) => [`p/Full-0001/000${at}`, at === 3 ? 50_000 : CHUNK]),
    );
    volume.writeAt(bytesOf(10, 2), 350_000);
    await volume.syncMeanwhile();
    volume.close();

    const other = make(`${cache}-other`);
    await other.prepare("Full-0001");
    const again = other.open("Full-0001", "append");
    strictEqual(again.size(), 350_010);
    const into = new Uint8Array(350_000);
    again.readAt(into, 0);
    deepStrictEqual(into, written);
    again.truncate(150_000);
    await again.syncMeanwhile();
    again.close();
    deepStrictEqual(
      (await store.list("p/")).map(({ size }) => size),
      [CHUNK, 50_000],
    );
    await other.remove("Full-0001");
    deepStrictEqual(await store.list("p/"), []);
  });
});

Deno.test("what a crash left in the cache goes up when the volume is used again", async () => {
  await withDevice(async ({ store, cache, make }) => {
    const volume = make(cache).open("V", "create");
    volume.writeAt(bytesOf(130_000, 3), 0);
    await volume.syncMeanwhile();
    volume.close();
    const file = await Deno.open(`${cache}/V`, { append: true });
    await file.write(bytesOf(90_000, 4));
    file.close();
    const device = make(cache);
    await device.prepare("V");
    await device.settle("V");
    deepStrictEqual((await store.list("p/")).map(({ size }) => size), [CHUNK, CHUNK, 20_000]);
  });
});

Deno.test("an object that was changed in the store is not taken for the volume", async () => {
  await withDevice(async ({ store, cache, make, server }) => {
    const volume = make(cache).open("V", "create");
    volume.writeAt(bytesOf(130_000, 5), 0);
    await volume.syncMeanwhile();
    volume.close();
    let damaged = 0;
    for await (const { name } of Deno.readDir(`${server.folder}/backups/p/V`)) {
      if (!/0001\._S3rver_object$/.test(name)) continue;
      const path = `${server.folder}/backups/p/V/${name}`;
      const bytes = await Deno.readFile(path);
      bytes[17] = (bytes[17] ?? 0) ^ 1;
      await Deno.writeFile(path, bytes);
      damaged++;
    }
    strictEqual(damaged, 1);
    await rejects(
      make(`${cache}-other`).prepare("V"),
      (error) => error instanceof DeviceError && /its checksum is \w+, not \w+/.test(error.message),
    );
    strictEqual((await store.list("p/")).length, 2);
  });
});

Deno.test("a store that refuses us fails the volume with its own words", async () => {
  await withDevice(async ({ server, cache, make }) => {
    const device = make(cache, server.store("wrong"));
    const volume = device.open("V", "create");
    volume.writeAt(bytesOf(130_000, 6), 0);
    await rejects(volume.syncMeanwhile(), (error) => {
      ok(error instanceof DeviceError);
      match(error.message, /Cannot upload of volume "V" on device "Cloud" .*403 .*signature/);
      return true;
    });
    volume.close();
    // what could not be stored is not forgotten
    const good = make(cache);
    await good.prepare("V");
    await good.settle("V");
    strictEqual((await server.store().list("p/V/")).length, 2);
  });
});
