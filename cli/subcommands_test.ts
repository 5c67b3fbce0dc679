import { deepStrictEqual, match, notStrictEqual, strictEqual } from "node:assert";
import { subcommands, whyNoProgram } from "./subcommands.ts";

const main = new URL("./main.ts", import.meta.url).pathname;

async function roost(
  args: readonly string[],
  { calledAs = "roost", input = "" } = {},
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", main, ...args],
    env: { ROOST_CALLED_AS: calledAs },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input)).catch(() => {}); // it need not read
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Runs a subcommand here, and gives its status and what it printed, to either stream. */
async function here(load: () => Promise<{ main(args: readonly string[]): Promise<number> }>) {
  const program = await load();
  const { log, error } = console;
  const [out, err]: [string[], string[]] = [[], []];
  console.log = (text: string) => void out.push(text);
  console.error = (text: string) => void err.push(text);
  try {
    return { status: await program.main(["--help"]), out: out.join("\n"), err: err.join("\n") };
  } finally {
    Object.assign(console, { log, error });
  }
}

for (const { name, load } of subcommands) {
  Deno.test(`${name} --help tells its usage on standard output, with status 0`, async () => {
    const { status, out, err } = await here(load);
    strictEqual(status, 0);
    match(out, /^Usage: /);
    strictEqual(err, "");
  });
}

Deno.test("no name of a link means two programs, or one that is said to be missing", () => {
  const names = subcommands.flatMap(({ linkNames }) => linkNames);
  strictEqual(new Set(names).size, names.length);
  deepStrictEqual(names.filter((name) => whyNoProgram(name) !== undefined), []);
});

Deno.test("help of a word is that of the subcommand, also by the name that Bareos has for it", async () => {
  const [own, theirs, nobodys] = await Promise.all([
    roost(["help", "dbcheck"]),
    roost(["help", "bareos-dbcheck"]),
    roost(["help", "nonsense"]),
  ]);
  strictEqual(own.code, 0);
  match(own.stdout, /^Usage: dbcheck /);
  strictEqual(theirs.stdout, own.stdout);
  strictEqual(nobodys.code, 41);
  match(nobodys.stderr, /there is no subcommand nonsense/);
});

Deno.test("the console and daemons speak of themselves by the name of the link that was called, if one was", async () => {
  const [usage, linked, plain, daemon] = await Promise.all([
    roost(["-?"], { calledAs: "bconsole" }),
    roost(["--colour"], { calledAs: "bconsole" }),
    roost(["console", "--colour"]),
    roost(["sd", "--colour"], { calledAs: "roost-linux-x64" }), // and stays in the foreground
  ]);
  match(usage.stdout, /^Usage: bconsole /);
  match(linked.stderr, /^bconsole: .*--colour/);
  match(plain.stderr, /^roost console: .*--colour/);
  match(daemon.stderr, /^roost sd: .*--colour/);
  deepStrictEqual([usage, linked, plain, daemon].map(({ code }) => code), [0, 41, 41, 41]);
});

Deno.test("dbcheck says what is wrong with its words, and how a catalog is named", async () => {
  const words = ["/var/lib/bareos", "bareos", "user", "secret"];
  const [older, wrong] = await Promise.all([
    roost(words, { calledAs: "bareos-dbcheck" }),
    roost(["dbcheck", "--colour"]),
  ]);
  match(older.stderr, /-c PATH -C NAME.*"\/var\/lib\/bareos"\n/);
  strictEqual(older.stderr.includes("secret"), false);
  match(wrong.stderr, /^roost dbcheck: .*--colour/);
  deepStrictEqual([older.code, wrong.code], [1, 1]);
});

Deno.test("a link with the name of a program that is not there fails and says what to use", async () => {
  // As a mail command or script would call it: status 0 would let the caller believe in it.
  const { code, stderr } = await roost(["-h"], { calledAs: "bareos-dbcopy" });
  notStrictEqual(code, 0);
  match(stderr, /bareos-dbcopy is no part of Roost: roost catalog copy/);
});

Deno.test("bregex and bwild print the lines that match, by number, and go on after a malformed pattern", async () => {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeFile(file, new TextEncoder().encode("/etc/passwd\n/ETC/shadow\n/home/x.o\n"));
    const [regex, wild] = await Promise.all([
      roost(["-f", file], { calledAs: "bregex", input: "[\n^/etc/.*d$\n\nnever read\n" }),
      roost(["-f", file, "-i", "-n", "-l"], { calledAs: "bwild", input: "/etc/*\n" }),
    ]);
    strictEqual(
      regex.stdout,
      "Enter regex pattern: Compile error: Unmatched [, [^, [:, [., or [=\n" +
        "Enter regex pattern:     1: /etc/passwd\nEnter regex pattern: \n",
    );
    strictEqual(wild.stdout, "Enter a wild-card: /home/x.o\nEnter a wild-card: \n");
    deepStrictEqual([regex.code, wild.code], [0, 0]);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("bash completes subcommands, and the options of each", {
  ignore: !await Deno.stat("/bin/bash").then(() => true, () => false),
}, async () => {
  const { stdout } = await roost(["completion", "bash"]);
  const script = `roost() { "${Deno.execPath()}" run -A "${main}" "$@"; }
${stdout}
complete_words() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _roost; echo "\${COMPREPLY[*]}"; }
complete_words roost bs
complete_words roost help keyg
complete_words roost catalog --re
`;
  const { stdout: said } = await new Deno.Command("/bin/bash", { args: ["-c", script] }).output();
  strictEqual(new TextDecoder().decode(said), "bscan bsmtp\nkeygen\n--remove\n");
});
