/**
 * A job in the middle of which the network between two daemons swallows everything, without a word to
 * either. Run by `silent_cut_test.ts` in a network namespace of its own, where that can be done: the address
 * that one of the two is reached at becomes a hole. Prints as JSON what came of it.
 *
 * @module
 */
import { RESOURCE_FILES as files, Rewriter } from "./rewrite.ts";
import { type DaemonName, Installation } from "./roost.ts";
import { waitFor } from "./wait_for.ts";

/** What came of the job. */
export interface CutOutcome {
  /** The job's messages. */
  readonly report: string;
  /** Seconds from the cut to the end of the job. */
  readonly seconds: number;
  /** Whether each daemon has forgotten the job. */
  readonly isFree: boolean;
}

/** Where each daemon listens, for the director and for its peers, and where it connects from. */
const hosts: Readonly<Record<DaemonName, readonly [own: string, lan: string, calls: string]>> = {
  dir: ["127.0.1.1", "127.0.1.2", "127.0.1.9"],
  sd: ["127.0.2.1", "127.0.2.2", "127.0.2.9"],
  fd: ["127.0.3.1", "127.0.3.2", "127.0.3.9"],
};

/** The address that becomes a hole, by the pair that is cut. */
const holes: Readonly<Record<string, string>> = {
  "fd-sd": hosts.fd[2],
  "dir-fd": hosts.fd[0],
  "dir-sd": hosts.sd[0],
};

const ownFile = { dir: files.director, sd: files.storageDaemon, fd: files.file } as const;

async function configure(installation: Installation): Promise<void> {
  const rewriter = new Rewriter(installation);
  for (const name of ["dir", "sd", "fd"] as const) {
    const path = rewriter.path(ownFile[name]);
    const text = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, text.replace(/ {2}(Address|Port) = .*\n/g, ""));
    const [own, lan, calls] = hosts[name];
    const sockets = ["127.0.0.1", own, lan]
      .map((host) => `ipv4 = { addr = ${host}; port = ${installation.port(name)} }`).join("\n");
    await rewriter.add(
      ownFile[name],
      ...[`Addresses = {\n${sockets}\n}`, `Source Address = ${calls}`, "Heartbeat Interval = 2 s"],
    );
  }
  for (const [file, name] of [[files.client, "fd"], [files.storage, "sd"]] as const) {
    const path = rewriter.path(file);
    const text = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, text.replace(/Address = \S+/, `Address = ${hosts[name][0]}`));
    await rewriter.add(file, `Lan Address = ${hosts[name][1]}`);
  }
  const job = "bareos-dir.d/job/Backup.conf";
  const text = await Deno.readTextFile(rewriter.path(job));
  await installation.configure(job, text.replace("{", "{\n  Maximum Bandwidth = 300 k\n"));
}

async function route(verb: "add" | "del", address: string): Promise<void> {
  const args = ["route", verb, "blackhole", `${address}/32`, "table", "local"];
  const { success, stderr } = await new Deno.Command("ip", { args }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** Cuts a pair of daemons in the middle of a job. */
async function cut(pair: string): Promise<CutOutcome> {
  const hole = holes[pair];
  if (hole === undefined) throw new Error(`There is no pair ${pair}`);
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    for (let file = 0; file < 300; file++) {
      await Deno.writeFile(`${source}/${file}`, crypto.getRandomValues(new Uint8Array(60_000)));
    }
    await using installation = await Installation.create({ backup: source });
    await configure(installation);
    await installation.start();
    await installation.console("run job=Backup level=Full yes");
    await waitFor(
      "data of the job",
      async () => /Files=[1-9]/.test(await installation.console("status client=roost-fd")),
    );
    await route("add", hole);
    const began = performance.now();
    const report = await installation.console("wait", "messages");
    const seconds = (performance.now() - began) / 1000;
    await route("del", hole);
    let isFree = false;
    await waitFor("the daemons to forget the job", async () => {
      const status = await installation.console("status client=roost-fd", "status storage=File");
      isFree = status.match(/No Jobs running\./g)?.length === 2;
      return isFree;
    });
    return { report, seconds, isFree };
  } finally {
    await Deno.remove(source, { recursive: true });
  }
}

if (import.meta.main) console.log(JSON.stringify(await cut(Deno.args[0] ?? "")));
