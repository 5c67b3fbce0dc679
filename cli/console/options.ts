import { formatDocPage } from "@optique/core/doc";
import { formatMessage, message } from "@optique/core/message";
import { object } from "@optique/core/constructs";
import { optional } from "@optique/core/modifiers";
import { option } from "@optique/core/primitives";
import { getDocPage, parse } from "@optique/core/parser";
import { integer, string } from "@optique/core/valueparser";
import { daemonStatuses } from "../exit_statuses.ts";
import { describeParser, type OptionDescription } from "../manual.ts";
import { refuseOldSpelling, separateOptions } from "../short_options.ts";

/** The console's command line (console.md 1.1). */
export interface ConsoleOptions {
  /** Configuration file or folder. */
  readonly config: string | undefined;
  /** Name of the Director resource to use. */
  readonly director: string | undefined;
  /** Print the names of the directors and leave. */
  readonly listDirectors: boolean;
  /** Read the configuration and leave. */
  readonly testConfig: boolean;
  /** Try every director of the configuration and leave. */
  readonly checkPeers: boolean;
  /** Print the configuration and leave. */
  readonly exportConfig: boolean;
  /** Print what a configuration may hold and leave. */
  readonly exportSchema: boolean;
  /** File with user name and password for a director that asks for them. */
  readonly credentialsFile: string | undefined;
  /** Send them even though nobody encrypts the connection. */
  readonly allowCleartextCredentials: boolean;
  /** Do not handle signals. */
  readonly noSignals: boolean;
  /** Seconds for each send and receive phase. */
  readonly timeoutSeconds: number | undefined;
  /** Do not use the line editor. */
  readonly noEditor: boolean;
}

/** Options, or a text to print and the exit status to end with. */
export type ParsedOptions =
  | { readonly options: ConsoleOptions }
  | { readonly text: string; readonly status: number };

const parser = object({
  config: optional(option("-c", "--config", string({ metavar: "PATH" }), {
    description: message`Configuration file or directory`,
  })),
  director: optional(option("-D", "--director", string({ metavar: "NAME" }), {
    description: message`Use this Director resource`,
  })),
  debugLevel: optional(option("-d", "--debug-level", integer({ metavar: "LEVEL", min: 0 }), {
    description: message`Debug level`,
  })),
  debugTimestamps: option("--dt", "--debug-timestamps", {
    description: message`Timestamps in debug output`,
  }),
  listDirectors: option("-l", "--list-directors", {
    description: message`Print the name of each Director resource and leave`,
  }),
  noEditor: option("-n", { description: message`No line editor` }),
  credentialsFile: optional(
    option("-p", "--pam-credentials-filename", string({ metavar: "PATH" }), {
      description: message`File with user name and password for PAM login`,
    }),
  ),
  allowCleartextCredentials: option("-o", {
    description: message`Allow PAM credentials over an unencrypted connection`,
  }),
  noSignals: option("-s", "--no-signals", { description: message`No signal handlers` }),
  testConfig: option("-t", "--test-config", {
    description: message`Parse the configuration and leave`,
  }),
  checkPeers: option("--check", {
    description: message`Try every Director resource and leave: reachable, TLS, password`,
  }),
  timeoutSeconds: optional(option("-u", "--timeout", integer({ metavar: "SECONDS", min: 1 }), {
    description: message`Limit for every send and every receive phase`,
  })),
  exportConfig: option("--xc", "--export-config", {
    description: message`Print the parsed configuration`,
  }),
  exportSchema: option("--xs", "--export-schema", {
    description: message`Print the configuration schema as JSON`,
  }),
  help: option("-h", "--help", "-?", { description: message`This help` }),
  version: option("--version", { description: message`The version` }),
});

/** The options, as the help and the manual page list them. */
export function consoleOptions(): OptionDescription[] {
  return describeParser(getDocPage(parser));
}

/** Short options with a value. */
const VALUED = "cDdpu";

/**
 * Reads the command line of the console that was called by a name; `programVersion` is what `--version`
 * prints. Only what is said of old spellings has no name in front, as with Bareos.
 */
export function parseConsoleOptions(
  args: readonly string[],
  name: string,
  programVersion: string,
): ParsedOptions {
  const bad = (text: string): ParsedOptions => ({
    text: `${name}: ${text}`,
    status: daemonStatuses.badCommandLine,
  });
  const old = args.map(refuseOldSpelling).find((text) => text !== undefined);
  if (old !== undefined) return { text: old, status: daemonStatuses.badCommandLine };
  const parsed = parse(parser, args.flatMap((word) => separateOptions(word, VALUED)));
  if (!parsed.success) return bad(formatMessage(parsed.error));
  const { help, version, debugLevel: _level, debugTimestamps: _stamps, ...options } = parsed.value;
  if (version) return { text: programVersion, status: 0 };
  if (help) {
    const page = getDocPage(parser);
    return { text: page === undefined ? "" : formatDocPage(name, page), status: 0 };
  }
  if (options.exportConfig && options.exportSchema) {
    return bad("--xc and --xs exclude one another");
  }
  return { options };
}
