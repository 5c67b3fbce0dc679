/**
 * Run lines as they are written, from the text of a Schedule to due times, and to the jobs that they make
 * (catalog-and-jobs.md 6, 7, 10).
 */
import { deepStrictEqual, strictEqual, throws } from "node:assert";
import { DirectorScene, jobText, poolText } from "../../../tests/support/director_scene.ts";
import { parseConfiguration } from "../../config/mod.ts";
import type { Job } from "../jobs/job.ts";
import { JobControl } from "../jobs/job_control.ts";
import { catalogSeconds, catalogTime } from "../report/formats.ts";
import { dueTimes } from "./schedule.ts";
import { Scheduler } from "./scheduler.ts";

const configurationOf = (run: string) =>
  parseConfiguration(
    "director",
    `Director { Name = d; Password = p; Messages = M }
     Messages { Name = M; Console = all }
     Catalog { Name = C; DbName = c; DbUser = u }
     Client { Name = fd; Address = 127.0.0.1; Password = x }
     Storage { Name = Disk; Address = 127.0.0.1; Password = x; Device = Dev; Media Type = File }
     FileSet { Name = Set; Include { File = /data } }
     Pool { Name = Full; Pool Type = Backup }
     ${jobText().replace("Messages = Standard", "Messages = M")}
     Schedule { Name = S
       ${run}
     }\n`,
  );

const whole = (time: string): string => time.includes(" ") ? `${time}:00` : time;

/** Due times of a Schedule of one Run line, at most so many. */
function due(run: string, from: string, to: string, most = 400): string[] {
  const [line] = configurationOf(`Run = ${run}`).first("Schedule").run;
  if (line === undefined) throw new Error("no Run line");
  const found: string[] = [];
  for (const time of dueTimes(line.times, catalogSeconds(whole(from)), catalogSeconds(whole(to)))) {
    if (found.push(catalogTime(time).slice(0, 16)) === most) break;
  }
  return found;
}

/** A Run line, a span of time, and when it is due in it. November 2026 begins on a Sunday. */
const schedules:
  readonly (readonly [run: string, from: string, to: string, due: readonly string[]])[] = [
    ["daily at 2:05", "2026-11-01", "2026-11-03", ["2026-11-01 02:05", "2026-11-02 02:05"]],
    ["Full at 2:05", "2026-11-01", "2026-11-02", ["2026-11-01 02:05"]],
    ["at 12:30am", "2026-11-01", "2026-11-02", ["2026-11-01 00:30"]],
    ["at 12:30pm", "2026-11-01", "2026-11-02", ["2026-11-01 12:30"]],
    ["at 11:59pm", "2026-11-01", "2026-11-02", ["2026-11-01 23:59"]],
    ["hourly at 0:15", "2026-11-01 21:00", "2026-11-02", [
      ...["2026-11-01 21:15", "2026-11-01 22:15", "2026-11-01 23:15"],
    ]],
    ["hourly", "2026-11-01 22:30", "2026-11-02 00:30", ["2026-11-01 23:00", "2026-11-02 00:00"]],
    // Hours add up, of minutes the last one counts.
    ["at 1:10 at 3:20", "2026-11-01", "2026-11-02", ["2026-11-01 01:20", "2026-11-01 03:20"]],
    ["sun at 5:00", "2026-11-01", "2026-11-10", ["2026-11-01 05:00", "2026-11-08 05:00"]],
    ["mon-wed at 5:00", "2026-11-01", "2026-11-08", [
      ...["2026-11-02 05:00", "2026-11-03 05:00", "2026-11-04 05:00"],
    ]],
    ["fri-mon at 5:00", "2026-11-02", "2026-11-09", [
      ...["2026-11-02 05:00", "2026-11-06 05:00", "2026-11-07 05:00", "2026-11-08 05:00"],
    ]],
    ["1st sun at 5:00", "2026-11-01", "2027-01-01", ["2026-11-01 05:00", "2026-12-06 05:00"]],
    ["first saturday at 5:00", "2026-11-01", "2026-12-01", ["2026-11-07 05:00"]],
    ["2nd-5th sun at 5:00", "2026-11-01", "2026-12-01", [
      ...["2026-11-08 05:00", "2026-11-15 05:00", "2026-11-22 05:00", "2026-11-29 05:00"],
    ]],
    ["last sat at 5:00", "2026-11-01", "2027-01-01", ["2026-11-28 05:00", "2026-12-26 05:00"]],
    ["1st,3rd mon at 5:00", "2026-11-01", "2026-12-01", ["2026-11-02 05:00", "2026-11-16 05:00"]],
    ["on 1 at 5:00", "2026-11-01", "2027-01-02", [
      ...["2026-11-01 05:00", "2026-12-01 05:00", "2027-01-01 05:00"],
    ]],
    ["on 30-31 at 5:00", "2026-11-01", "2027-01-01", [
      ...["2026-11-30 05:00", "2026-12-30 05:00", "2026-12-31 05:00"],
    ]],
    ["dec 24 at 5:00", "2026-11-01", "2027-12-31", ["2026-12-24 05:00", "2027-12-24 05:00"]],
    ["jan-feb on 1 at 5:00", "2026-11-01", "2027-12-31", ["2027-01-01 05:00", "2027-02-01 05:00"]],
    ["w01 mon at 5:00", "2026-11-01", "2027-12-31", ["2027-01-04 05:00"]],
    ["w45-w46 mon at 5:00", "2026-11-01", "2026-12-31", ["2026-11-02 05:00", "2026-11-09 05:00"]],
    ["w00/w02 sun at 5:00", "2026-11-01", "2026-12-01", [
      ...["2026-11-01 05:00", "2026-11-15 05:00", "2026-11-29 05:00"],
    ]],
    ["1/10 at 5:00", "2026-11-01", "2026-12-01", [
      ...["2026-11-01 05:00", "2026-11-11 05:00", "2026-11-21 05:00"],
    ]],
    ["monthly at 5:00", "2026-11-01", "2026-11-02", ["2026-11-01 05:00"]],
  ];

Deno.test("Run lines are due as they are written", () => {
  for (const [run, from, to, wanted] of schedules) {
    deepStrictEqual(due(run, from, to), wanted, run);
  }
  throws(() => configurationOf("Run = 5:00"), /Time must be preceded by keyword AT/);
  for (const wrong of ["at 25:00", "at 5:60", "w54 at 5:00", "on 32 at 5:00", "nonsense at 5:00"]) {
    throws(() => configurationOf(`Run = ${wrong}`), Error, wrong);
  }
});

const more = `
  Storage { Name = Other; Address = 127.0.0.1; Password = x; Device = Dev2; Media Type = File2 }
  Messages { Name = Quiet; Catalog = all }
` + ["Full", "Inc", "Diff", "Virtual", "Run", "Next"].map((name) => poolText("", name)).join("");

/** What an override makes of a job. */
const overrides: readonly (readonly [run: string, of: (job: Job) => unknown, wanted: unknown])[] = [
  ["", (job) => [job.level, job.pool.resource.name, job.priority], ["F", "Full", 10]],
  ["Level=Full", (job) => [job.level, job.levelNote], ["F", ""]],
  ["Full", (job) => job.level, "F"],
  ["Level=Differential", (job) => [job.level, job.levelNote], [
    ...["F", " (upgraded from Differential)"],
  ]],
  ["Pool=Run", (job) => [job.pool.resource.name, job.pool.source], ["Run", "Run Pool override"]],
  ["FullPool=Run", (job) => [job.pool.resource.name, job.pool.source], [
    ...["Run", "Run FullPool override"],
  ]],
  ["Pool=Next FullPool=Run", (job) => job.pool.resource.name, "Run"],
  ["IncrementalPool=Run Level=Full", (job) => job.pool.resource.name, "Full"],
  ["NextPool=Next", (job) => job.request.runLine?.nextPool?.name, "Next"],
  ["Storage=Other", (job) => [job.storage?.resource.name, job.storage?.source], [
    ...["Other", "Run storage override"],
  ]],
  ["Messages=Quiet", (job) => job.messages.name, "Quiet"],
  ["Priority=3", (job) => job.priority, 3],
  ["SpoolData=yes", (job) => job.isSpooling, true],
  ["Accurate=yes", (job) => job.isAccurate, true],
  ["MaxRunSchedTime=2h", (job) => job.request.runLine?.maxRunSchedTime, 7200],
];

Deno.test("overrides of a Run line come to the job that it makes", async () => {
  for (const [run, of, wanted] of overrides) {
    using scene = new DirectorScene(
      more + `Schedule { Name = S; Run = ${run} at 1:05 }\n` + jobText("Schedule = S"),
    );
    const control = controlOf(scene);
    const job = scene.resource("Backup");
    const made = control.run({
      ...{ job, runLine: job.schedule?.run[0], trigger: "Scheduler", when: scene.now + 3600 },
    });
    deepStrictEqual(of(made), wanted, run);
    strictEqual(made.trigger, "Scheduler");
    await control.stop();
  }
});

function controlOf(scene: DirectorScene): JobControl {
  return new JobControl({
    settings: () => scene.settings,
    onProblem: (error) => {
      throw error;
    },
  });
}

Deno.test("six weeks of a usual Schedule: levels, since times and pools follow one another", async () => {
  using scene = new DirectorScene(
    more + `
      Schedule { Name = Cycle
        Run = Full 1st sat at 21:00
        Run = Differential 2nd-5th sat at 21:00
        Run = Incremental mon-fri at 21:00 }
    ` + jobText(
      "Schedule = Cycle; Full Backup Pool = Full; Incremental Backup Pool = Inc; Differential Backup Pool = Diff",
    ),
  );
  const control = controlOf(scene);
  const made: Job[] = [];
  scene.now = catalogSeconds("2026-10-29 00:00:00"); // a Thursday
  const scheduler = new Scheduler(scene.now, (job, runLine) => {
    made.push(control.run({ job, runLine, trigger: "Scheduler", when: scene.now + 60 }));
  });
  const lines: string[] = [];
  const end = catalogSeconds("2026-12-07 00:00:00");
  for (; scene.now < end; scene.now += 60) {
    scheduler.look(scene.configuration.all("Job"), scene.now);
    for (const job of made.splice(0)) {
      const since = job.since === 0 ? "" : ` since ${catalogTime(job.since).slice(5, 10)}`;
      lines.push(
        `${catalogTime(scene.now).slice(5, 16)} ${job.level} ${job.pool.resource.name}${since}`,
      );
      // It ends well at once, but for one that fails.
      const hasFailed = lines.length === 4;
      await control.cancel(job);
      scene.catalog.updateJob(job.jobId, {
        jobStatus: hasFailed ? "f" : "T",
        level: job.level,
        startTime: scene.now,
        endTime: scene.now,
        fileSetId: job.fileSetId,
      });
    }
  }
  await control.stop();
  deepStrictEqual(lines.slice(0, 9), [
    "10-29 21:00 F Full", // there is no Full yet
    "10-30 21:00 I Inc since 10-29",
    "10-31 21:00 D Diff since 10-29", // the fifth Saturday
    "11-02 21:00 I Inc since 10-31", // this one fails
    "11-03 21:00 I Inc since 10-31",
    "11-04 21:00 I Inc since 11-03",
    "11-05 21:00 I Inc since 11-04",
    "11-06 21:00 I Inc since 11-05",
    "11-07 21:00 F Full",
  ]);
  deepStrictEqual(lines.filter((line) => / [FD] /.test(line)).slice(2), [
    "11-07 21:00 F Full",
    "11-14 21:00 D Diff since 11-07",
    "11-21 21:00 D Diff since 11-07",
    "11-28 21:00 D Diff since 11-07",
    "12-05 21:00 F Full",
  ]);
  strictEqual(lines.length, 33);
});
