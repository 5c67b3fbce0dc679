import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { fixture, hasFixtures } from "../../../tests/support/paths.ts";
import { catalogSeconds } from "./formats.ts";
import { inflation, jobReport, type ReportFacts, terminationText } from "./report.ts";

const UNAME = "26.0.0~pre1 (05Aug26) Debian GNU/Linux 12 (bookworm),debian";

const BASE: ReportFacts = {
  director: "rec-dir",
  version: "26.0.0~pre1 (05Aug26)",
  osInformation: "Debian GNU/Linux 12 (bookworm)",
  binaryInfo: "Self-compiled: Get professional support from https://www.bareos.com",
  jobId: 0,
  uniqueName: "",
  type: "B",
  level: "F",
  status: "T",
  levelNote: "",
  client: { name: "rec-fd", uname: UNAME },
  fileSet: { name: "FsFull", createTime: "2026-11-23 06:59:37" },
  pool: { name: "Main", source: "Job resource" },
  catalog: { name: "MyCatalog", source: "Client resource" },
  storage: { name: "File1", source: "Pool resource" },
  scheduledTime: 0,
  startTime: 0,
  endTime: 0,
  priority: 10,
  allowMixedPriority: false,
  fdFiles: 0,
  readBytes: 0,
  fdBytes: 0,
  sdFiles: 0,
  sdBytes: 0,
  quota: undefined,
  compression: [],
  vss: false,
  encryption: false,
  accurate: false,
  volumeNames: ["Main-0001"],
  volSessionId: 0,
  volSessionTime: 1795417143,
  lastVolumeBytes: 0,
  jobErrors: 0,
  sdErrors: 0,
  fdStatus: "T",
  sdStatus: "T",
  secureErase: {},
  triggeredBy: "User",
  filesExpected: 0,
  verifyJob: "",
};

const at = (time: string): number => catalogSeconds(`2026-11-23 ${time}`);

/** Scenario and what was reported in it. */
const RECORDED: readonly [string, Partial<ReportFacts>][] = [
  ["01-backup-full", {
    jobId: 1,
    uniqueName: "BackupFull.2026-11-23_06.59.37_03",
    scheduledTime: at("06:59:37"),
    startTime: at("06:59:39"),
    endTime: at("06:59:40"),
    fdFiles: 87,
    sdFiles: 87,
    readBytes: 1747146,
    fdBytes: 961554,
    sdBytes: 971201,
    volSessionId: 1,
    lastVolumeBytes: 974674,
  }],
  ["03-backup-accurate-incremental", {
    jobId: 3,
    uniqueName: "BackupAcc.2026-11-23_06.59.46_07",
    level: "I",
    levelNote: ", since=2026-11-23 06:59:44",
    fileSet: { name: "FsAcc", createTime: "2026-11-23 06:59:42" },
    scheduledTime: at("06:59:46"),
    startTime: at("06:59:48"),
    endTime: at("06:59:48"),
    fdFiles: 6,
    sdFiles: 6,
    readBytes: 2409234,
    fdBytes: 84,
    sdBytes: 658,
    accurate: true,
    volSessionId: 3,
    lastVolumeBytes: 3398341,
  }],
  ["13-backup-denied", {
    jobId: 12,
    uniqueName: "BackupDenied.2026-11-23_07.00.33_26",
    client: { name: "denied-fd", uname: UNAME },
    scheduledTime: at("07:00:33"),
    startTime: at("07:00:35"),
    endTime: at("07:00:35"),
    volumeNames: [],
    volSessionId: 9,
    jobErrors: 1,
    fdStatus: "E",
    status: "f",
  }],
  ["14-backup-rules-runscripts", {
    jobId: 13,
    uniqueName: "BackupRules.2026-11-23_07.00.38_29",
    fileSet: { name: "FsRules", createTime: "2026-11-23 07:00:38" },
    scheduledTime: at("07:00:38"),
    startTime: at("07:00:39"),
    endTime: at("07:00:39"),
    fdFiles: 89,
    sdFiles: 89,
    readBytes: 2343702,
    fdBytes: 2176134,
    sdBytes: 2185927,
    compression: ["lz4"],
    volSessionId: 10,
    lastVolumeBytes: 6563222,
  }],
  ["06-restore-all", {
    jobId: 5,
    type: "R",
    uniqueName: "Restore.2026-11-23_06.59.56_12",
    startTime: at("06:59:58"),
    endTime: at("07:00:00"),
    filesExpected: 89,
    fdFiles: 89,
    fdBytes: 960818,
  }],
  ["09-verify-volume", {
    jobId: 6,
    type: "V",
    level: "O",
    uniqueName: "VerifyVol.2026-11-23_07.00.06_16",
    verifyJob: "BackupFull",
    startTime: at("07:00:08"),
    endTime: at("07:00:09"),
    filesExpected: 4,
    fdFiles: 4,
  }],
  ["11-verify-disk", {
    jobId: 9,
    type: "V",
    level: "d",
    status: "D",
    fileSet: { name: "FsAcc", createTime: "" },
    uniqueName: "VerifyDisk.2026-11-23_07.00.17_21",
    verifyJob: "BackupAcc",
    startTime: at("07:00:19"),
    endTime: at("07:00:19"),
    fdFiles: 87,
  }],
  ["15-copy-between-two-sds", {
    jobId: 14,
    type: "c",
    uniqueName: "CopyJob.2026-11-23_07.00.41_31",
    startTime: at("07:00:43"),
    endTime: at("07:00:43"),
  }],
  ["15-copy-between-two-sds", {
    jobId: 19,
    type: "c",
    uniqueName: "CopyJob.2026-11-23_07.00.43_36",
    startTime: at("07:00:46"),
    endTime: at("07:00:47"),
    sdFiles: 6,
    sdBytes: 658,
    volumeNames: ["Copies-0002"],
    volSessionId: 13,
    lastVolumeBytes: 3_398_357,
    copy: {
      previousJobId: 3,
      previousJob: "BackupAcc.2026-11-23_06.59.46_07",
      newJobId: 20,
      level: "F",
      readPool: { name: "Main", source: "Job resource" },
      readStorage: { name: "File1", source: "Pool resource" },
      writePool: { name: "Copies", source: "Job Pool's NextPool resource" },
      writeStorage: { name: "File2", source: "Storage from Pool's NextPool resource" },
      isEmpty: false,
    },
  }],
  ["16-migrate-within-one-sd", {
    jobId: 29,
    type: "g",
    uniqueName: "MigJob.2026-11-23_07.00.56_47",
    startTime: at("07:00:58"),
    endTime: at("07:00:58"),
    sdFiles: 87,
    sdBytes: 971_160,
    volumeNames: ["MigTo-0004"],
    volSessionId: 18,
    lastVolumeBytes: 974_634,
    copy: {
      previousJobId: 27,
      previousJob: "BackupMig.2026-11-23_07.00.52_45",
      newJobId: 30,
      level: "F",
      readPool: { name: "Mig", source: "Job resource" },
      readStorage: { name: "File1", source: "Pool resource" },
      writePool: { name: "MigTo", source: "Job Pool's NextPool resource" },
      writeStorage: { name: "File1b", source: "Storage from Pool's NextPool resource" },
      isEmpty: false,
    },
  }],
  ["18-virtualfull", {
    jobId: 31,
    level: "f",
    status: "f",
    uniqueName: "Vfull.2026-11-23_07.01.01_51",
    fileSet: { name: "FsAcc", createTime: "2026-11-23 06:59:42" },
    pool: { name: "Copies", source: "Job's NextPool resource" },
    storage: { name: "File2", source: "Storage from Job's NextPool resource" },
    scheduledTime: at("07:01:01"),
    startTime: at("06:59:48"),
    endTime: at("06:59:48"),
    accurate: true,
    volumeNames: [],
    volSessionId: 7,
    sdStatus: "",
  }],
  ["36-admin-console", {
    jobId: 58,
    type: "D",
    uniqueName: "Admin.2026-11-23_07.07.03_51",
    scheduledTime: at("07:07:03"),
    startTime: at("07:07:03"),
    endTime: at("07:07:03"),
  }],
];

Deno.test("a report tells of base files where a job has base jobs", () => {
  const line = (baseFiles: ReportFacts["baseFiles"]) =>
    /^ {2}Base files.*$/m.exec(jobReport({ ...BASE, type: "B", baseFiles }))?.[0];
  strictEqual(line(undefined), undefined);
  strictEqual(
    line({ total: 4_000, used: 1_234 }),
    "  Base files/Used files:  4,000/1,234 (30.85%)",
  );
  strictEqual(line({ total: 0, used: 0 }), "  Base files/Used files:  0/0 (0.00%)");
});

Deno.test({
  name: "jobReport() writes the recorded reports",
  ignore: !hasFixtures,
  async fn(t) {
    for (const [scenario, facts] of RECORDED) {
      await t.step(scenario, async () => {
        const recording = await Deno.readTextFile(fixture(`transcripts/${scenario}.console.txt`));
        const report = jobReport({ ...BASE, ...facts });
        const name = report.split("\n", 1)[0] ?? "";
        const head = name.startsWith("BAREOS") ? name : `Bareos rec-dir 26.0.0~pre1 (05Aug26):`;
        const label = facts.type === "c" || facts.type === "g" ? "Current JobId:" : "JobId:";
        const id = `\n  ${label.padEnd(24)}${facts.jobId}\n`;
        const from = recording.lastIndexOf(head, recording.indexOf(id));
        strictEqual(recording.slice(from, from + report.length), report);
      });
    }
  },
});

Deno.test("jobReport() has lines about quotas for clients that have some", () => {
  const quota = { used: 1234, burst: 0, soft: 2000, hard: 3000, graceEnd: 0 };
  const lines = (facts: Partial<ReportFacts>) =>
    jobReport({ ...BASE, ...facts }).split("\n").filter((line) => /Quota|Grace/.test(line));
  deepStrictEqual(lines({}), []);
  deepStrictEqual(lines({ quota }), [
    "  Quota Used:             1,234 (1.234 KB)",
    "  Burst Quota:            0 (0 B)",
    "  Soft Quota:             2,000 (2.000 KB)",
    "  Hard Quota:             3,000 (3.000 KB)",
    "  Grace Expiry Date:      Soft Quota not exceeded",
  ]);
  ok(
    lines({ quota: { ...quota, graceEnd: at("07:00:00") } })
      .includes("  Grace Expiry Date:      23-Nov-2026 07:00:00"),
  );
});

Deno.test("terminationText() knows the ends of every type", () => {
  const ends = (type: string) =>
    [..."TWEefAID?"].map((status) => terminationText({ type, status, copy: undefined }));
  deepStrictEqual(ends("B"), [
    "Backup OK",
    "Backup OK -- with warnings",
    "*** Backup Error ***",
    "*** Backup Error ***",
    "*** Backup Error ***",
    "Backup Canceled",
    "Backup failed -- incomplete",
    "Inappropriate term code: D",
    "Inappropriate term code: ?",
  ]);
  deepStrictEqual(["V", "R", "D", "A", "O", "c", "g"].map((type) => ends(type)[0]), [
    "Verify OK",
    "Restore OK",
    "Admin OK",
    "Archive OK",
    "Consolidate OK",
    "Copying OK",
    "Migration OK",
  ]);
  strictEqual(ends("V")[7], "Verify Differences");
});

Deno.test("inflation() warns of a full backup that compression has made larger", () => {
  const facts = { level: "F", compression: ["gzip"], readBytes: 1000, fdBytes: 1010 };
  ok(inflation(facts)?.startsWith("Compression inflated the full backup data by more than 1%."));
  strictEqual(inflation({ ...facts, fdBytes: 1009 }), undefined);
  strictEqual(inflation({ ...facts, level: "I" }), undefined);
  strictEqual(inflation({ ...facts, compression: [] }), undefined);
  strictEqual(inflation({ ...facts, readBytes: 0 }), undefined);
});
