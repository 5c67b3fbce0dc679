/**
 * The status output, section by section (storage-daemon.md 13).
 *
 * Each section is a function that gives its lines; {@linkcode STATUS_SECTIONS} says in which order
 * they stand, what is around them and by which word `.status` asks for one alone.
 *
 * @module
 */
import { JOB_LEVELS, jobStatusText, jobTypeText } from "../../protocol/mod.ts";
import { shortDate, withCommas, withSuffix } from "./numbers.ts";
import type { StorageContext } from "./storage_context.ts";
import type { SpoolTotals } from "./spool_totals.ts";
import type { StorageDevice } from "./storage_device.ts";
import type { StorageJob } from "./storage_job.ts";

/** What the report is about. */
export interface StatusScope {
  readonly context: StorageContext;
  /** Devices asked for. */
  readonly devices: readonly StorageDevice[];
  /** Lines without decoration, for programs. */
  readonly isForProgram: boolean;
}

/** One section of the report. */
export interface StatusSection {
  /** The word of `.status` that asks for this section. */
  readonly word: string;
  readonly title: string;
  readonly lines: (scope: StatusScope) => string[];
  readonly end: string;
}

/** The report from top to bottom. */
export const STATUS_SECTIONS: readonly StatusSection[] = [
  { word: "header", title: "", lines: header, end: "" },
  { word: "running", title: "\nJob inventory:\n\n", lines: running, end: "====\n" },
  {
    word: "waitreservation",
    title: "\nJobs waiting to reserve a drive:\n",
    lines: waiting,
    end: "====\n",
  },
  { word: "terminated", title: "\nTerminated Jobs:\n", lines: terminated, end: "====\n" },
  { word: "devices", title: "\nDevice status:\n", lines: devices, end: "====\n\n" },
  { word: "volumes", title: "Used Volume status:\n", lines: volumes, end: "====\n\n" },
  { word: "spooling", title: "", lines: spooling, end: "====\n\n" },
];

/** All lines of the report for people. */
export function* statusReport(scope: StatusScope): Generator<string> {
  for (const section of STATUS_SECTIONS) {
    if (section.title !== "") yield section.title;
    yield* section.lines(scope);
    if (section.end !== "") yield section.end;
  }
}

function header({ context }: StatusScope): string[] {
  const { settings, identity, jobs, bandwidth } = context;
  const lines = [
    `${settings.name} Version: ${identity.versionText} \n`,
    `Daemon started ${shortDate(jobs.sessionTime)}. Jobs: run=${jobs.started}, ` +
    `running=${jobs.size}, ${identity.binaryInfo} binary\n`,
    ` Sizes: boffset_t=8 size_t=8 int32_t=4 int64_t=8 bwlimit=${
      Math.trunc(bandwidth / 1024)
    }kB/s\n`,
  ];
  if (settings.secureEraseCommand) {
    lines.push(` secure erase command='${settings.secureEraseCommand}'\n`);
  }
  return lines;
}

function running({ context }: StatusScope): string[] {
  const lines: string[] = [];
  for (const job of context.jobs.running) {
    if (!job.isRunning) continue;
    if (!job.hadClient) {
      lines.push(`${jobTypeText(job.type)} Job ${job.name} waiting for Client connection.\n`);
    }
    if (job.writer !== undefined || job.reader !== undefined) lines.push(...runningJob(job));
  }
  return lines.length === 0 ? ["No Jobs running.\n"] : lines;
}

function runningJob(job: StorageJob): string[] {
  const { writer, reader } = job;
  const level = JOB_LEVELS[job.level]?.keyword ?? " ";
  const seconds = job.startedAt === undefined ? 0 : (Date.now() - job.startedAt) / 1000;
  const average = Math.trunc(job.bytes / Math.max(1, seconds));
  const last = lastRate(job);
  const lines = [
    `JobId=${job.jobId} Level=${level} Type=${jobTypeText(job.type)} ` +
    `Name=${withoutDate(job.name)} Status=${jobStatusText(job.status)}\n`,
  ];
  if (reader !== undefined) {
    lines.push(
      `Reading: Volume="${reader.volumeName ?? ""}"\n` +
        `    pool="${reader.poolName}" device=${reader.device.printName}\n`,
    );
  }
  if (writer !== undefined) {
    lines.push(
      `Writing: Volume="${writer.volumeName ?? ""}"\n` +
        `    pool="${writer.poolName}" device=${writer.device.printName}\n`,
      `    spooling=${flag(job, "spooling")} despooling=${flag(job, "despooling")} ` +
        `despool_wait=${flag(job, "waiting to despool")}\n`,
    );
  }
  lines.push(
    `    Files=${withCommas(job.files)} Bytes=${withCommas(job.bytes)} ` +
      `AveBytes/sec=${withCommas(average)} LastBytes/sec=${withCommas(last)}\n`,
    job.client === undefined || job.client.isTerminated
      ? "    FDSocket closed\n"
      : "    FDReadSeqNo=0 in_msg=0 out_msg=0 fd=0\n",
    "\n",
  );
  return lines;
}

/** Bytes per second since the last look, or since the job began. */
function lastRate(job: StorageJob): number {
  const now = Date.now();
  const { bytes, at } = job.lastLook ?? { bytes: 0, at: job.startedAt ?? now };
  job.lastLook = { bytes: job.bytes, at: now };
  return Math.trunc((job.bytes - bytes) / Math.max(1, (now - at) / 1000));
}

function waiting({ context }: StatusScope): string[] {
  const lines: string[] = [];
  for (const job of context.jobs.running) {
    for (const reason of job.waitReasons) lines.push(`   ${reason}\n`);
  }
  return lines;
}

/** How a job ended, in the table of terminated jobs. */
const END_TEXT: Readonly<Record<string, string>> = {
  T: "OK",
  W: "OK -- with warnings",
  A: "Cancel",
  D: "Diffs",
  C: "Created",
  E: "Error",
  f: "Error",
  e: "Error",
  I: "Incomplete",
};

function terminated({ context, isForProgram }: StatusScope): string[] {
  const rows = context.jobs.finished.all.map((job) => {
    const level = job.type === "D" || job.type === "R"
      ? "    "
      : (JOB_LEVELS[job.level]?.keyword ?? " ").slice(0, 4);
    const cells = [
      [String(job.jobId), 6],
      [level, -6],
      [withCommas(job.files), 8],
      [withSuffix(job.bytes), 10],
      [END_TEXT[job.status] ?? "Other", -7],
      [shortDate(job.endTime), -8],
      [withoutDate(job.job), 0],
    ] as const;
    if (isForProgram) return `${cells.map(([text]) => text.trim()).join("\t")}\n`;
    const [id, lev, files, bytes, status, when, name] = cells.map(([text, width]) =>
      width < 0 ? text.padEnd(-width) : text.padStart(width)
    );
    return `${id}  ${lev} ${files} ${bytes}  ${status}  ${when} ${name}\n`;
  });
  if (isForProgram || rows.length === 0) return rows;
  return [
    " JobId  Level    Files      Bytes   Status   Finished        Name \n",
    `${"=".repeat(67)}\n`,
    ...rows,
  ];
}

function devices({ context, devices, isForProgram }: StatusScope): string[] {
  const lines: string[] = [];
  for (const changer of context.devices.changers) {
    const members = context.devices.changer(changer.name) ?? [];
    if (!members.some((member) => devices.includes(member))) continue;
    lines.push(`Autochanger "${changer.name}" with devices:\n`);
    for (const member of members) lines.push(`   ${member.printName}\n`);
  }
  for (const device of devices) {
    lines.push(...deviceLines(device));
    if (context.debug.settings.level >= 2) lines.push(`    ${stateBits(device)}\n`);
    if (!isForProgram) lines.push("==\n");
  }
  return lines;
}

/** The words for a device's state beside its volume. */
const STATE_TEXT: Readonly<Record<StorageDevice["blocked"], string>> = {
  "none": "mounted with",
  "unmounted": "waiting for sysop intervention",
  "waiting for sysop": "waiting for sysop intervention",
  "unmounted while waiting for sysop": "waiting for sysop intervention",
  "acquiring": "being acquired with",
  "labelling": "being labeled with",
};

function deviceLines(device: StorageDevice): string[] {
  const { appending, reading, loaded, settings, printName } = device;
  const volume = appending?.name ?? reading?.name ?? loaded?.name;
  const lines: string[] = [];
  if (volume === undefined && !isThere(device)) {
    lines.push(`\nDevice "${device.name}" is not open or does not exist.\n`);
  } else if (volume === undefined) lines.push(`\nDevice ${printName} is not open.\n`);
  else {
    const pool = (appending !== undefined ? device.poolName : "") || reading?.poolName ||
      loaded?.poolName || "*unknown*";
    lines.push(
      `\nDevice ${printName} is ${STATE_TEXT[device.blocked]}:\n` +
        `    Volume:      ${volume}\n    Pool:        ${pool}\n` +
        `    Media type:  ${settings.mediaType}\n`,
    );
  }
  if (!device.isEnabled) lines.push("   Device is disabled. User command.\n");
  lines.push(...blockedLines(device), ...driveLines(device, volume !== undefined));
  if (appending !== undefined) {
    const { bytes, blocks } = appending.record;
    lines.push(...throughput("Total Bytes", "Blocks", bytes, blocks, appending.position));
  } else if (reading !== undefined) {
    const { bytes, blocks, position } = reading;
    lines.push(...throughput("Total Bytes Read", "Blocks Read", bytes, blocks, position));
  }
  return lines;
}

/** The drive of a changer comes and goes with its volume. */
function isThere(device: StorageDevice): boolean {
  return device.drive?.changer.isReal === true || device.exists();
}

/** What is true of a device, and with `!` what is not (14.4). */
function stateBits({ appending, reading, loaded }: StorageDevice): string {
  const isOpen = appending !== undefined || reading !== undefined;
  const bits: readonly (readonly [string, boolean])[] = [
    ["OPENED", isOpen],
    ["LABEL", isOpen || loaded !== undefined],
    ["MALLOC", true],
    ["APPEND", appending !== undefined],
    ["READ", appending === undefined && reading !== undefined],
    ["EOT", false],
    ["WEOT", false],
    ["EOF", false],
    ["NEXTVOL", false],
    ["SHORT", false],
    ["MOUNTED", isOpen || loaded !== undefined],
  ];
  return bits.map(([name, isSet]) => `${isSet ? "" : "!"}${name}`).join(" ");
}

/** What a changer that moves volumes has put into the drive. */
function driveLines({ drive }: StorageDevice, isOpen: boolean): string[] {
  if (!drive?.changer.isReal) return [];
  const { slot = 0, place: { index } } = drive;
  if (slot === 0) return [`    Drive ${index} is not loaded.\n`];
  return [`    Slot ${slot} ${isOpen ? "is" : "was last"} loaded in drive ${index}.\n`];
}

function throughput(
  bytesName: string,
  blocksName: string,
  bytes: number,
  blocks: number,
  position: number,
): string[] {
  const perBlock = withCommas(blocks > 0 ? bytes / blocks : 0);
  return [
    `    ${bytesName}=${withCommas(bytes)} ${blocksName}=${withCommas(blocks)} ` +
    `Bytes/block=${perBlock}\n`,
    `    Positioned at File=${Math.floor(position / 2 ** 32)} ` +
    `Block=${withCommas(position % 2 ** 32)}\n`,
  ];
}

function blockedLines({ blocked, wanted }: StorageDevice): string[] {
  switch (blocked) {
    case "unmounted":
      return ["    Device is BLOCKED. User unmounted.\n"];
    case "unmounted while waiting for sysop":
      return ["    Device is BLOCKED. User unmounted during wait for media/mount.\n"];
    case "waiting for sysop": {
      if (wanted === undefined) return ["    Device is BLOCKED waiting for media.\n"];
      const what = wanted.kind === "create"
        ? "    Device is BLOCKED waiting to create a volume for:\n"
        : `    Device is BLOCKED waiting for mount of volume "${wanted.volumeName}",\n`;
      return [
        `${what}       Pool:        ${wanted.poolName}\n       Media type:  ${wanted.mediaType}\n`,
      ];
    }
    case "acquiring":
      return ["    Device is being initialized.\n"];
    case "labelling":
      return ["    Device is blocked labeling a Volume.\n"];
    case "none":
      return [];
  }
}

function flag({ spooling }: StorageJob, state: StorageJob["spooling"]): number {
  return spooling === state ? 1 : 0;
}

function spooling({ context }: StatusScope): string[] {
  const { dataSpooling: data, attributeSpooling: attributes } = context;
  const lines: string[] = [];
  const counts = ({ active, bytes, total, most }: SpoolTotals) =>
    `${active} active jobs, ${withCommas(bytes)} bytes; ${total} total jobs, ${
      withCommas(most)
    } max`;
  if (data.total > 0) lines.push(`Data spooling: ${counts(data)} bytes/job.\n`);
  if (attributes.total > 0) lines.push(`Attr spooling: ${counts(attributes)} bytes.\n`);
  return lines;
}

function volumes({ context, devices }: StatusScope): string[] {
  const lines: string[] = [];
  for (const { name, device } of context.devices.volumes.reserved) {
    if (!devices.includes(device)) continue;
    lines.push(
      `${name} on device ${device.printName}\n`,
      `    Reader=0 writers=${device.writers.size} reserves=${device.reservations.size} ` +
        `volinuse=${device.isWriting ? 1 : 0}\n`,
    );
  }
  for (const { name, device, job } of context.devices.volumes.read) {
    if (!devices.includes(device)) continue;
    lines.push(
      `Read volume: ${name} on device ${device.printName}\n`,
      `    Reader=1 writers=0 reserves=0 volinuse=1 JobId=${job.jobId}\n`,
    );
  }
  return lines;
}

/** The job's name without the date and number at its end. */
function withoutDate(job: string): string {
  return job.replace(/\.\d{4}-\d\d-\d\d_\d\d\.\d\d\.\d\d_\d+(_r\d+)?$/, "");
}
