/** The plugins that there are. @module */
import { parsePluginLine } from "../../bpipe_definition.ts";
import { bpipe } from "./bpipe.ts";
import type { FilePlugin } from "./plugin.ts";

/** The plugins that are built in, by their names. Whoever adds one adds a line. */
export const builtInPlugins: ReadonlyMap<string, FilePlugin> = new Map(
  [bpipe].map((plugin) => [plugin.name, plugin]),
);

/** The definitions among options that are for one plugin, in order. */
export function optionsFor(plugin: string, options: readonly string[]): string[] {
  return options.map(parsePluginLine).filter((line) => line.plugin === plugin)
    .map(({ definition }) => definition);
}

/** What a user should know who wants these plugins (`Plugin Names`); nothing if all are there. */
export function pluginWarnings(names: readonly string[]): readonly string[] {
  const known = [...builtInPlugins.keys()].join(", ");
  return names.filter((name) => !builtInPlugins.has(name)).map((name) =>
    `warning: Plugin Names has ${name}, which is not there: plugins are built in (${known}), others ` +
    "cannot be loaded, and jobs that ask for them fail."
  );
}
