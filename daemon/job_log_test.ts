import { deepStrictEqual } from "node:assert";
import { JobLog } from "./job_log.ts";

Deno.test("JobLog sends texts as the director expects them and counts them", () => {
  const sent: string[] = [];
  const log = new JobLog({
    daemon: "rec-sd1",
    jobId: 7,
    job: "J.2026-11-23_06.59.37_03",
    send: (line) => sent.push(line),
    now: () => 1795417180,
  });
  log.info("Releasing device.\n");
  log.warning("odd");
  log.fatal("cannot go on\n");
  const head = "Jmsg Job=J.2026-11-23_06.59.37_03";
  deepStrictEqual(sent, [
    `${head} type=6 level=1795417180 rec-sd1 JobId 7: Releasing device.\n`,
    `${head} type=5 level=1795417180 rec-sd1 JobId 7: Warning: odd\n`,
    `${head} type=3 level=1795417180 rec-sd1 JobId 7: Fatal error: cannot go on\n`,
  ]);
  deepStrictEqual([log.errors, log.warnings, log.hasFailed], [1, 1, true]);
});
