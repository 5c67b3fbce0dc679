/** Lines for plugins as a client understands them. @module */
import { isLongForm, parseBpipe, parsePluginLine, PluginError } from "../../bpipe_definition.ts";
import { JobFailure } from "../jobs/job_failure.ts";
import type { ClientMaker } from "./client_maker.ts";

/**
 * The line for a client: a bacula-fd takes `file=/x` for a name and `reader=...` for a command of a shell, so
 * that the long form of `bpipe` would save nothing and end well. It is given the short form.
 * @throws {JobFailure} if the line has no short form
 */
export function pluginLineFor({ maker }: ClientMaker, line: string): string {
  const { plugin, definition } = parsePluginLine(line);
  if (maker !== "bacula" || plugin !== "bpipe" || !isLongForm(definition)) return line;
  try {
    const { file = "", reader = "", writer = "" } = parseBpipe(definition.trimEnd());
    if (file.includes(":") || reader.includes(":")) {
      throw new PluginError(
        "its file and its reader must be without colons, for a client of Bacula",
      );
    }
    return `${plugin}:${file}:${reader}:${writer}`;
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    throw new JobFailure(`Cannot use plugin "${line.trim()}": ${error.message}`, { cause: error });
  }
}
