import { deepStrictEqual, match, ok, rejects, strictEqual, throws } from "node:assert";
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
    make(cache: string, store?: ObjectStore, cacheSize?: number): ObjectDevice;
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
      make: (cache, other = store, cacheSize = 0) => {
        Deno.mkdirSync(cache, { recursive: true });
        return new ObjectDevice({
          store: other,
          cache,
          name: "Cloud",
          prefix: "p/",
          chunkSize: CHUNK,
          cacheSize,
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

/** Writes a volume and waits until the store has it. */
async function write(device: ObjectDevice, name: string, bytes: Uint8Array): Promise<void> {
  await device.prepare(name);
  const volume = device.open(name, "create");
  volume.truncate(0);
  volume.writeAt(bytes, 0);
  await volume.syncMeanwhile();
  volume.close();
}

async function storedBytes(store: ObjectStore, name: string): Promise<Uint8Array> {
  const parts: number[] = [];
  for (const { key } of await store.list(`p/${name}/`)) {
    parts.push(...await store.get(key) ?? []);
  }
  return Uint8Array.from(parts);
}

Deno.test("a volume that was emptied and written anew just before a crash is not undone", async () => {
  await withDevice(async ({ store, server, cache, make }) => {
    await write(make(cache), "V", bytesOf(350_000, 1));
    // the store cannot be reached while the volume is recycled and written again, then all ends
    const cut = make(cache, server.store("wrong"));
    const volume = cut.open("V", "append");
    const newer = bytesOf(120_000, 9);
    volume.truncate(0);
    volume.writeAt(newer, 0);
    await rejects(volume.syncMeanwhile(), DeviceError);
    volume.close();
    strictEqual((await storedBytes(store, "V")).length, 350_000);

    const problems: string[] = [];
    await make(cache, server.store("wrong")).resume((text) => problems.push(text));
    match(
      problems.join(),
      /Cannot \w+ of volume "V" .* It stays in the cache and will be tried again/,
    );
    await make(cache).resume((text) => problems.push(text));
    strictEqual(problems.length, 1);
    deepStrictEqual(await storedBytes(store, "V"), newer);
    deepStrictEqual(await Deno.readFile(`${cache}/V`), newer);
  });
});

Deno.test("a volume that is damaged in the cache is mended from the store", async () => {
  await withDevice(async ({ cache, make }) => {
    const written = bytesOf(350_000, 1);
    await write(make(cache), "V", written);
    const damaged = written.slice();
    for (const at of [5, 250_000]) damaged[at] = (damaged[at] ?? 0) ^ 1;
    await Deno.writeFile(`${cache}/V`, damaged);
    await make(cache).prepare("V");
    deepStrictEqual(await Deno.readFile(`${cache}/V`), written);
    // cut short: the whole comes back
    await Deno.writeFile(`${cache}/V`, written.subarray(0, 123_456));
    await make(cache).prepare("V");
    deepStrictEqual(await Deno.readFile(`${cache}/V`), written);
  });
});

Deno.test("a cache that is to be small loses what the store has, and nothing else", async () => {
  await withDevice(async ({ server, cache, make }) => {
    const first = make(cache);
    for (const name of ["A", "B", "C"]) await write(first, name, bytesOf(200_000, name.length));
    const cut = make(cache, server.store("wrong"));
    const only = cut.open("B", "append");
    only.writeAt(bytesOf(10, 3), 200_000);
    await rejects(only.syncMeanwhile(), DeviceError);
    only.close();

    const small = make(cache, undefined, 250_000);
    await small.prepare("C");
    deepStrictEqual(small.list(), ["B", "C"]); // B is not in the store as it is here
    await small.resume(() => {});
    await small.prepare("A");
    const volume = small.open("A", "read");
    strictEqual(volume.size(), 200_000);
    volume.close();
  });
});

Deno.test({
  name: "a full disk under the cache is made room on by what the store has",
  ignore: Deno.uid() !== 0,
  fn: async () => {
    await withDevice(async ({ cache, make, store }) => {
      await Deno.mkdir(cache, { recursive: true });
      const mounted = await new Deno.Command("mount", {
        args: ["-t", "tmpfs", "-o", "size=700k", "none", cache],
      }).output();
      if (!mounted.success) return; // a container without the right to mount
      try {
        const first = make(cache);
        for (const name of ["A", "B"]) await write(first, name, bytesOf(250_000, 1));
        const device = make(cache);
        const newer = bytesOf(450_000, 2);
        await write(device, "C", newer);
        deepStrictEqual(device.list().filter((name) => name === "C"), ["C"]);
        ok(device.list().length < 3);
        deepStrictEqual(await storedBytes(store, "C"), newer);
        // nothing more can be taken out: the disk is full, and says so
        const volume = device.open("C", "append");
        throws(
          () => volume.writeAt(bytesOf(400_000, 3), 450_000),
          (error) => error instanceof DeviceError && error.isFull,
        );
        volume.truncate(450_000);
        await volume.syncMeanwhile();
        volume.close();
        deepStrictEqual(await storedBytes(store, "C"), newer);
      } finally {
        await new Deno.Command("umount", { args: [cache] }).output();
      }
    });
  },
});
