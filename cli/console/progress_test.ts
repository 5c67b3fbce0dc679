import { deepStrictEqual, strictEqual } from "node:assert";
import { Connection, ConsoleSession, passwordKey, Signal } from "../../protocol/mod.ts";
import { memoryPair } from "../../tests/support/memory_transport.ts";
import { SmallDirector } from "../../tests/support/small_director.ts";
import { formatProgress, parseProgress, ProgressLine } from "./mod.ts";

const status = `
rec-fd Version: 26.0.0 (05 August 2026) Debian GNU/Linux 12
Running Jobs:
JobId 42 Job Slow.2026-11-23_07.06.44_44 is running.
    Full Backup Job started: 23-Nov-26 07:06
    Files=1,234 Bytes=56,789,012 Bytes/sec=1,000,000 Errors=0
    Bwlimit=0
    Files Examined=1,240
    Processing file: /srv/a b
    SDReadSeqNo=5 fd=7
rec-dir (director) connected at: 23-Nov-26 07:06
====
`;

Deno.test("parseProgress() finds running jobs in a file daemon's status", () => {
  deepStrictEqual(parseProgress(status), [{
    jobId: 42,
    job: "Slow.2026-11-23_07.06.44_44",
    files: 1234,
    bytes: 56789012,
    bytesPerSecond: 1000000,
    currentFile: "/srv/a b",
  }]);
  deepStrictEqual(parseProgress("No Jobs running.\n"), []);
});

Deno.test("formatProgress() fits the terminal and tells the estimated end", () => {
  const [job] = parseProgress(status);
  if (job === undefined) throw new Error("no job");
  strictEqual(
    formatProgress(job, 156_789_012, 200),
    "JobId 42: 1,234 files, 56.79 MB, 1.00 MB/s, about 1:40 left  /srv/a b",
  );
  strictEqual([...formatProgress(job, undefined, 30)].length, 29);
});

Deno.test("ProgressLine shows the running job on a connection of its own until it is stopped", async () => {
  const answers: Readonly<Record<string, string>> = {
    ".status dir current": "1000 OK .status\nJobId=42 JobStatus=R JobErrors=0\n",
    "list jobid=42":
      "+-------+------+--------+\n| jobid | name | client |\n+-------+------+--------+\n|    42 | Slow | rec-fd |\n+---+\n",
    'list jobs job="Slow" jobstatus=T last':
      "| jobid | name | jobbytes |\n|    41 | Slow | 156,789,012 |\n",
    'status client="rec-fd"': status,
  };
  const director = new SmallDirector((line) => [answers[line] ?? "", Signal.EOD]);
  const ends: Promise<void>[] = [];
  const seen = Promise.withResolvers<void>();
  let written = "";
  const progress = new ProgressLine({
    connect: () => {
      const [a, b] = memoryPair();
      ends.push(director.serve(new Connection(b)));
      return ConsoleSession.login(new Connection(a), {
        key: passwordKey("secret"),
        version: "26.0.0",
      });
    },
    write: (text) => {
      written += text;
      if (written.includes("left")) seen.resolve();
    },
    width: () => 100,
    intervalMs: 1,
  });
  await seen.promise;
  await progress.stop();
  await Promise.all(ends);
  const [first] = written.split("\r\x1b[K").filter((line) => line !== "");
  strictEqual(
    first,
    "JobId 42: 1,234 files, 56.79 MB, 1.00 MB/s, about 1:40 left  /srv/a b",
  );
  strictEqual(written.endsWith("\r\x1b[K"), true);
  strictEqual(director.heard.filter((line) => line === "list jobid=42").length, 1);
});

Deno.test("ProgressLine keeps quiet where it cannot connect or the job is over at once", async () => {
  let written = "";
  const tried = Promise.withResolvers<void>();
  const options = {
    connect: () => {
      tried.resolve();
      return Promise.reject(new Error("no"));
    },
    write: (text: string) => written += text,
    width: () => 80,
  };
  await new ProgressLine({ ...options, intervalMs: 60_000 }).stop();
  const failing = new ProgressLine({ ...options, intervalMs: 1 });
  await tried.promise;
  await failing.stop();
  strictEqual(written, "");
});
