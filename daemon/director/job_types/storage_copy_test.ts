/** Copies between scripted storage daemons. Those between real ones are in `tests/copy_test.ts`. */
import { deepStrictEqual } from "node:assert";
import { DirectorScene, jobText, poolText } from "../../../tests/support/director_scene.ts";
import { ScriptedStorage, type StorageAnswers } from "../../../tests/support/scripted_storage.ts";
import { copyBetween } from "./storage_copy.ts";

const END = "3099 Job J end JobStatus=84 JobFiles=1 JobBytes=9 JobErrors=0\n";
const GOOD: StorageAnswers = {
  JobId: "3000 OK Job SDid=1 SDtime=2 Authorization=AAAA\n",
  bootstrap: "3000 OK bootstrap\n",
  getSecureEraseCmd: "2000 OK SDSecureEraseCmd *None* \n",
  use: "3000 OK use device device=Dev\n",
  replicate: "3000 OK replicate\n",
  run: END,
  listen: END,
};

Deno.test("a copy that has left its devices is not failed by what a daemon said of that", async () => {
  let attempts = 0;
  using reader = new ScriptedStorage({ ...GOOD, cancel: null });
  using writer: ScriptedStorage = new ScriptedStorage({
    ...GOOD,
    use: () => ++attempts === 1 ? undefined : "3000 OK use device device=Dev\n",
    async cancel() {
      await writer.say("Status Job=J JobStatus=102\n");
      await writer.say("3924 Device not reserved: the job was canceled\n");
      return null;
    },
  });
  using scene = new DirectorScene(
    poolText("") + jobText() + reader.resourceText("Reader") + writer.resourceText("Writer"),
  );
  const { environment, findStorage } = scene.settings;
  const [from, to] = [findStorage("Reader"), findStorage("Writer")];
  if (from === undefined || to === undefined) throw new Error("There is no Storage");
  for (const { name } of [from, to]) {
    environment.storageProbes.remember(name, { flavour: "current", mode: "cleartext" });
  }
  const [other, data, job] = [scene.job("Backup"), scene.job("Backup"), scene.job("Backup")];
  data.storage = { resource: to, source: "the test" };
  job.storage = { resource: from, source: "the test" };
  environment.deviceClaims.enter(other, to).isWaiting = false;
  environment.deviceClaims.enter(other, from);

  const reading = { job, storage: from, pool: job.pool, bootstrap: "Volume=V\n", files: 1 };
  const copying = copyBetween(reading, data, environment);
  void writer.hasHeard("cancel").then(() => {
    environment.deviceClaims.drop(other);
    other.markDone();
  });
  await copying;
  deepStrictEqual(attempts, 2);
  deepStrictEqual([job, data].map(({ sdStatus }) => sdStatus), ["T", "T"]);
  deepStrictEqual([job, data].map(({ isCanceled }) => isCanceled), [false, false]);
  deepStrictEqual(job.counters.sdErrors, 0);
});
