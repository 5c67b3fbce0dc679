/**
 * Hostile input in bulk on all three daemons while real peers work: nonsense, hellos byte by byte,
 * connections that say nothing. By hand with more of it: ROOST_HOSTILE=100 deno test -A <this file>.
 */
import { match, ok } from "node:assert";
import { garbageInBulk, IdleCrowd } from "./support/hostile_peer.ts";
import { RESOURCE_FILES as files, Rewriter } from "./support/rewrite.ts";
import { type DaemonName, Installation } from "./support/roost.ts";
import { waitFor } from "./support/wait_for.ts";
import { makeSample } from "./support/sample.ts";

const scale = Number(Deno.env.get("ROOST_HOSTILE") ?? 1);
const garbageCount = 2_000 * scale;
const idleCount = Math.min(3_300, 700 * scale);
/**
 * What a daemon may need more than without any attack, in bytes. Connections are bounded; what they
 * leave behind is collected late while thousands come in a second, and levels off.
 */
const tolerance = 256 * 2 ** 20;

const daemons = ["dir", "sd", "fd"] as const;

Deno.test("nonsense, hellos byte by byte and idle connections in bulk: real peers are served, memory is bounded", async () => {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await makeSample(source, { smallFiles: 100, sparseBytes: 2 ** 20, largeBytes: 2_000_000 });
    await using installation = await Installation.create({ backup: source });
    const rewriter = new Rewriter(installation);
    const ports: Readonly<Record<(typeof daemons)[number], number>> = {
      dir: Number(await rewriter.value(files.director, "Port")),
      sd: Number(await rewriter.value(files.storageDaemon, "Port")),
      fd: Number(await rewriter.value(files.file, "Port")),
    };
    await installation.start();
    const backup = () =>
      installation.console("run job=Backup level=Full yes", "wait", "messages", "status all");
    match(await backup(), /Backup OK/);
    const before = new Map<DaemonName, number>();
    for (const name of daemons) before.set(name, await installation.peakMemory(name));

    using crowd = new IdleCrowd();
    for (const name of daemons) {
      await crowd.drip(ports[name], 15);
      await crowd.join(ports[name], idleCount);
    }
    const status = await backup();
    match(status, /Backup OK/);
    match(status, /roost-sd Version/);
    match(status, /roost-fd Version/);
    // There is room for so many and no more: the oldest of the silent ones have been closed.
    const most = 500;
    await waitFor("the rest to be closed", () => crowd.closed >= 3 * (idleCount - most));

    let isOver = false;
    const flood = Promise.all(daemons.map((name) => garbageInBulk(ports[name], garbageCount)))
      .finally(() => isOver = true);
    let served = 0;
    do {
      match(await backup(), /Backup OK/);
      served++;
    } while (!isOver);
    await flood;
    ok(served > 0);
    for (const name of daemons) {
      const more = await installation.peakMemory(name) - (before.get(name) ?? 0);
      ok(more < tolerance, `roost ${name} needed ${Math.round(more / 2 ** 20)} MiB more`);
      const { status, stderr } = await installation.end(name);
      ok(status === 0, `${name}: ${status} ${stderr}`);
      ok(stderr.split("\n").length < 400, `roost ${name} told ${stderr.split("\n").length} lines`);
    }
  } finally {
    await Deno.remove(source, { recursive: true });
  }
});
