/** Whatever is done with a volume, and however slowly or badly the store does its part, the store has it in the end. */
import { deepStrictEqual, ok } from "node:assert";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { DeviceError, ObjectDevice, type ObjectStore, ObjectStoreError } from "./mod.ts";

const CHUNK = 10;
const VOLUME = "V";

/** A store in memory that takes as many turns of the loop as it is told, and fails as often. */
class SlowStore implements ObjectStore {
  readonly printName = "memory";
  readonly objects: Map<string, Uint8Array<ArrayBuffer>>;
  readonly #turns: number[];
  readonly #failures: boolean[];
  readonly #tellsDigests: boolean;
  /** Nobody is there any more who could hear of it: what is under way never comes to pass. */
  isGone = false;
  /** From now on it does all at once. */
  isWell = false;

  constructor(
    objects: Map<string, Uint8Array<ArrayBuffer>>,
    turns: readonly number[],
    failures: readonly boolean[],
    tellsDigests: boolean,
  ) {
    this.objects = objects;
    this.#tellsDigests = tellsDigests;
    this.#turns = [...turns];
    this.#failures = [...failures];
  }

  async put(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const sent = bytes.slice();
    await this.#pass();
    this.objects.set(key, sent);
  }

  async get(key: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    await this.#pass();
    return this.objects.get(key);
  }

  async remove(key: string): Promise<void> {
    await this.#pass();
    this.objects.delete(key);
  }

  async list(prefix: string) {
    await this.#pass();
    return [...this.objects].filter(([key]) => key.startsWith(prefix)).toSorted()
      .map(([key, bytes]) => ({ key, size: bytes.length, md5: this.#md5Of(bytes) }));
  }

  /** Buckets that encrypt with keys of their own tell no MD5. */
  #md5Of(bytes: Uint8Array): string | undefined {
    return this.#tellsDigests ? createHash("md5").update(bytes).digest("hex") : undefined;
  }

  async #pass(): Promise<void> {
    for (let left = this.#turns.shift() ?? 0; left > 0 && !this.isWell; left--) await turn();
    if (this.isGone) await new Promise(() => {});
    if (!this.isWell && this.#failures.shift()) throw new ObjectStoreError("not now");
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

type Step =
  | { readonly kind: "append"; readonly count: number }
  | { readonly kind: "wait"; readonly count: number }
  | { readonly kind: "truncate" | "rewrite"; readonly part: number }
  | { readonly kind: "sync" | "reopen" | "crash" | "settle" | "remove" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("append"), count: fc.integer({ min: 1, max: 35 }) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("wait"), count: fc.nat(6) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom("truncate", "rewrite"),
      part: fc.constantFrom(0, 0.1, 0.3, 0.5, 0.9, 1),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom("sync", "reopen", "settle") }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("crash", "remove") }) },
) as fc.Arbitrary<Step>;

/** Carries the steps out, and gives what the volume must hold then, and what the store has. */
async function carryOut(
  steps: readonly Step[],
  turns: readonly number[],
  failures: readonly boolean[],
  tellsDigests: boolean,
): Promise<void> {
  const cache = await Deno.makeTempDir({ prefix: "roost-cache-" });
  const other = await Deno.makeTempDir({ prefix: "roost-cache-" });
  const objects = new Map<string, Uint8Array<ArrayBuffer>>();
  let store = new SlowStore(objects, turns, failures, tellsDigests);
  const deviceOf = (folder: string, store: ObjectStore): ObjectDevice =>
    new ObjectDevice({ store, cache: folder, name: "Test", chunkSize: CHUNK });
  let device = deviceOf(cache, store);
  /** Does what may fail for a store that is not well. */
  const tried = async (action: () => unknown): Promise<boolean> => {
    try {
      await action();
      return true;
    } catch (error) {
      ok(error instanceof DeviceError, String(error));
      return false;
    }
  };
  const prepared = async (): Promise<void> => {
    while (!await tried(() => device.prepare(VOLUME)));
  };
  await prepared();
  let volume = device.open(VOLUME, "create");
  let model: number[] = [];
  let next = 0;
  const bytesOf = (count: number): number[] =>
    Array.from({ length: count }, () => next = next % 250 + 1);
  try {
    for (const each of steps) {
      if (each.kind === "append" || each.kind === "rewrite") {
        const at = each.kind === "append" ? model.length : Math.floor(model.length * each.part);
        const bytes = bytesOf(each.kind === "append" ? each.count : 7);
        // A failure of an earlier upload is told once, and nothing is written.
        if (await tried(() => volume.writeAt(Uint8Array.from(bytes), at))) {
          model = [...model.slice(0, at), ...bytes, ...model.slice(at + bytes.length)];
        }
      } else if (each.kind === "truncate") {
        model = model.slice(0, Math.floor(model.length * each.part));
        volume.truncate(model.length);
      } else if (each.kind === "wait") {
        for (let left = each.count; left > 0; left--) await turn();
      } else if (each.kind === "sync") await tried(() => volume.syncMeanwhile());
      else if (each.kind === "settle") await tried(() => device.settle(VOLUME));
      else {
        volume.close();
        if (each.kind === "crash") {
          store.isGone = true;
          store = new SlowStore(objects, turns.slice(3), failures.slice(2), tellsDigests);
          device = deviceOf(cache, store);
        }
        if (each.kind === "remove") {
          while (!await tried(() => device.remove(VOLUME)));
          model = [];
        }
        await prepared();
        volume = device.open(VOLUME, "create");
      }
    }
    volume.close();
    store.isWell = true;
    await tried(() => device.settle(VOLUME)); // may tell of an earlier failure
    await device.settle(VOLUME);
    const chunks = [...objects].toSorted().map(([key, bytes]) => [key, ...bytes]);
    const wanted = Array.from({ length: Math.ceil(model.length / CHUNK) }, (_, index) => [
      `${VOLUME}/${String(index).padStart(4, "0")}`,
      ...model.slice(index * CHUNK, (index + 1) * CHUNK),
    ]);
    deepStrictEqual(chunks, wanted);
    if (model.length === 0) return;
    const reader = deviceOf(other, store);
    await reader.prepare(VOLUME);
    const read = reader.open(VOLUME, "read");
    const back = new Uint8Array(read.size());
    read.readAt(back, 0);
    read.close();
    deepStrictEqual([...back], model);
  } finally {
    store.isGone = true;
    await Deno.remove(cache, { recursive: true });
    await Deno.remove(other, { recursive: true });
  }
}

/** What has gone wrong once: steps, turns that the store takes, failures, and whether it tells digests. */
const once: readonly (readonly [
  what: string,
  steps: readonly Step[],
  turns: readonly number[],
  failures: readonly boolean[],
  tellsDigests: boolean,
])[] = [
  [
    "a chunk that was written anew before a crash, where the store tells no digests",
    [{ kind: "append", count: 10 }, { kind: "sync" }, { kind: "rewrite", part: 0 }, {
      kind: "crash",
    }],
    [],
    [],
    false,
  ],
  [
    "a chunk that was under way when it was cut off",
    [
      { kind: "append", count: 1 },
      { kind: "sync" },
      { kind: "append", count: 9 },
      { kind: "truncate", part: 0 },
    ],
    [],
    [],
    true,
  ],
  [
    "a chunk that is in the store without the one before it, cut off before a crash",
    [
      { kind: "append", count: 20 },
      { kind: "wait", count: 4 },
      { kind: "truncate", part: 0 },
      { kind: "crash" },
    ],
    [],
    [false, true, false, true],
    false,
  ],
  [
    "a chunk that was under way when the volume was removed",
    [
      { kind: "append", count: 20 },
      { kind: "wait", count: 4 },
      { kind: "remove" },
      { kind: "wait", count: 30 },
    ],
    [0, 20, 20],
    [],
    true,
  ],
];

Deno.test({
  name:
    "a store has a volume as it is, whatever was written, cut off, broken off and uploaded meanwhile",
  // Uploads of devices that have crashed never end.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    for (const [, ...example] of once) await carryOut(...example);
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 12 }),
        fc.array(fc.nat(5), { maxLength: 30 }),
        fc.array(fc.boolean(), { maxLength: 6 }),
        fc.boolean(),
        carryOut,
      ),
      { numRuns: 60 },
    );
  },
});
