import { formatDocPage } from "@optique/core/doc";
import { formatMessage, message } from "@optique/core/message";
import { object } from "@optique/core/constructs";
import { multiple, optional } from "@optique/core/modifiers";
import { argument, constant, option } from "@optique/core/primitives";
import { getDocPage, parse } from "@optique/core/parser";
import { integer, string } from "@optique/core/valueparser";

/** What all volume tools can be told (storage-daemon.md 12). */
export interface ToolOptions {
  /** Bootstrap file. */
  readonly bootstrap: string | undefined;
  /** Configuration file or folder of a storage daemon. */
  readonly config: string | undefined;
  /** File with the names to take. */
  readonly includeList: string | undefined;
  /** File with the names to leave out. */
  readonly excludeList: string | undefined;
  /** Names of volumes. */
  readonly volumes: readonly string[];
  /** How often `-v` was given. */
  readonly verbosity: number;
  /** Jobs instead of files (bls). */
  readonly listJobs: boolean;
  /** Blocks instead of files (bls). */
  readonly listBlocks: boolean;
  /** The volume's label instead of files (bls). */
  readonly listLabel: boolean;
  /** PEM file for encrypted data (bextract). */
  readonly key: string | undefined;
  /** The words that are no options. */
  readonly words: readonly string[];
}

/** Options, or a text to print and the exit status to end with. */
export type ParsedToolOptions =
  | { readonly options: ToolOptions }
  | { readonly text: string; readonly status: number };

/** Exit status for a configuration that cannot be read. */
export const badConfigurationStatus = 41;
/** Exit status for a command line that cannot be parsed. */
export const badCommandLineStatus = 42;

const common = {
  bootstrap: optional(option("-b", "--parse-bootstrap", string({ metavar: "FILE" }), {
    description: message`Bootstrap file: which records to read`,
  })),
  config: optional(option("-c", "--config", string({ metavar: "PATH" }), {
    description: message`Configuration file or directory of a storage daemon`,
  })),
  director: optional(option("-D", "--director", string({ metavar: "NAME" }), {
    description: message`Director whose keys to use`,
  })),
  debugLevel: optional(option("-d", "--debug-level", integer({ metavar: "LEVEL", min: 0 }), {
    description: message`Debug level`,
  })),
  debugTimestamps: option("--dt", "-t", "--debug-timestamps", {
    description: message`Timestamps in debug output`,
  }),
  includeList: optional(option("-i", "--include-list", string({ metavar: "FILE" }), {
    description: message`File with a name or wildcard a line: files to take`,
  })),
  excludeList: optional(option("-e", "--exclude-list", string({ metavar: "FILE" }), {
    description: message`File with a name or wildcard a line: files to leave out`,
  })),
  proceed: option("-p", "--ignore-errors", {
    description: message`Go on after errors (as is always done)`,
  }),
  verbose: multiple(
    option("-v", "--verbose", { description: message`Tell more; may be repeated` }),
  ),
  volumes: optional(option("-V", "--volumes", string({ metavar: "VOLUMES" }), {
    description: message`Names of volumes, separated by |`,
  })),
  help: option("-h", "--help", "-?", { description: message`This help` }),
};

const parsers = {
  bls: object({
    ...common,
    key: constant(undefined),
    listJobs: option("-j", "--list-jobs", { description: message`List jobs` }),
    listBlocks: option("-k", "--list-blocks", { description: message`List blocks` }),
    listLabel: option("-L", "--list-label", { description: message`Show the volume's label` }),
    words: multiple(argument(string({ metavar: "DEVICE" })), { max: 1 }),
  }),
  bextract: object({
    ...common,
    listJobs: constant(false),
    listBlocks: constant(false),
    listLabel: constant(false),
    key: optional(option("--key", string({ metavar: "PEM" }), {
      description: message`Key pair for encrypted data`,
    })),
    words: multiple(argument(string({ metavar: "DEVICE DIRECTORY" })), { max: 2 }),
  }),
};

/** Reads the command line of a volume tool. */
export function parseToolOptions(
  tool: "bls" | "bextract",
  args: readonly string[],
): ParsedToolOptions {
  const words = args.map((word) => word === "-dt" ? "--dt" : word);
  const parsed = tool === "bls" ? parse(parsers.bls, words) : parse(parsers.bextract, words);
  if (!parsed.success) return { text: formatMessage(parsed.error), status: badCommandLineStatus };
  const { help, verbose, volumes = "", ...value } = parsed.value;
  if (help) {
    const page = tool === "bls" ? getDocPage(parsers.bls) : getDocPage(parsers.bextract);
    return { text: page === undefined ? "" : formatDocPage(`roost ${tool}`, page), status: 0 };
  }
  return {
    options: {
      bootstrap: value.bootstrap,
      config: value.config,
      includeList: value.includeList,
      excludeList: value.excludeList,
      volumes: volumes.split("|").filter((name) => name !== ""),
      verbosity: verbose.length,
      listJobs: value.listJobs,
      listBlocks: value.listBlocks,
      listLabel: value.listLabel,
      key: value.key,
      words: value.words,
    },
  };
}
