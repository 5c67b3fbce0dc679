import { deepStrictEqual, ok, strictEqual, throws } from "node:assert";
import { DirectorScene, jobText, poolText } from "../../../tests/support/director_scene.ts";
import { JobControl } from "./job_control.ts";
import type { JobRequest } from "./job_request.ts";

/** The control of a scene's jobs. Admin jobs need no daemons. */
function controlOf(scene: DirectorScene): JobControl {
  return new JobControl({
    settings: () => scene.settings,
    onProblem: (error) => {
      throw error;
    },
  });
}

const ADMIN = jobText("", "Admin").replace("Type = Backup", "Type = Admin");

function request(scene: DirectorScene, name: string, changes: Partial<JobRequest> = {}) {
  return { job: scene.resource(name), trigger: "User" as const, ...changes };
}

Deno.test("JobControl settles level and pool when a job is made, not when it starts", async () => {
  using scene = new DirectorScene(
    poolText("") + poolText("", "Inc") + jobText("Incremental Backup Pool = Inc"),
  );
  const control = controlOf(scene);
  const when = scene.now + 3600;
  const first = control.run(request(scene, "Backup", { when }));
  deepStrictEqual([first.level, first.pool.resource.name, first.status], ["F", "Full", "t"]);
  scene.catalog.updateJob(first.jobId, {
    jobStatus: "T",
    level: "F",
    startTime: scene.now,
    fileSetId: first.fileSetId,
  });
  const second = control.run(request(scene, "Backup", { when }));
  deepStrictEqual(
    [second.level, second.pool.resource.name, second.pool.source, second.since],
    ["I", "Inc", "Job IncPool override", scene.now],
  );
  await control.stop();
});

Deno.test("JobControl makes no job while it stops, for which somebody could wait in vain", async () => {
  using scene = new DirectorScene(poolText("") + jobText());
  const control = controlOf(scene);
  const waiting = control.run(request(scene, "Backup", { when: scene.now + 90 }));
  const stopped = control.stop();
  throws(() => control.run(request(scene, "Backup")), /director is ending/);
  await stopped;
  await waiting.done;
  throws(() => control.run(request(scene, "Backup")), /director is ending/);
  deepStrictEqual(control.jobs, []);
  strictEqual(scene.catalog.job(waiting.jobId + 1), undefined);
});

Deno.test("JobControl lists jobs that wait for their time, and ends them all when it stops", async () => {
  using scene = new DirectorScene(poolText("") + jobText());
  const control = controlOf(scene);
  const jobs = [1, 2].map(() => control.run(request(scene, "Backup", { when: scene.now + 90 })));
  deepStrictEqual(control.jobs, jobs);
  const [one, two] = jobs;
  if (one === undefined || two === undefined) throw new Error("no jobs");
  await control.cancel(one);
  deepStrictEqual(control.jobs, [two]);
  await control.stop();
  deepStrictEqual(control.jobs, []);
  deepStrictEqual(jobs.map(({ jobId }) => scene.catalog.job(jobId)?.jobStatus), ["A", "A"]);
  const said = scene.said();
  strictEqual(
    said.filter((line) => line === "  Termination:            Backup Canceled").length,
    2,
  );
  ok(said.includes(`Job ${one.uniqueName} waiting 90 seconds for scheduled start time.`));
});

Deno.test("JobControl refuses a duplicate with a row, a reason and a report", async () => {
  using scene = new DirectorScene(poolText("") + jobText("Allow Duplicate Jobs = no"));
  const control = controlOf(scene);
  const first = control.run(request(scene, "Backup", { when: scene.now + 90 }));
  const second = control.run(request(scene, "Backup"));
  await second.done;
  strictEqual(scene.catalog.job(second.jobId)?.jobStatus, "A");
  const said = scene.said();
  ok(said.includes(
    `Fatal error: JobId ${first.jobId} already running. Duplicate job not allowed.`,
  ));
  ok(said.includes("  Termination:            Backup Canceled"));
  deepStrictEqual(control.jobs, [first]);
  await control.stop();
});

Deno.test("JobControl cancels the duplicate that the directives name", async () => {
  using scene = new DirectorScene(
    poolText("") + jobText("Allow Duplicate Jobs = no; Cancel Queued Duplicates = yes"),
  );
  const control = controlOf(scene);
  const first = control.run(request(scene, "Backup", { when: scene.now + 90 }));
  const second = control.run(request(scene, "Backup", { when: scene.now + 90 }));
  await first.done;
  deepStrictEqual([first.status, second.status], ["A", "t"]);
  ok(scene.said().includes(`Cancelling duplicate JobId=${first.jobId}.`));
  await control.stop();
});

Deno.test("JobControl runs scripts, console commands and clones around an Admin job", async () => {
  using scene = new DirectorScene(
    poolText("") + ADMIN.replace(
      "Messages = Standard;",
      `Messages = Standard
       Run = "job=Other level=%l since=\\"%s\\""
       RunScript { RunsWhen = Before; RunsOnClient = no; Command = "/bin/echo '%n' \\"%j x\\""
         Console = "prune files client=%c" }
       RunScript { RunsWhen = After; RunsOnClient = no; RunsOnFailure = yes; RunsOnSuccess = no
         Command = "/bin/echo never" }
       Run After Job = "/bin/false"
       Client Run Before Job = "/bin/echo client"`,
    ),
  );
  scene.answer = (command) =>
    command.startsWith("run ") ? "Job queued. JobId=77\n" : "Pruned nothing\nat all\n";
  const job = controlOf(scene).run(request(scene, "Admin"));
  await job.done;
  deepStrictEqual(scene.commands, [
    "prune files client=fd",
    'run job=Other level=  since="*None*" cloned=yes yes',
  ]);
  const said = scene.said();
  const log = said.slice(0, said.findIndex((line) => line.startsWith("BAREOS")))
    .filter((line) => !line.startsWith("Version"));
  deepStrictEqual(log, [
    `shell command: run BeforeJob "/bin/echo 'Admin' "${job.uniqueName} x""`,
    `BeforeJob: Admin ${job.uniqueName} x`,
    'console command: run BeforeJob "prune files client=fd"',
    "BeforeJob: Pruned nothing",
    "BeforeJob: at all",
    "Warning: Invalid runscript definition (command=/bin/echo client). Admin Jobs only support " +
    "local runscripts.",
    "Clone JobId 77 started.",
    `Start Admin JobId ${job.jobId}, Job=${job.uniqueName}`,
    'shell command: run AfterJob "/bin/false"',
    "Error: Runscript: AfterJob returned non-zero status=1. ERR=Child exited with code 1",
  ]);
});

Deno.test("JobControl ends a job whose script fails, and runs its scripts for failures", async () => {
  using scene = new DirectorScene(
    poolText("") + ADMIN.replace(
      "Messages = Standard;",
      `Messages = Standard
       Run Before Job = "/bin/sh -c 'exit 3'"
       Run After Job = "/bin/echo good"
       Run After Failed Job = "/bin/echo bad %e"`,
    ),
  );
  const job = controlOf(scene).run(request(scene, "Admin"));
  await job.done;
  strictEqual(scene.catalog.job(job.jobId)?.jobStatus, "E");
  const said = scene.said();
  ok(said.includes(
    "Error: Runscript: BeforeJob returned non-zero status=3. ERR=Child exited with code 3",
  ));
  ok(said.includes("AfterJob: bad Error"));
  ok(!said.some((line) => line.includes("good")));
  ok(said.includes("  Termination:            *** Admin Error ***"));
});

Deno.test("JobControl does not start what comes too late", async () => {
  using scene = new DirectorScene(poolText("") + jobText("Max Start Delay = 60"));
  const control = controlOf(scene);
  const job = control.run(request(scene, "Backup", { when: scene.now - 61 }));
  await job.done;
  strictEqual(job.status, "A");
  ok(
    scene.said().includes(
      "Fatal error: Job canceled because max start delay time exceeded.",
    ),
  );
});

Deno.test("a job whose row cannot be written fails with the cause, and is reported all the same", async () => {
  using scene = new DirectorScene(poolText("") + ADMIN);
  const { settings } = scene;
  const control = new JobControl({ settings: () => settings, onProblem: () => {} });
  const { catalog } = scene;
  const updateJob = catalog.updateJob.bind(catalog);
  catalog.updateJob = (jobId, changes) => {
    if ("realEndTime" in changes) throw new Error("database or disk is full");
    updateJob(jobId, changes);
  };
  const job = control.run(request(scene, "Admin"));
  await job.done;
  const said = scene.said();
  ok(said.includes("Fatal error: database or disk is full"));
  ok(said.includes("  Termination:            *** Admin Error ***"));
  deepStrictEqual(control.jobs, []);
});
