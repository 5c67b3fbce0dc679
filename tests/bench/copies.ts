/**
 * How fast volumes are worked on without clients: a copy between two storage daemons beside the backup
 * of the same files, `bscan` and `bls -j` beside `cat` of the same volumes, twenty jobs on one device
 * beside one.
 *
 * @module
 */
import { join } from "../support/paths.ts";
import { Installation } from "../support/roost.ts";
import { SecondStorage } from "../support/second_storage.ts";

/** A measurement and what it is compared with. */
export interface Comparison {
  readonly what: string;
  readonly seconds: number;
  readonly beside: string;
  /** How many times as fast as what it is compared with. */
  readonly ratio: number;
}

/** Measures with `source`, in an installation below `parent`. */
export async function measureCopies(source: string, parent: string): Promise<Comparison[]> {
  await using installation = await Installation.create({ backup: source, parent });
  await using second = await SecondStorage.add(installation);
  await installation.configure(
    "bareos-dir.d/pool/Full.conf",
    `Pool { Name = Full; Pool Type = Backup; Label Format = "Full-"; Storage = File
       Next Pool = Copies }\n`,
  );
  await installation.configure(
    "bareos-dir.d/job/CopyJob.conf",
    `Job { Name = CopyJob; Type = Copy; Pool = Full; Client = roost-fd; FileSet = SelfTest
       Messages = Standard; Selection Type = PoolUncopiedJobs }\n`,
  );
  await second.start();
  await installation.start();
  await installation.console("version");
  const idle = await secondsOf(() => installation.console("version", "wait", "messages"));
  const job = async (command: string, isOk: RegExp): Promise<number> =>
    await secondsOf(async () => {
      const log = await installation.console(command, "wait", "messages");
      if (!isOk.test(log)) throw new Error(`The job failed:\n${log}`);
    }) - idle;
  const backup = await job("run job=Backup level=Full yes", /Backup OK/);
  const copy = await job("run job=CopyJob yes", /Prev Backup JobId(.|\n)*Copying OK/);

  const volumes = join(installation.folder, "volumes");
  const cat = await secondsOf(() => shell(`cat "$1"/* >/dev/null`, volumes));
  const start = await secondsOf(() => installation.run(["bls", "--help"]));
  const tool = async (...args: string[]): Promise<number> =>
    await secondsOf(() => installation.run(args)) - start;
  const list = await tool("bls", "-j", volumes);
  const scan = await tool("bscan", "-s", "-B", "sqlite3", "-w", parent, volumes);
  return [
    compare("copy between two storage daemons", copy, "the backup", backup),
    compare("bls -j", list, "cat", cat),
    compare("bscan -s", scan, "cat", cat),
  ];
}

function compare(what: string, seconds: number, beside: string, other: number): Comparison {
  return { what, seconds, beside, ratio: other / seconds };
}

async function shell(script: string, argument: string): Promise<void> {
  await new Deno.Command("sh", { args: ["-c", script, "sh", argument] }).output();
}

async function secondsOf(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return (performance.now() - start) / 1000;
}
