/** Messages of jobs and what they make of the job's status (director-client.md 10, 17). */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { JobMessageType } from "../../protocol/mod.ts";
import { FileJob } from "./file_job.ts";

function job(
  { routed = [3, 4, 5, 6, 8, 14], hangupAfter = 0 }: {
    readonly routed?: readonly number[];
    readonly hangupAfter?: number;
  } = {},
): { job: FileJob; sent: string[] } {
  const sent: string[] = [];
  const name = "b1.2025-07-31_12.00.00_03";
  const made = new FileJob(
    { jobId: 7, name, volSessionId: 0, volSessionTime: 0, key: "" },
    {
      director: "dir",
      daemon: "client1-fd",
      routedTypes: new Set(routed),
      sent: () => Promise.resolve(),
      send: (line) => void sent.push(line),
      bandwidth: { ofDaemon: () => 0, bursts: false },
      hangupAfter: () => hangupAfter,
    },
  );
  return { job: made, sent };
}

Deno.test("job messages have type, time, daemon, JobId and the words of their severity", () => {
  const { job: it, sent } = job();
  const before = Math.floor(Date.now() / 1000);
  for (
    const [type, text] of [
      [JobMessageType.FATAL, "Fatal error: "],
      [JobMessageType.ERROR, "Error: "],
      [JobMessageType.WARNING, "Warning: "],
      [JobMessageType.SECURITY, "Security violation: "],
      [JobMessageType.INFO, ""],
      [JobMessageType.NOTSAVED, ""],
    ] as const
  ) {
    it.message(type, "one\ntwo\n");
    const [, shown, seconds, rest] =
      /^Jmsg Job=b1\.2025-07-31_12\.00\.00_03 type=(\d+) level=(\d+) client1-fd JobId 7: (.*)$/s
        .exec(sent.at(-1) ?? "") ?? [];
    deepStrictEqual([Number(shown), rest], [type, `${text}one\ntwo\n`]);
    ok(Number(seconds) >= before && Number(seconds) <= Math.ceil(Date.now() / 1000));
  }
  // A missing line end is added.
  it.message(JobMessageType.INFO, "bare");
  match(sent.at(-1) ?? "", /: bare\n$/);
});

Deno.test("messages count, and make the status", () => {
  const cases:
    readonly (readonly [JobMessageType[], status: string, errors: number, warnings: number])[] = [
      [[JobMessageType.INFO], "C", 0, 0],
      [[JobMessageType.WARNING, JobMessageType.WARNING], "C", 0, 2],
      [[JobMessageType.ERROR, JobMessageType.NOTSAVED], "C", 2, 0],
      [[JobMessageType.FATAL], "f", 1, 0],
      [[JobMessageType.ERROR, JobMessageType.ERROR, JobMessageType.FATAL], "f", 2, 0],
    ];
  for (const [types, status, errors, warnings] of cases) {
    const { job: it } = job();
    for (const type of types) it.message(type, "text\n");
    deepStrictEqual([it.status, it.errors, it.log.warnings], [status, errors, warnings]);
  }
});

Deno.test("what is routed nowhere is not sent, but trouble is", () => {
  const { job: it, sent } = job({ routed: [] });
  const { SKIPPED, RESTORED, INFO, WARNING, ERROR, FATAL } = JobMessageType;
  for (const type of [SKIPPED, RESTORED, INFO, WARNING]) it.message(type, "text\n");
  deepStrictEqual([sent.length, it.log.warnings], [0, 0]);
  it.message(ERROR, "text\n");
  it.message(FATAL, "text\n");
  deepStrictEqual([sent.length, it.errors, it.status], [2, 1, "f"]);
});

Deno.test("a status gives way only to one that weighs more", () => {
  for (
    const [from, to, wanted] of [
      ["R", "T", "T"],
      ["T", "R", "R"],
      ["T", "E", "E"],
      ["E", "T", "E"],
      ["E", "A", "E"],
      ["A", "f", "A"],
      ["f", "I", "I"],
      ["I", "f", "I"],
      ["e", "D", "e"],
      ["D", "e", "e"],
    ] as const
  ) {
    const { job: it } = job();
    it.become(from);
    it.become(to);
    strictEqual(it.status, wanted, `${from} ${to}`);
  }
});

Deno.test("a job that is to hang up ends as incomplete, with the reason", () => {
  const { job: it, sent } = job({ hangupAfter: 2 });
  it.counters.files = 1;
  strictEqual(it.mustHangUp, false);
  it.counters.files = 2;
  strictEqual(it.mustHangUp, true);
  it.hangUp();
  match(sent[0] ?? "", /Fatal error: Debug hangup requested after 2 files\.\n$/);
  deepStrictEqual([it.status, it.errors, it.aborted.aborted], ["I", 1, true]);
});

Deno.test("a job that is stopped or canceled is over at once, each with its status", () => {
  for (const [end, status] of [["stop", "I"], ["cancel", "A"]] as const) {
    const { job: it, sent } = job();
    strictEqual(it.isCanceled, false);
    it[end]();
    deepStrictEqual([it.status, it.isCanceled, it.aborted.aborted], [status, true, true]);
    deepStrictEqual(sent, []);
  }
});
