/** A device that `Count` multiplies: jobs write side by side, each on a device and a volume of its own. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { join } from "./support/paths.ts";
import { Installation } from "./support/roost.ts";
import { makeLargeFile } from "./support/sample.ts";
import { waitFor } from "./support/wait_for.ts";

Deno.test("twelve jobs on a device with Count = 4 end well and restore", async () => {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await makeLargeFile(join(source, "large"), 3_000_000);
    await using installation = await Installation.create({ backup: source });
    const add = async (path: string, lines: string): Promise<void> => {
      const text = await Deno.readTextFile(join(installation.folder, path));
      await installation.configure(path, text.replace(/\}\s*$/, `  ${lines}\n}\n`));
    };
    const device = "bareos-sd.d/device/FileStorage.conf";
    const text = await Deno.readTextFile(join(installation.folder, device));
    await installation.configure(
      device,
      text.replace(/^.*Maximum Concurrent Jobs.*\n/im, "")
        .replace(/\}\s*$/, "  Count = 4\n  Maximum Concurrent Jobs = 1\n}\n"),
    );
    await add("bareos-dir.d/storage/File.conf", "Auto Changer = yes");
    await add("bareos-dir.d/job/Backup.conf", "Maximum Concurrent Jobs = 12");
    await installation.start();
    const commands = Array.from({ length: 12 }, () => "run job=Backup level=Full yes");
    // Slow at first: none is done before the others have come.
    let log = await installation.console("setbandwidth client=roost-fd limit=50", ...commands);
    const used = () =>
      new Set([...log.matchAll(/Using Device "(FileStorage\d+)"/g)].map(([, name]) => name));
    await waitFor("jobs on all devices", async () => {
      log += await installation.console("messages");
      return used().size === 4;
    });
    log += await installation.console(
      "setbandwidth client=roost-fd limit=0",
      "wait",
      "messages",
      "list jobs",
      "list volumes pool=Full",
      "status storage=File",
    );
    deepStrictEqual(log.match(/Termination: {12}Backup OK\n/g)?.length, 12);
    match(
      log,
      /Autochanger "FileStorage" with devices:\n {3}"FileStorage0000".*\n {3}"FileStorage0001"/,
    );
    const volumes = new Set(log.match(/Full-000\d/g));
    strictEqual(volumes.size, 4, `${[...volumes]}`);
    strictEqual(used().size, 4, `${[...used()]}`);
    for (const jobId of [1, 12]) {
      const where = join(installation.folder, `restored-${jobId}`);
      const restored = await installation.console(
        `restore jobid=${jobId} client=roost-fd where=${where} all done yes`,
        "wait",
        "messages",
      );
      match(restored, /Termination: {12}Restore OK\n/);
      const [saved, back] = await Promise.all(
        [join(source, "large"), join(where, source, "large")].map((path) => Deno.readFile(path)),
      );
      ok(saved !== undefined && back !== undefined && saved.every((byte, at) => byte === back[at]));
    }
  } finally {
    await Deno.remove(source, { recursive: true });
  }
});
