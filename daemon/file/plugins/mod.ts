/**
 * Plugins of the file daemon: files that come from programs (volume.md 15.1, director-client.md 6).
 *
 * A `Plugin` line of a FileSet is taken apart by {@linkcode parsePluginLine}; the plugin of that name in
 * {@linkcode builtInPlugins} says which files it stands for and which commands write them or take them
 * back. {@linkcode programOf} makes a program of a command: words without a shell, checked against
 * what the director may have run. {@linkcode RunningProgram} is one that runs, for the thread that saves
 * or restores; {@linkcode PluginSinks} gives a restore the programs that take what comes from the volume.
 * A new plugin is a file with a {@linkcode FilePlugin} and a line in the table.
 *
 * @module
 */
export { parsePluginLine, PluginError, type PluginLine } from "../../bpipe_definition.ts";
export type { FilePlugin, ReadByCommand } from "./plugin.ts";
export { builtInPlugins, optionsFor, pluginWarnings } from "./built_in.ts";
export { type PercentCodes, programOf, type ProgramRules, shellSign } from "./program_of.ts";
export { faultOf, RunningProgram } from "./running_program.ts";
export { type PluginSinkOptions, PluginSinks, type RestoringPlugins } from "./plugin_sinks.ts";
