import { deepStrictEqual, rejects, strictEqual } from "node:assert";
import { Mutex } from "./mutex.ts";
import { Wakeup } from "./wakeup.ts";

Deno.test("Wakeup ends a wait by notification, time or abort, and forgets the others", async () => {
  const wakeup = new Wakeup();
  const abort = new AbortController();
  const waits = [wakeup.wait(60_000), wakeup.wait(60_000, abort.signal), wakeup.wait(1)];
  strictEqual(await waits[2], "timeout");
  abort.abort();
  strictEqual(await waits[1], "aborted");
  strictEqual(wakeup.waiting, 1);
  wakeup.notify();
  strictEqual(await waits[0], "notified");
  strictEqual(await wakeup.wait(60_000, abort.signal), "aborted");
});

Deno.test("Wakeup lets nobody wait for what happened since he looked", async () => {
  const wakeup = new Wakeup();
  const since = wakeup.count;
  wakeup.notify();
  strictEqual(await wakeup.wait(60_000, undefined, since), "notified");
  strictEqual(await wakeup.wait(1, undefined, wakeup.count), "timeout");
  strictEqual(wakeup.waiting, 0);
});

Deno.test("Mutex runs one section at a time, in order, whatever becomes of them", async () => {
  const mutex = new Mutex();
  const seen: string[] = [];
  const section = (name: string) => async () => {
    seen.push(`${name} in`);
    await Promise.resolve();
    seen.push(`${name} out`);
    if (name === "b") throw new Error("b fails");
  };
  const runs = [mutex.run(section("a")), mutex.run(section("b")), mutex.run(section("c"))];
  strictEqual(mutex.isBusy, true);
  await rejects(runs[1] as Promise<void>, /b fails/);
  await mutex.left;
  await runs[2];
  deepStrictEqual(seen, ["a in", "a out", "b in", "b out", "c in", "c out"]);
  strictEqual(mutex.isBusy, false);
});
