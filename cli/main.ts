/**
 * The command line: `roost <subcommand>`, or the program itself through a link
 * that bears the name of one of Bareos' or Bacula's programs.
 *
 * @module
 */
import settings from "../deno.json" with { type: "json" };
import { ownStatuses } from "./exit_statuses.ts";
import { isThreadProcess } from "../daemon/thread_process.ts";
import { isThread } from "../daemon/threads.ts";
import type { Program } from "./program.ts";
import { subcommands, whyNoProgram } from "./subcommands.ts";

/** What asks for the help, and for the version. */
const helpWords: readonly string[] = ["help", "--help", "-h", "-?"];
const versionWords: readonly string[] = ["version", "--version", "-V"];

async function run(args: readonly string[]): Promise<number> {
  const calledAs = Deno.env.get("ROOST_CALLED_AS") ?? "";
  const linked = subcommands.find(({ linkNames }) => linkNames.includes(calledAs));
  if (linked !== undefined) {
    const program = await linked.load();
    return await program.main([...linked.linkWords?.[calledAs] ?? [], ...args]);
  }
  const reason = whyNoProgram(calledAs);
  if (reason !== undefined) {
    console.error(reason);
    return ownStatuses.badCommandLine;
  }
  const [word, ...rest] = args;
  if (word === undefined) {
    console.error(usage());
    return ownStatuses.badCommandLine;
  }
  if (versionWords.includes(word)) {
    console.log(rest.includes("-v") ? await longVersion() : version());
    return 0;
  }
  const wantsHelp = helpWords.includes(word);
  const [name] = wantsHelp ? rest : [word];
  if (name === undefined) {
    console.log(usage());
    return 0;
  }
  const subcommand = subcommands.find((each) => each.name === name) ??
    subcommands.find(({ linkNames }) => linkNames.includes(name));
  if (subcommand === undefined || !wantsHelp && subcommand.name !== name) {
    const meant = subcommand === undefined ? "" : `; ${subcommand.name} does what ${name} does`;
    console.error(`roost: there is no subcommand ${name}${meant}\n\n${usage()}`);
    return ownStatuses.badCommandLine;
  }
  const program: Program = await subcommand.load();
  return await program.main(wantsHelp ? ["--help"] : rest);
}

function usage(): string {
  const width = Math.max(...subcommands.map(({ name }) => name.length));
  const lines = subcommands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return [
    "Usage: roost <subcommand> [options]",
    "",
    ...lines,
    `  ${"version".padEnd(width)}  the version; with -v also what it runs on`,
    "",
    "roost help <subcommand>, or roost <subcommand> --help, tells the options of each.",
  ].join("\n");
}

function version(): string {
  return `roost ${settings.version}`;
}

/** With what it runs on, and who digests, encrypts, signs and compresses on this machine. */
async function longVersion(): Promise<string> {
  const { deno, v8 } = Deno.version;
  const [{ cryptoMakers }, { openZlib }] = await Promise.all([
    import("../crypto/mod.ts"),
    import("../compress/mod.ts"),
  ]);
  const { maker } = openZlib();
  const makers = [
    ...await cryptoMakers(),
    ["GZIP", maker === "zlib" ? "by the runtime" : `by ${maker}`],
  ];
  return [
    version(),
    `Deno ${deno}, V8 ${v8}, ${Deno.build.target}`,
    ...makers.map(([what, by]) => `${what}: ${by}`),
  ].join("\n");
}

// In a thread, or in a process for one, this same module is only the carrier of the thread's code.
if (import.meta.main && !isThread && !isThreadProcess) Deno.exit(await run(Deno.args));
