/**
 * Measures what is meant to be fast and prints a table: the stages of a backup
 * one by one, then whole backups and restores beside `tar | md5sum` of the same
 * files, run after one another on the same machine.
 *
 *     deno task bench [FOLDER]     (where to write; a tmpfs measures the code, not the disk)
 *
 * @module
 */
import { join } from "../support/paths.ts";
import { Installation } from "../support/roost.ts";
import { makeLargeFile, makeSmallFiles } from "../support/sample.ts";
import { measureCopies } from "./copies.ts";
import { measureFiles } from "./files.ts";
import { measureVolume } from "./volume.ts";

const fileCount = 50_000;
const largeBytes = 1_000_000_000;

const parent = Deno.args[0] ?? "/dev/shm";
const folder = await Deno.makeTempDir({ prefix: "roost-bench-", dir: parent });
try {
  await Deno.mkdir(join(folder, "volume"));
  await Deno.mkdir(join(folder, "files"));
  const stages = [
    ...measureVolume(join(folder, "volume")),
    ...await measureFiles(join(folder, "files")),
  ];
  for (const { stage, perSecond, unit } of stages) print(stage, perSecond, unit);
  await Deno.remove(join(folder, "volume"), { recursive: true });
  await Deno.remove(join(folder, "files"), { recursive: true });

  const small = join(folder, "small");
  await makeSmallFiles(small, fileCount);
  await measureJobs(`${fileCount} small files`, small, fileCount, "files");
  await measureVolumes(`${fileCount} small files`, small);
  await Deno.remove(small, { recursive: true });

  const large = join(folder, "large");
  await Deno.mkdir(large);
  await makeLargeFile(join(large, "file"), largeBytes);
  await measureJobs("a file of 1 GB", large, largeBytes / 1e6, "MB");
  await measureVolumes("a file of 1 GB", large);
} finally {
  await Deno.remove(folder, { recursive: true });
}

/** Backs `source` up and restores it, beside `tar` reading the same. */
async function measureJobs(what: string, source: string, count: number, unit: string) {
  await using installation = await Installation.create({ backup: source, parent });
  await installation.start();
  await installation.console("version");
  const console = await seconds(() => installation.console("version"));
  const tar = await seconds(() =>
    new Deno.Command("sh", { args: ["-c", 'tar -C "$1" -cf - . | md5sum', "sh", source] }).output()
  );
  const job = async (command: string) =>
    await seconds(async () => {
      const report = await installation.console(command, "wait", "messages");
      if (!/(Backup|Restore) OK/.test(report)) throw new Error(`The job failed:\n${report}`);
    }) - console;
  const backup = await job("run job=Backup level=Full yes");
  const restore = await job("restore client=roost-fd select current all done yes");
  print(`tar | md5sum, ${what}`, count / tar, unit);
  print(`backup, ${what}`, count / backup, unit, tar / backup);
  print(`restore, ${what}`, count / restore, unit, tar / restore);
  for (const name of ["fd", "sd", "dir"] as const) {
    print(`peak memory of ${name}, ${what}`, await installation.peakMemory(name) / 1e6, "MB");
  }
}

/** Copies between storage daemons and volume tools. */
async function measureVolumes(files: string, source: string) {
  for (const { what, seconds, beside, ratio } of await measureCopies(source, parent)) {
    const name = `${what}, ${files}`.padEnd(52);
    console.log(`${name} ${seconds.toFixed(2).padStart(9)} s  ${ratio.toFixed(2)} of ${beside}`);
  }
}

async function seconds(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return (performance.now() - start) / 1000;
}

function print(what: string, figure: number, unit: string, ratio?: number): void {
  const beside = ratio === undefined ? "" : `  ${ratio.toFixed(2)} of tar | md5sum`;
  console.log(`${what.padEnd(52)} ${figure.toFixed(0).padStart(9)} ${unit}${beside}`);
}
