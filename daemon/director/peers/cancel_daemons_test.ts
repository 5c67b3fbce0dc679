/** Cancelling a job at the daemons that work for it. */
import { match, strictEqual } from "node:assert";
import { DirectorScene, jobText, poolText } from "../../../tests/support/director_scene.ts";
import { memoryPair } from "../../../tests/support/memory_transport.ts";
import { StorageScene } from "../../../tests/support/storage_scene.ts";
import { Connection } from "../../../protocol/mod.ts";
import type { Job } from "../jobs/job.ts";
import { cancelAtDaemons } from "./cancel_daemons.ts";

/** The director `test-dir`, and the storages of two daemons, which neither knows of the other. */
const resources = (ports: readonly [number, number]): string =>
  poolText("") + jobText() +
  ports.map((port, at) =>
    `Storage { Name = Sd${at}; Address = 127.0.0.1; Port = ${port}; Password = secret; TLS Enable = no
  Device = FileStorage1; Media Type = File1 }\n`
  ).join("");

Deno.test("cancelAtDaemons() tells the storage daemon of a job and those of its parts", async () => {
  await using writing = await StorageScene.start();
  await using reading = await StorageScene.start();
  using scene = new DirectorScene(resources([writing.port, reading.port]));
  const { environment } = scene.settings;
  Object.assign(environment.director, { name: "test-dir" });
  const job = scene.job("Backup");
  const part = scene.job("Backup");
  job.parts.add(part);
  const sessions = [];
  for (const [at, [each, storage]] of ([[job, writing], [part, reading]] as const).entries()) {
    const session = await storage.director();
    await session.announce({ job: each.uniqueName, jobId: 4 });
    sessions.push(session);
    workAt(scene, each, `Sd${at}`);
  }
  const said: string[] = [];
  await cancelAtDaemons(job, environment, ["client", "storage"], (text) => said.push(text));
  strictEqual(said.length, 2, said.join(""));
  for (const [at, { uniqueName }] of [job, part].entries()) {
    match(
      said[at] ?? "",
      new RegExp(`^3000 JobId=4 Job="${uniqueName}" marked to be canceled\\.\n$`),
    );
  }
  for (const session of sessions) session.close();
});

/** As if the job were at work at a storage. */
function workAt(scene: DirectorScene, job: Job, name: string): void {
  const resource = scene.configuration.get("Storage", name);
  if (resource === undefined) throw new Error(`There is no Storage ${name}`);
  job.storage = { resource, source: "test" };
  job.storageConnection = new Connection(memoryPair()[0]);
}
