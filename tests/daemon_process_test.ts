/**
 * The daemons as processes, started the way their predecessors were: through links, into the
 * background, with a pid file; and what they print of their configuration.
 *
 * @module
 */
import { match, notStrictEqual, ok, strictEqual } from "node:assert";
import { kill } from "node:process";
import { allowPlainConsoles, loginTo } from "./support/console_session.ts";
import { fromFileUrl, join } from "./support/paths.ts";
import { writeScript } from "./support/script.ts";
import { Installation } from "./support/roost.ts";
import { waitFor } from "./support/wait_for.ts";

const executable = fromFileUrl(
  new URL(
    `../dist/roost-${Deno.build.os}-${Deno.build.arch === "aarch64" ? "arm64" : "x64"}`,
    import.meta.url,
  ),
);
const isBuilt = await Deno.stat(executable).then(() => true, () => false);

/** Where the executable is unpacked, which is not the machine's own cache; other users can look into it. */
const cache = await Deno.makeTempDir({ prefix: "roost-cache-" });
await Deno.chmod(cache, 0o755);
Deno.test.afterAll(() => Deno.remove(cache, { recursive: true }));

function lives(pid: number): boolean {
  try {
    kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function pidIn(folder: string, pattern: RegExp): Promise<[path: string, pid: number]> {
  for await (const { name } of Deno.readDir(folder)) {
    if (!pattern.test(name)) continue;
    const path = join(folder, name);
    return [path, Number(await Deno.readTextFile(path))];
  }
  throw new Error(`There is no file ${pattern} in ${folder}`);
}

/** Starts a program through a link of that name; from its sources where no executable is built. */
class Links implements AsyncDisposable {
  readonly #started: number[] = [];
  /** More of the environment of what is started. */
  readonly environment: Record<string, string> = { ROOST_CACHE_DIR: cache };

  private constructor(readonly folder: string) {}

  static async make(): Promise<Links> {
    return new Links(await Deno.makeTempDir({ prefix: "roost-links-" }));
  }

  async run(name: string, ...args: readonly string[]): Promise<[status: number, output: string]> {
    let command = Deno.execPath();
    let words = ["run", "-A", fromFileUrl(new URL("../cli/main.ts", import.meta.url)), ...args];
    if (isBuilt) {
      command = join(this.folder, name);
      words = [...args];
      await Deno.symlink(executable, command).catch(() => {}); // made before
    }
    const { code, stdout, stderr } = await new Deno.Command(command, {
      args: words,
      env: { ...this.environment, ROOST_CALLED_AS: name },
      stdin: "null",
    }).output();
    return [code, new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr)];
  }

  /** Remembers a process to end. */
  started(pid: number): number {
    this.#started.push(pid);
    return pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pid of this.#started) {
      if (!lives(pid)) continue;
      kill(pid, "SIGKILL");
      await waitFor(`process ${pid} to be gone`, () => !lives(pid)); // with what it writes
    }
    await Deno.remove(this.folder, { recursive: true });
  }
}

Deno.test("through its old name a daemon goes to the background when its port is open, and leaves no pid file behind", async () => {
  await using installation = await Installation.create({ backup: Deno.cwd() });
  await using links = await Links.make();
  const work = join(installation.folder, "work");
  const [status, output] = await links.run("bareos-sd", "-c", installation.folder);
  strictEqual(status, 0, output);
  const [path, pid] = await pidIn(work, /^bareos-sd\.\d+\.pid$/);
  links.started(pid);
  ok(lives(pid));
  if (isBuilt && Deno.build.os === "linux") {
    match(await Deno.readTextFile(`/proc/${pid}/comm`), /^bareos-sd/);
  }
  const [, port] = /\.(\d+)\.pid$/.exec(path) ?? [];
  (await Deno.connect({ hostname: "127.0.0.1", port: Number(port) })).close();

  const [second, complaint] = await links.run("bareos-sd", "-c", installation.folder);
  notStrictEqual(second, 0);
  match(complaint, /Cannot listen on|runs already/);
  ok(lives(pid));

  kill(pid, "SIGTERM");
  await waitFor("the daemon to end", () => !lives(pid));
  const gone = await Deno.stat(path).then(() => false, () => true);
  ok(gone, "the pid file is removed");
});

Deno.test("what a daemon in the background has to say goes to the system's log", async () => {
  await using installation = await Installation.create({ backup: Deno.cwd() });
  await using links = await Links.make();
  const heard = join(links.folder, "heard");
  const logger = join(links.folder, "logger");
  writeScript(logger, `#!/bin/sh\nprintf '%s|' "$@" >> "${heard}"\n`);
  links.environment.PATH = `${links.folder}:${Deno.env.get("PATH")}`;
  const [status, output] = await links.run("bareos-fd", "-c", installation.folder);
  strictEqual(status, 0, output);
  const work = join(installation.folder, "work");
  const [path, pid] = await pidIn(work, /^bareos-fd\.\d+\.pid$/);
  links.started(pid);
  const [, port] = /\.(\d+)\.pid$/.exec(path) ?? [];
  using stranger = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  await stranger.write(new TextEncoder().encode("GET / HTTP/1.0\r\n\r\n"));
  const said = new RegExp(
    `^-t\\|bareos-fd\\[${pid}\\]\\|-p\\|daemon.warning\\|--\\|.*127\\.0\\.0\\.1`,
  );
  await waitFor("the complaint", async () => {
    const text = await Deno.readTextFile(heard).catch(() => "");
    return said.test(text);
  });
});

Deno.test("a daemon whose working directory is missing does not start, and says what to do", async () => {
  await using installation = await Installation.create({ backup: Deno.cwd() });
  await using links = await Links.make();
  const work = join(installation.folder, "work");
  await Deno.remove(work, { recursive: true });
  for (const name of ["bareos-sd", "bareos-fd", "bareos-dir"]) {
    for (const more of [["-f"], []]) {
      const [status, output] = await links.run(name, ...more, "-c", installation.folder);
      strictEqual(status, 1, output);
      match(output, /Cannot write into the working directory .*work: it does not exist\. Make it/);
    }
  }
  await Deno.writeTextFile(work, "a file");
  const [status, output] = await links.run("bareos-sd", "-f", "-c", installation.folder);
  strictEqual(status, 1);
  match(output, /Cannot write into the working directory .*work: Not a directory/);
});

Deno.test("a daemon with -f stays, writes the pid file it is told, and refuses to run twice", async () => {
  await using installation = await Installation.create({ backup: Deno.cwd() });
  await using links = await Links.make();
  const path = join(links.folder, "fd.pid");
  await Deno.writeTextFile(path, `${Deno.pid}\n`); // a process that lives: this one
  const [status, output] = await links.run(
    "bareos-fd",
    "-f",
    "-p",
    path,
    "-c",
    installation.folder,
  );
  strictEqual(status, 1);
  match(output, new RegExp(`process ${Deno.pid} runs already`));
  strictEqual(await Deno.readTextFile(path), `${Deno.pid}\n`);
});

Deno.test("command lines that cannot be understood and configurations that cannot be read have their own status", async () => {
  await using links = await Links.make();
  strictEqual((await links.run("bareos-fd", "-Z"))[0], 41);
  strictEqual((await links.run("bareos-fd", "-xc"))[0], 41);
  strictEqual((await links.run("bareos-sd", "--xc", "--xs"))[0], 41);
  strictEqual((await links.run("bareos-dir", "-t", "-c", "/nowhere/at/all"))[0], 41);
  const [status, output] = await links.run("bareos-dir", "-t", "-c", links.folder);
  strictEqual(status, 42);
  match(output, /Failed to find configuration files under directory/);
  strictEqual((await links.run("bareos-dir", "--help"))[0], 0);
});

Deno.test("--xc prints what can be read back, --xs what a configuration may hold", async () => {
  await using installation = await Installation.create({ backup: Deno.cwd() });
  await using links = await Links.make();
  const [status, text] = await links.run("bareos-dir", "-c", installation.folder, "--xc");
  strictEqual(status, 0);
  const copy = join(links.folder, "bareos-dir.conf");
  await Deno.writeTextFile(copy, text);
  const [again, same] = await links.run("bareos-dir", "-c", copy, "--xc");
  strictEqual(again, 0, same);
  strictEqual(same, text);
  const [, client] = await links.run(
    "bareos-dir",
    "-c",
    installation.folder,
    "--xc",
    "client",
    "roost-fd",
  );
  match(client, /^Client \{\n {2}Name = "roost-fd"\n/);
  strictEqual(
    (await links.run("bareos-dir", "-c", installation.folder, "--xc", "pool", "no"))[0],
    1,
  );
  const [, schema] = await links.run("bareos-fd", "--xs");
  strictEqual(JSON.parse(schema).resource["bareos-fd"].Client.Name.datatype, "NAME");
});

Deno.test("a daemon run as another user has its rights and no more", {
  ignore: Deno.build.os !== "linux" || Deno.uid() !== 0,
}, async () => {
  await using installation = await Installation.create({ backup: Deno.cwd() });
  await using links = await Links.make();
  // A test of the configuration is made as that user, too: here the working directory is root's.
  const test = ["-t", "-c", installation.folder];
  strictEqual((await links.run("bareos-dir", ...test))[0], 0);
  const [refused, why] = await links.run("bareos-dir", "-u", "nobody", ...test);
  strictEqual(refused, 1, why);
  match(why, /work/);
  const folder = installation.folder.replace(/\/[^/]+$/, "");
  await new Deno.Command("chown", { args: ["-R", "nobody", folder] }).output();
  await new Deno.Command("chmod", { args: ["-R", "go+rX", folder] }).output();
  const [status, output] = await links.run(
    "bareos-sd",
    "-u",
    "nobody",
    "-c",
    installation.folder,
  );
  strictEqual((await links.run("bareos-dir", "-u", "nobody", ...test))[0], 0);
  strictEqual(status, 0, output);
  const [, pid] = await pidIn(join(installation.folder, "work"), /^bareos-sd\.\d+\.pid$/);
  links.started(pid);
  const facts = await Deno.readTextFile(`/proc/${pid}/status`);
  const [, uid] = /^Uid:\t(\d+)\t/m.exec(facts) ?? [];
  notStrictEqual(uid, "0");
  for (const task of Deno.readDirSync(`/proc/${pid}/task`)) {
    match(
      await Deno.readTextFile(`/proc/${pid}/task/${task.name}/status`),
      new RegExp(`^Uid:\t${uid}\t`, "m"),
    );
  }
});

Deno.test("who runs as another user has that one's home, and no password file of another's home", {
  ignore: Deno.build.os !== "linux" || Deno.uid() !== 0,
}, async () => {
  const closed = await Deno.makeTempDir(); // its owner's alone
  try {
    const module = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
    const program = `
      import { becomeUser } from ${module("../cli/daemon/process_calls.ts")};
      import { findUser } from ${module("../cli/daemon/find_user.ts")};
      import { serverPassword } from ${module("../cli/catalog_place.ts")};
      const target = { transport: "unix", path: "/nowhere/.s.PGSQL.5432" };
      const owner = { target, database: "bareos", user: "bareos" };
      becomeUser(findUser("nobody", undefined));
      console.log(["LOGNAME", "USER", "HOME"].map((name) => Deno.env.get(name)).join(":"));
      Deno.env.set("HOME", ${JSON.stringify(closed)});
      serverPassword(owner);
      Deno.env.set("PGPASSFILE", ${JSON.stringify(join(closed, "named"))});
      for (const _ of "twice.") serverPassword(owner);
    `;
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--no-check", program],
    }).output();
    const { stdout: entry } = await new Deno.Command("getent", { args: ["passwd", "nobody"] })
      .output();
    const [name = "", , , , , home = ""] = new TextDecoder().decode(entry).split(":");
    strictEqual(new TextDecoder().decode(stdout), `${name}:${name}:${home}\n`);
    // One warning, and only of the file that was named.
    match(
      new TextDecoder().decode(stderr),
      /^The password file \S+\/named is not used: .*[Pp]ermission denied.*\n$/,
    );
  } finally {
    await Deno.remove(closed, { recursive: true });
  }
});

Deno.test("a director that root started as another user can start its program again", {
  ignore: Deno.build.os !== "linux" || Deno.uid() !== 0 || !isBuilt,
}, async () => {
  await using installation = await Installation.create({ backup: Deno.cwd() });
  await using links = await Links.make();
  await allowPlainConsoles(installation);
  const folder = installation.folder.replace(/\/[^/]+$/, "");
  await new Deno.Command("chown", { args: ["-R", "nobody", folder] }).output();
  const config = ["-c", installation.folder];
  const [status, output] = await links.run("bareos-dir", "-u", "nobody", ...config);
  strictEqual(status, 0, output);
  const work = join(installation.folder, "work");
  const [, pid] = await pidIn(work, /^bareos-dir\.\d+\.pid$/);
  links.started(pid);
  // Root has unpacked it, and the other user can execute it.
  const runtime = await Deno.readLink(`/proc/${pid}/exe`);
  strictEqual(runtime.startsWith(`${cache}/`), true, runtime);
  strictEqual((await Deno.stat(runtime)).uid, 0);
  const [, uid] = /^Uid:\t(\d+)\t/m.exec(await Deno.readTextFile(`/proc/${pid}/status`)) ?? [];
  notStrictEqual(uid, "0");
  const started = new Deno.Command(runtime, { args: ["--version"], uid: Number(uid), cwd: "/" });
  strictEqual((await started.output()).code, 0);
  const session = await loginTo(installation);
  try {
    match(await session.call('.sql query="SELECT 40 + 2 AS n"'), /^42$/m);
  } finally {
    await session.close();
  }
});
