/** `rerun` and `estimate`: what they refuse, and which jobs run again (console.md 11.4, 11.5). @module */
import assert from "node:assert/strict";
import { sceneTest, steady } from "./support/console_scene.ts";
import { answers, begun, question } from "./support/run_scene.ts";

sceneTest("rerun takes lists, ranges and times, and refuses what makes no sense", async (open) => {
  const { scene, session } = await begun(open);
  await using _ = scene;
  await answers(session, [
    ["rerun", "Please specify jobid, since_jobid, hours or days\n"],
    ["rerun jobid=x", 'Specified jobid "x" is not valid\n'],
    ["rerun jobid=99", 'Specified jobid "99" is not valid\n'],
    ["rerun since_jobid=x", 'Specified jobid "x" is not valid\n'],
    ["rerun since_jobid=1 until_jobid=y", 'Specified jobid "y" is not valid\n'],
    [
      "rerun jobid=1 since_jobid=2",
      "Please specify either jobid or since_jobid (and optionally until_jobid)\n",
    ],
    ["rerun jobid=1 days=3", "Please specify either jobid or a timeframe\n"],
    ["rerun since_jobid=1 hours=3", "Please specify either jobid or a timeframe\n"],
    ["rerun hours=1", "No jobids with the specified options were found.\n"],
    [
      "rerun since_jobid=1 until_jobid=2",
      "No jobids with the specified options were found.\n",
    ],
    [
      "rerun since_jobid=1",
      "The following ids were selected for rerun:\n3,4,5\nrerun these jobids? (yes/no): ",
    ],
    ["n", "Invalid response. You must answer YES or NO.\nrerun these jobids? (yes/no): "],
    ["no", ""],
    // A restore is no job to be run again.
    ["rerun jobid=5", ""],
  ]);
  const first = steady(await session.call("rerun jobid=2,4"));
  assert.equal(
    first,
    `rerunning jobid 2
Run Backup job
JobName:  Backup
Level:    Incremental
Client:   fd
Format:   Native
FileSet:  Set
Pool:     Incr (From command line)
Storage:  File (From Pool resource)
When:     TIME
Priority: 10
${question}`,
  );
  const second = await session.call("no");
  assert.match(second, /^Job not run\.\nrerunning jobid 4\nRun Backup job\nJobName: {2}Backup2\n/);
  await session.call("no");
  assert.equal(
    steady(await session.call("rerun since_jobid=4 until_jobid=5 yes")),
    "The following ids were selected for rerun:\n4,5\nrerunning jobid 4\nJob queued. JobId=6\n",
  );
  await session.call(".api 2 compact=yes");
  assert.deepEqual(JSON.parse(await session.call("rerun days=9999 yes")).result, {
    run: { jobid: "8" },
  });
});

Deno.test("estimate refuses each wrong word with its own text", async () => {
  const { scene, session } = await begun();
  await using _ = scene;
  await answers(session, [
    ["estimate client=Nope", 'Client "Nope" not found.\n'],
    ["estimate client", "Client name missing.\n"],
    ["estimate client=", "Client name missing.\n"],
    ["estimate job=Nope", 'Job "Nope" not found.\n'],
    ["estimate job", "Job name missing.\n"],
    ["estimate fileset=Nope", 'Fileset "Nope" not found.\n'],
    ["estimate fileset", "Fileset name missing.\n"],
    ["estimate level=Fullish", 'Level "Fullish" not valid.\n'],
    ["estimate level", "Level value missing.\n"],
    ["estimate job=Backup accurate=maybe", "Invalid value for accurate. It must be YES or NO.\n"],
    ["estimate job=Backup accurate=true", "Invalid value for accurate. It must be YES or NO.\n"],
    ["estimate job=Backup accurate", "Accurate value missing.\n"],
    ["estimate job=Admin", "Wrong job specified of type D.\n"],
    ["estimate job=Backup client=tape-fd", "Estimate is only supported on native clients.\n"],
    [
      "estimate",
      "The defined Job resources are:\n1: Backup\n2: Backup2\n3: Pooled\nSelect Job resource (1-3): ",
    ],
    [".", "Selection aborted, nothing done.\n"],
  ]);
  await session.call(".api 2");
  const { error } = JSON.parse(await session.call("estimate"));
  assert.match(error.data.messages.error[0], /^A job name|^No job specified|multiple choices/);
});
