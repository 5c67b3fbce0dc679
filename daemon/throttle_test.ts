import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { Throttle } from "./throttle.ts";

interface Scene {
  now: number;
  limit: number;
  readonly abort: AbortController;
  onWait: () => void;
  readonly throttle: Throttle;
  /** Milliseconds that it takes to pass so many bytes. */
  time(bytes: number): Promise<number>;
}

/** A clock that moves only while somebody waits, and a throttle that goes by it. */
function scene(limit: number, bursts = false): Scene {
  const abort = new AbortController();
  const it: Scene = {
    now: 1000,
    limit,
    abort,
    onWait: () => {},
    throttle: new Throttle({
      limit: () => it.limit,
      bursts,
      aborted: abort.signal,
      now: () => it.now,
      wait: (ms) => {
        it.now += ms;
        it.onWait();
        return Promise.resolve();
      },
    }),
    time: async (bytes: number): Promise<number> => {
      const start = it.now;
      await it.throttle.pace(bytes);
      return it.now - start;
    },
  };
  return it;
}

const near = (value: number, wanted: number): void =>
  ok(Math.abs(value - wanted) <= 101, `${value} is not about ${wanted}`);

Deno.test("Throttle keeps to its limit, however large the pieces are", async () => {
  const it = scene(100_000);
  near(await it.time(1_000_000), 10_000);
  let sum = 0;
  for (let at = 0; at < 100; at++) sum += await it.time(1000);
  near(sum, 1000);
});

Deno.test("Throttle forgets unused allowance, and with bursting keeps that of some seconds", async () => {
  for (const [bursts, wanted] of [[false, 5000], [true, 0]] as const) {
    const it = scene(100_000, bursts);
    await it.time(1000);
    it.now += 8000; // nothing to send for so long
    near(await it.time(500_000), wanted);
  }
  const it = scene(100_000, true);
  await it.time(1000);
  it.now += 3_600_000;
  near(await it.time(2_000_000), 10_000); // an hour's allowance is not for one burst
});

Deno.test("Throttle follows a limit that changes, also in the middle of a pause", async () => {
  const it = scene(1000);
  it.onWait = () => {
    if (it.now > 5000) it.limit = 1_000_000;
  };
  near(await it.time(1_000_000), 4200); // noticed at the next look
  near(await it.time(1_000_000), 1000);
  it.limit = 0;
  strictEqual(await it.time(1_000_000_000), 0);
  it.onWait = () => {};
  it.limit = 500_000;
  near(await it.time(1_000_000), 2000);
});

Deno.test("Throttle ends a pause when the job is over", async () => {
  const it = scene(1);
  it.onWait = () => it.abort.abort();
  near(await it.time(1_000_000), 200);
});

Deno.test("Throttle passes bytes on in pieces of a tenth of a second", async () => {
  const it = scene(100_000);
  const sent: number[] = [];
  const bytes = crypto.getRandomValues(new Uint8Array(35_000));
  const got: number[] = [];
  await it.throttle.pass(bytes, (slice) => {
    sent.push(slice.length);
    got.push(...slice);
    return Promise.resolve();
  });
  deepStrictEqual(sent, [10_000, 10_000, 10_000, 5_000]);
  deepStrictEqual(new Uint8Array(got), bytes);
  it.limit = 0;
  await it.throttle.pass(bytes, (slice) => Promise.resolve(void sent.push(slice.length)));
  strictEqual(sent.at(-1), 35_000);
});
