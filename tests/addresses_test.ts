/**
 * Which addresses daemons listen on and connect from, and how soon each end of their connections finds out that
 * the other has vanished (wire.md 2, 14.1), seen in the system's table of connections.
 */
import { match, ok } from "node:assert";
import { RESOURCE_FILES as files, Rewriter } from "./support/rewrite.ts";
import { Installation } from "./support/roost.ts";
import { type TcpEnd, tcpEnds } from "./support/tcp_table.ts";
import { waitFor } from "./support/wait_for.ts";

/** Where each daemon listens and connects from. */
const hosts = {
  dir: { listens: ["127.0.1.1", "127.0.1.2"], calls: "127.0.1.9" },
  sd: { listens: ["127.0.2.1", "127.0.2.2"], calls: "127.0.2.9" },
  fd: { listens: ["127.0.3.1", "127.0.3.2"], calls: "127.0.3.9" },
} as const;

type Name = keyof typeof hosts;

interface Scene {
  readonly installation: Installation;
  readonly source: string;
  /** The ends of the daemons' connections that begin at a source address, acceptor's end first. */
  between(caller: Name, acceptor: Name): Promise<readonly [TcpEnd | undefined, TcpEnd | undefined]>;
}

async function scene(
  { more, client }: {
    readonly more: Readonly<Record<Name, readonly string[]>>;
    readonly client: readonly string[];
  },
  run: (scene: Scene) => Promise<void>,
): Promise<void> {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await new Deno.Command("mkfifo", { args: [`${source}/fifo`] }).output();
    await using installation = await Installation.create({ backup: source });
    const rewriter = new Rewriter(installation);
    const own = { dir: files.director, sd: files.storageDaemon, fd: files.file };
    for (const name of ["dir", "sd", "fd"] as const) {
      const path = rewriter.path(own[name]);
      const text = await Deno.readTextFile(path);
      const port = installation.port(name);
      const sockets = ["127.0.0.1", ...hosts[name].listens]
        .map((host) => `ipv4 = { addr = ${host}; port = ${port} }`).join("\n    ");
      await Deno.writeTextFile(path, text.replace(/ {2}(Address|Port) = .*\n/g, ""));
      await rewriter.add(
        own[name],
        `Addresses = {\n    ${sockets}\n  }`,
        `Source Address = ${hosts[name].calls}`,
        ...more[name],
      );
    }
    for (const [file, name] of [[files.client, "fd"], [files.storage, "sd"]] as const) {
      const path = rewriter.path(file);
      const text = await Deno.readTextFile(path);
      await Deno.writeTextFile(
        path,
        text.replace(/Address = \S+/, `Address = ${hosts[name].listens[1]}`),
      );
    }
    await rewriter.add(files.client, ...client);
    const set = rewriter.path("bareos-dir.d/fileset/SelfTest.conf");
    const text = await Deno.readTextFile(set);
    await Deno.writeTextFile(
      set,
      text.replace("Signature", "ReadFifo = yes\n      Signature")
        .replace(/File = .*/, `File = ${source}/fifo`),
    );
    await run({
      installation,
      source,
      async between(caller, acceptor) {
        const from = `${hosts[caller].calls}:`;
        const to = `${hosts[acceptor].listens[1]}:${installation.port(acceptor)}`;
        const ends = await tcpEnds();
        return [
          ends.find(({ local, remote }) => local === to && remote.startsWith(from)),
          ends.find(({ local, remote }) => remote === to && local.startsWith(from)),
        ];
      },
    });
  } finally {
    await Deno.remove(source, { recursive: true });
  }
}

/** A job that waits for somebody to write into a pipe: all its connections are there and silent. */
async function whileJobWaits(
  { installation, source, between }: Scene,
  pairs: readonly (readonly [Name, Name])[],
  look: (ends: readonly (readonly [TcpEnd, TcpEnd])[]) => void,
): Promise<void> {
  await installation.console("run job=Backup level=Full yes");
  let found: (readonly [TcpEnd, TcpEnd])[] = [];
  // With these seconds a connection begins, until its daemon sets its own.
  const usual = Number(await Deno.readTextFile("/proc/sys/net/ipv4/tcp_keepalive_time"));
  await waitFor("all connections of the job to be silent", async () => {
    const ends = await Promise.all(pairs.map(([caller, acceptor]) => between(caller, acceptor)));
    found = ends.flatMap(([accepted, called]) => accepted && called ? [[accepted, called]] : []);
    return found.length === pairs.length &&
      found.flat().every(({ keepAlive }) => keepAlive !== undefined && keepAlive < usual / 2);
  });
  look(found);
  await Deno.writeTextFile(`${source}/fifo`, "at last\n");
  match(await installation.console("wait", "messages"), /Backup OK/);
}

const ignore = Deno.build.os !== "linux";

Deno.test(
  "daemons listen on several addresses, connect from their own, and probe silent peers each minute",
  {
    ignore,
  },
  () =>
    scene({ more: { dir: [], sd: [], fd: [] }, client: [] }, async (scene) => {
      await scene.installation.start();
      const open = await Deno.connect({
        hostname: hosts.dir.listens[0],
        port: scene.installation.port("dir"),
      });
      open.close();
      await whileJobWaits(scene, [["dir", "fd"], ["dir", "sd"], ["fd", "sd"]], (ends) => {
        for (const { keepAlive = Infinity } of ends.flat()) ok(keepAlive <= 60, String(keepAlive));
      });
    }),
);

Deno.test("Heartbeat Interval of each resource reaches its connections, a passive client's too", {
  ignore,
}, () => {
  const interval = (seconds: number): string[] => [`Heartbeat Interval = ${seconds} s`];
  const more = { dir: interval(30), sd: interval(20), fd: interval(25) };
  return scene({ more, client: [...interval(15), "Passive = yes"] }, async (scene) => {
    await scene.installation.start();
    await whileJobWaits(scene, [["dir", "fd"], ["dir", "sd"], ["sd", "fd"]], (ends) => {
      // Each [acceptor's, caller's]; for the director the client's own before that of the director.
      const most = [[25, 15], [20, 30], [25, 20]];
      for (const [index, pair] of ends.entries()) {
        for (const [side, { keepAlive = Infinity }] of pair.entries()) {
          const limit = most[index]?.[side] ?? 0;
          ok(keepAlive <= limit, `${index}.${side}: ${keepAlive} > ${limit}`);
        }
      }
    });
  });
});
