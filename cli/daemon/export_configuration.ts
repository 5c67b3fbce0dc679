/** `--xc` and `--xs`: the configuration as text, and what it may hold as JSON (configuration.md 15.6). @module */
import {
  type AnyResource,
  blockKeywords,
  type Configuration,
  type Directive,
  directivesOf,
  keywordsOf,
  type ProgramName,
  programs,
  resourceText,
  resourceTypes,
} from "../../daemon/config/mod.ts";
import { PROTOCOL_VERSION } from "../../daemon/version.ts";

/**
 * The resources as text that can be read back, all or those of a type, or the one of a name.
 * @returns `undefined` if there is no such type or resource
 */
export function exportedText(
  configuration: Configuration<object>,
  [type, name]: readonly string[],
): string | undefined {
  const { program } = configuration;
  const named = type === undefined ? undefined : directivesOf(program, type)?.name;
  if (type !== undefined && named === undefined) return undefined;
  const types = named === undefined ? resourceTypes(program) : [named];
  const resources = configuration as Configuration<Record<string, AnyResource>>;
  const texts = types.flatMap((each) =>
    resources.all(each)
      .filter((resource) => name === undefined || resource.name === name)
      .map((resource) => resourceText(configuration, each, resource))
  );
  return type !== undefined && texts.length === 0 ? undefined : texts.join("");
}

/** What a directive is called in the schema, by its type here. */
const DATATYPES: Readonly<Record<string, string>> = {
  bool: "BOOLEAN",
  password: "MD5PASSWORD",
  clearPassword: "CLEARPASSWORD",
  address: "ADDRESS",
  name: "NAME",
  strname: "STRNAME",
  str: "STRING",
  dir: "DIRECTORY",
  dirOrCommand: "DIRECTORY_OR_COMMAND",
  int32: "INT32",
  uint32: "PINT32",
  uint16: "PINT16",
  time: "TIME",
  size: "SIZE64",
  size32: "SIZE32",
  speed: "SPEED",
  port: "PORT",
  strList: "STRING_LIST",
  dirList: "DIRECTORY_LIST",
  strnameList: "STRING_LIST",
  acl: "ACL",
  plugins: "PLUGIN_NAMES",
  addresses: "ADDRESSES",
  include: "INCLUDE_EXCLUDE_ITEM",
  exclude: "INCLUDE_EXCLUDE_ITEM",
  run: "SCHEDULE_RUN_COMMAND",
  messages: "MESSAGES",
  shortScript: "RUNSCRIPT_SHORT",
  runScript: "RUNSCRIPT",
};
/** The same for enumerations. */
const ENUM_DATATYPES: Readonly<Record<string, string>> = {
  LabelType: "LABEL",
  AuthProtocol: "AUTH_PROTOCOL_TYPE",
  AuthType: "AUTH_TYPE",
  JobType: "JOB_TYPE",
  JobProtocol: "PROTOCOL_TYPE",
  JobLevel: "BACKUP_LEVEL",
  Replace: "REPLACE_OPTION",
  SelectionType: "MIGRATION_TYPE",
  ActionOnPurge: "ACTION_ON_PURGE",
  PoolType: "POOLTYPE",
};
/** Blocks are written without an equals sign. */
const WITHOUT_EQUALS: ReadonlySet<string> = new Set(["include", "exclude", "runScript"]);

/** Directives whose values have a type of their own, by resource and name. */
const OWN_DATATYPES: Readonly<Record<string, string>> = {
  "Client Password": "AUTOPASSWORD",
  "Storage Password": "AUTOPASSWORD",
  "Catalog DbPassword": "AUTOPASSWORD",
  "Storage Device": "DEVICE",
  "Director AuditEvents": "AUDIT_COMMAND_LIST",
};

function datatypeOf(program: ProgramName, resource: string, { name, type }: Directive): string {
  const own = program === "director" ? OWN_DATATYPES[`${resource} ${name}`] : undefined;
  if (own !== undefined) return own;
  if (type.startsWith("references:")) return "RESOURCE_LIST";
  if (type.startsWith("reference:")) return "RES";
  if (type.startsWith("enum:")) return ENUM_DATATYPES[type.slice(5)] ?? "STRING";
  return DATATYPES[type] ?? "STRING";
}

/** What the configuration of a program may hold, in the form of Bareos' schema. */
export function exportedSchema(program: ProgramName): string {
  const { component, resources } = programs[program];
  const members = Object.entries(resources).map(([type, { directives }]) => [
    type,
    Object.fromEntries(directives.flatMap((directive) => {
      const entry = entryOf(program, type, directive);
      const aliases = (directive.aliases ?? []).map((alias) =>
        [alias, {
          ...entry,
          alias: true,
          description: `This is an alias for "${directive.name}", use "${directive.name}" instead.`,
        }] as const
      );
      return [[directive.name, entry] as const, ...aliases];
    })),
  ]);
  return JSON.stringify(
    {
      "format-version": 2,
      component,
      version: PROTOCOL_VERSION,
      resource: { [component]: Object.fromEntries(members) },
      ...(program === "director" && { datatype: datatypes() }),
    },
    undefined,
    2,
  );
}

/** The keywords of the types with keywords, and the directives of the blocks. */
function datatypes(): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  const keywords = (words: readonly string[]) => ({
    values: Object.fromEntries(words.map((word) => [word, {}])),
  });
  const values = (words: readonly string[]) => ({
    values: Object.fromEntries(words.map((word) => [word, { equals: true }])),
  });
  return {
    ...Object.fromEntries(
      Object.entries(ENUM_DATATYPES).map(([name, type]) => [type, keywords(keywordsOf(name))]),
    ),
    ...Object.fromEntries(
      Object.entries(blockKeywords()).map(([type, words]) => [type, values(words)]),
    ),
  };
}

function entryOf(
  program: ProgramName,
  resource: string,
  directive: Directive,
): Record<string, string | number | boolean> {
  return {
    datatype: datatypeOf(program, resource, directive),
    code: 0,
    equals: !WITHOUT_EQUALS.has(directive.type),
    ...(directive.default !== undefined && { default_value: directive.default }),
    ...(directive.deprecated !== undefined && { deprecated: true }),
    ...(directive.required === true && { required: true }),
    description: directive.help,
  };
}
