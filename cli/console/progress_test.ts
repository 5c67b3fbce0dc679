import { deepStrictEqual, strictEqual } from "node:assert";
import { formatProgress, parseProgress } from "./mod.ts";

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
