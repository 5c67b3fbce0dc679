/**
 * The report at the end of a job (catalog-and-jobs.md 22).
 *
 * Every kind of report is a table of lines; a line whose value is `undefined` is left out. What is
 * reported comes in as {@linkcode ReportFacts}, so that a report can be written without a job.
 *
 * @module
 */
import { JOB_LEVELS, jobStatusText, jobTypeText } from "../../../protocol/mod.ts";
import { copyWords } from "../job_types/copy_words.ts";
import { bytesTwice, elapsedTime, reportTime, withCommas } from "./formats.ts";

/** A resource and where it was taken from: `"Main" (From Job resource)`. */
export interface Chosen {
  readonly name: string;
  readonly source: string;
}

/** What the report of a copy's or migration's worker tells besides. */
export interface CopyFacts {
  readonly previousJobId: number;
  readonly previousJob: string;
  /** 0 if there was nothing to copy. */
  readonly newJobId: number;
  /** Letter of the original's level. */
  readonly level: string;
  readonly readPool: Chosen | undefined;
  readonly readStorage: Chosen | undefined;
  readonly writePool: Chosen | undefined;
  readonly writeStorage: Chosen | undefined;
  /** Nothing was copied, and nothing went wrong. */
  readonly isEmpty: boolean;
}

/** What the report tells about quotas. Sizes are bytes, times UNIX seconds. */
export interface QuotaFacts {
  readonly used: number;
  readonly burst: number;
  readonly soft: number;
  readonly hard: number;
  /** When the grace period ends; 0 if the soft quota is not exceeded. */
  readonly graceEnd: number;
}

/** Files of base jobs. */
export interface BaseFacts {
  /** Files of the base jobs. */
  readonly total: number;
  /** Those of them that were as they were. */
  readonly used: number;
}

/** What a job report tells. Times are UNIX seconds, sizes bytes. */
export interface ReportFacts {
  readonly director: string;
  /** The complete version and its short date, `26.0.0 (05Aug26)`. */
  readonly version: string;
  readonly osInformation: string;
  readonly binaryInfo: string;
  readonly jobId: number;
  readonly uniqueName: string;
  /** Letters of type, level and final status. */
  readonly type: string;
  readonly level: string;
  readonly status: string;
  /** What follows the level: `, since=...`, ` (upgraded from ...)` or nothing. */
  readonly levelNote: string;
  readonly client: { readonly name: string; readonly uname: string } | undefined;
  readonly fileSet: { readonly name: string; readonly createTime: string } | undefined;
  readonly pool: Chosen | undefined;
  readonly catalog: Chosen | undefined;
  readonly storage: Chosen | undefined;
  readonly scheduledTime: number;
  readonly startTime: number;
  readonly endTime: number;
  readonly priority: number;
  readonly allowMixedPriority: boolean;
  /** What the file daemon counted; for a verify job the files examined. */
  readonly fdFiles: number;
  readonly readBytes: number;
  readonly fdBytes: number;
  /** What the storage daemon counted. */
  readonly sdFiles: number;
  readonly sdBytes: number;
  /** Only of clients that have quotas. */
  readonly quota: QuotaFacts | undefined;
  /** Of a Full with base jobs. */
  readonly baseFiles?: BaseFacts | undefined;
  /** Compression algorithms that the FileSet asks for. */
  readonly compression: readonly string[];
  readonly vss: boolean;
  readonly encryption: boolean;
  readonly accurate: boolean;
  readonly volumeNames: readonly string[];
  readonly volSessionId: number;
  readonly volSessionTime: number;
  readonly lastVolumeBytes: number;
  readonly jobErrors: number;
  readonly sdErrors: number;
  /** Letters of the daemons' final status; empty if they never said. */
  readonly fdStatus: string;
  readonly sdStatus: string;
  /** Commands of the daemons; lines only for those that have one. */
  readonly secureErase: {
    readonly director?: string | undefined;
    readonly file?: string | undefined;
    readonly storage?: string | undefined;
  };
  readonly triggeredBy: "Scheduler" | "Client" | "User" | "Unknown";
  readonly filesExpected: number;
  readonly verifyJob: string;
  /** Only for the worker of a copy or migration. */
  readonly copy?: CopyFacts | undefined;
}

type Line = readonly [label: string, value: (facts: ReportFacts) => string | undefined];

const yesNo = (value: boolean): string => value ? "yes" : "no";
const chosen = (value: Chosen | undefined): string =>
  value === undefined ? "*None*" : `"${value.name}" (From ${value.source})`;
const elapsed = (facts: ReportFacts): number => Math.max(0, facts.endTime - facts.startTime);

function rate(bytes: number, facts: ReportFacts): string {
  const seconds = elapsed(facts);
  return seconds === 0 ? "0.0 KB/s" : `${(bytes / (1000 * seconds)).toFixed(1)} KB/s`;
}

/** What `Software Compression` says (22.3). */
function softwareCompression(
  facts: Pick<ReportFacts, "compression" | "readBytes" | "fdBytes">,
): string {
  if (facts.compression.length === 0 || facts.readBytes === 0) return "None";
  const saved = 100 - 100 * facts.fdBytes / facts.readBytes;
  return `${saved.toFixed(1)} % (${facts.compression.join(",")})`;
}

/** What a Full is told whose data compression has made more than one percent larger (22.3). */
export function inflation(
  facts: Pick<ReportFacts, "level" | "compression" | "readBytes" | "fdBytes">,
): string | undefined {
  const { level, compression, readBytes, fdBytes } = facts;
  if (level !== "F" || compression.length === 0 || readBytes === 0) return undefined;
  return 100 - 100 * fdBytes / readBytes > -1
    ? undefined
    : "Compression inflated the full backup data by more than 1%. " +
      "We suggest to use a different algorithm or to disable compression.";
}

const OS: Line = ["OS Information", (f) => f.osInformation];
const JOB_ID: Line = ["JobId", (f) => String(f.jobId)];
const JOB: Line = ["Job", (f) => f.uniqueName];
const CURRENT_JOB_ID: Line = ["Current JobId", (f) => String(f.jobId)];
const CURRENT_JOB: Line = ["Current Job", (f) => f.uniqueName];
const CATALOG: Line = ["Catalog", (f) => chosen(f.catalog)];
const PRIORITY: Line = ["Priority", (f) => String(f.priority)];
const SCHEDULED: Line = ["Scheduled time", (f) => reportTime(f.scheduledTime)];
const START: Line = ["Start time", (f) => reportTime(f.startTime)];
const END: Line = ["End time", (f) => reportTime(f.endTime)];
const ELAPSED: Line = ["Elapsed time", (f) => elapsedTime(elapsed(f))];
const SD_ERRORS: Line = ["SD Errors", (f) => String(f.sdErrors)];
const FD_STATUS: Line = ["FD termination status", (f) => jobStatusText(f.fdStatus)];
const SD_STATUS: Line = ["SD termination status", (f) => jobStatusText(f.sdStatus)];
const ACCURATE: Line = ["Accurate", (f) => yesNo(f.accurate)];
const FD_ERRORS: Line = ["Non-fatal FD errors", (f) => String(f.jobErrors)];

const ENDING: readonly Line[] = [
  ["Dir Secure Erase Cmd", (f) => f.secureErase.director],
  ["FD  Secure Erase Cmd", (f) => f.secureErase.file],
  ["SD  Secure Erase Cmd", (f) => f.secureErase.storage],
  ["Bareos binary info", (f) => f.binaryInfo],
  ["Job triggered by", (f) => f.triggeredBy],
  ["Termination", terminationText],
];

const VOLUMES: readonly Line[] = [
  ["Volume name(s)", (f) => f.volumeNames.join("|")],
  ["Volume Session Id", (f) => String(f.volSessionId)],
  ["Volume Session Time", (f) => String(f.volSessionTime)],
  ["Last Volume Bytes", (f) => bytesTwice(f.lastVolumeBytes)],
];

function backupHead(): readonly Line[] {
  return [
    OS,
    JOB_ID,
    JOB,
    ["Backup Level", backupLevel],
    ["Client", (f) => f.client && `"${f.client.name}" ${f.client.uname}`],
    ["FileSet", (f) => f.fileSet && `"${f.fileSet.name}" ${f.fileSet.createTime}`],
    ["Pool", (f) => chosen(f.pool)],
    CATALOG,
    ["Storage", (f) => chosen(f.storage)],
    SCHEDULED,
    START,
    END,
    ELAPSED,
    PRIORITY,
    ["Allow Mixed Priority", (f) => yesNo(f.allowMixedPriority)],
  ];
}

function baseFiles({ baseFiles: base }: ReportFacts): string | undefined {
  if (base === undefined) return undefined;
  const share = base.total === 0 ? 0 : base.used * 100 / base.total;
  return `${withCommas(base.total)}/${withCommas(base.used)} (${share.toFixed(2)}%)`;
}

const BACKUP: readonly Line[] = [
  ...backupHead(),
  ["FD Files Written", (f) => withCommas(f.fdFiles)],
  ["SD Files Written", (f) => withCommas(f.sdFiles)],
  ["FD Bytes Read", (f) => bytesTwice(f.readBytes)],
  ["FD Bytes Written", (f) => bytesTwice(f.fdBytes)],
  ["SD Bytes Written", (f) => bytesTwice(f.sdBytes)],
  ["Quota Used", (f) => f.quota && bytesTwice(f.quota.used)],
  ["Burst Quota", (f) => f.quota && bytesTwice(f.quota.burst)],
  ["Soft Quota", (f) => f.quota && bytesTwice(f.quota.soft)],
  ["Hard Quota", (f) => f.quota && bytesTwice(f.quota.hard)],
  ["Grace Expiry Date", graceEnd],
  ["Rate", (f) => rate(f.fdBytes, f)],
  ["Software Compression", softwareCompression],
  ["Base files/Used files", baseFiles],
  ["VSS", (f) => yesNo(f.vss)],
  ["Encryption", (f) => yesNo(f.encryption)],
  ACCURATE,
  ...VOLUMES,
  FD_ERRORS,
  SD_ERRORS,
  FD_STATUS,
  SD_STATUS,
  ...ENDING,
];

const VIRTUAL_FULL: readonly Line[] = [
  ...backupHead(),
  ["SD Files Written", (f) => withCommas(f.sdFiles)],
  ["SD Bytes Written", (f) => bytesTwice(f.sdBytes)],
  ["Rate", (f) => rate(f.sdBytes, f)],
  ...VOLUMES,
  SD_ERRORS,
  SD_STATUS,
  ACCURATE,
  ...ENDING,
];

const RESTORE: readonly Line[] = [
  OS,
  JOB_ID,
  JOB,
  ["Restore Client", (f) => f.client && `"${f.client.name}" ${f.client.uname}`],
  START,
  END,
  ELAPSED,
  ["Files Expected", (f) => withCommas(f.filesExpected)],
  ["Files Restored", (f) => withCommas(f.fdFiles)],
  ["Bytes Restored", (f) => withCommas(f.fdBytes)],
  ["Rate", (f) => rate(f.fdBytes, f)],
  ["FD Errors", (f) => String(f.jobErrors)],
  FD_STATUS,
  SD_STATUS,
  ...ENDING,
];

function verify(isVolume: boolean): readonly Line[] {
  const onlyVolume = (line: Line): readonly Line[] => isVolume ? [line] : [];
  return [
    isVolume ? OS : ["Build", (f) => f.osInformation],
    JOB_ID,
    JOB,
    ["FileSet", (f) => f.fileSet?.name ?? ""],
    ["Verify Level", (f) => JOB_LEVELS[f.level]?.keyword ?? ""],
    ["Client", (f) => f.client?.name ?? ""],
    ["Verify JobId", () => "0"],
    ["Verify Job", (f) => f.verifyJob],
    START,
    END,
    ...onlyVolume(["Files Expected", (f) => withCommas(f.filesExpected)]),
    ["Files Examined", (f) => withCommas(f.fdFiles)],
    FD_ERRORS,
    FD_STATUS,
    ...onlyVolume(SD_STATUS),
    ...ENDING,
  ];
}

const VERIFY_VOLUME = verify(true);
const VERIFY = verify(false);

const COPY: readonly Line[] = [
  OS,
  ["Prev Backup JobId", (f) => f.copy && String(f.copy.previousJobId)],
  ["Prev Backup Job", (f) => f.copy?.previousJob],
  ["New Backup JobId", (f) => f.copy && String(f.copy.newJobId)],
  CURRENT_JOB_ID,
  CURRENT_JOB,
  ["Backup Level", (f) => f.copy && (JOB_LEVELS[f.copy.level]?.keyword ?? "")],
  ["Client", (f) => f.client?.name ?? ""],
  ["FileSet", (f) => `"${f.fileSet?.name ?? ""}"`],
  ["Read Pool", (f) => chosen(f.copy?.readPool)],
  ["Read Storage", (f) => chosen(f.copy?.readStorage)],
  ["Write Pool", (f) => chosen(f.copy?.writePool)],
  ["Write Storage", (f) => chosen(f.copy?.writeStorage)],
  ["Next Pool", (f) => chosen(f.copy?.writePool)],
  CATALOG,
  START,
  END,
  ELAPSED,
  PRIORITY,
  ["SD Files Written", (f) => withCommas(f.sdFiles)],
  ["SD Bytes Written", (f) => bytesTwice(f.sdBytes)],
  ["Rate", (f) => rate(f.sdBytes, f)],
  ...VOLUMES,
  SD_ERRORS,
  SD_STATUS,
  ...ENDING,
];

const COPY_CONTROL: readonly Line[] = [
  OS,
  CURRENT_JOB_ID,
  CURRENT_JOB,
  CATALOG,
  START,
  END,
  ELAPSED,
  PRIORITY,
  ...ENDING,
];

const ADMINISTRATIVE: readonly Line[] = [JOB_ID, JOB, SCHEDULED, START, END, ...ENDING];

function linesOf(facts: ReportFacts): readonly Line[] {
  switch (facts.type) {
    case "R":
      return RESTORE;
    case "V":
      return facts.level === "O" ? VERIFY_VOLUME : VERIFY;
    case "c":
    case "g":
      return facts.copy === undefined ? COPY_CONTROL : COPY;
    case "D":
    case "A":
    case "O":
      return ADMINISTRATIVE;
    default:
      return facts.level === "f" ? VIRTUAL_FULL : BACKUP;
  }
}

/** The width of two spaces, label and colon: values begin in the column behind it. */
const LABEL_WIDTH = 24;

/** The report as one message, with the empty line at its end. */
export function jobReport(facts: ReportFacts): string {
  const lines = linesOf(facts);
  const head = lines === ADMINISTRATIVE
    ? `BAREOS ${facts.version}: ${reportTime(facts.endTime)}\n`
    : `Bareos ${facts.director} ${facts.version}:\n`;
  let text = head;
  for (const [label, value] of lines) {
    const shown = value(facts);
    if (shown !== undefined) text += `  ${`${label}:`.padEnd(LABEL_WIDTH)}${shown}\n`;
  }
  return `${text}\n`;
}

function graceEnd({ quota }: ReportFacts): string | undefined {
  if (quota === undefined) return undefined;
  return quota.graceEnd === 0 ? "Soft Quota not exceeded" : reportTime(quota.graceEnd);
}

function backupLevel(facts: ReportFacts): string {
  if (facts.level === "f") return "Virtual Full";
  return `${JOB_LEVELS[facts.level]?.keyword ?? ""}${facts.levelNote}`;
}

const TERMINATIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  B: { T: "Backup OK", W: "Backup OK -- with warnings", I: "Backup failed -- incomplete" },
  R: { T: "Restore OK", W: "Restore OK -- with warnings" },
  V: { T: "Verify OK", W: "Verify warnings", D: "Verify Differences" },
};

/** The value of the line `Termination` (22.4). */
export function terminationText(facts: Pick<ReportFacts, "type" | "status" | "copy">): string {
  const { type, status, copy } = facts;
  const known = TERMINATIONS[type]?.[status];
  if (known !== undefined) return known;
  const isCopy = type === "c" || type === "g";
  const { operation, action } = copyWords(type);
  const what = isCopy ? operation : jobTypeText(type);
  if (isCopy && status === "T" && copy?.isEmpty) return `${what} -- no files to ${action}`;
  if (isCopy && status === "W") return `${what} OK -- with warnings`;
  switch (status) {
    case "T":
      return `${what} OK`;
    case "E":
    case "e":
    case "f":
      return `*** ${what} Error ***`;
    case "A":
      return `${what} Canceled`;
    default:
      return isCopy ? `Inappropriate ${what} term code` : `Inappropriate term code: ${status}`;
  }
}
