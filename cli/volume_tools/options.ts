import { type DocPage, formatDocPage } from "@optique/core/doc";
import { formatMessage, type Message, message } from "@optique/core/message";
import { object } from "@optique/core/constructs";
import { multiple, optional } from "@optique/core/modifiers";
import { argument, option } from "@optique/core/primitives";
import { getDocPage, parse } from "@optique/core/parser";
import { integer, string } from "@optique/core/valueparser";
import { VERSION } from "../../daemon/version.ts";
import { toolStatuses } from "../exit_statuses.ts";
import { describeParser, type OptionDescription } from "../manual.ts";

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
  /** Of messages to standard error about what is read: 0 none, 50 volumes, 100 blocks, 200 records. */
  readonly debugLevel: number;
  /** Whether these have the time in front. */
  readonly debugTimestamps: boolean;
  /** Jobs instead of files (bls). */
  readonly listJobs: boolean;
  /** Blocks instead of files (bls). */
  readonly listBlocks: boolean;
  /** The volume's label instead of files (bls). */
  readonly listLabel: boolean;
  /** PEM file for encrypted data (bextract). */
  readonly key: string | undefined;
  /** Write to the catalog (bscan). */
  readonly storeRecords: boolean;
  /** Also update volumes that the catalog has (bscan). */
  readonly updateMedia: boolean;
  /** Print labels of jobs (bscan). */
  readonly listRecords: boolean;
  readonly showProgress: boolean;
  /** Name of the catalog's database (bscan). */
  readonly database: string;
  /** Where that is: a server's options name one of PostgreSQL (bscan). */
  readonly server: DatabaseServer;
  readonly workingDirectory: string | undefined;
  /** Volumes to read and to write (bcopy). */
  readonly inputVolumes: readonly string[];
  readonly outputVolumes: readonly string[];
  /** Bytes at which a volume that is written is full; the device's own limit if not given (bcopy). */
  readonly maximumVolumeSize: number | undefined;
  /** The words that are no options. */
  readonly words: readonly string[];
}

/** Options, or a text to print and the exit status to end with. */
export type ParsedToolOptions =
  | { readonly options: ToolOptions }
  | { readonly text: string; readonly status: number };

const general = {
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
    description: message`Debug level: 50 tells of volumes, 100 of blocks, 200 of records`,
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
  version: option("--version", { description: message`The version` }),
};

const debugTimestamps = option("--dt", "-t", "--debug-timestamps", {
  description: message`Timestamps in debug output`,
});

const workingDirectory = optional(option("-w", "--working-directory", string({ metavar: "DIR" }), {
  description: message`Working directory`,
}));

const lists = {
  includeList: optional(option("-i", "--include-list", string({ metavar: "FILE" }), {
    description: message`File with a name or wildcard a line: files to take`,
  })),
  excludeList: optional(option("-e", "--exclude-list", string({ metavar: "FILE" }), {
    description: message`File with a name or wildcard a line: files to leave out`,
  })),
};

/** What a command line says of the server of a database. */
export interface DatabaseServer {
  /** `sqlite3` or `postgresql`. */
  readonly driver: string | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** Its address, or the folder of its socket. */
  readonly host: string | undefined;
  readonly port: number | undefined;
}

/** The options of each tool. */
export const parsers = {
  bls: object({
    ...general,
    ...lists,
    debugTimestamps,
    listJobs: option("-j", "--list-jobs", { description: message`List jobs` }),
    listBlocks: option("-k", "--list-blocks", { description: message`List blocks` }),
    listLabel: option("-L", "--list-label", { description: message`Show the volume's label` }),
    words: multiple(argument(string({ metavar: "DEVICE" })), { max: 1 }),
  }),
  bextract: object({
    ...general,
    ...lists,
    debugTimestamps,
    key: optional(option("--key", string({ metavar: "PEM" }), {
      description: message`Key pair for encrypted data`,
    })),
    words: multiple(argument(string({ metavar: "DEVICE DIRECTORY" })), { max: 2 }),
  }),
  bscan: object({
    ...general,
    debugTimestamps: option("--dt", "--debug-timestamps", {
      description: message`Timestamps in debug output`,
    }),
    storeRecords: option("-s", "--update-db", {
      description: message`Write to the catalog; without it nothing is changed`,
    }),
    updateMedia: option("-m", "--update-media", {
      description: message`Also update volumes that the catalog has`,
    }),
    listRecords: option("-r", "--list-records", { description: message`List the jobs' labels` }),
    showProgress: option("-S", "--show-progress", { description: message`Tell how far it is` }),
    database: optional(option("-n", "--dbname", string({ metavar: "NAME" }), {
      description: message`Name of the catalog's database (bareos)`,
    })),
    user: optional(option("-u", "--dbuser", string({ metavar: "USER" }), {
      description: message`User of the database`,
    })),
    password: optional(option("-P", "--dbpassword", string({ metavar: "PASSWORD" }), {
      description: message`Better in the environment's PGPASSWORD, which other users do not see`,
    })),
    host: optional(option("-o", "--dbhost", string({ metavar: "HOST" }), {
      description: message`Address of the server, or the folder of its socket`,
    })),
    port: optional(option("-t", "--dbport", integer({ metavar: "PORT", min: 0 }), {
      description: message`Port of the server`,
    })),
    driver: optional(option("-B", "--dbdriver", string({ metavar: "DRIVER" }), {
      description:
        message`postgresql or sqlite3, which -s makes in the working directory if it is missing; without it that file if it is there and no server is named, else postgresql`,
    })),
    workingDirectory,
    words: multiple(argument(string({ metavar: "DEVICE" })), { max: 1 }),
  }),
  btape: object({
    ...general,
    debugTimestamps,
    words: multiple(argument(string({ metavar: "DEVICE" })), { max: 1 }),
  }),
  bcopy: object({
    ...general,
    debugTimestamps,
    inputVolumes: optional(option("-i", "--input-volumes", string({ metavar: "VOLUMES" }), {
      description: message`Volumes to read, separated by |`,
    })),
    outputVolumes: optional(option("-o", "--output-volumes", string({ metavar: "VOLUMES" }), {
      description: message`Volumes to write, which are labelled already, separated by |`,
    })),
    maximumVolumeSize: optional(
      option("--maximum-volume-size", integer({ metavar: "BYTES", min: 2000 }), {
        description: message`Size at which the next volume is begun (the device's own)`,
      }),
    ),
    workingDirectory,
    words: multiple(argument(string({ metavar: "INPUT OUTPUT" })), { max: 2 }),
  }),
};

/** The tools that have these options. */
export type ToolName = keyof typeof parsers;

/** What is read of a command line: each tool has some of it. */
type Given = Partial<
  & Omit<
    ToolOptions,
    | "volumes"
    | "verbosity"
    | "debugLevel"
    | "database"
    | "server"
    | "inputVolumes"
    | "outputVolumes"
  >
  & DatabaseServer
  & {
    readonly database: string | undefined;
    readonly help: boolean;
    readonly version: boolean;
    readonly verbose: readonly boolean[];
    readonly debugLevel: number | undefined;
    readonly volumes: string | undefined;
    readonly inputVolumes: string | undefined;
    readonly outputVolumes: string | undefined;
  }
>;

function read(tool: ToolName, words: readonly string[]): Given | string {
  const parsed = parseBy[tool](words);
  return parsed.success ? parsed.value : formatMessage(parsed.error);
}

const parseBy: Readonly<
  Record<
    ToolName,
    (words: readonly string[]) =>
      | { readonly success: true; readonly value: Given }
      | { readonly success: false; readonly error: Message }
  >
> = {
  bls: (words) => parse(parsers.bls, words),
  bextract: (words) => parse(parsers.bextract, words),
  bscan: (words) => parse(parsers.bscan, words),
  bcopy: (words) => parse(parsers.bcopy, words),
  btape: (words) => parse(parsers.btape, words),
};

function pageOf(tool: ToolName): DocPage | undefined {
  return {
    bls: () => getDocPage(parsers.bls),
    bextract: () => getDocPage(parsers.bextract),
    bscan: () => getDocPage(parsers.bscan),
    bcopy: () => getDocPage(parsers.bcopy),
    btape: () => getDocPage(parsers.btape),
  }[tool]();
}

/** The options of a tool, as its help and its manual page list them. */
export function toolOptionsOf(tool: ToolName): OptionDescription[] {
  return describeParser(pageOf(tool));
}

function helpOf(tool: ToolName): string {
  const page = pageOf(tool);
  return page === undefined ? "" : formatDocPage(tool, page);
}

function namesOf(text: string | undefined): string[] {
  return (text ?? "").split("|").filter((name) => name !== "");
}

/** Reads the command line of a volume tool. */
export function parseToolOptions(
  tool: ToolName,
  args: readonly string[],
): ParsedToolOptions {
  const given = read(tool, args.map((word) => word === "-dt" ? "--dt" : word));
  if (typeof given === "string") {
    return {
      text: `${tool}: ${given}\nRun with --help for the options.`,
      status: toolStatuses.badCommandLine,
    };
  }
  if (given.version) return { text: VERSION, status: 0 };
  if (given.help) return { text: helpOf(tool), status: 0 };
  return {
    options: {
      bootstrap: given.bootstrap,
      config: given.config,
      includeList: given.includeList,
      excludeList: given.excludeList,
      volumes: namesOf(given.volumes),
      verbosity: given.verbose?.length ?? 0,
      debugLevel: given.debugLevel ?? 0,
      debugTimestamps: given.debugTimestamps ?? false,
      listJobs: given.listJobs ?? false,
      listBlocks: given.listBlocks ?? false,
      listLabel: given.listLabel ?? false,
      key: given.key,
      storeRecords: given.storeRecords ?? false,
      updateMedia: given.updateMedia ?? false,
      listRecords: given.listRecords ?? false,
      showProgress: given.showProgress ?? false,
      database: given.database ?? "bareos",
      server: {
        driver: given.driver,
        user: given.user,
        password: given.password,
        host: given.host,
        port: given.port,
      },
      workingDirectory: given.workingDirectory,
      inputVolumes: namesOf(given.inputVolumes),
      outputVolumes: namesOf(given.outputVolumes),
      maximumVolumeSize: given.maximumVolumeSize,
      words: given.words ?? [],
    },
  };
}
