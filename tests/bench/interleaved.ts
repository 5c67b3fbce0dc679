/**
 * Twenty jobs at once on one device beside one job of the same bytes: what the storage daemon's work
 * for many sessions costs.
 *
 * @module
 */
import { join } from "../support/paths.ts";
import { Installation } from "../support/roost.ts";
import { processorTime, seconds } from "./contenders.ts";
import { MixedData } from "./data.ts";
import { median } from "./pairs.ts";

/** One way to save the bytes. */
export interface InterleavedFigure {
  readonly what: "one job" | "twenty jobs";
  /** 10^6 bytes a second. */
  readonly perSecond: number;
  /** Processor seconds of the daemons. */
  readonly processor: string;
}

const jobs = 20;

/** Saves `bytes` in one job and in twenty that run at once, in turns, `rounds` times. */
export async function measureInterleaved(
  parent: string,
  bytes: number,
  rounds = 3,
): Promise<InterleavedFigure[]> {
  const source = join(parent, "interleaved");
  const data = await MixedData.make();
  for (let number = 0; number < jobs; number++) {
    await Deno.mkdir(join(source, `part${number}`), { recursive: true });
    await data.write(join(source, `part${number}`, "file"), Math.floor(bytes / jobs));
  }
  await using installation = await Installation.create({ backup: source, parent });
  await configure(installation, source);
  await installation.start();
  await installation.console("version");
  const idle = await seconds(() => installation.console("version", "wait", "messages"));
  const runs = {
    "one job": ["run job=All yes"],
    "twenty jobs": Array.from({ length: jobs }, (_, number) => `run job=Part${number} yes`),
  } as const;
  const times = { "one job": [] as number[], "twenty jobs": [] as number[] };
  const processor = { "one job": "", "twenty jobs": "" };
  for (let round = 0; round < rounds; round++) {
    for (const what of ["one job", "twenty jobs"] as const) {
      const before = processorTime(installation);
      let log = "";
      const time = await seconds(async () => {
        log = await installation.console(...runs[what], "wait", "messages");
      });
      const good = log.match(/Backup OK/g)?.length ?? 0;
      if (good !== runs[what].length) throw new Error(`Jobs failed:\n${log}`);
      times[what].push(time - idle);
      const after = processorTime(installation);
      processor[what] = (["fd", "sd", "dir"] as const)
        .map((name) => `${name} ${(after[name] - before[name]).toFixed(2)}`).join(", ");
    }
  }
  return (["one job", "twenty jobs"] as const).map((what) => ({
    what,
    perSecond: bytes / 1e6 / median(times[what]),
    processor: processor[what],
  }));
}

/** Room for twenty jobs in every daemon, and a job for each part. */
async function configure(installation: Installation, source: string): Promise<void> {
  for (
    const path of [
      "bareos-dir.d/director/roost-dir.conf",
      "bareos-dir.d/client/roost-fd.conf",
      "bareos-dir.d/storage/File.conf",
      "bareos-sd.d/device/FileStorage.conf",
    ]
  ) {
    await raiseLimit(join(installation.folder, path));
  }
  // All of them, the one that saves everything, too, make the same digest.
  const parts = Array.from({ length: jobs }, (_, number) => [`Part${number}`, `/part${number}`]);
  for (const [name, folder] of [["All", ""], ...parts]) {
    await installation.configure(
      `bareos-dir.d/job/${name}.conf`,
      `Job { Name = ${name}; Type = Backup; Level = Full; Client = roost-fd
         FileSet = ${name}; Storage = File; Pool = Full; Messages = Standard }
       FileSet { Name = ${name}; Include { Options { Signature = MD5 }
         File = "${source}${folder}" } }\n`,
    );
  }
}

async function raiseLimit(path: string): Promise<void> {
  const text = await Deno.readTextFile(path);
  const without = text.replace(/^\s*Maximum Concurrent Jobs\s*=.*$/im, "");
  await Deno.writeTextFile(
    path,
    without.replace(/\}\s*$/, `  Maximum Concurrent Jobs = ${jobs + 5}\n}\n`),
  );
}
