/**
 * The command line: `roost <subcommand>`, or the program itself through a link
 * that bears the name of one of Bareos' or Bacula's programs.
 *
 * @module
 */
import settings from "../deno.json" with { type: "json" };
import { isThread } from "../daemon/threads.ts";
import type { Program, Subcommand } from "./program.ts";

/** Every subcommand, in the order of the help. */
const subcommands: readonly Subcommand[] = [
  {
    name: "quickstart",
    linkNames: [],
    summary: "back up and restore a folder in a throw-away installation, to see how it works",
    load: () => import("./quickstart.ts"),
  },
  {
    name: "init",
    linkNames: [],
    summary: "write a complete configuration with random passwords",
    load: () => import("./init.ts"),
  },
  {
    name: "all",
    linkNames: [],
    summary: "director, storage daemon and file daemon in one process",
    load: () => import("./all.ts"),
  },
  {
    name: "service",
    linkNames: [],
    summary: "units by which systemd or launchd keep daemons running",
    load: () => import("./service.ts"),
  },
  {
    name: "console",
    linkNames: ["bconsole"],
    summary: "the console: run jobs, restore, list",
    load: () => import("./console.ts"),
  },
  {
    name: "dir",
    linkNames: ["bareos-dir", "bacula-dir"],
    summary: "the director",
    load: () => import("./dir.ts"),
  },
  {
    name: "sd",
    linkNames: ["bareos-sd", "bacula-sd"],
    summary: "the storage daemon",
    load: () => import("./sd.ts"),
  },
  {
    name: "fd",
    linkNames: ["bareos-fd", "bacula-fd"],
    summary: "the file daemon",
    load: () => import("./fd.ts"),
  },
  {
    name: "bls",
    linkNames: ["bls"],
    summary: "list the files, jobs, blocks or the label of volumes",
    load: () => import("./bls.ts"),
  },
  {
    name: "bextract",
    linkNames: ["bextract"],
    summary: "restore files from volumes without a director",
    load: () => import("./bextract.ts"),
  },
  {
    name: "bscan",
    linkNames: ["bscan"],
    summary: "rebuild the catalog from volumes",
    load: () => import("./bscan.ts"),
  },
  {
    name: "bcopy",
    linkNames: ["bcopy"],
    summary: "copy the records of volumes to another volume",
    load: () => import("./bcopy.ts"),
  },
  {
    name: "btape",
    linkNames: ["btape"],
    summary: "try a device of a storage daemon out",
    load: () => import("./btape.ts"),
  },
  {
    name: "keygen",
    linkNames: [],
    summary: "make the keys for encrypted backups",
    load: () => import("./keygen.ts"),
  },
  {
    name: "catalog",
    linkNames: [],
    summary: "make a catalog in PostgreSQL, bring one up to date, copy one",
    load: () => import("./catalog.ts"),
  },
  {
    name: "dbcheck",
    linkNames: ["bareos-dbcheck", "dbcheck"],
    summary: "find and mend what is wrong in a catalog",
    load: () => import("./dbcheck.ts"),
  },
];

const usageStatus = 41;

async function run(args: readonly string[]): Promise<number> {
  const calledAs = Deno.env.get("ROOST_CALLED_AS");
  const linked = subcommands.find(({ linkNames }) => linkNames.includes(calledAs ?? ""));
  if (linked !== undefined) return await (await linked.load()).main(args);

  const [word, ...rest] = args;
  if (word === undefined || word === "help" || word === "--help" || word === "-h") {
    console.log(usage());
    return word === undefined ? usageStatus : 0;
  }
  if (word === "version" || word === "--version") {
    console.log(rest.includes("-v") ? await longVersion() : version());
    return 0;
  }
  const subcommand = subcommands.find(({ name }) => name === word);
  if (subcommand === undefined) {
    console.error(`roost: there is no subcommand ${word}\n\n${usage()}`);
    return usageStatus;
  }
  const program: Program = await subcommand.load();
  return await program.main(rest);
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
    "roost <subcommand> --help tells the options of each.",
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

// In a thread this same module is only the carrier of the thread's code.
if (import.meta.main && !isThread) Deno.exit(await run(Deno.args));
