/**
 * Daemons that are killed in the middle of a backup: what a checkpoint has entered restores, `bscan` brings
 * the rest, and the next jobs go on on the same volume.
 */
import { match, ok } from "node:assert";
import { Buffer } from "node:buffer";
import { join } from "./support/paths.ts";
import { type DaemonName, Installation } from "./support/roost.ts";
import { waitFor } from "./support/wait_for.ts";

const fileCount = 120;
const fileBytes = 60_000;
/** A file behind them that takes so long that the job is still at work when somebody looks. */
const lastBytes = 100_000_000;

/** What a job saves: a folder of files, and behind it the large one. */
interface Saved {
  readonly folder: string;
  readonly last: string;
}

/** Runs a test while a slow backup with checkpoints, JobId 1, is in the middle. */
async function inTheMiddle(
  run: (installation: Installation, saved: Saved) => Promise<void>,
): Promise<void> {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  const saved = { folder: join(source, "small"), last: join(source, "last") };
  try {
    await Deno.mkdir(saved.folder);
    for (let at = 0; at < fileCount; at++) {
      await Deno.writeFile(
        join(saved.folder, `file-${String(at).padStart(3, "0")}`),
        new Uint8Array(fileBytes).fill(at),
      );
    }
    await Deno.writeFile(saved.last, new Uint8Array(lastBytes));
    await using installation = await Installation.create({ backup: saved.folder });
    const add = async (path: string, lines: string): Promise<void> => {
      const text = await Deno.readTextFile(join(installation.folder, path));
      await installation.configure(path, text.replace(/\{/, `{\n  ${lines}\n`));
    };
    await add("bareos-sd.d/storage/roost-sd.conf", "Checkpoint Interval = 1");
    const device = "bareos-sd.d/device/FileStorage.conf";
    await add(device, "Maximum Block Size = 64512");
    await add("bareos-dir.d/job/Backup.conf", "Maximum Bandwidth = 1 m/s");
    const fileSet = "bareos-dir.d/fileset/SelfTest.conf";
    const entries = await Deno.readTextFile(join(installation.folder, fileSet));
    await installation.configure(
      fileSet,
      entries.replace(/^( *File = ).*$/m, (line, words) => `${line}\n${words}"${saved.last}"`),
    );
    await installation.start();
    await installation.console("run job=Backup level=Full yes");
    await waitFor(
      "files of a checkpoint in the catalog",
      async () => filesIn(await installation.console("list files jobid=1")).length > 20,
    );
    await run(installation, saved);
  } finally {
    await Deno.remove(source, { recursive: true });
  }
}

function filesIn(list: string): string[] {
  return [...list.matchAll(/file-\d\d\d/g)].map(([name]) => name);
}

/**
 * Restores JobId 1; how many files of the folder came back whole. `mayBreakOff`: the last one may be a part, as the job was
 * killed while it was written, if the restore says so.
 */
async function restoreFirst(
  installation: Installation,
  { folder, last }: Saved,
  mayBreakOff = false,
): Promise<number> {
  const where = await Deno.makeTempDir({ dir: installation.folder });
  const log = await installation.console(
    `restore jobid=1 client=roost-fd where=${where} all done yes`,
    "wait",
    "messages",
  );
  match(log, mayBreakOff ? /Termination: .*Restore (OK|Error)/ : /Termination: {12}Restore OK\n/);
  const lastSize = (await Deno.stat(join(where, last)).catch(() => undefined))?.size ?? 0;
  ok(lastSize < lastBytes, "the job was not in the middle");
  const names = [...Deno.readDirSync(join(where, folder))].map(({ name }) => name);
  const isWhole = async (name: string): Promise<boolean> => {
    const saved = await Deno.readFile(join(folder, name));
    const restored = await Deno.readFile(join(where, folder, name));
    return Buffer.compare(saved, restored) === 0;
  };
  const whole = await Promise.all(names.map(isWhole));
  const broken = names.filter((_, at) => !whole[at]);
  if (broken.length === 0) return names.length;
  ok(mayBreakOff && broken.length === 1, `not whole: ${broken}`);
  match(
    log,
    /Error: .*(Record of file \d+, stream 2, .* is incomplete|not correct\. Original \d+, restored \d+)/,
  );
  return names.length - 1;
}

/** The daemon that was killed is back: a whole backup on the same volume, and its restore. */
async function assertGoesOn(installation: Installation): Promise<void> {
  const log = await installation.console(
    "setbandwidth client=roost-fd limit=0",
    "run job=Backup level=Full yes",
    "wait",
    "messages",
    "list volumes pool=Full",
  );
  match(log, /Termination: {12}Backup OK/);
  match(log, /Volume name\(s\): {9}Full-0001\n/);
  match(log, /The sizes do not match! Volume=\d+ Catalog=\d+\n(.*\n)?.*Correcting Catalog/);
}

const victims: readonly (readonly DaemonName[])[] = [["sd"], ["dir"], ["sd", "dir", "fd"]];
for (const daemons of victims) {
  Deno.test(`after kill -9 of ${daemons.join(", ")} what a checkpoint entered restores`, () =>
    inTheMiddle(async (installation, saved) => {
      for (const daemon of daemons) await installation.end(daemon, "SIGKILL");
      if (!daemons.includes("dir")) {
        const log = await installation.console("wait jobid=1", "messages");
        match(log, /Termination: {12}\*\*\* Backup Error \*\*\*/);
      }
      await installation.start(...daemons);
      await Deno.truncate(saved.last); // the next job is to be a short one
      const jobs = await installation.console("list jobs");
      match(jobs, /\| +1 \| Backup .*\| B +\| F +\|.*\| [fE] /);
      const restored = await restoreFirst(installation, saved);
      ok(restored > 20, `${restored} files restored`);
      await assertGoesOn(installation);

      // the volume has more than the catalog knows
      await installation.end("dir");
      const work = join(installation.folder, "work");
      for (const suffix of ["", "-wal", "-shm"]) {
        await Deno.remove(join(work, `catalog.db${suffix}`)).catch(() => {});
      }
      const volumes = join(installation.folder, "volumes");
      const scanned = await installation.run([
        ...["bscan", "-s", "-B", "sqlite3", "-w", work, "-n", "catalog", volumes],
      ]);
      // a storage daemon that lives writes an end label, which says that the job has failed
      const entered = await installation.run(["bls", "-j", volumes]);
      match(
        daemons.includes("sd") ? scanned.stderr : entered.stdout,
        /Job Backup\.\S+ has no end on these volumes: it is entered as failed|Status=[fE]/,
      );
      await installation.start("dir");
      const found = await restoreFirst(installation, saved, true);
      ok(found >= restored, `${found} files after bscan, ${restored} before`);
    }));
}
