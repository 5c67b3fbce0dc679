/** `roost console`: the console. @module */
import { existsSync } from "node:fs";
import {
  type Configuration,
  ConfigurationError,
  loadConfiguration,
  type ProgramResources,
} from "../daemon/config/mod.ts";
import {
  certificateSettingsOf,
  ConnectionError,
  ProtocolError,
  tlsPolicyOf,
} from "../protocol/mod.ts";
import { checkPeers, findingsText } from "../daemon/peer_check.ts";
import { VERSION } from "../daemon/version.ts";
import { exportedSchema, exportedText } from "./daemon/mod.ts";
import { daemonStatuses, describeStatuses } from "./exit_statuses.ts";
import type { Manual } from "./manual.ts";
import { peerTargets } from "./peer_targets.ts";
import { isLinkName } from "./subcommands.ts";
import {
  consoleOptions,
  type ConsoleSettings,
  Output,
  parseConsoleOptions,
  runConsole,
  SettingsError,
  StreamError,
} from "./console/mod.ts";

/** What the console needs of its configuration. */
function consoleSettings(
  configuration: Configuration<ProgramResources["console"]>,
): ConsoleSettings {
  return {
    directors: configuration.all("Director").map((director) => ({
      name: director.name,
      address: director.address,
      port: director.port,
      key: director.password.isSet ? director.password.key : undefined,
      isTls: director.tlsEnable,
      heartbeatInterval: director.heartbeatInterval,
      certificates: certificateSettingsOf(director),
      tlsPolicy: tlsPolicyOf(director.tlsEnable, director.tlsRequire),
    })),
    consoles: configuration.all("Console").map((console) => ({
      name: console.name,
      key: console.password.key,
      isTls: console.tlsEnable,
      heartbeatInterval: console.heartbeatInterval,
      certificates: certificateSettingsOf(console),
      director: console.director || undefined,
      rcFile: console.rcFile || undefined,
      historyFile: console.historyFile || undefined,
      historyLength: console.historyLength,
    })),
  };
}

/** What there is to say of it. */
export const manual: Manual = {
  synopsis: ["[options]"],
  about:
    "Connects to a director and sends it what is typed: run, restore, status, list; help tells all " +
    "commands. Where standard input is no terminal, its lines are carried out one after the other. " +
    "Lines that begin with @ are for the console itself: @help.",
  options: consoleOptions(),
  statuses: describeStatuses(daemonStatuses),
};

/** Runs the console until it or the director ends the session. */
export async function main(args: readonly string[]): Promise<number> {
  const calledAs = Deno.env.get("ROOST_CALLED_AS") ?? "";
  const name = isLinkName(calledAs) ? calledAs : "roost console";
  const parsed = parseConsoleOptions(args, name, VERSION);
  if ("text" in parsed) {
    if (parsed.status === 0) console.log(parsed.text);
    else console.error(parsed.text);
    return parsed.status;
  }
  const { options } = parsed;
  if (options.exportSchema) {
    console.log(exportedSchema("console"));
    return 0;
  }
  if (options.config !== undefined && !existsSync(options.config)) {
    console.error(`${name}: --config: path does not exist: ${options.config}`);
    return daemonStatuses.badCommandLine;
  }
  try {
    const configuration = loadConfiguration("console", options.config);
    if (options.exportConfig) {
      console.log(exportedText(configuration, [])?.trimEnd() ?? "");
      return 0;
    }
    const { warnings } = configuration;
    if (warnings.length > 0) {
      const lines = warnings.map((text) => ` * ${text}`);
      console.error(["There are configuration warnings:", ...lines].join("\n"));
    }
    if (options.checkPeers) {
      const targets = peerTargets("console", configuration);
      return await checkPeers(targets, (findings) => console.log(findingsText(findings))) ? 0 : 1;
    }
    return await runConsole(options, consoleSettings(configuration), new Output());
  } catch (error) {
    const status = statusOf(error);
    if (status === undefined || !(error instanceof Error)) throw error;
    // A pipe whose reader has seen enough, as `head` has, is nobody's concern.
    if (!(error instanceof StreamError && error.isClosed)) console.error(error.message);
    return status;
  }
}

/** The exit status for an error that the user can do something about (console.md 1.2). */
function statusOf(error: unknown): number | undefined {
  if (error instanceof ConfigurationError) return daemonStatuses.badConfiguration;
  if (error instanceof SettingsError) return error.status;
  const isForeign = [ConnectionError, ProtocolError, StreamError].some((each) =>
    error instanceof each
  );
  return isForeign ? 1 : undefined;
}
