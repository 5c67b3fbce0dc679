/**
 * Bacula's bconsole on our director and our console on bacula-dir, fed through a pipe (bacula.md 7, 8,
 * 19.1, 19.2).
 */
import { deepStrictEqual, doesNotMatch, ok } from "node:assert";
import { hasBacula } from "./support/bacula.ts";
import { BaculaSite } from "./support/bacula_site.ts";
import { MixedInstallation } from "./support/mixed_installation.ts";
import { withData } from "./support/mixed_scenario.ts";
import { join } from "./support/paths.ts";
import { fromSource } from "./support/roost.ts";
import { compareTrees, describeTree } from "./support/tree.ts";

const unlike = (path: string, property: string) => property === "ctime" || path === "";
/** Folders are made on the way to what is restored, whatever their time was. */
const onTheWay = (path: string, property: string) => unlike(path, property) || path === ".";

/** The texts in the order in which they must come. */
function matchInOrder(text: string, patterns: readonly RegExp[]): void {
  let rest = text;
  for (const pattern of patterns) {
    const found = pattern.exec(rest);
    ok(found !== null, `${pattern} not behind what came before:\n${text}`);
    rest = rest.slice(found.index + found[0].length);
  }
}

Deno.test({
  name: "bconsole 9.6 on our director: status, run, lists, restore with a tree, messages, help",
  ignore: !hasBacula(),
  fn: () =>
    withData(async (source) => {
      await using mixed = await MixedInstallation.start({
        ...{ source, client: "roost", hasClearConsoles: true },
      });
      const said = await mixed.bconsole(
        ...["status dir", "run job=Backup level=Full yes", "wait", "messages", "list jobs"],
        ...["nonsense", "restore client=roost-fd select", `cd ${source}`, "ls", "mark small"],
        ...["count", "done", "yes", "wait", "messages", "list jobtotals"],
      );
      matchInOrder(said, [
        /1000 OK: roost-dir Version: /,
        /status dir\n/,
        /No Terminated Jobs\./,
        /run job=Backup level=Full yes\n/,
        /Job queued\. JobId=1\n/,
        /messages\n/,
        /Termination: +Backup OK\n/,
        /list jobs\n/,
        /\| +1 +\| Backup /,
        /nonsense: is an invalid command\.\n/,
        /restore client=roost-fd select\n/,
        /You have selected the following JobId: 1\n/,
        /cwd is: \/\n\$ cd /,
        // Each answer comes before the next command: no signal is taken for a prompt.
        /cwd is: .*\n\$ ls\n/,
        /small\/\n(?:.*\n)*?\$ mark small\n/,
        /\d+ files (?:newly )?marked\.\n\$ count\n/,
        /\d+ total files\/dirs\. \d+ marked to be restored\.\n\$ done\n/,
        /OK to run\? \(yes\/mod\/no\): yes\n/,
        /Job queued\. JobId=2\n/,
        /Termination: +Restore OK\n/,
        /list jobtotals\n/,
      ]);
      const restored = join(mixed.path("restore"), source, "small");
      deepStrictEqual(
        compareTrees(
          await describeTree(join(source, "small")),
          await describeTree(restored),
          onTheWay,
        ),
        [],
      );
    }),
});

/** Gives commands to our console, one a line, and returns what it printed. */
async function ourConsole(configuration: string, ...commands: readonly string[]): Promise<string> {
  const [program, ...first] = fromSource;
  const process = new Deno.Command(program, {
    args: [...first, "console", "-c", configuration],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(`${commands.join("\n")}\n`));
  await writer.close();
  const { code, stdout, stderr } = await process.output();
  const decoder = new TextDecoder();
  const text = decoder.decode(stdout) + decoder.decode(stderr);
  ok(code === 0, text);
  return text;
}

Deno.test({
  name: "our console on bacula-dir: version, run, lists, restore with a tree, messages",
  ignore: !hasBacula(),
  fn: () =>
    withData(async (source) => {
      await using site = await BaculaSite.start({ source, client: "bacula", storage: "bacula" });
      const { port, director } = site.consolePlace;
      const configuration = site.path("our-console.conf");
      await Deno.writeTextFile(
        configuration,
        `Director {\n  Name = ${director.name}\n  Address = 127.0.0.1\n  Port = ${port}\n` +
          `  Password = "${director.password}"\n  TLS Enable = no\n}\n`,
        { mode: 0o600 },
      );
      const said = await ourConsole(
        configuration,
        ...["version", "label volume=Data pool=Default storage=File slot=0 drive=0"],
        ...["run job=Backup level=Full yes", "wait", "messages", "list jobs", "nonsense"],
        ...[`restore client=bacula-fd where=${site.restored} select current`],
        ...[`cd ${source}`, "ls", "mark small", "count", "done", "yes", "wait", "messages"],
        ...["list volumes", "quit"],
      );
      matchInOrder(said, [
        // the number before the director's name is not shown
        /1000 OK: bacula-dir Version: 9\.6\.\d/,
        /bacula-dir Version: 9\.6\.\d/,
        /3000 OK label\. VolBytes=\d+/,
        /Job queued\. JobId=1\n/,
        /Termination: +Backup OK\n/,
        /\| +1 +\| Backup /,
        /nonsense: is an invalid command\.\n/,
        /You have selected the following JobId: 1\n/,
        /cwd is: \/\n\$ cd /,
        /small\/\n(?:.*\n)*?\$ mark small\n/,
        /\d+ files (?:newly )?marked\.\n\$ count\n/,
        /OK to run\? \(yes\/mod\/no\): yes\n/,
        /Job queued\. JobId=2\n/,
        /Termination: +Restore OK\n/,
        /\| +1 +\| Data +\|/,
      ]);
      doesNotMatch(said, /1002|No response/);
      deepStrictEqual(
        compareTrees(
          await describeTree(join(source, "small")),
          await describeTree(join(site.restored, source, "small")),
          onTheWay,
        ),
        [],
      );
    }),
});
