import { deepStrictEqual, strictEqual } from "node:assert";
import type { MediaRecord } from "./media_record.ts";
import { OfferedVolumes } from "./offered_volumes.ts";

/** A search over a director's volumes: what it offers, what it was asked, and what is in use. */
function search(names: readonly string[], most = 6, unfit: readonly string[] = []) {
  const taken = new Set<string>();
  const asked: [number, readonly string[]][] = [];
  const offered = new OfferedVolumes({
    find: (index, unwanted) => {
      asked.push([index, unwanted]);
      const name = names.find((each) => !unwanted.includes(each));
      return Promise.resolve(name === undefined ? undefined : { volumeName: name } as MediaRecord);
    },
    most,
    isTaken: (name) => taken.has(name),
    unfit,
  });
  const next = async (): Promise<string> => {
    const found = await offered.next();
    return typeof found === "string" ? found : found.volumeName;
  };
  return { offered, taken, asked, next };
}

Deno.test("OfferedVolumes asks for one after the other and names those that were refused", async () => {
  const { offered, taken, asked, next } = search(["A", "B", "C"], 6, ["Z"]);
  taken.add("A");
  strictEqual(await next(), "A");
  offered.passOver("A");
  strictEqual(await next(), "B");
  offered.refuse("B");
  strictEqual(await next(), "C");
  offered.refuse("C");
  strictEqual(await next(), "none");
  deepStrictEqual(asked, [
    [1, ["Z"]],
    [2, ["Z", "A"]],
    [3, ["Z", "B", "A"]],
    [4, ["Z", "B", "C", "A"]],
  ]);
});

Deno.test("OfferedVolumes takes a volume again that has become free, before a new one is made", async () => {
  const { offered, taken, next } = search(["A", "B"]);
  taken.add("A").add("B");
  strictEqual(await next(), "A");
  offered.passOver("A");
  strictEqual(await next(), "B");
  offered.passOver("B");
  taken.delete("A");
  strictEqual(await next(), "A");
});

Deno.test("OfferedVolumes ends when enough were refused, and where volumes come and go for ever", async () => {
  const many = Array.from({ length: 20 }, (_, at) => `V${at}`);
  const first = search(many, 3);
  for (const name of ["V0", "V1", "V2"]) {
    strictEqual(await first.next(), name);
    first.offered.refuse(name);
  }
  strictEqual(await first.next(), "over");
  const second = search(["A"], 3);
  for (let round = 0; round < 12; round++) {
    strictEqual(await second.next(), "A");
    second.offered.passOver("A"); // and it is free at once
  }
  strictEqual(await second.next(), "over");
});
