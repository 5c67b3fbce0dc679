/**
 * What a canceled job had at the client is free again, in whatever phase it was: connections, open files,
 * threads, and what it kept in the working directory.
 */
import { deepStrictEqual, doesNotMatch, match, ok } from "node:assert";
import { join } from "./support/paths.ts";
import { type Scene, scene } from "./support/scene.ts";
import { waitFor } from "./support/wait_for.ts";

/** What the file daemon's process has. */
interface Held {
  readonly sockets: number;
  readonly threads: number;
  /** Files of the source, of the place to restore to, and of the working directory. */
  readonly files: string[];
}

function heldBy(pid: number, folders: readonly string[]): Held {
  const targets = [...Deno.readDirSync(`/proc/${pid}/fd`)].flatMap(({ name }) => {
    try {
      return [Deno.readLinkSync(`/proc/${pid}/fd/${name}`)];
    } catch {
      return []; // closed meanwhile
    }
  });
  return {
    sockets: targets.filter((target) => target.startsWith("socket:")).length,
    threads: [...Deno.readDirSync(`/proc/${pid}/task`)].length,
    files: targets.filter((target) => folders.some((folder) => target.startsWith(folder))),
  };
}

/** Accurate lists in the working directory. */
function lists(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    return [];
  }
}

interface Phase {
  readonly name: string;
  readonly command: string;
  /** What the client's status says when the job is where it is to be canceled. */
  readonly isThere: RegExp;
  readonly ending: RegExp;
}

const flowing = / Bytes=[1-9]/;
const phases: readonly Phase[] = [
  {
    name: "a full backup sends data",
    command: "run job=Backup level=Full yes",
    isThere: flowing,
    ending: /Termination: +Backup Canceled/,
  },
  {
    name: "an accurate incremental sends data, its list on disk",
    command: "run job=Backup level=Incremental accurate=yes yes",
    isThere: flowing,
    ending: /Termination: +Backup Canceled/,
  },
  {
    name: "a restore receives data",
    command: "restore client=roost-fd where=@ jobid=1 all done yes",
    isThere: /Restore Job started[^]* SDReadSeqNo/,
    ending: /Termination: +Restore Canceled/,
  },
  {
    name: "a verify reads from the volume",
    command: "run job=Volume yes",
    isThere: /Volume to Catalog Verify Job started[^]* SDReadSeqNo/,
    ending: /Termination: +Verify Canceled/,
  },
  {
    name: "a verify reads from the disk",
    command: "run job=Disk yes",
    isThere: /Init Catalog Verify Job started/,
    ending: /Termination: +Verify Canceled/,
  },
  {
    name: "a storage daemon cannot be reached",
    command: "run job=Backup level=Full storage=Elsewhere yes",
    isThere: /SDSocket closed/,
    ending: /Termination: +Backup Canceled/,
  },
];

async function configure({ installation, path, withDirectives }: Scene): Promise<void> {
  for (const [name, level] of [["Volume", "VolumeToCatalog"], ["Disk", "InitCatalog"]]) {
    await installation.configure(
      `bareos-dir.d/job/${name}.conf`,
      `Job { Name = ${name}; JobDefs = DefaultJob; Type = Verify; Level = ${level}; Job To Verify = Backup
         FileSet = ${name === "Disk" ? "Endless" : "SelfTest"} }\n`,
    );
  }
  // The client is sent to an address at which nobody answers (RFC 5737), the director is not.
  const file = await Deno.readTextFile(path("bareos-dir.d/storage/File.conf"));
  await installation.configure(
    "bareos-dir.d/storage/Elsewhere.conf",
    file.replace("Name = File", "Name = Elsewhere").replace(
      /\}\s*$/,
      "  Lan Address = 192.0.2.1\n}\n",
    ),
  );
  await withDirectives("bareos-dir.d/client/roost-fd.conf", "Lan Address = 127.0.0.1");
}

Deno.test({
  name: "whatever a canceled job was doing, the client has nothing of it left",
  ignore: Deno.build.os !== "linux",
  fn: (t) =>
    scene(async (it) => {
      const { installation, source, path } = it;
      const target = path("target");
      const bytes = new Uint8Array(3_000_000);
      for (let at = 0; at < bytes.length; at += 50_000) {
        crypto.getRandomValues(bytes.subarray(at, at + 50_000));
      }
      await Deno.writeFile(join(source, "large"), bytes);
      await configure(it);
      const endless = path("endless");
      await Deno.mkdir(endless);
      (await Deno.open(join(endless, "file"), { create: true, write: true })).close();
      await Deno.truncate(join(endless, "file"), 2 ** 43);
      await installation.configure(
        "bareos-dir.d/fileset/Endless.conf",
        `FileSet { Name = Endless; Include { Options { Signature = SHA512 }; File = "${endless}" } }\n`,
      );
      await installation.start();
      match(await it.job("run job=Backup level=Full yes"), /Backup OK/);
      match(await it.job("run job=Volume yes"), /Verify OK/);
      await Deno.writeFile(join(source, "another"), bytes);
      // Each job would take far longer than anybody waits below: 25 minutes for 3 MB, and the file without end
      // longer; and a storage daemon that cannot be reached is tried for half an hour.
      await installation.console("setbandwidth client=roost-fd limit=2");

      const pid = installation.pid("fd");
      const folders = [source, target, endless, path("work")];
      const status = () => installation.console("status client=roost-fd");
      await status();
      let last = heldBy(pid, folders);
      let alike = 0;
      const before = await waitFor("the client to come to rest", () => {
        const [held, earlier] = [heldBy(pid, folders), last];
        last = held;
        const isAlike = held.sockets === earlier.sockets && held.threads === earlier.threads;
        alike = isAlike ? alike + 1 : 0;
        return alike > 5 && held;
      });
      ok(before.files.every((file) => !file.startsWith(source)), before.files.join());
      for (const { name, command, isThere, ending } of phases) {
        await t.step(name, async () => {
          await installation.console(command.replace("@", target));
          await waitFor("the job to be there", async () => isThere.test(await status()));
          // The client itself answers: it would be free, too, once its director has hung up after some seconds.
          match(
            await installation.console("cancel all yes"),
            /2001 Job \S+ marked to be canceled/,
          );
          await waitFor("nothing to be left", () => {
            const { sockets, threads, files } = last = heldBy(pid, folders);
            return sockets <= before.sockets && threads <= before.threads &&
              files.length <= before.files.length;
          }).catch((cause) => {
            throw new Error(`${JSON.stringify(last)}, before ${JSON.stringify(before)}`, { cause });
          });
          deepStrictEqual(lists(path("work/roost-fd.accurate")), []);
          const report = await installation.console("wait", "messages");
          match(report, ending);
          doesNotMatch(report, /does not come back/); // as of a thread that was given up
          match(await status(), /No Jobs running\./);
        });
      }
    }),
});
