/** Where a restore puts the contents of plugins' files (director-client.md 12, 25.4). @module */
import { parsePluginLine, PluginError } from "../../bpipe_definition.ts";
import type { Platform, StopWord } from "../platform/mod.ts";
import { builtInPlugins, optionsFor } from "./built_in.ts";
import { programOf, type ProgramRules } from "./program_of.ts";
import { RunningProgram } from "./running_program.ts";

/** What a restore knows of plugins. Plain data: its thread gets a copy. */
export interface RestoringPlugins {
  /** What the director said with `pluginoptions`, in order. */
  readonly options: readonly string[];
  readonly rules: ProgramRules;
  /** What programs are told in place of `%w` and `%r`: the target folder, and the letter of the policy. */
  readonly where: string;
  readonly replace: string;
  /** What is added to the environment of programs. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What {@linkcode PluginSinks} works with. */
export interface PluginSinkOptions extends RestoringPlugins {
  readonly platform: Platform;
  /** Ends what waits for a program. */
  readonly stop?: StopWord | undefined;
}

/** Starts the programs that take the contents of plugins' files. */
export class PluginSinks {
  readonly #with: PluginSinkOptions;

  /** Nothing is started yet. */
  constructor(options: PluginSinkOptions) {
    this.#with = options;
  }

  /** Whether lines of this plugin are understood. */
  knows(plugin: string): boolean {
    return builtInPlugins.has(plugin);
  }

  /** What ends waiting for a program. */
  get stop(): StopWord | undefined {
    return this.#with.stop;
  }

  /**
   * Starts the program that takes the contents of a file that `line` has saved; undefined if they are to
   * go into an ordinary file. `tell` takes what the program says.
   * @throws {PluginError} if the line cannot be understood, or its program may not be run
   * @throws {SystemError} why the program cannot be started
   */
  open(line: string, name: string, tell: (line: string) => void): RunningProgram | undefined {
    const { options, rules, where, replace, environment, platform } = this.#with;
    const { plugin, definition } = parsePluginLine(line);
    const known = builtInPlugins.get(plugin);
    if (known === undefined) throw new PluginError(`the plugin "${plugin}" is not loaded`);
    const writer = known.writerOf(definition, name, optionsFor(plugin, options));
    if (writer === undefined) return undefined;
    const words = programOf(writer, rules, { w: where, r: replace, "%": "%" });
    return new RunningProgram(platform, { words, environment }, "reads", tell);
  }
}
