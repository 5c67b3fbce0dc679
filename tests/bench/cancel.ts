/**
 * How long it takes after a cancel until no daemon holds anything of the job any more: sockets and volumes of
 * the storage daemons, sockets and files of the file daemon, the job itself at the director.
 *
 * @module
 */
import { addArchive } from "../support/archive_device.ts";
import { join } from "../support/paths.ts";
import { Installation } from "../support/roost.ts";
import { waitFor } from "../support/wait_for.ts";

/** A job that was canceled in the middle. */
export interface Cancellation {
  /** What the job was doing. */
  readonly what: string;
  /** Seconds from the director's answer to the cancel until everything was free. */
  readonly seconds: number;
}

interface Situation {
  readonly what: string;
  /** Console commands that start the job. */
  readonly start: readonly string[];
  /** Of `status storage=...`, `status client=...`: what shows that the job is in the middle. */
  readonly until: readonly [command: string, text: RegExp];
}

const inTheMiddle = /Files=\d+ Bytes=[\d,]{9,}/;

const situations: readonly Situation[] = [
  {
    what: "a backup at full speed",
    start: ["run job=Backup level=Full yes"],
    until: ["status storage=File", inTheMiddle],
  },
  {
    what: "a backup with a limit of bandwidth",
    start: ["run job=Slow level=Full yes"],
    until: ["status storage=File", /Files=\d+ Bytes=[\d,]{6,}/],
  },
  {
    what: "a backup that spools",
    start: ["run job=Spool level=Full yes"],
    until: ["status storage=File", /spooling=1 despooling=0(.|\n)*Bytes=[\d,]{9,}/],
  },
  {
    what: "a script on the client",
    start: ["run job=Script level=Full yes"],
    until: ["status client=roost-fd", /Job Script/],
  },
  {
    what: "a wait for an operator",
    start: ["run job=Hand level=Full yes"],
    until: ["status storage=Hand", /BLOCKED waiting to create a volume/],
  },
  {
    what: "a restore",
    start: ["restore client=roost-fd jobid=1 where=/ all done yes"],
    until: ["status client=roost-fd", /Bytes=[\d,]{9,}/],
  },
  {
    what: "a copy",
    start: ["run job=CopyJob yes"],
    until: ["status storage=File", /Writing: Volume="Archive(.|\n)*Bytes=[\d,]{9,}/],
  },
];

/** Measures with a source of some GB in an installation below `parent`. */
export async function measureCancel(source: string, parent: string): Promise<Cancellation[]> {
  await using installation = await Installation.create({ backup: source, parent });
  await configure(installation);
  await installation.start();
  const first = await installation.console("run job=Backup level=Full yes", "wait", "messages");
  if (!/Backup OK/.test(first)) throw new Error(first);
  const results: Cancellation[] = [];
  for (const { what, start, until: [command, text] } of situations) {
    const before = held(installation);
    const where = join(installation.folder, "restored");
    const commands = start.map((line) => line.replace("where=/", `where=${where}`));
    await installation.console(...commands);
    await waitFor(what, async () => text.test(await installation.console(command)));
    await installation.console("cancel all yes");
    const began = performance.now();
    await waitFor(`everything to be free after ${what}`, () => held(installation) <= before);
    results.push({ what, seconds: (performance.now() - began) / 1000 });
    const jobs = await installation.console("status dir");
    if (!/No Jobs running/.test(jobs)) throw new Error(`${what}: ${jobs}`);
    await Deno.remove(where, { recursive: true }).catch(() => {});
  }
  return results;
}

/** Sockets and files of the source, of volumes and of spools that the daemons have open. */
function held(installation: Installation): number {
  let count = 0;
  for (const name of ["dir", "sd", "fd"] as const) {
    const folder = `/proc/${installation.pid(name)}/fd`;
    for (const { name: number } of Deno.readDirSync(folder)) {
      let target = "";
      try {
        target = Deno.readLinkSync(`${folder}/${number}`);
      } catch {
        continue; // closed since the folder was read
      }
      if (/^socket:|\/volumes\/|\/archive\/|\.spool$|roost-bench-.*\/(mixed|large)/.test(target)) {
        count++;
      }
    }
  }
  return count;
}

async function configure(installation: Installation): Promise<void> {
  await addArchive(installation);
  const hand = join(installation.folder, "hand");
  await Deno.mkdir(hand);
  await installation.configure(
    "bareos-sd.d/device/Hand.conf",
    `Device { Name = Hand; Media Type = Hand; Archive Device = "${hand}"; Device Type = file
       Label Media = no }\n`,
  );
  const file = await Deno.readTextFile(
    join(installation.folder, "bareos-dir.d/storage/File.conf"),
  );
  await installation.configure(
    "bareos-dir.d/storage/Hand.conf",
    file.replace("Name = File", "Name = Hand").replace("= FileStorage", "= Hand")
      .replace("Media Type = File", "Media Type = Hand"),
  );
  await installation.configure(
    "bareos-dir.d/pool/Full.conf",
    `Pool { Name = Full; Pool Type = Backup; Label Format = "Full-"; Storage = File
       Next Pool = Archive; Maximum Volume Jobs = 1 }
     Pool { Name = Hand; Pool Type = Backup; Storage = Hand }\n`,
  );
  await installation.configure(
    "bareos-dir.d/job/More.conf",
    `Job { Name = Slow; JobDefs = DefaultJob; Maximum Bandwidth = 1 m/s }
     Job { Name = Spool; JobDefs = DefaultJob; Spool Data = yes }
     Job { Name = Script; JobDefs = DefaultJob; Client Run Before Job = "sleep 600" }
     Job { Name = Hand; JobDefs = DefaultJob; Pool = Hand; Full Backup Pool = Hand; Storage = Hand }
     Job { Name = CopyJob; Type = Copy; Pool = Full; Client = roost-fd; FileSet = SelfTest
       Messages = Standard; Selection Type = PoolUncopiedJobs }\n`,
  );
}
