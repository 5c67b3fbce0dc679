/**
 * Many restores, or verifies, at once: what the daemons need for them. Jobs are held back by a limit of
 * bandwidth until all of them run, so that they do run at once, whatever the machine.
 *
 * @module
 */
import { join } from "../support/paths.ts";
import { Installation } from "../support/roost.ts";
import { waitFor } from "../support/wait_for.ts";
import { processorTime, seconds } from "./contenders.ts";

/** What the daemons needed. */
export interface ManyFigure {
  /** Peak of resident memory of each daemon, in bytes. */
  readonly memory: Readonly<Record<"fd" | "sd" | "dir", number>>;
  /** The same before the jobs. */
  readonly before: Readonly<Record<"fd" | "sd" | "dir", number>>;
  /** Threads of the file daemon while all run. */
  readonly threads: number;
  /** Seconds from when all of them ran. */
  readonly seconds: number;
  /** Processor seconds of all daemons for all of it. */
  readonly processor: number;
}

/** What is done many times. */
export type ManyKind = "restore" | "verify";

/** Saves `source` once and restores or verifies it so many times at once. */
export async function measureMany(
  kind: ManyKind,
  count: number,
  { source, parent, options, fileDaemon = "" }: {
    readonly source: string;
    readonly parent: string;
    readonly options: string;
    readonly fileDaemon?: string;
  },
): Promise<ManyFigure> {
  await using installation = await Installation.create({
    ...{ backup: source, parent },
    env: { DENO_V8_FLAGS: "--max-semi-space-size=2" },
  });
  await configure(installation, count, { source, options, fileDaemon });
  await installation.start();
  const first = await installation.console("run job=Backup level=Full yes", "wait", "messages");
  if (!/Backup OK/.test(first)) throw new Error(`The backup failed:\n${first}`);
  const before = await memoryOf(installation);
  const used = processorTime(installation);
  await installation.console("setbandwidth client=roost-fd limit=100");
  const commands = Array.from(
    { length: count },
    (_, number) =>
      kind === "verify"
        ? "run job=Disk yes"
        : `restore client=roost-fd jobid=1 where=${
          join(parent, `restored-${number}`)
        } all done yes`,
  );
  await installation.console(...commands);
  // A verify reads without a limit: how many run at once is left to chance.
  if (kind === "restore") {
    await waitFor(`${count} jobs to run`, async () => {
      const text = await installation.console("status client=roost-fd");
      return (text.match(/ Job started/g)?.length ?? 0) >= count;
    }, 600_000);
  }
  const threads = [...Deno.readDirSync(`/proc/${installation.pid("fd")}/task`)].length;
  await installation.console("setbandwidth client=roost-fd limit=0");
  let log = "";
  const time = await seconds(async () => {
    log = await installation.console("wait", "messages");
  });
  const good = log.match(/(Restore|Verify) OK/g)?.length ?? 0;
  if (good !== count) throw new Error(`${count - good} jobs failed:\n${log}`);
  const after = processorTime(installation);
  return {
    ...{ before, memory: await memoryOf(installation), threads, seconds: time },
    processor: (["fd", "sd", "dir"] as const)
      .reduce((sum, name) => sum + after[name] - used[name], 0),
  };
}

async function memoryOf(installation: Installation): Promise<ManyFigure["memory"]> {
  const [fd, sd, dir] = await Promise.all([
    installation.peakMemory("fd"),
    installation.peakMemory("sd"),
    installation.peakMemory("dir"),
  ]);
  return { fd, sd, dir };
}

/** Room for all jobs in every daemon, and a device for each. */
async function configure(
  installation: Installation,
  count: number,
  { source, options, fileDaemon }: { source: string; options: string; fileDaemon: string },
): Promise<void> {
  const limit = `Maximum Concurrent Jobs = ${count + 5}`;
  const change = async (path: string, lines: string): Promise<void> => {
    const text = await Deno.readTextFile(join(installation.folder, path));
    const without = text.replace(/^\s*Maximum Concurrent Jobs\s*=.*$/gim, "");
    await installation.configure(path, without.replace(/\}\s*$/, `  ${lines}\n}\n`));
  };
  await change("bareos-dir.d/director/roost-dir.conf", limit);
  await change("bareos-dir.d/client/roost-fd.conf", limit);
  await change("bareos-fd.d/client/myself.conf", `${limit}\n${fileDaemon}`);
  await change("bareos-sd.d/storage/roost-sd.conf", limit);
  await change("bareos-dir.d/storage/File.conf", `${limit}\n  Auto Changer = yes`);
  await change("bareos-sd.d/device/FileStorage.conf", `Count = ${count}`);
  await change("bareos-dir.d/job/RestoreFiles.conf", limit);
  await installation.configure(
    "bareos-dir.d/fileset/SelfTest.conf",
    `FileSet { Name = SelfTest; Include { Options {\n${options}\n}\n File = "${source}" } }\n`,
  );
  await installation.configure(
    "bareos-dir.d/job/Disk.conf",
    `Job { Name = Disk; JobDefs = DefaultJob; Type = Verify; Level = DiskToCatalog
       Job To Verify = Backup; ${limit} }\n`,
  );
}
