import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { join } from "node:path";
import { serviceNames, serviceSystems } from "./service_units.ts";

const main = new URL("./main.ts", import.meta.url).pathname;

async function roost(...args: readonly string[]): Promise<{ code: number; text: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", main, ...args],
    env: { ROOST_CALLED_AS: "roost", ROOST_EXECUTABLE: Deno.execPath() },
  }).output();
  return { code, text: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

async function inFolder(scene: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await scene(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("service: a systemd unit starts the daemon with its configuration, and again after failures", () => {
  const text = serviceSystems.systemd.text("fd", {
    executable: "/usr/local/bin/roost",
    config: '/etc/my "50%" $HOME',
  });
  const lines = text.split("\n");
  const start = String.raw`ExecStart=/usr/local/bin/roost fd -f -c "/etc/my \"50%%\" $$HOME"`;
  for (
    const line of [
      start,
      "Type=simple",
      "After=network-online.target time-sync.target",
      "Restart=on-failure",
      "RestartPreventExitStatus=41 42",
      "WantedBy=multi-user.target",
    ]
  ) ok(lines.includes(line), `${line} in ${text}`);
  // A mount namespace hides files from a backup; without writable code the runtime does not start.
  ok(!/^(Protect|Private|MemoryDeny|NoNewPriv|ReadOnly|RestrictSUID)/m.test(text));
});

Deno.test("service: a launchd list has the same words as the systemd unit", () => {
  const parts = { executable: "/usr/local/bin/roost", config: "/etc/a&b<c" };
  for (const name of serviceNames) {
    const text = serviceSystems.launchd.text(name, parts);
    const words = text.match(/<array>[^]*<\/array>/)?.[0].matchAll(/<string>(.*)<\/string>/g) ?? [];
    const unit = serviceSystems.systemd.text(name, { ...parts, config: "/etc/x" });
    const start = /^ExecStart=(.*)$/m.exec(unit)?.[1]?.split(" ");
    deepStrictEqual([...words].map(([, word]) => word), start?.with(-1, "/etc/a&amp;b&lt;c"));
  }
});

Deno.test("service: a path with a line break cannot smuggle a line into a unit", () => {
  for (const { text } of Object.values(serviceSystems)) {
    let message = "";
    try {
      text("fd", { executable: "/bin/roost", config: "/etc\nExecStartPre=/bin/evil" });
    } catch (error) {
      message = String(error);
    }
    match(message, /cannot be in a unit/);
  }
});

Deno.test("service: install and uninstall, but never what somebody else wrote", () =>
  inFolder(async (folder) => {
    for (const system of ["systemd", "launchd"] as const) {
      const options = ["--system", system, "--folder", folder];
      const installed = await roost("service", "install", "dir", "sd", "-c", folder, ...options);
      strictEqual(installed.code, 0, installed.text);
      match(installed.text, /systemctl enable --now roost-sd|launchctl bootstrap system/);
      const path = join(folder, serviceSystems[system].fileName("dir"));
      const printed = await roost("service", "print", "dir", "-c", folder, "--system", system);
      strictEqual(printed.text, await Deno.readTextFile(path));
      const removed = await roost("service", "uninstall", "dir", "sd", ...options);
      strictEqual(removed.code, 0, removed.text);
      deepStrictEqual([...Deno.readDirSync(folder)], []);

      await Deno.writeTextFile(path, "mine");
      for (const action of ["install", "uninstall"]) {
        const refused = await roost("service", action, "dir", "-c", folder, ...options);
        strictEqual(refused.code, 1, refused.text);
        strictEqual(await Deno.readTextFile(path), "mine");
      }
      await Deno.remove(path);
    }
    const absent = await roost("service", "install", "-c", `${folder}/none`, "--folder", folder);
    strictEqual(absent.code, 1);
    match(absent.text, /none: it is not there/);
  }));

const hasAnalyzer = (() => {
  try {
    return Deno.statSync("/usr/bin/systemd-analyze").isFile;
  } catch {
    return false;
  }
})();

Deno.test({
  name: "service: systemd finds no fault in the units",
  ignore: !hasAnalyzer,
  fn: () =>
    inFolder(async (folder) => {
      const config = join(folder, "a b");
      await Deno.mkdir(config);
      const paths: string[] = [];
      for (const name of serviceNames) {
        const path = join(folder, serviceSystems.systemd.fileName(name));
        const unit = serviceSystems.systemd.text(name, { executable: Deno.execPath(), config });
        await Deno.writeTextFile(path, unit);
        paths.push(path);
      }
      const verify = async () => {
        const { success, stderr } = await new Deno.Command("/usr/bin/systemd-analyze", {
          args: ["verify", "--man=no", "--recursive-errors=no", ...paths],
        }).output();
        const text = new TextDecoder().decode(stderr);
        return { success, ours: text.split("\n").filter((line) => line.includes(folder)) };
      };
      deepStrictEqual(await verify(), { success: true, ours: [] });
      // The analyzer does see faults.
      const [first = ""] = paths;
      const text = await Deno.readTextFile(first);
      await Deno.writeTextFile(first, text.replace("LockPersonality", "LockPersonalty"));
      ok((await verify()).ours.some((line) => line.includes("LockPersonalty")));
    }),
});
