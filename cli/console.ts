/** `roost console`: the console. @module */
import {
  type Configuration,
  ConfigurationError,
  loadConfiguration,
  type ProgramResources,
} from "../daemon/config/mod.ts";
import { certificateSettingsOf, tlsPolicyOf } from "../protocol/mod.ts";
import { checkPeers, findingsText } from "../daemon/peer_check.ts";
import { VERSION } from "../daemon/version.ts";
import { peerTargets } from "./peer_targets.ts";
import {
  type ConsoleSettings,
  Output,
  parseConsoleOptions,
  runConsole,
  SettingsError,
} from "./console/mod.ts";

const configurationStatus = 42;

/** What the console needs of its configuration. */
export function consoleSettings(
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

/** Runs the console until it or the director ends the session. */
export async function main(args: readonly string[]): Promise<number> {
  const parsed = parseConsoleOptions(args, VERSION);
  if ("text" in parsed) {
    console.log(parsed.text);
    return parsed.status;
  }
  try {
    const configuration = loadConfiguration("console", parsed.options.config);
    if (parsed.options.checkPeers) {
      const targets = peerTargets("console", configuration);
      return await checkPeers(targets, (findings) => console.log(findingsText(findings))) ? 0 : 1;
    }
    return await runConsole(parsed.options, consoleSettings(configuration), new Output());
  } catch (error) {
    if (error instanceof ConfigurationError) {
      console.error(error.message);
      return configurationStatus;
    }
    if (error instanceof SettingsError) {
      console.error(error.message);
      return error.status;
    }
    throw error;
  }
}
