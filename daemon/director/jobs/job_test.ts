import { deepStrictEqual, match, strictEqual } from "node:assert";
import { DirectorScene, jobText, poolText } from "../../../tests/support/director_scene.ts";
import { JobNames, resourceNameOf } from "./job.ts";
import { JobCanceled, JobFailure } from "./job_failure.ts";

const NOON = new Date(2026, 10, 24, 12, 0, 0).getTime() / 1000;

Deno.test("JobNames counts every job and never gives a name twice", () => {
  const names = new JobNames();
  strictEqual(names.next("Backup One", NOON), "Backup_One.2026-11-24_12.00.00_01");
  const seen = Array.from({ length: 200 }, (_, at) => names.next(`J${at % 3}`, NOON));
  strictEqual(new Set(seen.map((name) => name.replace(/^J\d/, ""))).size, 200);
  match(seen[57] ?? "", /12\.00\.00_59$/);
  match(seen[58] ?? "", /12\.00\.0[01]_00$/);
});

Deno.test("JobNames leaves room for the prefix of the session's identity", () => {
  const name = new JobNames().next("x".repeat(127), NOON);
  strictEqual(name.length, 121);
  match(name, /x\.2026-11-24_12\.00\.00_01$/);
});

Deno.test("resourceNameOf() cuts time and counter off, whatever points a name has", () => {
  strictEqual(resourceNameOf("a.b.2026-11-24_12.00.00_01"), "a.b");
});

Deno.test("a job that fails tells why once for each cause and keeps its first end", () => {
  using scene = new DirectorScene(poolText("") + jobText());
  const job = scene.job("Backup");
  job.fail(new JobFailure("first"));
  job.fail("second");
  job.fail(new JobCanceled("not worth a word"));
  job.setStatus("R");
  job.setStatus("T");
  strictEqual(job.status, "f");
  strictEqual(job.log.errors, 1);
  deepStrictEqual(scene.said(), ["Fatal error: first", "Fatal error: second"]);
  const canceled = scene.job("Backup");
  canceled.setStatus("A");
  canceled.fail(new JobFailure("in the middle of it"));
  strictEqual(canceled.status, "A");
});

Deno.test("a job takes its messages from the request, the Run line, the resource, in this order", () => {
  using scene = new DirectorScene(
    poolText("") + jobText() + "Messages { Name = Run; Console = all }\n" +
      "Messages { Name = Said; Console = all }\n" +
      "Schedule { Name = S; Run = Messages=Run Accurate=yes SpoolData=yes Priority=3 daily at 1:00 }\n",
  );
  const runLine = scene.configuration.first("Schedule").run[0];
  const messages = scene.configuration.get("Messages", "Said");
  const jobs = [
    scene.job("Backup"),
    scene.job("Backup", { runLine }),
    scene.job("Backup", { runLine, messages, accurate: false }),
  ];
  deepStrictEqual(
    jobs.map((job) => [job.messages.name, job.isAccurate, job.isSpooling, job.priority]),
    [
      ["Standard", false, false, 10],
      ["Run", true, true, 3],
      ["Said", false, true, 3],
    ],
  );
});
