/** The plugin `bpipe`: a file is what a program writes, and goes to a program when it is restored. @module */
import { type BpipeDefinition, parseBpipe, PluginError } from "../../bpipe_definition.ts";
import type { FilePlugin } from "./plugin.ts";

/** What a line says with its options; those that name another file are left out. */
function complete(text: string, options: readonly string[], name?: string): BpipeDefinition {
  let result = parseBpipe(text);
  const file = name ?? result.file;
  for (const option of options) {
    const { file: only, ...rest } = parseBpipe(option);
    if (only === undefined || only === "" || only === file) result = { ...result, ...rest };
  }
  return result;
}

/** The plugin. */
export const bpipe: FilePlugin = {
  name: "bpipe",
  filesOf(definition, options) {
    const { file = "", reader = "" } = complete(definition, options);
    if (file === "") throw new PluginError("it names no file");
    if (file.endsWith("/")) throw new PluginError("its file has the name of a folder");
    if (reader.trim() === "") throw new PluginError("it has no reader");
    return [{ name: file, reader }];
  },
  writerOf(definition, name, options) {
    const { writer = "" } = complete(definition, options, name);
    return writer.trim() === "" ? undefined : writer;
  },
};
