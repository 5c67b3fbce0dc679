import { deepStrictEqual, match, strictEqual } from "node:assert";
import { DirectorScene, jobText, poolText } from "../../../tests/support/director_scene.ts";
import { waitFor } from "../../../tests/support/wait_for.ts";
import { DeviceClaims, type GivingWay } from "../jobs/device_claims.ts";
import type { Job } from "../jobs/job.ts";
import { EndForOthers, WayForOthers } from "./way_for_others.ts";

/** Claims that tell how jobs give way, so that a test need not make a ring. */
class ToldClaims extends DeviceClaims {
  readonly told: GivingWay[] = [];

  override mayGiveWay(job: Job, way: GivingWay): () => void {
    this.told.push(way);
    return super.mayGiveWay(job, way);
  }
}

function sceneOf(scene: DirectorScene) {
  const deviceClaims = new ToldClaims();
  const environment = { ...scene.settings.environment, deviceClaims };
  const [job, other] = [scene.job("Backup"), scene.job("Backup")];
  const giveWay = (): void => deviceClaims.told.forEach((way) => way.giveWay([other]));
  return { environment, job, giveWay };
}

Deno.test("EndForOthers cuts off what does not end when it is told", async () => {
  using scene = new DirectorScene(poolText("") + jobText());
  const { environment, job, giveWay } = sceneOf(scene);
  const way = new EndForOthers(job, environment, 1);
  deepStrictEqual([way.failure], [undefined]);
  giveWay();
  match(way.failure?.message ?? "", /^This job and JobId 2 wait for each other's devices: it ends/);
  await waitFor("the job's waits to end", () => job.abort.signal.aborted);
  strictEqual(job.abort.signal.reason, way.failure);
  way.end();
});

Deno.test("EndForOthers cuts nothing off when the job has ended by then", () => {
  using scene = new DirectorScene(poolText("") + jobText());
  const { environment, job, giveWay } = sceneOf(scene);
  const way = new EndForOthers(job, environment);
  giveWay();
  way.end(); // a timer that is left fails the test
  strictEqual(job.abort.signal.aborted, false);
});

Deno.test("who is canceled, or has failed in one of its parts, ends as that and leaves nothing to others", () => {
  for (const isPart of [false, true]) {
    using scene = new DirectorScene(poolText("") + jobText());
    const { environment, job, giveWay } = sceneOf(scene);
    const part = scene.job("Backup");
    job.parts.add(part);
    (isPart ? part : job).setStatus(isPart ? "f" : "A");
    const end = new EndForOthers(job, environment);
    const way = new WayForOthers(job, environment, () => {});
    giveWay();
    deepStrictEqual([end.failure, way.isGiven], [undefined, false]);
    for (const each of [end, way]) each.end();
  }
});
