/** The console as a program: its options, exit statuses, and what it says before a session (console.md 1). */
import assert from "node:assert/strict";
import { homedir } from "node:os";
import { Signal } from "../protocol/mod.ts";
import { join } from "./support/paths.ts";
import { fromSource } from "./support/roost.ts";
import { SmallDirector } from "./support/small_director.ts";

/** Runs the console to its end with lines at its standard input. */
async function run(args: readonly string[], input = "", env: Record<string, string> = {}) {
  const [program, ...first] = fromSource;
  const process = new Deno.Command(program, {
    args: [...first, "console", ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1", ...env },
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input)).catch(() => {}); // it may have ended
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await process.output();
  const decoder = new TextDecoder();
  return { status: code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

const directorText = (name: string, port: number, more = ""): string =>
  `Director { Name = ${name}; Address = 127.0.0.1; Port = ${port}; TlsEnable = no; ${more} }\n`;

/** The same by a shell, which has it read from and write to somewhere else. */
async function runByShell(path: string, redirection: string) {
  const words = [...fromSource, "console", "-c", path].map((word) => `'${word}'`).join(" ");
  const { stdout, stderr } = await new Deno.Command("/bin/sh", {
    args: ["-c", `(${words}; echo "status $?" >&2) ${redirection}`],
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Files in a folder that is gone in the end. */
async function inFolder(
  files: Readonly<Record<string, string>>,
  work: (path: (name: string) => string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "roost-program-" });
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.mkdir(join(folder, name, ".."), { recursive: true });
      await Deno.writeTextFile(join(folder, name), text);
    }
    await work((name) => join(folder, name));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("the console ends with the status of what was wrong, and says it on standard error", async () => {
  const good = directorText("one", 1, "Password = x");
  await inFolder({
    "good.conf": good,
    "two.conf": good + directorText("two", 2, "Password = y"),
    "none.conf": "Console { Name = me; Password = x }\n",
    "nopassword.conf": directorText("one", 1),
    "bad.conf": "Director { Name = one; Colour = red }\n",
    "tree/bconsole.d/director/one.conf": good,
    "tree/bconsole.d/console/me.conf": 'Console { Name = me; Password = "x"; RcFile = "/x" }\n',
    "empty/other.conf": "",
  }, async (path) => {
    await Promise.all(([
      [["-t", `-c${path("good.conf")}`, "-d100", "--dt", "-u10"], 0, "", ""],
      [["-t", "-c", path("tree")], 0, "", ""],
      [["-l", "-c", path("two.conf")], 0, "one\ntwo\n", ""],
      [["--xs"], 0, /^\{\n {2}"format-version": 2,\n {2}"component": "bconsole",\n/, ""],
      [
        ["--xc", "-c", path("tree")],
        0,
        /^Console \{\n {2}Name = "me"\n[^]*Password = "\[md5\][^]*\nDirector \{\n {2}Name = "one"\n/,
        "",
      ],
      [["surplus"], 41, "", /surplus/],
      [["-c", path("missing.conf")], 41, "", /--config: path does not exist: .*missing\.conf\n$/],
      [["-t", "-c", path("bad.conf")], 42, "", /Keyword "Colour" not permitted/],
      [["-t", "-c", path("empty")], 42, "", /^Config error: Failed to find configuration files/],
      [["-t", "-c", path("none.conf")], 42, "", /No Director resource defined in .*none\.conf/],
      [
        ["-t", "-c", path("nopassword.conf")],
        42,
        "",
        /Password item is required in Director resource \(since no Console resource is specified\), but not found\./,
      ],
      [["-D", "three", "-c", path("two.conf")], 1, "", "Can't find three in Director list\n"],
      [
        ["-p", path("missing"), "-c", path("good.conf")],
        1,
        /^Connecting to Director 127\.0\.0\.1:1\n$/,
        /^Cannot read PAM credentials from \S+: No such file or directory\n$/,
      ],
    ] as const).map(async ([args, status, stdout, stderr]) => {
      const outcome = await run(args);
      const name = args.join(" ");
      assert.equal(outcome.status, status, `${name}: ${outcome.stderr}`);
      for (const [got, wanted] of [[outcome.stdout, stdout], [outcome.stderr, stderr]] as const) {
        if (typeof wanted === "string") assert.equal(got, wanted, name);
        else assert.match(got, wanted, name);
      }
    }));
  });
});

Deno.test("a session ends with 0 however commands end; with 1 if there is none", async () => {
  const director = new SmallDirector((line) => {
    if (line === "quit" || line === "crash") return undefined;
    return line === "hang" ? ["begun\n"] : [`<${line}>\n`, Signal.EOD];
  });
  const listener = director.listen();
  const [port = 0] = listener.ports;
  try {
    await inFolder({
      "right.conf": directorText("d", port, "Password = secret"),
      "wrong.conf": directorText("d", port, "Password = other"),
      "home/.bconsolerc": "from the start file\n",
    }, async (path) => {
      // The start file is looked for at home; the runtime's own files stay where they are.
      const cache = Deno.env.get("DENO_DIR") ?? join(homedir(), ".cache/deno");
      const env = { HOME: path("home"), DENO_DIR: cache };
      const right = ["-c", path("right.conf")];
      const begin = `Connecting to Director 127.0.0.1:${port}
 Encryption: None
1000 OK: d Version: 26.0.0 (today)
welcome

Enter a period (.) to cancel a command.
from the start file
<from the start file>
`;
      await Promise.all(([
        ["", ""],
        ["one\ntwo \r\n\n", "one\n<one>\ntwo \r\n<two>\n\n<>\n"],
        ["one", "one\n<one>\n"],
        ["one\nquit\ntwo\n", "one\n<one>\nquit\n"],
        ["one\n@quit\ntwo\n", "one\n<one>\n@quit\n"],
        ["one\n.quit\ntwo\n", "one\n<one>\n.quit\n"],
        ["one\ncrash\ntwo\n", "one\n<one>\ncrash\n"],
        ["@echo a\n@nonsense\n", "@echo a\na \n@nonsense\n@nonsense: is an invalid command\n"],
      ] as const).map(async ([input, printed]) => {
        const { status, stdout, stderr } = await run(right, input, env);
        assert.deepEqual([status, stdout, stderr], [0, begin + printed, ""], JSON.stringify(input));
      }));
      // On a machine with much else to do a second is too short for the answers before.
      for (const seconds of [1, 10, 100]) {
        const late = await run([...right, "-u", `${seconds}`], "hang\n", env);
        assert.equal(late.status, 1, late.stderr);
        assert.match(late.stderr, /^[A-Z][^\n]+\n$/);
        const wanted = `${begin}hang\nbegun\n`;
        if (late.stdout === wanted) break;
        assert.ok(seconds < 100 && wanted.startsWith(late.stdout), late.stdout);
      }
      const config = path("right.conf");
      for (
        const [redirection, wanted] of [
          ["< /dev/zero | head -n 1", /^status 1\n$/],
          [
            "< /dev/null > /dev/full",
            /^Cannot write to standard output: No space left on device\nstatus 1\n$/,
          ],
          ["< /", /^Cannot read standard input: Is a directory\nstatus 1\n$/],
        ] as const
      ) assert.match((await runByShell(config, redirection)).stderr, wanted);
      const { status, stderr } = await run(["-c", path("wrong.conf")], "one\n", env);
      assert.equal(status, 1);
      assert.match(stderr, /password/);
      assert.doesNotMatch(stderr, /Uncaught|\.ts:/);
    });
  } finally {
    await listener.close(0);
  }
});

Deno.test("a signal ends the session with status 1, or as the system does it with -s", async () => {
  const director = new SmallDirector((line) => [`<${line}>\n`, Signal.EOD]);
  const listener = director.listen();
  const [port = 0] = listener.ports;
  try {
    await inFolder({ "one.conf": directorText("d", port, "Password = secret") }, async (path) => {
      const [program, ...first] = fromSource;
      await Promise.all((["SIGTERM", "SIGHUP", "SIGINT", "-s"] as const).map(async (how) => {
        const isDeaf = how === "-s";
        const process = new Deno.Command(program, {
          args: [...first, "console", "-c", path("one.conf"), ...(isDeaf ? ["-s"] : [])],
          stdin: "piped",
          stdout: "piped",
          stderr: "null",
          env: { NO_COLOR: "1" },
        }).spawn();
        const writer = process.stdin.getWriter();
        await writer.write(new TextEncoder().encode("one\n"));
        const decoder = new TextDecoder();
        let text = "";
        // It hears signals from the first command on.
        for await (const bytes of process.stdout) {
          text += decoder.decode(bytes, { stream: true });
          if (text.includes("<one>")) break;
        }
        process.kill(isDeaf ? "SIGTERM" : how);
        const { code, signal } = await process.status;
        await writer.close().catch(() => {}); // nobody reads it any more
        assert.deepEqual([code, signal], isDeaf ? [143, "SIGTERM"] : [1, null], how);
      }));
    });
  } finally {
    await listener.close(0);
  }
});
