/** Signs of life during a job that takes long, seen between the daemons (wire.md 14). */
import { match, strictEqual } from "node:assert";
import { FRAME_HEADER, headerAt, Signal } from "../protocol/mod.ts";
import { RESOURCE_FILES as files, Rewriter } from "./support/rewrite.ts";
import { Installation } from "./support/roost.ts";
import { waitFor } from "./support/wait_for.ts";

/** Passes bytes on between who connects and a port, and counts heartbeats of the latter. */
class Watch implements Disposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #target: number;
  /** Heartbeats by connection, in the order in which they were opened. */
  readonly counts: number[] = [];

  constructor(target: number) {
    this.#target = target;
    void this.#accept();
  }

  get port(): number {
    return (this.#listener.addr as Deno.NetAddr).port;
  }

  async #accept(): Promise<void> {
    for await (const near of this.#listener) {
      const far = await Deno.connect({ hostname: "127.0.0.1", port: this.#target });
      void near.readable.pipeTo(far.writable).catch(() => {});
      const index = this.counts.push(0) - 1;
      void far.readable.pipeThrough(this.#counter(index)).pipeTo(near.writable).catch(() => {});
    }
  }

  /** Follows the frames and lets all bytes pass. */
  get heartbeats(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }

  #counter(index: number): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
    let rest = new Uint8Array(0);
    return new TransformStream({
      transform: (bytes, controller) => {
        controller.enqueue(bytes);
        const all = new Uint8Array([...rest, ...bytes]);
        let at = 0;
        while (all.length - at >= FRAME_HEADER) {
          const header = headerAt(all, at);
          if (header === Signal.HEARTBEAT) this.counts[index] = (this.counts[index] ?? 0) + 1;
          const length = FRAME_HEADER + Math.max(0, header);
          if (all.length - at < length) break;
          at += length;
        }
        rest = all.slice(at);
      },
    });
  }

  [Symbol.dispose](): void {
    this.#listener.close();
  }
}

Deno.test("a file daemon with a Heartbeat Interval tells the director that it is alive, else nothing", async () => {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await Deno.writeTextFile(`${source}/file`, "content\n".repeat(6_000));
    await using installation = await Installation.create({ backup: source });
    const rewriter = new Rewriter(installation);
    using watch = new Watch(Number(await rewriter.value(files.file, "Port")));
    const off = "TLS Enable = no";
    for (const file of [files.storage, files.storageDaemon, files.storageDirector]) {
      await rewriter.add(file, off, "Heartbeat Interval = 1 s");
    }
    await rewriter.add(files.storageDirector, off);
    await rewriter.add(files.fileDirector, off);
    await rewriter.add(files.file, off);
    const client = await Deno.readTextFile(rewriter.path(files.client));
    const elsewhere = client.replace(/Port = .*/, `Port = ${watch.port}`);
    await installation.configure(files.client, elsewhere.replace(/\}\s*$/, `  ${off}\n}\n`));
    const set = "bareos-dir.d/fileset/SelfTest.conf";
    const text = await Deno.readTextFile(rewriter.path(set));
    // The client takes two seconds for its list of files, and then as long as it is to be slow.
    const go = `${installation.folder}/go`;
    const script = `sleep 2; until [ -e ${go} ]; do sleep 0.1; done; echo ${source}`;
    await installation.configure(
      set,
      text.replace(/File = .*/, () => `File = "\\\\|sh -c '${script}'"`),
    );
    await Deno.writeTextFile(go, "");

    await installation.start();
    const backup = "run job=Backup level=Full yes";
    match(await installation.console(backup, "wait", "messages"), /Backup OK/);
    strictEqual(watch.heartbeats, 0);
    await installation.end("fd");
    await rewriter.add(files.file, off, "Heartbeat Interval = 1 s");
    await installation.start("fd");
    await Deno.remove(go);
    await installation.console(backup);
    await waitFor("two heartbeats", () => watch.heartbeats >= 2);
    await Deno.writeTextFile(go, "");
    match(await installation.console("wait", "messages"), /Backup OK/);

    // Also while it restores, and while it compares what is on volumes: both take their time.
    await installation.configure(
      "bareos-dir.d/job/Verify.conf",
      "Job { Name = Verify; JobDefs = DefaultJob; Type = Verify; Level = VolumeToCatalog; Job To Verify = Backup }\n",
    );
    await installation.console("reload");
    const where = `${installation.folder}/restored`;
    for (
      const [command, ending] of [
        [`restore client=roost-fd where=${where} select current all done yes`, /Restore OK/],
        ["run job=Verify yes", /Verify OK/],
      ] as const
    ) {
      const before = watch.heartbeats;
      await installation.console("setbandwidth client=roost-fd limit=1", command);
      await waitFor(`two heartbeats of: ${command}`, () => watch.heartbeats >= before + 2);
      const rest = await installation.console(
        ...["setbandwidth client=roost-fd limit=0", "wait", "messages"],
      );
      match(rest, ending);
    }
  } finally {
    await Deno.remove(source, { recursive: true });
  }
});

Deno.test("a storage daemon that waits for a volume tells director and client that it is alive", async () => {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await Deno.writeTextFile(`${source}/file`, "content\n");
    await using installation = await Installation.create({ backup: source });
    const rewriter = new Rewriter(installation);
    using watch = new Watch(Number(await rewriter.value(files.storageDaemon, "Port")));
    const off = "TLS Enable = no";
    for (const file of [files.storageDirector, files.fileDirector, files.file, files.client]) {
      await rewriter.add(file, off);
    }
    await rewriter.add(files.storageDaemon, off, "Heartbeat Interval = 1 s");
    const storage = await Deno.readTextFile(rewriter.path(files.storage));
    const elsewhere = storage.replace(/Port = .*/, `Port = ${watch.port}`);
    await installation.configure(files.storage, elsewhere.replace(/\}\s*$/, `  ${off}\n}\n`));
    const device = "bareos-sd.d/device/FileStorage.conf";
    const text = await Deno.readTextFile(rewriter.path(device));
    await installation.configure(
      device,
      text.replace(/Label ?Media\s*=\s*yes/i, "Label Media = no"),
    );
    await installation.start();
    await installation.console("run job=Backup level=Full yes");
    await waitFor(
      "three heartbeats on each of the two connections of the job",
      () => watch.counts.filter((count) => count >= 3).length === 2,
    );
    match(await installation.console("cancel jobid=1", "wait", "messages"), /Backup Canceled/);
  } finally {
    await Deno.remove(source, { recursive: true });
  }
});
