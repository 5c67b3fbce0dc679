/** Running one daemon, as `roost dir`, `roost sd` and `roost fd` do. @module */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../../bytes/mod.ts";
import {
  type Configuration,
  ConfigurationError,
  isNamedLikeBacula,
  loadConfiguration,
  type ProgramResources,
  tlsFileWarnings,
} from "../../daemon/config/mod.ts";
import { checkPeers, findingsText } from "../../daemon/peer_check.ts";
import { obeySystemLibraries } from "../../daemon/system_libraries.ts";
import { VERSION } from "../../daemon/version.ts";
import { daemonStatuses } from "../exit_statuses.ts";
import { peerTargets } from "../peer_targets.ts";
import { isLinkName } from "../subcommands.ts";
import { type DaemonOptions, type DaemonProgram, parseDaemonOptions } from "./daemon_options.ts";
import {
  beginDetached,
  isDetached,
  ownCommand,
  startDetached,
  tellReady,
  tellSystemLog,
} from "./detach.ts";
import { exportedSchema, exportedText } from "./export_configuration.ts";
import { findUser } from "./find_user.ts";
import { PidFile } from "./pid_file.ts";
import { becomeUser } from "./process_calls.ts";
import { checkWorkingDirectory } from "./working_directory.ts";

/** A daemon that runs. */
export interface RunningDaemon {
  /** The ports that are open. */
  readonly ports?: readonly number[];
  /** Ends the jobs and closes everything. */
  stop(): Promise<void>;
  /** Reads the configuration anew. */
  reload?(): Promise<void> | void;
}

/** Makes and starts a daemon. */
export type StartDaemon<P extends DaemonProgram> = (
  configuration: Configuration<ProgramResources[P]>,
  onProblem: (text: string) => void,
  options?: Partial<DaemonOptions>,
) => Promise<RunningDaemon>;

/** What counts here of a daemon's own resource. */
export interface OwnResource {
  /** Where pid files go without `-p`. */
  readonly workingDirectory: string;
  /** Whether the system's libraries may serve. */
  readonly systemLibraries: boolean;
}

/** What the three daemons have of their own. */
export interface DaemonKind<P extends DaemonProgram> {
  readonly program: P;
  readonly start: StartDaemon<P>;
  /** What `-t` checks besides the configuration. @throws Error if it does not hold */
  readonly test?: (configuration: Configuration<ProgramResources[P]>) => void;
  /** The daemon's own resource. */
  readonly own: (configuration: Configuration<ProgramResources[P]>) => OwnResource;
}

const NAMES: Readonly<Record<DaemonProgram, string>> = {
  director: "roost dir",
  storage: "roost sd",
  file: "roost fd",
};

/**
 * Runs a daemon until SIGTERM or SIGINT; SIGHUP reloads where that is possible. Called through a link
 * that bears the name of one of Bareos' daemons, it goes to the background unless `-f` is given.
 */
export async function runDaemon<P extends DaemonProgram>(
  kind: DaemonKind<P>,
  args: readonly string[],
): Promise<number> {
  const calledAs = Deno.env.get("ROOST_CALLED_AS");
  const isLinked = calledAs !== undefined && isLinkName(calledAs);
  const name = isLinked ? calledAs : NAMES[kind.program];
  let isSilent = false;
  const complain = (text: string): void => {
    if (isSilent) tellSystemLog(name, text);
    else console.error(`${name}: ${text}`);
  };
  const parsed = parseDaemonOptions(kind.program, args, name, VERSION);
  if ("text" in parsed) {
    if (parsed.status === 0) console.log(parsed.text);
    else console.error(parsed.text);
    return parsed.status;
  }
  const { options } = parsed;
  if (options.exportSchema) {
    console.log(exportedSchema(kind.program));
    return 0;
  }
  if (options.config !== undefined && !existsSync(options.config)) {
    complain(`--config: path does not exist: ${options.config}`);
    return daemonStatuses.badCommandLine;
  }
  try {
    const configuration = loadConfiguration(kind.program, options.config, {
      isBacula: isNamedLikeBacula(calledAs ?? ""),
    });
    if (options.exportConfig !== undefined) {
      const text = exportedText(configuration, options.exportConfig);
      if (text === undefined) complain(`there is no resource ${options.exportConfig.join(" ")}`);
      else console.log(text.trimEnd());
      return text === undefined ? 1 : 0;
    }
    const warnings = isDetached()
      ? []
      : [...configuration.warnings, ...tlsFileWarnings(configuration)];
    if (warnings.length > 0) {
      const lines = warnings.map((text) => ` * ${text}`);
      console.error(["There are configuration warnings:", ...lines].join("\n"));
    }
    if (options.testConfig || options.checkPeers) {
      // As whom the daemon would run: a catalog's server, and files, may know that user alone.
      if (Deno.uid() === 0) becomeUser(findUser(options.user, options.group));
      kind.test?.(configuration);
      // A test of the configuration alone asks nobody: scripts run it before each start.
      if (!options.checkPeers && options.verbosity === 0) return 0;
      const targets = peerTargets(kind.program, configuration);
      const isGood = await checkPeers(targets, (findings) => console.log(findingsText(findings)));
      return isGood || !options.checkPeers ? 0 : 1;
    }
    const goesToBackground = isLinked && !options.foreground;
    if (goesToBackground && !isDetached()) return await startDetached(ownCommand(args));
    if (goesToBackground) beginDetached();
    return await serve(kind, configuration, options, {
      complain,
      pidFileName: goesToBackground ? name : undefined,
      onReady: () => {
        if (!goesToBackground) return;
        tellReady();
        isSilent = true;
      },
    });
  } catch (error) {
    if (error instanceof ConfigurationError) {
      console.error(error.message);
      return daemonStatuses.badConfiguration;
    }
    complain(messageOf(error));
    return 1;
  }
}

interface ServeParts {
  readonly complain: (text: string) => void;
  /** Begins the name of the pid file where none is given; in the background only. */
  readonly pidFileName: string | undefined;
  /** Told when the ports are open and the pid file is written. */
  onReady(): void;
}

async function serve<P extends DaemonProgram>(
  kind: DaemonKind<P>,
  configuration: Configuration<ProgramResources[P]>,
  options: DaemonOptions,
  { complain, pidFileName, onReady }: ServeParts,
): Promise<number> {
  const identity = findUser(options.user, options.group);
  // Before the ports are opened: a second daemon is told about the first one, not about its port.
  using _given = options.pidFile === undefined ? undefined : PidFile.create(options.pidFile);
  becomeUser(identity);
  const signals = new Signals(options.noSignals);
  const own = kind.own(configuration);
  checkWorkingDirectory(own.workingDirectory);
  obeySystemLibraries(own);
  const running = await kind.start(configuration, complain, options);
  const [port] = running.ports ?? [];
  const path = join(own.workingDirectory, `${pidFileName}.${port}.pid`);
  using _own = pidFileName === undefined || options.pidFile !== undefined
    ? undefined
    : PidFile.create(path);
  if (options.verbosity > 0 || options.debugLevel > 0) {
    complain(`listening on port ${(running.ports ?? []).join(", ")}`);
  }
  onReady();
  await signals.untilTold(running);
  await running.stop();
  return 0;
}

/**
 * Hears signals from its making on, so that none that comes while a daemon starts ends the process:
 * SIGTERM and SIGINT ask to end, SIGHUP to reload.
 */
export class Signals {
  readonly #told = Promise.withResolvers<void>();
  #reload: () => void = () => this.#wantsReload = true;
  #wantsReload = false;

  /** Hears; if `isDeaf`, it hears nothing and the system does what it does (`-s`). */
  constructor(isDeaf = false) {
    if (isDeaf) return;
    Deno.addSignalListener("SIGHUP", () => this.#reload());
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      Deno.addSignalListener(signal, () => this.#told.resolve());
    }
  }

  /** Resolves at the first signal that asks to end; until then SIGHUP reloads. */
  async untilTold(running: RunningDaemon): Promise<void> {
    this.#reload = () => void running.reload?.();
    if (this.#wantsReload) this.#reload();
    await this.#told.promise;
    this.#reload = () => {};
  }
}
