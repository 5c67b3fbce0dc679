/** Verify jobs whose storage daemon does not play along. The levels are in `tests/verify_test.ts`. */
import { rejects, strictEqual } from "node:assert";
import { DirectorScene, jobText, poolText } from "../../../tests/support/director_scene.ts";
import { ScriptedStorage, type StorageAnswers } from "../../../tests/support/scripted_storage.ts";
import { waitFor } from "../../../tests/support/wait_for.ts";
import { JobCanceled } from "../jobs/job_failure.ts";
import { runVerify } from "./verify_job.ts";

const GOOD: StorageAnswers = {
  JobId: "3000 OK Job SDid=1 SDtime=2 Authorization=AAAA\n",
  bootstrap: "3000 OK bootstrap\n",
  getSecureEraseCmd: "2000 OK SDSecureEraseCmd *None* \n",
  cancel: null,
};

const cases: readonly (readonly [title: string, answers: StorageAnswers, why: RegExp])[] = [
  ["that refuses the job", { JobId: "3914 Bad Job command\n" }, /rejected Job command/],
  [
    "that refuses the bootstrap",
    { bootstrap: "3904 Error bootstrap\n" },
    /Bad response to Bootstr/,
  ],
  [
    "without the device",
    { use: "3924 Device not in SD Device resources\n" },
    /didn't accept Device/,
  ],
  ["whose device is waited for when the job is canceled", {}, /it was canceled/],
];

Deno.test("runVerify() leaves neither session nor claim at a storage daemon", async (t) => {
  for (const [title, answers, why] of cases) {
    await t.step(title, async () => {
      using daemon = new ScriptedStorage({ ...GOOD, ...answers });
      using scene = new DirectorScene(
        poolText("") + jobText() + daemon.resourceText("Scripted") +
          `Job { Name = Check; Type = Verify; Level = VolumeToCatalog; Client = fd; FileSet = Set
             Storage = Scripted; Pool = Full; Messages = Standard; Job To Verify = Backup }\n`,
      );
      const backup = backedUp(scene);
      const { environment, findStorage } = scene.settings;
      environment.storageProbes.remember("Scripted", { flavour: "current", mode: "cleartext" });
      const job = scene.job("Check", { jobIds: [backup] });
      if (why.test("it was canceled")) {
        void daemon.hasHeard("use")
          .then(() => job.abort.abort(new JobCanceled("it was canceled")));
      }
      await rejects(runVerify(job, environment, findStorage), why);
      job.markDone();
      await waitFor("the sessions to end", () => daemon.open === 0);
      strictEqual(job.storageConnection, undefined);

      if (!daemon.heard.includes("use")) return;
      // a ring over that daemon is seen, for nobody else has one of its devices
      const [here, there] = [findStorage("Scripted"), findStorage("Disk")];
      if (here === undefined || there === undefined) throw new Error("There is no Storage");
      const { deviceClaims } = environment;
      const ring = [scene.job("Backup"), scene.job("Backup")];
      let hasGivenWay = false;
      for (const [at, each] of ring.entries()) {
        const [has, wants] = at === 0 ? [here, there] : [there, here];
        deviceClaims.mayGiveWay(each, {
          canBeginAnew: true,
          giveWay: () => hasGivenWay = true,
        });
        deviceClaims.enter(each, has).isWaiting = false;
        deviceClaims.enter(each, wants);
      }
      await waitFor("one of the ring to give way", () => hasGivenWay);
      ring.forEach((each) => deviceClaims.drop(each));
    });
  }
});

/** A backup on a volume; its JobId. */
function backedUp({ catalog, configuration, now }: DirectorScene): number {
  const [pool] = configuration.all("Pool").filter(({ name }) => name === "Full");
  const storage = configuration.get("Storage", "Scripted");
  if (pool === undefined || storage === undefined) throw new Error("There is no Pool or Storage");
  const jobId = catalog.createJob({
    ...{ job: "Backup.1", name: "Backup", type: "B", level: "F", schedTime: now, clientId: 1 },
    comment: "",
  });
  catalog.updateJob(jobId, { jobStatus: "T", jobFiles: 1, volSessionId: 1, volSessionTime: 2 });
  const { mediaId } = catalog.createMedia({
    ...{ volumeName: "Full-1", poolId: catalog.pool(pool), mediaType: "Scripted" },
    volStatus: "Full",
    enabled: 1,
    storageId: catalog.storage(storage),
  });
  catalog.addJobMedia({
    ...{ jobId, mediaId, firstIndex: 1, lastIndex: 1 },
    ...{ startFile: 0, endFile: 0, startBlock: 1, endBlock: 2 },
  });
  return jobId;
}
