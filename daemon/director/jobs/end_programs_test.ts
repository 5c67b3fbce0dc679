/** Scripts behind a job: what ended the job does not end them, what comes while they run does. */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { DirectorScene, jobText, poolText } from "../../../tests/support/director_scene.ts";
import { waitFor } from "../../../tests/support/wait_for.ts";
import type { Job } from "./job.ts";
import { JobControl } from "./job_control.ts";
import { runDirectorScripts } from "./run_scripts.ts";

/** A time that passes soon, in milliseconds. */
const SOON_MS = 50;
/** One that does not pass in a test, in milliseconds. */
const NEVER_MS = 2 ** 30;

/** What starting a clone prints. */
const QUEUED = "Job queued. JobId=77\n";

/** An Admin job of which each script says that it runs and waits until it is let go. */
class ScriptScene implements Disposable {
  readonly folder: string = Deno.makeTempDirSync({ prefix: "roost-scripts-" });
  readonly scene: DirectorScene;
  readonly control: JobControl;
  #job: Job | undefined;

  constructor(
    { cancelGraceMs = SOON_MS, stopGraceMs = NEVER_MS, endOfBefore = 0, directives = "" },
  ) {
    const block = (name: string, directives: string, end: number): string => {
      const wait = "while ! test -e $0.go; do sleep 0.02; done";
      return `RunScript { RunsOnClient = no; ${directives}
        Command = "/bin/sh -c 'echo > $0.begun; ${wait}; echo $1 has ended; exit ${end}' ` +
        `@@/${name} ${name}" }`;
    };
    const text = jobText(
      `${block("before", "RunsWhen = Before", endOfBefore)}
       ${block("after", "RunsWhen = After; RunsOnFailure = yes", 0)}
       ${directives}`,
      "Admin",
    ).replace("Type = Backup", "Type = Admin");
    this.scene = new DirectorScene(poolText("") + text.replaceAll("@@", this.folder));
    this.scene.answer = () => QUEUED;
    this.control = new JobControl({
      settings: () => this.scene.settings,
      onProblem: (error) => {
        throw error;
      },
      ...{ cancelGraceMs, stopGraceMs },
    });
  }

  get job(): Job {
    return this.#job ??= this.control.run({
      job: this.scene.resource("Admin"),
      trigger: "User",
    });
  }

  async begun(script: "before" | "after"): Promise<void> {
    await waitFor(`the script ${script}`, () => exists(`${this.folder}/${script}.begun`));
  }

  letGo(script: "before" | "after"): void {
    Deno.writeTextFileSync(`${this.folder}/${script}.go`, "");
  }

  [Symbol.dispose](): void {
    this.scene[Symbol.dispose]();
    Deno.removeSync(this.folder, { recursive: true });
  }
}

function exists(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, () => false);
}

/** Until a timer that was set before this call for `milliseconds`, or less, has had its effect. */
function afterTimers(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

const CLONED = 'Max Run Time = 10; Run = "job=Other"';

/** How a job comes to its end while its Before script runs, and its status then. */
const ends: readonly (readonly [what: string, status: string, end: (it: ScriptScene) => void])[] = [
  ["is canceled", "A", (it) => void it.control.cancel(it.job)],
  ["has failed", "E", (it) => it.letGo("before")],
  ["has ended well", "T", (it) => it.letGo("before")],
  ["has exceeded its time", "A", (it) => {
    it.scene.now += 100;
    it.control.watch();
  }],
];

for (const [what, status, end] of ends) {
  const settings = { endOfBefore: status === "E" ? 1 : 0, directives: CLONED };

  Deno.test(`the After script of a job that ${what} runs to its end, however long it takes`, async () => {
    using it = new ScriptScene(settings);
    const { control, job } = it;
    const failDaemon = (): void => job.abortLater(2 * SOON_MS, "a daemon has not ended");
    // In a job that ends well this may not end the Before script: its clone is the last of its work.
    it.scene.answer = () => {
      failDaemon();
      return QUEUED;
    };
    await it.begun("before");
    if (status !== "T") failDaemon();
    end(it);
    await it.begun("after");
    control.watch(); // what was exceeded before is not exceeded now
    await afterTimers(2 * SOON_MS);
    it.letGo("after");
    await job.done;
    const said = it.scene.said();
    ok(said.includes("AfterJob: after has ended"), said.join("\n"));
    agree(it, status, said);
  });

  Deno.test(`the After script of a job that ${what} is ended by a cancel that comes then`, async () => {
    using it = new ScriptScene(settings);
    const { control, job } = it;
    await it.begun("before");
    end(it);
    await it.begun("after");
    await control.cancel(job);
    await job.done;
    const said = it.scene.said();
    ok(said.some((line) => line.startsWith("Error: Runscript: AfterJob returned")), said.join());
    agree(it, status, said);
  });
}

/** Whether catalog, report and list of ended jobs say the same of the job's end. */
function agree({ scene, control, job }: ScriptScene, status: string, said: string[]): void {
  const termination = { A: "Admin Canceled", E: "*** Admin Error ***", T: "Admin OK" }[status];
  strictEqual(scene.catalog.job(job.jobId)?.jobStatus, status);
  ok(said.includes(`  Termination:            ${termination}`), said.join("\n"));
  deepStrictEqual([...control.ended.all].map((ended) => ended.status), [status]);
}

Deno.test("the After script of a job whose waits were ended before runs to its end", async () => {
  using it = new ScriptScene({ endOfBefore: 1 });
  const { job } = it;
  await it.begun("before");
  job.abort.abort(new Error("a daemon has not ended"));
  await it.begun("after");
  it.letGo("after");
  await job.done;
  ok(it.scene.said().includes("AfterJob: after has ended"));
});

Deno.test("a limit that is exceeded while the After script of a failed job runs ends that", async () => {
  using it = new ScriptScene({ endOfBefore: 1, directives: "Max Run Time = 10" });
  const { job } = it;
  await it.begun("before");
  it.letGo("before");
  await it.begun("after");
  it.scene.now += 100;
  it.control.watch();
  await job.done;
  const said = it.scene.said();
  ok(said.includes("Error: Max run time exceeded. The job's work was over."), said.join("\n"));
  ok(said.some((line) => line.startsWith("Error: Runscript: AfterJob returned")));
  agree(it, "E", said);
});

Deno.test("a director that stops ends the After script that runs, at once", async () => {
  using it = new ScriptScene({});
  const { job } = it;
  await it.begun("before");
  it.letGo("before");
  await it.begun("after");
  await it.control.stop();
  await job.done;
  ok(it.scene.said().some((line) => line.startsWith("Error: Runscript: AfterJob returned")));
});

Deno.test("a director that stops lets its jobs clean up, as long as they may", async () => {
  for (const stopGraceMs of [NEVER_MS, SOON_MS]) {
    using it = new ScriptScene({ stopGraceMs });
    const { job } = it;
    await it.begun("before");
    const stopped = it.control.stop();
    if (stopGraceMs === NEVER_MS) {
      await it.begun("after");
      it.letGo("after");
    }
    await stopped;
    await job.done;
    const said = it.scene.said();
    strictEqual(
      said.includes("AfterJob: after has ended"),
      stopGraceMs === NEVER_MS,
      said.join("\n"),
    );
  }
});

Deno.test("a script before a job that is given up is not begun", async () => {
  using it = new ScriptScene({});
  const { environment } = it.scene.settings;
  const job = it.scene.job("Admin");
  job.abort.abort(new Error("there is no daemon"));
  await runDirectorScripts(job, "Before", environment.codes(job), environment.runConsole);
  ok(!await exists(`${it.folder}/before.begun`));
  const said = it.scene.said();
  ok(said.includes("Error: Runscript: BeforeJob could not execute. ERR=there is no daemon"));
  strictEqual(job.status, "E");
});
