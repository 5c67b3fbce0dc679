/** How a configuration of Bacula is read (bacula.md 18). @module */
import type { Directive } from "./directive.ts";
import type { ProgramTable } from "./programs.ts";

/**
 * Defaults that differ: nothing in a file of Bacula's asks for TLS unless it says so, and then certificates
 * are checked.
 */
const otherDefaults: ReadonlyMap<string, string> = new Map([
  ["TlsEnable", "no"],
  ["TlsRequire", "no"],
  ["TlsVerifyPeer", "yes"],
]);

/** Where Bacula's configuration is where no path is given. */
export const baculaConfigurationFolder = "/etc/bacula";

/** Whether a program or a file is one of Bacula's by its name, such as `bacula-fd` or `bacula-fd.conf`. */
export function isNamedLikeBacula(name: string): boolean {
  return /^bacula-(dir|sd|fd)(\.conf)?$/.test(name);
}

/** The same program with the names of files and the defaults of Bacula. */
export function asBaculaTable(table: ProgramTable): ProgramTable {
  const changed = (directive: Directive): Directive => {
    const other = otherDefaults.get(directive.name);
    return other === undefined ? directive : { ...directive, default: other };
  };
  return {
    ...table,
    file: table.file.replace(/^bareos/, "bacula"),
    folder: table.folder.replace(/^bareos/, "bacula"),
    resources: Object.fromEntries(
      Object.entries(table.resources).map(([type, resource]) => [
        type,
        { ...resource, directives: resource.directives.map(changed) },
      ]),
    ),
  };
}
