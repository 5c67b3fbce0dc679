/**
 * `roost quickstart [FOLDER]`: a whole installation from nothing, one backup, one
 * restore, one comparison.
 *
 * @module
 */
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { createHash } from "node:crypto";
import { messageOf } from "../bytes/mod.ts";
import { loadConfiguration } from "../daemon/config/mod.ts";
import { PROTOCOL_VERSION, VERSION } from "../daemon/version.ts";
import { ConsoleSession, dial, tlsPolicyOf } from "../protocol/mod.ts";
import { startAll } from "./all.ts";
import { createInstallation } from "./init.ts";
import { describeStatuses, ownStatuses } from "./exit_statuses.ts";
import {
  commonOptions,
  describeOptions,
  type Manual,
  type OptionTable,
  usageText,
} from "./manual.ts";

const options = {
  keep: {
    ...{ type: "string", value: "FOLDER" },
    text: "where the installation is made (default: .roost below the current folder)",
  },
  help: commonOptions.help,
} as const satisfies OptionTable;

/** What there is to say of it. */
export const manual: Manual = {
  synopsis: ["[--keep FOLDER] [FOLDER]"],
  about:
    "Makes an installation, backs FOLDER up (the current one if none is named), restores it to " +
    "another place, and compares the two.",
  options: describeOptions(options),
  statuses: describeStatuses(ownStatuses),
};
const usage = usageText("roost quickstart", manual);

/** A file that a quickstart marks its installations with, so that it may remove them. */
const marker = "made-by-quickstart";

/** Runs the subcommand. */
export async function main(args: readonly string[]): Promise<number> {
  let values: { keep?: string; help?: boolean };
  let positionals: string[];
  try {
    ({ values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options,
    }));
  } catch (error) {
    console.error(`roost quickstart: ${messageOf(error)}\n${usage}`);
    return ownStatuses.badCommandLine;
  }
  if (values.help || positionals.length > 1) {
    console.log(usage);
    return values.help ? 0 : ownStatuses.badCommandLine;
  }
  const source = resolve(positionals[0] ?? ".");
  const installation = resolve(values.keep ?? ".roost");
  try {
    await clear(installation);
    return await demonstrate(source, installation);
  } catch (error) {
    console.error(`roost quickstart: ${messageOf(error)}`);
    return 1;
  }
}

/** Removes what an earlier quickstart left, and nothing else. */
async function clear(installation: string): Promise<void> {
  try {
    await Deno.stat(join(installation, marker));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return;
  }
  await Deno.remove(installation, { recursive: true });
}

async function demonstrate(source: string, installation: string): Promise<number> {
  await createInstallation({ folder: installation, backup: source, ports: "auto" });
  await Deno.writeTextFile(join(installation, marker), "");
  console.log(`Installed in ${installation}, passwords made up.`);
  const daemons = await startAll(installation, (text) => console.error(text));
  try {
    const session = await login(installation);
    console.log(`Director, storage daemon and file daemon are running. Backing up ${source}\n`);
    await runJob(session, installation, "run job=Backup level=Full yes");
    console.log("Restoring into another place\n");
    await runJob(
      session,
      installation,
      "restore client=roost-fd fileset=SelfTest restorejob=RestoreFiles select current all done yes",
    );
    await session.close();
  } finally {
    await daemons.stop();
  }
  const restored = join(installation, "restore", source);
  const { files, strange, differences } = await compare(source, restored, installation);
  for (const line of differences.slice(0, 20)) console.log(line);
  if (differences.length > 0) {
    console.log(`${differences.length} of ${files} files differ.`);
    return 1;
  }
  console.log(`Compared ${files.toLocaleString("en")} files with the originals: all the same.`);
  if (strange > 0) {
    console.log(`Restored without comparing ${strange} whose names are not UTF-8 text.`);
  }
  console.log();
  const keep = relative(Deno.cwd(), installation);
  console.log(`Nothing is left running. To go on with this installation:\n
  roost all -c ${keep}        starts its daemons
  roost console -c ${keep}    opens the console: try "status dir", "list jobs", "help"

From the sources, write "deno run -A cli/main.ts" in place of "roost".`);
  return 0;
}

async function login(installation: string): Promise<ConsoleSession> {
  const director = loadConfiguration("console", installation).first("Director");
  const connection = await dial({
    address: director.address,
    port: director.port,
    who: "Director",
    retryMs: 100,
    giveUpMs: 5_000,
  });
  return await ConsoleSession.login(connection, {
    key: director.password.key,
    isTls: director.tlsEnable,
    tlsPolicy: tlsPolicyOf(director.tlsEnable, director.tlsRequire),
    version: VERSION,
    protocolVersion: PROTOCOL_VERSION,
  });
}

/** Starts a job, shows how far it is, and prints its report. @throws Error if it does not end well */
async function runJob(
  session: ConsoleSession,
  installation: string,
  command: string,
): Promise<void> {
  const answer = await session.call(command);
  const jobId = /JobId=(\d+)/.exec(answer)?.[1];
  if (jobId === undefined) throw new Error(`Cannot start the job: ${answer}`);
  const watcher = await login(installation);
  let isOver = false;
  const progress = showProgress(watcher, () => isOver);
  try {
    await session.call(`wait jobid=${jobId}`);
  } finally {
    isOver = true;
    await progress;
    await watcher.close();
  }
  const log = await session.call("messages");
  const report = log.slice(Math.max(0, log.lastIndexOf(": Bareos ")));
  console.log(report.replace(/^: /, "").trimEnd());
  console.log();
  if (!/Termination: +(Backup|Restore) OK\n/.test(`${report}\n`)) {
    throw new Error(`The job did not end well:\n${log}`);
  }
}

/** Shows files, bytes and rate of the running job on one line, until `isOver`. */
async function showProgress(session: ConsoleSession, isOver: () => boolean): Promise<void> {
  const isTerminal = Deno.stdout.isTerminal();
  const write = (text: string): void => {
    Deno.stdout.writeSync(new TextEncoder().encode(text));
  };
  let shown = "";
  while (!isOver()) {
    const status = await session.call("status client=roost-fd");
    const counts = /Files=([\d,]+) Bytes=([\d,]+) Bytes\/sec=([\d,]+)/.exec(status);
    const path = /Processing file: (.*)/.exec(status)?.[1] ?? "";
    if (counts !== null && isTerminal) {
      const [, files, bytes, rate] = counts;
      const line = `  ${files} files, ${bytes} bytes, ${rate} bytes/s  ${path.slice(-50)}`;
      write(`\r${line.padEnd(shown.length)}`);
      shown = line;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  if (shown !== "") write(`\r${" ".repeat(shown.length)}\r`);
}

/** Compares every file of two folders: type, mode, time, content, target. */
async function compare(
  source: string,
  restored: string,
  installation: string,
): Promise<{ files: number; strange: number; differences: string[] }> {
  const differences: string[] = [];
  let files = 0;
  let strange = 0;
  const walk = async (folder: string): Promise<void> => {
    for await (const { name } of Deno.readDir(folder)) {
      const path = join(folder, name);
      if (path === installation) continue;
      // The runtime cannot open what it can only name with replacement characters.
      if (name.includes("\ufffd")) {
        strange++;
        continue;
      }
      files++;
      const other = join(restored, relative(source, path));
      const difference = await compareEntry(path, other);
      if (difference !== undefined) differences.push(`${path}: ${difference}`);
      else if ((await Deno.lstat(path)).isDirectory) await walk(path);
    }
  };
  await walk(source);
  return { files, strange, differences };
}

async function compareEntry(path: string, other: string): Promise<string | undefined> {
  const before = await Deno.lstat(path);
  let after: Deno.FileInfo;
  try {
    after = await Deno.lstat(other);
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? "was not restored" : String(error);
  }
  if (before.isDirectory !== after.isDirectory || before.isSymlink !== after.isSymlink) {
    return "is of another type";
  }
  if (before.isSymlink) {
    return await Deno.readLink(path) === await Deno.readLink(other)
      ? undefined
      : "points elsewhere";
  }
  if (before.mode !== after.mode) return "has another mode";
  if (before.isDirectory || !before.isFile) return undefined;
  if (before.size !== after.size) return "has another size";
  const seconds = (time: Date | null): number => Math.floor((time?.getTime() ?? 0) / 1000);
  if (seconds(before.mtime) !== seconds(after.mtime)) return "has another time";
  return await digestOf(path) === await digestOf(other) ? undefined : "has another content";
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  const buffer = new Uint8Array(1 << 20);
  for (;;) {
    const count = file.readSync(buffer);
    if (count === null) return hash.digest("hex");
    hash.update(buffer.subarray(0, count));
  }
}
