import { deepStrictEqual } from "node:assert";
import { DirectorScene, jobText, poolText } from "../../../tests/support/director_scene.ts";
import { waitFor } from "../../../tests/support/wait_for.ts";
import type { StorageResource } from "../resources.ts";
import { DeviceClaims, ringOf } from "./device_claims.ts";
import type { Job } from "./job.ts";
import { runJob } from "./job_runner.ts";

/** A storage as far as rings are concerned: its daemon and what it can hold. */
function storage(port: number, mediaType: string): StorageResource {
  const part: Partial<StorageResource> = { address: "localhost", port, mediaType };
  return { ...part, password: { key: "same" } } as StorageResource;
}

const [here, alsoHere, there] = [storage(1, "File"), storage(1, "Archive"), storage(2, "File")];
const [elsewhere, alsoElsewhere, beyond] = [
  storage(3, "File"),
  storage(3, "Archive"),
  storage(4, "File"),
];

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
    }, "b c"],
    ["one that has a device and waits for a ring within another daemon", {
      a: { has: [there], wants: here },
      b: { has: [here], wants: alsoHere },
      c: { has: [alsoHere], wants: here },
    }, ""],
    ["two rings, one of which waits for the other", {
      a: { has: [there], wants: here },
      b: { has: [here], wants: there },
      c: { has: [here], wants: elsewhere },
      d: { has: [elsewhere], wants: alsoElsewhere },
      e: { has: [alsoElsewhere], wants: elsewhere },
      f: { has: [alsoElsewhere], wants: beyond },
      g: { has: [beyond], wants: elsewhere },
    }, "d e f g"],
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

/** Enters what a job has and wants; who is told to give way is put into `gaveWay`. */
function enter(claims: DeviceClaims, job: Job, { has = [], wants }: Scene, gaveWay: Job[]): void {
  claims.mayGiveWay(job, { canBeginAnew: true, giveWay: () => void gaveWay.push(job) });
  for (const each of has) claims.enter(job, each).isWaiting = false;
  if (wants !== undefined) claims.enter(job, wants);
}

Deno.test("a job that is over has no claims, whatever has become of it", async () => {
  using scene = new DirectorScene(poolText("") + jobText());
  const { settings } = scene;
  const { deviceClaims } = settings.environment;
  const over = scene.job("Nothing");
  deviceClaims.enter(over, here).isWaiting = false; // it would hide the ring
  const services = {
    ...{ run: () => 0, findJob: settings.findJob, findStorage: settings.findStorage, jobs: [] },
    makePart: () => over,
  };
  await runJob(over, { ...settings, services });
  const gaveWay: Job[] = [];
  const [first, second] = [scene.job("Backup"), scene.job("Backup")];
  enter(deviceClaims, first, { has: [here], wants: there }, gaveWay);
  enter(deviceClaims, second, { has: [there], wants: here }, gaveWay);
  await waitFor("the ring to be broken", () => gaveWay.length > 0);
  deepStrictEqual(gaveWay, [second]);
  for (const job of [first, second]) deviceClaims.drop(job);
});

Deno.test("a job that only waits for a ring is not the one that gives way", async () => {
  using scene = new DirectorScene(poolText("") + jobText());
  const claims = new DeviceClaims();
  const gaveWay: Job[] = [];
  const told: (readonly Job[])[] = [];
  const [first, second, bystander] = [1, 2, 3].map(() => scene.job("Backup"));
  if (first === undefined || second === undefined || bystander === undefined) {
    throw new Error("no jobs");
  }
  enter(claims, bystander, { has: [alsoHere], wants: here }, gaveWay);
  enter(claims, first, { has: [here], wants: there }, gaveWay);
  enter(claims, second, { has: [there], wants: here }, gaveWay);
  claims.mayGiveWay(second, {
    canBeginAnew: true,
    giveWay(others) {
      gaveWay.push(second);
      told.push(others);
    },
  });
  await waitFor("the ring to be broken", () => gaveWay.length > 0);
  deepStrictEqual(gaveWay, [second]); // whose JobId is the highest of the ring's
  deepStrictEqual(told, [[first]]);
  for (const job of [first, second, bystander]) claims.drop(job);
});
