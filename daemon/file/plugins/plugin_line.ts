/** Lines for plugins, and the plugins that there are. @module */
import { bpipe } from "./bpipe.ts";
import type { FilePlugin } from "./plugin.ts";

/** The plugins that are built in, by their names. Whoever adds one adds a line. */
export const builtInPlugins: ReadonlyMap<string, FilePlugin> = new Map(
  [bpipe].map((plugin) => [plugin.name, plugin]),
);

/** A line, or options, taken apart. */
export interface PluginLine {
  /** The name of the plugin. */
  readonly plugin: string;
  /** What is behind the first colon; empty if there is none. */
  readonly definition: string;
}

/** Takes a line apart. */
export function parsePluginLine(line: string): PluginLine {
  const colon = line.indexOf(":");
  return colon < 0
    ? { plugin: line.trim(), definition: "" }
    : { plugin: line.slice(0, colon).trim(), definition: line.slice(colon + 1) };
}

/** The definitions among options that are for one plugin, in order. */
export function optionsFor(plugin: string, options: readonly string[]): string[] {
  return options.map(parsePluginLine).filter((line) => line.plugin === plugin)
    .map(({ definition }) => definition);
}
