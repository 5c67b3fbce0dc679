/** What a letter of job status stands for. */
export interface JobStatusInfo {
  /** The text in reports and status output; empty where there is none. */
  readonly text: string;
  /** A status replaces another only if its priority is higher, or both are 0. */
  readonly priority: number;
}

/** All job statuses (director-client.md 21.1, catalog-and-jobs.md 5.4). */
const JOB_STATUSES: Readonly<Record<string, JobStatusInfo>> = {
  A: { text: "Canceled", priority: 9 },
  B: { text: "Blocked", priority: 0 },
  C: { text: "Created", priority: 0 },
  D: { text: "Verify differences", priority: 7 },
  E: { text: "Error", priority: 9 },
  F: { text: "Waiting on FD", priority: 0 },
  I: { text: "Error: incomplete job", priority: 10 },
  L: { text: "SD committing Data", priority: 0 },
  M: { text: "Waiting for mount", priority: 0 },
  R: { text: "Running", priority: 0 },
  S: { text: "Wait on SD", priority: 0 },
  T: { text: "OK", priority: 0 },
  W: { text: "OK -- with warnings", priority: 0 },
  a: { text: "SD despooling Attributes", priority: 0 },
  c: { text: "Waiting for Client resource", priority: 0 },
  d: { text: "Waiting on Max Jobs", priority: 0 },
  e: { text: "Non-fatal error", priority: 8 },
  f: { text: "Fatal Error", priority: 9 },
  i: { text: "Dir inserting Attributes", priority: 0 },
  j: { text: "Waiting for Job resource", priority: 0 },
  l: { text: "SD despooling Data", priority: 0 },
  m: { text: "Wait for new Volume", priority: 0 },
  p: { text: "Waiting on Priority", priority: 0 },
  q: { text: "", priority: 0 },
  s: { text: "Waiting for Storage resource", priority: 0 },
  t: { text: "Waiting for Start Time", priority: 0 },
};

/** The letters of job status by name. */
export const JobStatus = {
  Canceled: "A",
  Blocked: "B",
  Created: "C",
  Differences: "D",
  ErrorTerminated: "E",
  WaitingForClient: "F",
  Incomplete: "I",
  Committing: "L",
  WaitingForMount: "M",
  Running: "R",
  WaitingForStorageDaemon: "S",
  Terminated: "T",
  Warnings: "W",
  AttributeDespooling: "a",
  WaitingForClientResource: "c",
  WaitingForMaximumJobs: "d",
  Error: "e",
  FatalError: "f",
  AttributeInserting: "i",
  WaitingForJobResource: "j",
  DataDespooling: "l",
  WaitingForMedia: "m",
  WaitingForPriority: "p",
  WaitingForDevice: "q",
  WaitingForStorageResource: "s",
  WaitingForStartTime: "t",
} as const;

/** A letter of job status; unknown letters of newer peers pass through. */
export type JobStatus = string;

/** The text of a status in reports. */
export function jobStatusText(status: JobStatus): string {
  const known = JOB_STATUSES[status];
  if (known !== undefined) return known.text;
  return status === "" || status === "\0"
    ? ""
    : `Unknown Job termination status=${status.charCodeAt(0)}`;
}

/** The status that holds after `next` was announced while `current` held. */
export function mergeJobStatus(current: JobStatus, next: JobStatus): JobStatus {
  const before = JOB_STATUSES[current]?.priority ?? 0;
  const after = JOB_STATUSES[next]?.priority ?? 0;
  return after > before || (after === 0 && before === 0) ? next : current;
}

/** What "the job is canceled" means everywhere: A, E or f. */
export function isJobCanceled(status: JobStatus): boolean {
  return status === "A" || status === "E" || status === "f";
}

/** What "terminated OK" means everywhere: T or W. */
export function isJobOk(status: JobStatus): boolean {
  return status === "T" || status === "W";
}

/** Job types by letter and their texts (director-client.md 21.2, catalog-and-jobs.md 5.2). */
export const JOB_TYPE_TEXT: Readonly<Record<string, string>> = {
  B: "Backup",
  M: "Migrated Job",
  V: "Verify",
  R: "Restore",
  U: "Console",
  I: "System or Console",
  D: "Admin",
  A: "Archive",
  C: "Job Copy",
  c: "Copy",
  g: "Migrate",
  S: "Scan",
  O: "Consolidate",
};

/** The text of a job type. */
export function jobTypeText(type: string): string {
  return JOB_TYPE_TEXT[type] ?? "Unknown Type";
}

/** The three texts of a job level. */
export interface JobLevelInfo {
  /** Directive value and text in the job report. */
  readonly keyword: string;
  /** `%l` of run scripts and the director's status. */
  readonly longText: string;
  /** Status output of the file daemon. */
  readonly fileText: string;
}

/** Job levels by letter (catalog-and-jobs.md 5.3, director-client.md 21.3). */
export const JOB_LEVELS: Readonly<Record<string, JobLevelInfo>> = {
  F: { keyword: "Full", longText: "Full", fileText: "Full" },
  I: { keyword: "Incremental", longText: "Incremental", fileText: "Incremental" },
  D: { keyword: "Differential", longText: "Differential", fileText: "Differential" },
  f: { keyword: "VirtualFull", longText: "Virtual Full", fileText: "VirtualFull" },
  B: { keyword: "Base", longText: "Base", fileText: "Base" },
  S: { keyword: "Since", longText: "Since", fileText: "Since" },
  C: { keyword: "Catalog", longText: "Verify Catalog", fileText: "Verify Catalog" },
  V: { keyword: "InitCatalog", longText: "Verify Init Catalog", fileText: "Init Catalog" },
  O: {
    keyword: "VolumeToCatalog",
    longText: "Verify Volume to Catalog",
    fileText: "Volume to Catalog",
  },
  d: { keyword: "DiskToCatalog", longText: "Verify Disk to Catalog", fileText: "Disk to Catalog" },
  A: { keyword: "Data", longText: "Verify Data", fileText: "Data" },
  " ": { keyword: " ", longText: " ", fileText: " " },
};
