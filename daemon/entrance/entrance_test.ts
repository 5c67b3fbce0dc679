import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import fc from "fast-check";
import { Complaints, FailureTable, SerialPause } from "./mod.ts";

Deno.test("FailureTable slows an address down after some failures, for some seconds, and forgives", () => {
  let now = 0;
  const table = new FailureTable(() => now);
  for (let i = 0; i < 5; i++) table.note("a");
  strictEqual(table.waitOf("a"), 0);
  for (let i = 0; i < 4; i++) table.note("a");
  strictEqual(table.waitOf("a"), 1_000);
  strictEqual(table.waitOf("b"), 0);
  for (let i = 0; i < 100_000; i++) table.note("a");
  strictEqual(table.waitOf("a"), 3_000);
  now += 60_000;
  strictEqual(table.waitOf("a"), 0);
});

Deno.test("FailureTable says once that an address is slowed down, and again when it had been forgiven", () => {
  let now = 0;
  const table = new FailureTable(() => now);
  strictEqual(table.isFirstWait("a"), false);
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 9; i++) table.note("a");
    deepStrictEqual([table.isFirstWait("a"), table.isFirstWait("a")], [true, false]);
    table.note("a");
    strictEqual(table.isFirstWait("a"), false);
    now += 60_000;
  }
});

Deno.test("FailureTable stays small whoever comes, and never waits longer than three seconds", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(5_000), fc.nat(3_000)), { maxLength: 3_000 }),
      (events) => {
        let now = 0;
        const table = new FailureTable(() => now);
        for (const [address, pause] of events) {
          table.note(`10.0.0.${address}`);
          now += pause;
          ok(table.waitOf(`10.0.0.${address}`) <= 3_000);
        }
        ok(table.size <= 1_000);
      },
    ),
    { numRuns: 20 },
  );
});

Deno.test("Complaints tells the first of an address and counts the rest", () => {
  const told: string[] = [];
  const complaints = new Complaints((text) => told.push(text));
  for (let i = 0; i < 50_000; i++) complaints.add("127.0.0.9", `no ${i}`);
  complaints.add("127.0.0.2", "another");
  deepStrictEqual(told, [...Array.from({ length: 10 }, (_, i) => `no ${i}`), "another"]);
  complaints.close();
  match(told.at(-1) ?? "", /^49990 more connections .* from 127\.0\.0\.9;/);
});

Deno.test("Complaints tells a bounded number however many addresses there are", () => {
  const told: string[] = [];
  const complaints = new Complaints((text) => told.push(text));
  for (let i = 0; i < 20_000; i++) complaints.add(`10.0.${i >> 8}.${i & 255}`, "no");
  complaints.close();
  strictEqual(told.length, 101);
});

Deno.test("SerialPause lets one pause after the other, but not for who has gone", async () => {
  const pause = new SerialPause();
  const stays = { closed: new Promise<void>(() => {}) };
  const order: string[] = [];
  const gone = Promise.withResolvers<void>();
  const first = pause.wait({ closed: gone.promise }, 3_600_000).then(() => order.push("gone"));
  const second = pause.wait(stays, 10).then(() => order.push("second"));
  const third = pause.wait(stays, 1).then(() => order.push("third"));
  gone.resolve();
  await Promise.all([first, second, third]);
  deepStrictEqual(order, ["gone", "second", "third"]);
});
