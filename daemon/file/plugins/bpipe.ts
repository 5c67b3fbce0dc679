/**
 * The plugin `bpipe`: a file is what a program writes, and goes to a program when it is restored.
 *
 *     bpipe:file=<name>:reader=<command>:writer=<command>
 *     bpipe:<name>:<command>:<command>
 *
 * In the long form values reach to the next `:file=`, `:reader=` or `:writer=`, so they may have colons;
 * `\:` is a colon everywhere. In the short form only the writer may have others.
 *
 * @module
 */
import { type FilePlugin, PluginError } from "./plugin.ts";

/** What a definition says; what it does not say is undefined. */
export interface BpipeDefinition {
  /** The name of the file. */
  readonly file?: string | undefined;
  /** The command whose output is saved. */
  readonly reader?: string | undefined;
  /** The command that takes it back; empty for none. */
  readonly writer?: string | undefined;
}

const keys = ["file", "reader", "writer"] as const;
/** A key and its `=`, at the beginning or behind a colon that no backslash stands before. */
const keyPattern = /(?:^|(?<!\\):)(\w+)=/g;
const isKey = (word: string): word is typeof keys[number] =>
  (keys as readonly string[]).includes(word);

/** Reads a definition, the part behind `bpipe:`. @throws {PluginError} if it cannot be understood */
export function parseBpipe(definition: string): BpipeDefinition {
  const isLong = isKey(/^(\w+)=/.exec(definition)?.[1] ?? "");
  return isLong ? parseLong(definition) : parseShort(definition);
}

function parseLong(definition: string): BpipeDefinition {
  const found = Array.from(definition.matchAll(keyPattern))
    .filter(([, word = ""]) => isKey(word));
  const values = new Map<string, string>();
  found.forEach((match, index) => {
    const [text, key = ""] = match;
    const end = found[index + 1]?.index ?? definition.length;
    const value = definition.slice(match.index + text.length, end);
    if (values.has(key)) throw new PluginError(`it has ${key}= twice`);
    values.set(key, withoutEscapes(value));
  });
  const file = values.get("file");
  const unknown = file === undefined ? undefined : /:(\w+)=/.exec(file)?.[1];
  if (unknown !== undefined) throw new PluginError(`${unknown}= is not known to it`);
  return Object.fromEntries(values);
}

function parseShort(definition: string): BpipeDefinition {
  const [file = "", reader, ...writer] = definition.split(/(?<!\\):/);
  return {
    file: withoutEscapes(file),
    ...(reader !== undefined && { reader: withoutEscapes(reader) }),
    ...(writer.length > 0 && { writer: withoutEscapes(writer.join(":")) }),
  };
}

function withoutEscapes(value: string): string {
  return value.replaceAll("\\:", ":");
}

/** Writes a definition in the long form. @throws {PluginError} never for what was parsed */
export function formatBpipe(definition: BpipeDefinition): string {
  return keys.filter((key) => definition[key] !== undefined)
    .map((key) => `${key}=${definition[key]?.replaceAll(":", "\\:")}`).join(":");
}

/** What a line says with its options, those for another file left out. */
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
    if (reader.trim() === "") throw new PluginError("it has no reader");
    return [{ name: file, reader }];
  },
  writerOf(definition, name, options) {
    const { writer = "" } = complete(definition, options, name);
    return writer.trim() === "" ? undefined : writer;
  },
};
