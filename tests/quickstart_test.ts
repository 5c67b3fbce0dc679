/** `roost quickstart`, the first thing that a user sees of Roost: from nothing, on a terminal, twice. */
import { doesNotMatch, match, ok, strictEqual } from "node:assert";
import { join } from "./support/paths.ts";
import { fromSource } from "./support/roost.ts";
import { makeSmallFiles, makeSpecialFiles } from "./support/sample.ts";

const hasTerminal = await new Deno.Command("script", { args: ["--version"], stdout: "null" })
  .output().then(({ success }) => success, () => false);

/** Runs the command, on a terminal where there is one, and gives what it showed. */
async function quickstart(...args: readonly string[]): Promise<{ code: number; shown: string }> {
  const words = [...fromSource, "quickstart", ...args];
  const [program = "", ...rest] = hasTerminal
    ? ["script", "-qefc", words.map((word) => `'${word}'`).join(" "), "/dev/null"]
    : words;
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: rest,
    stdin: "null",
    env: { TERM: "xterm", NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { code, shown: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** Processes whose command line names a folder. */
async function processesOf(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const line = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
    if (line.includes(folder)) found.push(line.replaceAll("\0", " "));
  }
  return found;
}

Deno.test("quickstart shows a backup, restores, compares, leaves nothing running, and can be run again", async () => {
  const folder = await Deno.makeTempDir({ prefix: "roost-quickstart-" });
  try {
    const source = join(folder, "data");
    const keep = join(folder, "kept");
    await makeSmallFiles(join(source, "small"), 1_500);
    await makeSpecialFiles(join(source, "special"));
    let all = "";
    for (const _round of ["first", "again"]) {
      const { code, shown } = await quickstart("--keep", keep, source);
      strictEqual(code, 0, shown);
      match(shown, /Termination: +Backup OK\r?\n[^]*Termination: +Restore OK\r?\n/);
      match(shown, /Compared 1,5\d\d files with the originals: all the same\./);
      match(shown, /Restored without comparing 1 whose names are not UTF-8/);
      doesNotMatch(shown, /warning/i);
      match(shown, /roost all -c /);
      all += shown;
      if (Deno.build.os === "linux") strictEqual((await processesOf(folder)).join("\n"), "");
    }
    // The line that moves while a job runs: one of the four is long enough to be met at work.
    if (hasTerminal) match(all, /\r {2}[\d,]+ files, [\d,]+ bytes, [\d,]+ bytes\/s/);
    // What it did not make, it does not remove.
    await Deno.remove(join(keep, "made-by-quickstart"));
    const { code, shown } = await quickstart("--keep", keep, source);
    strictEqual(code, 1);
    match(shown, /holds a configuration already/);
    ok((await Deno.stat(join(keep, "volumes"))).isDirectory);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
