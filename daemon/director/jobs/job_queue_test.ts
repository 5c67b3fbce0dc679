import { deepStrictEqual, strictEqual } from "node:assert";
import { DirectorScene, jobText, poolText } from "../../../tests/support/director_scene.ts";
import type { Job } from "./job.ts";
import { JobQueue } from "./job_queue.ts";

const RESOURCES = poolText("") + jobText("Maximum Concurrent Jobs = 9") +
  jobText("Maximum Concurrent Jobs = 9; Allow Mixed Priority = yes", "Mixed") +
  jobText("", "Single") +
  `Client { Name = one; Address = 127.0.0.1; Password = x }\n` +
  `Storage { Name = Tape; Address = 127.0.0.1; Password = x; Device = D; Media Type = T }\n` +
  `Storage { Name = Shared; Address = 127.0.0.1; Password = x; Device = D; Media Type = T
  Maximum Concurrent Jobs = 9; Maximum Concurrent Read Jobs = 1 }\n` +
  jobText("Maximum Concurrent Jobs = 9", "Restore").replace("Type = Backup", "Type = Restore");

/** A queue of a scene, and the jobs that it has started, in their order. */
class Line implements Disposable {
  readonly scene = new DirectorScene(RESOURCES);
  readonly started: Job[] = [];
  readonly queue: JobQueue;

  constructor(maximum = 9) {
    this.queue = new JobQueue(() => maximum, (job) => void this.started.push(job));
  }

  add(name: string, priority = 10, changes: Parameters<DirectorScene["job"]>[1] = {}): Job {
    const job = this.scene.job(name, { priority, ...changes });
    this.queue.add(job);
    return job;
  }

  [Symbol.dispose](): void {
    this.queue.close();
    this.scene[Symbol.dispose]();
  }
}

Deno.test("JobQueue lets only so many jobs read from a storage, and others go on", () => {
  using line = new Line();
  const { configuration } = line.scene;
  const storage = configuration.get("Storage", "Shared");
  const jobs = [
    line.add("Restore", 10, { storage }),
    line.add("Restore", 10, { storage }),
    line.add("Backup", 10, { storage }),
    line.add("Restore", 10, { storage: configuration.get("Storage", "Disk") }),
  ];
  deepStrictEqual(jobs.map(({ status, isStarted }) => isStarted ? "-" : status), [
    ...["-", "s", "-", "-"],
  ]);
  const [first, second] = jobs;
  if (first !== undefined) line.queue.ended(first);
  strictEqual(second?.isStarted, true);
});

Deno.test("JobQueue starts jobs up to the limits of director, storage, client and job", () => {
  using line = new Line(4);
  const { configuration } = line.scene;
  const client = configuration.get("Client", "one");
  const storage = configuration.get("Storage", "Tape");
  const jobs = [
    line.add("Single"),
    line.add("Single"),
    line.add("Backup", 10, { client }),
    line.add("Backup", 10, { client }),
    line.add("Backup", 10, { storage }),
    line.add("Backup", 10, { storage }),
    line.add("Backup"),
    line.add("Backup"),
  ];
  deepStrictEqual(jobs.map(({ status, isStarted }) => isStarted ? "-" : status), [
    "-",
    "j",
    "-",
    "c",
    "-",
    "s",
    "-",
    "d",
  ]);
  const [first, waiting] = jobs;
  if (first === undefined) throw new Error("no job");
  line.queue.ended(first);
  strictEqual(waiting?.isStarted, true);
});

Deno.test("JobQueue lets a worse priority wait, and what stands behind it", () => {
  using line = new Line();
  const running = line.add("Backup", 10);
  const worse = line.add("Backup", 20);
  const better = line.add("Backup", 5);
  deepStrictEqual([running.isStarted, worse.status, better.status], [true, "p", "p"]);
  line.queue.ended(running);
  deepStrictEqual([better.isStarted, worse.isStarted], [true, false]);
  line.queue.ended(better);
  deepStrictEqual([worse.isStarted, line.started.length], [true, 3]);
});

Deno.test("JobQueue mixes priorities only if all of them allow it", () => {
  using line = new Line();
  line.add("Mixed", 10);
  strictEqual(line.add("Mixed", 5).isStarted, true);
  strictEqual(line.add("Mixed", 20).isStarted, false);
  using other = new Line();
  other.add("Backup", 10);
  strictEqual(other.add("Mixed", 5).isStarted, false);
});

Deno.test("JobQueue keeps the order of arrival within a priority and gives jobs back", () => {
  using line = new Line(0);
  const [a, b, c] = [line.add("Backup"), line.add("Backup", 5), line.add("Backup")];
  deepStrictEqual(line.queue.waiting, [b, a, c]);
  strictEqual(line.queue.remove(a), true);
  strictEqual(line.queue.remove(a), false);
  deepStrictEqual(line.queue.waiting, [b, c]);
});

Deno.test("a job's time in the queue counts as waiting", () => {
  using line = new Line(1);
  const first = line.add("Backup");
  const second = line.add("Backup");
  line.scene.now += 50;
  strictEqual(second.waitedSeconds, 50);
  line.queue.ended(first);
  second.setStatus("R");
  line.scene.now += 50;
  strictEqual(second.waitedSeconds, 50);
  second.sdStatus = "m";
  line.scene.now += 5;
  strictEqual(second.waitedSeconds, 55);
});
