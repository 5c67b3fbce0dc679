/**
 * The command line of the daemons (configuration.md 2.4), as Bareos' own take it: words in the modern
 * form, and the short options of older releases run together.
 *
 * @module
 */
import { type DocPage, formatDocPage } from "@optique/core/doc";
import { formatMessage, message } from "@optique/core/message";
import { object } from "@optique/core/constructs";
import { multiple, optional } from "@optique/core/modifiers";
import { option } from "@optique/core/primitives";
import { getDocPage, parse } from "@optique/core/parser";
import { integer, string } from "@optique/core/valueparser";
import { daemonStatuses } from "../exit_statuses.ts";
import { describeParser, type OptionDescription } from "../manual.ts";
import { refuseOldSpelling, separateOptions } from "../short_options.ts";
import type { ProgramName } from "../../daemon/config/mod.ts";

/** A program that is a daemon. */
export type DaemonProgram = Exclude<ProgramName, "console">;

/** What a daemon is told on its command line. */
export interface DaemonOptions {
  /** Configuration file or folder. */
  readonly config: string | undefined;
  /** Stay in the foreground also if called through a link. */
  readonly foreground: boolean;
  /** User and group to run as. */
  readonly user: string | undefined;
  readonly group: string | undefined;
  /** Where the number of the process is written. */
  readonly pidFile: string | undefined;
  /** Do not handle signals. */
  readonly noSignals: boolean;
  /** Read and check the configuration, and end. */
  readonly testConfig: boolean;
  /** The same, and try every peer that it names. */
  readonly checkPeers: boolean;
  readonly verbosity: number;
  readonly debugLevel: number;
  /** Words behind `--xc`: a type of resources, and a name; `undefined` if it was not given. */
  readonly exportConfig: readonly string[] | undefined;
  /** Print what a configuration may hold, and end. */
  readonly exportSchema: boolean;
  /** File daemon: refuse restores. */
  readonly backupOnly: boolean;
  /** File daemon: refuse backups. */
  readonly restoreOnly: boolean;
  /** Director: a job to run at once. */
  readonly runJob: string | undefined;
}

/** Options, or a text to print and the exit status to end with. */
export type ParsedDaemonOptions =
  | { readonly options: DaemonOptions }
  | { readonly text: string; readonly status: number };

const general = {
  config: optional(option("-c", "--config", string({ metavar: "PATH" }), {
    description: message`Configuration file or directory`,
  })),
  debugLevel: optional(option("-d", "--debug-level", integer({ metavar: "LEVEL", min: 0 }), {
    description: message`Debug level; from 1 on, starts and ends are told`,
  })),
  debugTimestamps: option("--dt", "--debug-timestamps", {
    description: message`Timestamps in debug output`,
  }),
  foreground: option("-f", "--foreground", { description: message`Stay in the foreground` }),
  group: optional(option("-g", "--group", string({ metavar: "GROUP" }), {
    description: message`Group to run as`,
  })),
  kaboom: option("-m", "--print-kaboom", {
    description: message`Accepted; this program prints its errors in any case`,
  }),
  pidFile: optional(option("-p", "--pid-file", string({ metavar: "FILE" }), {
    description: message`Full path of the pid file`,
  })),
  noSignals: option("-s", "--no-signals", { description: message`No signal handlers` }),
  testConfig: option("-t", "--test-config", {
    description: message`Test the configuration and leave; with -v try its peers, too`,
  }),
  checkPeers: option("--check", {
    description: message`Test the configuration, try every peer that it names, and leave`,
  }),
  user: optional(option("-u", "--user", string({ metavar: "USER" }), {
    description: message`User to run as`,
  })),
  verbose: multiple(option("-v", "--verbose", { description: message`Tell more` })),
  exportSchema: option("--xs", "--export-schema", {
    description: message`Print the configuration schema as JSON and leave`,
  }),
  help: option("-h", "--help", "-?", { description: message`This help` }),
  version: option("--version", { description: message`The version` }),
};

const nothing = {
  backupOnly: undefined,
  restoreOnly: undefined,
  keepReadAll: undefined,
  runJob: undefined,
};

const director = object({
  ...general,
  runJob: optional(option("-r", "--run-job", string({ metavar: "JOB" }), {
    description: message`Run this job at once`,
  })),
});
const storage = object({
  ...general,
  ignoreErrors: option("-i", "--ignore-io-errors", {
    description: message`Go on after errors of a volume (as is always done)`,
  }),
});
const file = object({
  ...general,
  backupOnly: option("-b", "--backup-only", { description: message`Refuse restores` }),
  restoreOnly: option("-r", "--restore-only", { description: message`Refuse backups` }),
  keepReadAll: option("-k", "--keep-readall", {
    description: message`Keep the right to read everything when privileges are dropped`,
  }),
});

/** Short options with a value, which may follow without a space. */
const VALUED: Readonly<Record<DaemonProgram, string>> = {
  director: "cdgpur",
  storage: "cdgpu",
  file: "cdgpu",
};
const EXPORT_WORDS: readonly string[] = ["--xc", "--export-config"];
/** `--xc TYPE NAME`: how many words may follow. */
const EXPORT_VALUES: Readonly<Record<DaemonProgram, number>> = { director: 2, storage: 0, file: 0 };

/** Reads the command line of a daemon; `programVersion` is what `--version` prints. */
export function parseDaemonOptions(
  program: DaemonProgram,
  args: readonly string[],
  name: string,
  programVersion: string,
): ParsedDaemonOptions {
  const bad = (text: string) => ({
    text: `${name}: ${text}`,
    status: daemonStatuses.badCommandLine,
  });
  const old = args.map(refuseOldSpelling).find((text) => text !== undefined);
  if (old !== undefined) return bad(old);
  const { words, exportConfig } = takeExport(
    args.flatMap((word) => separateOptions(word, VALUED[program])),
    EXPORT_VALUES[program],
  );
  const parsed = parseWords(program, words);
  if ("error" in parsed) return bad(parsed.error);
  const { help, version, verbose, debugLevel, ...value } = parsed.value;
  if (version) return { text: programVersion, status: 0 };
  if (help) return { text: helpOf(program, name), status: 0 };
  if (exportConfig !== undefined && value.exportSchema) {
    return bad("--xc and --xs exclude one another");
  }
  if (value.keepReadAll === true) {
    return bad("-k is not supported: run the file daemon as root, or without -k");
  }
  if (value.backupOnly === true && value.restoreOnly === true) {
    return bad("-b and -r exclude one another");
  }
  const { config, foreground, group, user, pidFile, noSignals, testConfig, exportSchema } = value;
  return {
    options: {
      config,
      foreground,
      group,
      user,
      pidFile,
      noSignals,
      testConfig,
      exportSchema,
      exportConfig,
      verbosity: verbose.length,
      debugLevel: debugLevel ?? 0,
      checkPeers: value.checkPeers,
      backupOnly: value.backupOnly === true,
      restoreOnly: value.restoreOnly === true,
      runJob: value.runJob,
    },
  };
}

function parseWords(program: DaemonProgram, words: readonly string[]) {
  switch (program) {
    case "director": {
      const parsed = parse(director, words);
      if (!parsed.success) return { error: formatMessage(parsed.error) };
      return { value: { ...nothing, ...parsed.value } };
    }
    case "storage": {
      const parsed = parse(storage, words);
      if (!parsed.success) return { error: formatMessage(parsed.error) };
      return { value: { ...nothing, ...parsed.value } };
    }
    case "file": {
      const parsed = parse(file, words);
      if (!parsed.success) return { error: formatMessage(parsed.error) };
      return { value: { ...nothing, ...parsed.value } };
    }
  }
}

function pageOf(program: DaemonProgram): DocPage | undefined {
  switch (program) {
    case "director":
      return getDocPage(director);
    case "storage":
      return getDocPage(storage);
    case "file":
      return getDocPage(file);
  }
}

/** The options of a daemon, as its help and its manual page list them. */
export function daemonOptionsOf(program: DaemonProgram): OptionDescription[] {
  return [...describeParser(pageOf(program)), {
    names: EXPORT_WORDS,
    value: "[TYPE [NAME]]",
    text: "Print the configuration and leave",
  }];
}

function helpOf(program: DaemonProgram, name: string): string {
  const page = pageOf(program);
  const text = page === undefined ? "" : formatDocPage(name, page);
  return `${text}\n\n  --xc, --export-config [TYPE [NAME]]  Print the configuration and leave`;
}

/** Takes `--xc` and the words that belong to it out of the others. */
function takeExport(
  words: readonly string[],
  most: number,
): { words: readonly string[]; exportConfig: readonly string[] | undefined } {
  const at = words.findIndex((word) => EXPORT_WORDS.includes(word.split("=", 1)[0] ?? ""));
  const word = words[at];
  if (word === undefined) return { words, exportConfig: undefined };
  const given = word.includes("=") ? word.slice(word.indexOf("=") + 1).split(/[=,]/) : [];
  let end = at + 1;
  while (given.length < most && end < words.length && !(words[end] ?? "-").startsWith("-")) {
    given.push(...(words[end++] ?? "").split("="));
  }
  return { words: [...words.slice(0, at), ...words.slice(end)], exportConfig: given };
}
