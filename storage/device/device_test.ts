/** One suite that every kind of device has to pass. */
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert";
import fc from "fast-check";
import { S3Server } from "../../tests/support/s3_server.ts";
import { BlockBuilder, blockHeaderLength, recordHeaderLength } from "../volume/mod.ts";
import {
  DedupableDevice,
  type Device,
  DeviceError,
  FileDevice,
  isVolumeName,
  MemoryDevice,
  ObjectDevice,
} from "./mod.ts";

interface Kind {
  readonly name: string;
  make(): Promise<{ device: Device; dispose(): void | Promise<void> }>;
}

const kinds: readonly Kind[] = [
  {
    name: "FileDevice",
    make: () => {
      const folder = Deno.makeTempDirSync();
      return Promise.resolve({
        device: new FileDevice(folder, "Test"),
        dispose: () => Deno.removeSync(folder, { recursive: true }),
      });
    },
  },
  {
    name: "DedupableDevice",
    make: () => {
      const folder = Deno.makeTempDirSync();
      return Promise.resolve({
        device: new DedupableDevice(folder, "Test", 512),
        dispose: () => Deno.removeSync(folder, { recursive: true }),
      });
    },
  },
  {
    name: "MemoryDevice",
    make: () => Promise.resolve({ device: new MemoryDevice("Test"), dispose: () => {} }),
  },
  {
    name: "ObjectDevice",
    make: async () => {
      const server = await S3Server.start();
      const cache = Deno.makeTempDirSync();
      const device = new ObjectDevice({
        store: server.store(),
        cache,
        name: "Test",
        chunkSize: 50,
      });
      return {
        device,
        dispose: async () => {
          await device.settle("V"); // nothing may be on its way when the server ends
          await server[Symbol.asyncDispose]();
          Deno.removeSync(cache, { recursive: true });
        },
      };
    },
  },
];

/**
 * The earlier and the later one of two clocks, UNIX seconds: the program's, and that of the file system, which
 * is some milliseconds behind it.
 */
function clocks(): [earlier: number, later: number] {
  const path = Deno.makeTempFileSync();
  try {
    const times = [Date.now(), Number(Deno.statSync(path).mtime)];
    return [Math.floor(Math.min(...times) / 1000), Math.ceil(Math.max(...times) / 1000)];
  } finally {
    Deno.removeSync(path);
  }
}

/** A block of so many bytes in all: devices other than these take nothing else. */
function blockOf(length: number, fill: number): Uint8Array {
  const builder = new BlockBuilder({ sessionId: 1, sessionTime: 2 }, length, { checksum: true });
  builder.begin(1, 2, new Uint8Array(length - blockHeaderLength - recordHeaderLength).fill(fill));
  builder.fill();
  return builder.seal().slice();
}

for (const kind of kinds) {
  const test = (name: string, run: (device: Device) => void | Promise<void>): void => {
    Deno.test(`${kind.name} ${name}`, async () => {
      const { device, dispose } = await kind.make();
      try {
        await run(device);
      } finally {
        await dispose();
      }
    });
  };
  const [one, two, three] = [blockOf(50, 1), blockOf(40, 2), blockOf(60, 3)];

  test("keeps what was written, and finds it after opening again", (device) => {
    const first = device.open("Full-0001", "create");
    first.writeAt(one, 0);
    first.writeAt(two, 50);
    first.sync();
    first.close();
    first.close();
    const again = device.open("Full-0001", "append");
    strictEqual(again.size(), 90);
    again.writeAt(three, 90);
    const into = new Uint8Array(200);
    strictEqual(again.readAt(into, 45), 105);
    deepStrictEqual(
      [...into.subarray(0, 105)],
      [...one.subarray(45), ...two, ...three],
    );
    strictEqual(again.readAt(into.subarray(0, 2), 49), 2);
    deepStrictEqual([...into.subarray(0, 2)], [one[49], two[0]]);
    strictEqual(again.readAt(into, 150), 0);
    again.close();
    deepStrictEqual(device.list(), ["Full-0001"]);
    strictEqual(again.devicePrintName, device.printName);
  });

  test("truncates, and writes go on at the new end", (device) => {
    const volume = device.open("V", "create");
    volume.writeAt(one, 0);
    volume.writeAt(two, 50);
    volume.truncate(50);
    strictEqual(volume.size(), 50);
    volume.writeAt(three, 50);
    const into = new Uint8Array(200);
    strictEqual(volume.readAt(into, 0), 110);
    deepStrictEqual([...into.subarray(0, 110)], [...one, ...three]);
    volume.truncate(0);
    strictEqual(volume.size(), 0);
    volume.writeAt(two, 0);
    strictEqual(volume.readAt(into, 0), 40);
    deepStrictEqual([...into.subarray(0, 40)], [...two]);
    volume.close();
  });

  test("creates only when told, and leaves what is there", (device) => {
    for (const mode of ["read", "append"] as const) {
      throws(
        () => device.open("V", mode),
        (error) => error instanceof DeviceError && error.code === "ENOENT",
      );
    }
    const volume = device.open("V", "create");
    volume.writeAt(one, 0);
    volume.close();
    const again = device.open("V", "create");
    strictEqual(again.size(), 50);
    again.close();
  });

  test("keeps what has settled, tells when it was written, and removes", async (device) => {
    const [before] = clocks();
    const volume = device.open("V", "create");
    volume.writeAt(blockOf(130, 9), 0);
    await volume.syncMeanwhile();
    const [, after] = clocks();
    ok(volume.modifiedAt() >= before && volume.modifiedAt() <= after);
    volume.close();
    await device.settle("V");
    await device.prepare("V");
    const again = device.open("V", "read");
    strictEqual(again.size(), 130);
    again.close();
    await device.prepare("Nothing");
    await device.remove("V");
    await device.remove("V");
    await device.prepare("V");
    throws(() => device.open("V", "read"), DeviceError);
  });

  test("does not write what was opened for reading", (device) => {
    device.open("V", "create").close();
    const volume = device.open("V", "read");
    throws(() => volume.writeAt(one, 0), DeviceError);
    strictEqual(volume.size(), 0);
    volume.close();
  });

  const randomly = kind.name === "ObjectDevice" ? () => {} : test; // it has a test of its own
  randomly("holds what was written and not cut off, whatever the steps", async (device) => {
    let run = 0;
    const anyStep = fc.oneof(
      fc.record({
        kind: fc.constant("append" as const),
        lengths: fc.array(fc.integer({ min: 40, max: 3000 }), { minLength: 1, maxLength: 3 }),
      }),
      fc.record({ kind: fc.constant("cut" as const), blocks: fc.nat(4) }),
      fc.record({ kind: fc.constant("read" as const), from: fc.nat(9000), length: fc.nat(4000) }),
      fc.record({ kind: fc.constantFrom("sync" as const, "reopen" as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 10 }), async (steps) => {
        const name = `Random-${run++}`;
        let volume = device.open(name, "create");
        let blocks: Uint8Array[] = [];
        const content = (): number[] => blocks.flatMap((block) => [...block]);
        const expectAt = (from: number, length: number): void => {
          const into = new Uint8Array(length);
          const read = volume.readAt(into, from);
          deepStrictEqual([...into.subarray(0, read)], content().slice(from, from + length));
        };
        for (const [at, step] of [...steps, { kind: "reopen" as const }].entries()) {
          const size = content().length;
          strictEqual(volume.size(), size);
          if (step.kind === "append") {
            const added = step.lengths.map((length, n) => blockOf(length, (at * 3 + n) % 251));
            const bytes = added.flatMap((block) => [...block]);
            volume.writeAt(Uint8Array.from(bytes), size);
            blocks.push(...added);
          } else if (step.kind === "cut") {
            blocks = blocks.slice(0, Math.max(0, blocks.length - step.blocks));
            volume.truncate(content().length);
          } else if (step.kind === "read") expectAt(Math.min(step.from, size), step.length);
          else if (step.kind === "sync") await volume.syncMeanwhile();
          else {
            volume.close();
            await device.settle(name);
            await device.prepare(name);
            volume = device.open(name, at % 2 === 0 ? "append" : "create");
          }
        }
        strictEqual(volume.size(), content().length);
        expectAt(0, content().length + 10);
        volume.close();
        await device.remove(name);
      }),
      { numRuns: 40 },
    );
  });

  if (kind.name === "MemoryDevice") continue; // it has no places
  test("takes no names that lead elsewhere", (device) => {
    for (const name of ["../out", "sub/../../out", "/etc/passwd", "", "a b", "."]) {
      throws(() => device.open(name, "create"), DeviceError, name);
    }
  });
}

Deno.test("FileDevice makes volumes of mode 0640 and never outside its folder", () => {
  const folder = Deno.makeTempDirSync();
  const device = new FileDevice(`${folder}/in`);
  Deno.mkdirSync(`${folder}/in/sub`, { recursive: true });
  try {
    device.open("sub/V", "create").close();
    strictEqual((Deno.statSync(`${folder}/in/sub/V`).mode ?? 0) & 0o777, 0o640);
    for (const name of ["../out", "sub/../../out", "/etc/passwd", "", "a b", "sub//x", "."]) {
      throws(() => device.open(name, "create"), DeviceError);
    }
    throws(() => device.open("sub", "read"), /Is a directory/);
    ok(isVolumeName("Full-0001:a_b.c"));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test({
  name: "FileDevice names volume, address and reason when the disk is full",
  ignore: Deno.build.os !== "linux",
  fn: () => {
    const volume = new FileDevice("/dev").open("full", "append");
    try {
      throws(
        () => volume.writeAt(new Uint8Array(10), 0),
        (error) =>
          error instanceof DeviceError && error.isFull && error.code === "ENOSPC" &&
          error.message ===
            'Cannot write 10 bytes at 0:0 of volume "full" on device "/dev" (/dev): No space left on device',
      );
    } finally {
      volume.close();
    }
  },
});
