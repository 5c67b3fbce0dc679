/** Letters of jobs against the reference (storage-daemon.md 14, catalog-and-jobs.md 5). */
import { deepStrictEqual, strictEqual } from "node:assert";
import fc from "fast-check";
import {
  isJobCanceled,
  isJobOk,
  JOB_LEVELS,
  JobStatus,
  jobStatusText,
  jobTypeText,
  mergeJobStatus,
} from "./mod.ts";

const letters = Object.values(JobStatus);

Deno.test("jobStatusText() has the texts that operators know", () => {
  const known = "A=Canceled B=Blocked C=Created D=Verify differences E=Error F=Waiting on FD " +
    "I=Error: incomplete job L=SD committing Data M=Waiting for mount R=Running S=Wait on SD T=OK " +
    "W=OK -- with warnings a=SD despooling Attributes c=Waiting for Client resource " +
    "d=Waiting on Max Jobs e=Non-fatal error f=Fatal Error i=Dir inserting Attributes " +
    "j=Waiting for Job resource l=SD despooling Data m=Wait for new Volume p=Waiting on Priority " +
    "s=Waiting for Storage resource t=Waiting for Start Time";
  for (const [, letter = "", text] of known.matchAll(/(\w)=(.*?)(?= \w=|$)/g)) {
    strictEqual(jobStatusText(letter), text);
  }
  strictEqual(jobStatusText("q"), "");
  strictEqual(jobStatusText("X"), "Unknown Job termination status=88");
});

Deno.test("mergeJobStatus() lets nothing but a worse status replace a bad one", () => {
  const priority: Readonly<Record<string, number>> = { I: 10, E: 9, f: 9, A: 9, e: 8, D: 7 };
  fc.assert(fc.property(
    fc.constantFrom(...letters),
    fc.constantFrom(...letters),
    (before, next) => {
      const [old, wanted] = [priority[before] ?? 0, priority[next] ?? 0];
      const isReplaced = wanted > old || (old === 0 && wanted === 0);
      strictEqual(mergeJobStatus(before, next), isReplaced ? next : before);
    },
  ));
});

Deno.test("types and levels have their texts; what is over and what is well", () => {
  const types =
    "B=Backup M=Migrated Job V=Verify R=Restore U=Console I=System or Console D=Admin " +
    "A=Archive C=Job Copy c=Copy g=Migrate S=Scan O=Consolidate";
  for (const [, letter = "", text] of types.matchAll(/(\w)=(.*?)(?= \w=|$)/g)) {
    strictEqual(jobTypeText(letter), text);
  }
  const levels = "F=Full I=Incremental D=Differential S=Since C=Verify Catalog " +
    "V=Verify Init Catalog O=Verify Volume to Catalog d=Verify Disk to Catalog A=Verify Data " +
    "B=Base f=Virtual Full";
  for (const [, letter = "", text] of levels.matchAll(/(\w)=(.*?)(?= \w=|$)/g)) {
    strictEqual(JOB_LEVELS[letter]?.longText, text);
  }
  deepStrictEqual(letters.filter(isJobCanceled).sort(), ["A", "E", "f"]);
  deepStrictEqual(letters.filter(isJobOk).sort(), ["T", "W"]);
});
