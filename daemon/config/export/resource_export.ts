/**
 * A resource as configuration text or JSON, from the table of its directives
 * (configuration.md 15): what `show`, `--xc` and the FileSet's record print.
 *
 * @module
 */
import { defaultOf } from "../build.ts";
import type { Configuration } from "../configuration.ts";
import { type Destination, formatTypes } from "../destination.ts";
import { type Directive, keyOf, type SocketAddress } from "../directive.ts";
import { type EnumName, keywordOf } from "../enums.ts";
import type { FileSetBlock } from "../file_set.ts";
import { Password } from "../password.ts";
import { programs } from "../programs.ts";
import { formatSize, formatTime } from "../quantities.ts";
import type { RunLine } from "../resources.ts";
import { type RunScript, runsWhen, shortForms } from "../run_script.ts";
import { fileSetBlocks } from "./file_set_text.ts";
import { runLineText } from "./run_line_text.ts";
import { block, type ExportedDirective, type JsonValue, quoted, yesOrNo } from "./values.ts";

/** How resources are exported. */
export interface ExportOptions {
  /** Passwords as sixteen asterisks. */
  readonly hidesPasswords?: boolean;
  /** Defaults and what is inherited too: as comments in text, as members in JSON. */
  readonly isVerbose?: boolean;
  /**
   * As Bareos' `show` prints it, which cannot always be read back: references to nothing as
   * `Schedule = ""`, and no line where an option of a FileSet turns a built-in one off.
   */
  readonly asShown?: boolean;
}

/** A resource of any type. */
export type AnyResource = { readonly name: string };

/** Enumerations in quotes; those with a second member print that where nothing is set. */
const quotedEnums: ReadonlySet<string> = new Set(["LabelType", "PoolType"]);
/** What is printed for directives of a Pool whose default the table leaves open (recording 32). */
const shownUnset: Readonly<Record<string, string>> = { LabelType: "bareos", ActionOnPurge: "None" };
/** Lists on one line. */
const oneLine: ReadonlySet<string> = new Set(["AuditEvents", "Device"]);

/** The directives of a resource in the order of its table. */
export function exportedDirectives(
  configuration: Configuration<object>,
  type: string,
  resource: AnyResource,
  options: ExportOptions = {},
): ExportedDirective[] {
  const table = programs[configuration.program].resources[type];
  if (table === undefined) throw new RangeError(`There are no resources of type ${type}`);
  const values = resource as unknown as Readonly<Record<string, unknown>>;
  const own = configuration.writtenOf(type, resource.name);
  const all = configuration.sourceOf(resource)?.entries;
  const scripts = ownScripts(configuration, type, resource);
  const exported: ExportedDirective[] = [];
  for (const directive of table.directives as readonly Directive[]) {
    const isGiven = own?.entries.has(directive.name);
    const isInherited = isGiven === false && all?.has(directive.name) === true;
    const found = exportOne(directive, type, resource, values, options, isGiven, scripts);
    if (found === undefined) continue;
    // A default that is written may be there to overrule that of the JobDefs.
    const overrules = isGiven === true && options.asShown !== true &&
      own?.entries.has("JobDefs") === true;
    if (directive.deprecated !== undefined && found.isImplied && !overrules) continue;
    exported.push(
      isInherited
        ? { ...found, isImplied: true }
        : overrules
        ? { ...found, isImplied: false }
        : found,
    );
  }
  return exported;
}

/** The scripts of a job without the inherited ones. */
function ownScripts(
  configuration: Configuration<object>,
  type: string,
  resource: AnyResource,
): readonly RunScript[] {
  const { runScripts = [] } = resource as { readonly runScripts?: readonly RunScript[] };
  return configuration.writtenOf(type, resource.name)?.scripts ?? runScripts;
}

/** A resource as text, with an empty line behind it. */
export function resourceText(
  configuration: Configuration<object>,
  type: string,
  resource: AnyResource,
  options: ExportOptions = {},
): string {
  const lines = exportedDirectives(configuration, type, resource, options).flatMap(
    ({ name, lines, isImplied }) => {
      if (options.asShown !== true && isScript(name)) {
        // In the order in which they run, whatever form they were written in.
        if (name !== "RunScript") return [];
        return ownScripts(configuration, type, resource).flatMap(scriptLines);
      }
      if (!isImplied) return lines;
      return options.isVerbose === true ? lines.map((line) => `# ${line}`) : [];
    },
  );
  return `${block(type, lines).join("\n")}\n\n`;
}

/** A resource as an object of JSON, keys in lower case. */
export function resourceJson(
  configuration: Configuration<object>,
  type: string,
  resource: AnyResource,
  options: ExportOptions = {},
): Readonly<Record<string, JsonValue>> {
  return Object.fromEntries(
    exportedDirectives(configuration, type, resource, options)
      .filter(({ isImplied }) => !isImplied || options.isVerbose === true)
      .map(({ name, json }) => [name.toLowerCase(), json]),
  );
}

function exportOne(
  directive: Directive,
  type: string,
  resource: AnyResource,
  values: Readonly<Record<string, unknown>>,
  options: ExportOptions,
  isGiven: boolean | undefined,
  own: readonly RunScript[],
): ExportedDirective | undefined {
  const { name } = directive;
  const value = values[keyOf(name)];
  switch (directive.type) {
    case "include":
    case "exclude":
      return fileSetBlocks(name, value as readonly FileSetBlock[], options.asShown === true);
    case "run": {
      const runs = (value as readonly RunLine[])
        .map((run) => runLineText(run, options.asShown === true));
      return {
        name,
        lines: runs.map((run) => `Run = ${run}`),
        json: runs,
        isImplied: runs.length === 0,
      };
    }
    case "shortScript":
    case "runScript":
      return scripts(name, own);
    case "messages":
      return destinations(name, (values.destinations ?? []) as readonly Destination[]);
    case "addresses":
      return addresses(name, value as readonly SocketAddress[], isGiven === true);
    default:
      return simple(directive, type, resource, value, options);
  }
}

function simple(
  directive: Directive,
  type: string,
  resource: AnyResource,
  value: unknown,
  options: ExportOptions,
): ExportedDirective | undefined {
  const { name, required } = directive;
  if (directive.type.startsWith("references:")) {
    const names = (value as readonly AnyResource[]).map((each) => each.name);
    return list(name, names, false);
  }
  if (directive.type.startsWith("reference:")) {
    const target = (value as AnyResource | undefined)?.name;
    const isShown = target !== undefined || options.asShown === true;
    return {
      name,
      lines: [`${name} = ${quoted(target ?? "")}`],
      json: target ?? "",
      isImplied: !isShown,
    };
  }
  if (Array.isArray(value)) return list(name, value as readonly string[], isOnOneLine(directive));
  const standard = defaultOf(directive);
  const isDefault = value instanceof Password ? !value.isSet : value === standard;
  const [text, json] = scalar(directive, value, options);
  const isShownUnset = options.asShown === true && type === "Pool" && name in shownUnset;
  if (isShownUnset && value === "") {
    const word = shownUnset[name] ?? "";
    const shown = quotedEnums.has(name) ? quoted(word) : word;
    return { name, lines: [`${name} = ${shown}`], json: word, isImplied: false };
  }
  const isAlways = required === true || isShownUnset;
  if (name === "Name") return only(name, quoted(resource.name), resource.name);
  return { name, lines: [`${name} = ${text}`], json, isImplied: isDefault && !isAlways };
}

const only = (name: string, text: string, json: JsonValue): ExportedDirective => ({
  name,
  lines: [`${name} = ${text}`],
  json,
  isImplied: false,
});

const isOnOneLine = (directive: Directive): boolean =>
  directive.type === "acl" || oneLine.has(directive.name);

function list(name: string, values: readonly string[], isOneLine: boolean): ExportedDirective {
  const texts = values.map(quoted);
  return {
    name,
    lines: isOneLine ? [`${name} = ${texts.join(", ")}`] : texts.map((text) => `${name} = ${text}`),
    json: values,
    isImplied: values.length === 0,
  };
}

function scalar(
  directive: Directive,
  value: unknown,
  options: ExportOptions,
): [text: string, json: JsonValue] {
  const { type } = directive;
  if (value instanceof Password) {
    const shown = options.hidesPasswords === true
      ? "****************"
      : type === "clearPassword" || !value.isSet
      ? value.clear
      : `[md5]${value.key}`;
    return [quoted(shown), shown];
  }
  if (typeof value === "boolean") return [yesOrNo(value), value];
  if (type === "time") return [formatTime(Number(value)), formatTime(Number(value))];
  if (type === "size" || type === "size32") {
    return [formatSize(Number(value)), formatSize(Number(value))];
  }
  if (typeof value === "number") return [String(value), value];
  const text = String(value ?? "");
  if (type.startsWith("enum:")) {
    const word = text === "" ? "" : keywordOf(type.slice(5) as EnumName, text);
    return [quotedEnums.has(directive.name) || word === "" ? quoted(word) : word, word];
  }
  return [quoted(text), text];
}

const isScript = (name: string): boolean => name === "RunScript" || name in shortForms;

/** A script in the form in which it was written. */
function scriptLines(script: RunScript): string[] {
  const { shortForm, command } = script;
  if (shortForm !== undefined) return [`${shortForm} = ${quoted(command)}`];
  return block("RunScript", scriptSettings(script).map(([key, text]) => `${key} = ${text}`));
}

/** The scripts that are written under this keyword: a short form, or whole blocks. */
function scripts(name: string, all: readonly RunScript[]): ExportedDirective {
  const meant = all.filter(({ shortForm }) =>
    name === "RunScript" ? shortForm === undefined : shortForm === name
  );
  if (name !== "RunScript") {
    const commands = meant.map(({ command }) => command);
    return {
      name,
      lines: commands.map((command) => `${name} = ${quoted(command)}`),
      json: commands,
      isImplied: commands.length === 0,
    };
  }
  const settings = meant.map(scriptSettings);
  return {
    name,
    lines: meant.flatMap(scriptLines),
    json: settings.map((lines) =>
      Object.fromEntries(
        lines.map(([key, , json]) => [key.toLowerCase(), json]),
      )
    ),
    isImplied: settings.length === 0,
  };
}

type Setting = readonly [key: string, text: string, json: JsonValue];

function scriptSettings(script: RunScript): Setting[] {
  const when = Object.entries(runsWhen).find(([, mask]) => mask === script.when)?.[0] ?? "Never";
  const { target } = script;
  const client = target === "" ? "No" : target === "%c" ? "Yes" : quoted(target);
  const flag = (key: string, value: boolean, standard: boolean): Setting[] =>
    value === standard ? [] : [[key, yesOrNo(value), value]];
  return [
    [
      script.isConsoleCommand ? "Console" : "Command",
      quoted(script.command),
      script.command,
    ],
    ["RunsWhen", quoted(when.toLowerCase()), when.toLowerCase()],
    ...flag("FailJobOnError", script.failJobOnError, true),
    ...flag("RunsOnSuccess", script.onSuccess, true),
    ...flag("RunsOnFailure", script.onFailure, false),
    ...(client === "Yes" || script.isConsoleCommand
      ? []
      : [["RunsOnClient", client, target === "" ? false : target] as const]),
  ];
}

function destinations(name: string, all: readonly Destination[]): ExportedDirective {
  const meant = all.filter(({ kind }) => kind.toLowerCase() === name.toLowerCase());
  const lines = meant.map(({ kind, address, types }) => {
    const where = address === "" || kind === "syslog" ? "" : `${addressText(address)} = `;
    return `${name.toLowerCase()} = ${where}${formatTypes(types)}`;
  });
  const [first] = meant;
  const json = first === undefined ? {} : {
    ...(first.address === "" ? {} : { where: first.address }),
    what: formatTypes(first.types),
  };
  return { name, lines, json, isImplied: meant.length === 0 };
}

/** Addresses need quotes where they hold what would end them. */
const addressText = (address: string): string =>
  /^[\w@./+-]+$/.test(address) ? address : quoted(address);

function addresses(
  name: string,
  sockets: readonly SocketAddress[],
  isGiven: boolean,
): ExportedDirective {
  const family = (host: string): string => host.includes(":") ? "ipv6" : "ipv4";
  return {
    name,
    lines: block(
      `${name} =`,
      sockets.flatMap(({ host, port }) =>
        block(`${family(host)} =`, [`addr = ${host}`, `port = ${port}`])
      ),
    ),
    json: sockets.map(({ host, port }) => ({ [family(host)]: { addr: host, port } })),
    isImplied: !isGiven,
  };
}
