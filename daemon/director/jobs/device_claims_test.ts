import { deepStrictEqual } from "node:assert";
import type { StorageResource } from "../resources.ts";
import { ringOf } from "./device_claims.ts";

/** A storage as far as rings are concerned: its daemon and what it can hold. */
function storage(port: number, mediaType: string): StorageResource {
  const part: Partial<StorageResource> = { address: "localhost", port, mediaType };
  return { ...part, password: { key: "same" } } as StorageResource;
}

const [here, alsoHere, there] = [storage(1, "File"), storage(1, "Archive"), storage(2, "File")];

interface Scene {
  readonly has?: readonly StorageResource[];
  readonly wants?: StorageResource;
}

/** The ring from the first job on. */
function ring(jobs: Record<string, Scene>): string {
  const claims = Object.entries(jobs).flatMap(([job, { has = [], wants }]) => [
    ...has.map((storage) => ({ job, storage, isWaiting: false })),
    ...(wants === undefined ? [] : [{ job, storage: wants, isWaiting: true }]),
  ]);
  return ringOf(Object.keys(jobs)[0] ?? "", claims).sort().join(" ");
}

const cases: readonly (readonly [title: string, jobs: Record<string, Scene>, expected: string])[] =
  [
    ["two that have what the other wants", {
      a: { has: [here], wants: there },
      b: { has: [there], wants: here },
    }, "a b"],
    ["one that has what the other wants", { a: { wants: there }, b: { has: [there] } }, ""],
    ["what nobody of ours has", { a: { has: [here], wants: there }, b: { wants: here } }, ""],
    ["one of the daemon's devices belongs to a job that goes on", {
      a: { has: [here], wants: there },
      b: { has: [there], wants: here },
      c: { has: [there] },
    }, ""],
    ["three over two daemons, one within one of them", {
      a: { has: [here], wants: there },
      b: { has: [there], wants: alsoHere },
      c: { has: [alsoHere], wants: here },
    }, "a b c"],
    ["one that waits for a ring", {
      a: { wants: here },
      b: { has: [here], wants: there },
      c: { has: [there], wants: here },
    }, "a b c"],
    ["other media of the same daemon", {
      a: { has: [alsoHere], wants: there },
      b: { has: [there], wants: here },
    }, ""],
    ["all within one daemon", {
      a: { has: [here], wants: alsoHere },
      b: { has: [alsoHere], wants: here },
    }, ""],
  ];

Deno.test("ringOf() finds the jobs that wait for each other over several daemons", async (t) => {
  for (const [title, jobs, expected] of cases) {
    await t.step(title, () => deepStrictEqual(ring(jobs), expected));
  }
});
