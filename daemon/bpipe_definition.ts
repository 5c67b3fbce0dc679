/**
 * Lines for plugins, and what those of the plugin `bpipe` say: a file is what a program writes, and goes to
 * a program when it is restored. The director hands them on, the file daemon acts on them.
 *
 *     bpipe:file=<name>:reader=<command>:writer=<command>
 *     bpipe:<name>:<command>:<command>
 *
 * In the long form values reach to the next `:file=`, `:reader=` or `:writer=`, so they may have colons; in
 * the short form only the writer may. `\:` is a colon that separates nothing.
 *
 * @module
 */

/** A line for a plugin that cannot be understood; says why, without the line. */
export class PluginError extends Error {
  /** What it is called. */
  override readonly name = "PluginError";
}

/** A line for a plugin, or options for one, taken apart. */
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

/** What a definition says; what it does not say is undefined. */
export interface BpipeDefinition {
  /** The name of the file. */
  readonly file?: string | undefined;
  /** The command whose output is saved. */
  readonly reader?: string | undefined;
  /** The command that takes it back; empty for none. */
  readonly writer?: string | undefined;
}

type Key = keyof BpipeDefinition;
const keys: readonly string[] = ["file", "reader", "writer"] satisfies Key[];
/** A key and its `=`, at the beginning or behind a colon that no backslash stands before. */
const keyPattern = /(?:^|(?<!\\):)(\w+)=/g;

/** Whether a definition has the long form. */
export function isLongForm(definition: string): boolean {
  return keys.includes(/^(\w+)=/.exec(definition)?.[1] ?? "");
}

/** Reads a definition, the part behind `bpipe:`. @throws {PluginError} if it cannot be understood */
export function parseBpipe(definition: string): BpipeDefinition {
  return isLongForm(definition) ? parseLong(definition) : parseShort(definition);
}

function parseLong(definition: string): BpipeDefinition {
  const found = Array.from(definition.matchAll(keyPattern))
    .filter(([, word = ""]) => keys.includes(word));
  const values = new Map<string, string>();
  found.forEach((match, index) => {
    const [text, key = ""] = match;
    const value = definition.slice(match.index + text.length, found[index + 1]?.index);
    if (values.has(key)) throw new PluginError(`it has ${key}= twice`);
    // A command may hold anything; a name that holds a key is a mistake.
    const unknown = key === "file" ? /(?<!\\):(\w+)=/.exec(value)?.[1] : undefined;
    if (unknown !== undefined) throw new PluginError(`${unknown}= is not known to it`);
    values.set(key, withoutEscapes(value));
  });
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
