/** The arguments of `configure`, from the tables of directives (console.md 6.2). @module */
import { directivesOf, resourceTypes } from "../../config/mod.ts";

/** Names of types as schemas call them, by the types of the tables. */
const typeNames: Readonly<Record<string, string>> = {
  ...{ name: "NAME", strname: "STRNAME", str: "STRING", dir: "DIRECTORY", bool: "BOOLEAN" },
  ...{ dirOrCommand: "DIRECTORY_OR_COMMAND", password: "AUTOPASSWORD", time: "TIME" },
  ...{ clearPassword: "CLEARPASSWORD", int32: "INT32", uint32: "PINT32", uint16: "PINT16" },
  ...{ size: "SIZE64", size32: "SIZE32", speed: "SPEED", port: "PORT", address: "ADDRESS" },
  ...{ addresses: "ADDRESSES", strList: "STRING_LIST", dirList: "DIRECTORY_LIST", acl: "ACL" },
  ...{ strnameList: "DEVICE", plugins: "PLUGIN_NAMES", shortScript: "RUNSCRIPT_SHORT" },
  ...{ runScript: "RUNSCRIPT", messages: "MESSAGES", run: "SCHEDULE_RUN_COMMAND" },
  ...{ include: "INCLUDE_EXCLUDE_ITEM", exclude: "INCLUDE_EXCLUDE_ITEM" },
  ...{ "enum:JobType": "JOB_TYPE", "enum:JobProtocol": "PROTOCOL_TYPE" },
  ...{ "enum:JobLevel": "BACKUP_LEVEL", "enum:Replace": "REPLACE_OPTION" },
  ...{ "enum:AuthProtocol": "AUTH_PROTOCOL_TYPE", "enum:AuthType": "AUTH_TYPE" },
  ...{ "enum:SelectionType": "MIGRATION_TYPE", "enum:PoolType": "POOLTYPE" },
  ...{ "enum:LabelType": "LABEL", "enum:ActionOnPurge": "ACTION_ON_PURGE" },
};

/** Types whose values are blocks, which no line can hold. */
const withBlocks: ReadonlySet<string> = new Set(["runScript", "include", "exclude"]);

function typeName(type: string): string {
  if (type.startsWith("references:")) return "RESOURCE_LIST";
  if (type.startsWith("reference:")) return "RES";
  return typeNames[type] ?? type.toUpperCase();
}

/** One `add TYPE KEY=<TYPE> ...` a type, then `export`. */
export function configureUsage(): string {
  const adds = resourceTypes("director").filter((type) => type !== "Director").map((type) => {
    const directives = directivesOf("director", type)?.directives ?? [];
    const words = directives.filter(({ deprecated, type }) =>
      deprecated === undefined && !withBlocks.has(type)
    ).map(({ name, type, required }) => {
      const word = `${name.toLowerCase()}=<${typeName(type)}>`;
      return required === true ? word : `[${word}]`;
    });
    return `add ${type.toLowerCase()} ${words.join(" ")}`;
  });
  return [...adds, "export client=<client>"].join(" | ");
}
