import { deepEqual, equal, rejects } from "node:assert/strict";
import fc from "fast-check";
import { PieceStore, type PieceUser } from "./piece_store.ts";
import { fullPiece, shelfSlots } from "./pieces.ts";

/** Lets what is settled be told. */
async function turn(): Promise<void> {
  for (let n = 0; n < 5; n++) await Promise.resolve();
}

Deno.test("PieceStore gives one job four pieces, and each of many jobs one, whatever others hold", async () => {
  const store = new PieceStore(2);
  const alone = store.open();
  const pieces = [await alone.take(), await alone.take(), await alone.take(), await alone.take()];
  equal(new Set(pieces.map(({ slot }) => slot)).size, 4);
  let hasFifth = false;
  const fifth = alone.take().then(() => hasFifth = true);
  await turn();
  equal(hasFifth, false);
  const others = Array.from({ length: 99 }, () => store.open());
  const first = await Promise.all(others.map((user) => user.take()));
  equal(new Set([...pieces, ...first].map(({ slot }) => slot)).size, 103);
  alone.give(pieces[0]?.slot ?? -1);
  alone.give(pieces[1]?.slot ?? -1);
  await turn();
  equal(hasFifth, false); // others are many: one is its share
  alone.give(pieces[2]?.slot ?? -1);
  alone.give(pieces[3]?.slot ?? -1);
  await fifth;
  for (const user of [alone, ...others]) user.close(false);
  equal(store.used, 0);
});

Deno.test("PieceStore hands pieces of many jobs over early", async () => {
  const store = new PieceStore(2);
  const users = Array.from({ length: 100 }, () => store.open());
  const writer = await users[0]?.take();
  const numbers = { volSessionId: 1, volSessionTime: 1, fileIndex: 1, stream: 2 };
  writer?.add(numbers, new Uint8Array(fullPiece / 4));
  equal(writer?.isFull, true);
});

Deno.test("PieceStore forgets shelves that many jobs needed, and never gives lost pieces again", async () => {
  const store = new PieceStore(1);
  const hanging = store.open();
  const lost = await hanging.take();
  const users = Array.from({ length: 3 * shelfSlots }, () => store.open());
  await Promise.all(users.map((user) => user.take()));
  const second = store.shelf(2);
  for (const user of users) user.close(false);
  hanging.close(true);
  equal(store.used, 0);
  const more = Array.from({ length: 3 * shelfSlots }, () => store.open());
  const slots = (await Promise.all(more.map((user) => user.take()))).map(({ slot }) => slot);
  equal(slots.includes(lost.slot), false);
  equal(new Set(slots).size, slots.length);
  equal(store.shelf(2) === second, false);
});

Deno.test("PieceUser that waits hears why nothing comes", async () => {
  const store = new PieceStore(1);
  const [user, other] = [store.open(), store.open()];
  for (let n = 0; n < 4; n++) await user.take();
  const waiting = user.take();
  user.fail(new Error("enough"));
  await rejects(waiting, /enough/);
  await rejects(user.take(), /enough/);
  user.close(false);
  await other.take();
  equal(store.used, 1);
});

Deno.test("PieceStore never gives a piece to two jobs, and leaves nobody without one", async () => {
  const step = fc.record({
    user: fc.nat(7),
    does: fc.constantFrom("take" as const, "give" as const, "close" as const, "lose" as const),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 200 }), async (steps) => {
      const store = new PieceStore(1);
      const users: (PieceUser | undefined)[] = [];
      const held = new Map<number, Set<number>>();
      const waiting = new Set<number>();
      for (const { user: number, does } of steps) {
        const user = users[number] ??= store.open();
        const own = held.get(number) ?? new Set<number>();
        held.set(number, own);
        if (does === "take" && !waiting.has(number)) {
          waiting.add(number);
          void user.take().then(({ slot }) => {
            waiting.delete(number);
            own.add(slot);
          });
        } else if (does === "give") {
          const [slot] = own;
          if (slot === undefined) continue;
          own.delete(slot);
          user.give(slot);
        } else if (does === "close" || does === "lose") {
          user.close(does === "lose");
          users[number] = undefined;
          held.delete(number);
          waiting.delete(number);
        }
        await turn();
        const all = [...held.values()].flatMap((slots) => [...slots]);
        deepEqual(new Set(all).size, all.length);
        equal(store.used, all.length);
        for (const one of waiting) equal((held.get(one)?.size ?? 0) > 0, true);
      }
    }),
    { numRuns: 60 },
  );
});
