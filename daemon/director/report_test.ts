import { strictEqual } from "node:assert";
import { fixture, hasFixtures } from "../../tests/support/paths.ts";
import { catalogSeconds } from "./formats.ts";
import { jobReport, type ReportFacts } from "./report.ts";

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
        const id = `\n  JobId:                  ${facts.jobId}\n`;
        const from = recording.lastIndexOf(head, recording.indexOf(id));
        strictEqual(recording.slice(from, from + report.length), report);
      });
    }
  },
});
