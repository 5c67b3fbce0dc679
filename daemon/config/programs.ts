/** The four programs: their files and the tables of their resources (configuration.md 2, 4.2). @module */
import type { Directive } from "./directive.ts";
import type { ProgramName } from "./resources.ts";
import { consoleDirectorDirectives, namedConsoleDirectives } from "./tables/console.ts";
import {
  catalogDirectives,
  clientDirectives,
  consoleDirectives,
  counterDirectives,
  directorDirectives,
  fileSetDirectives,
  jobDirectives,
  poolDirectives,
  profileDirectives,
  scheduleDirectives,
  storageDirectives,
  userDirectives,
} from "./tables/director/mod.ts";
import { fileDaemonDirectives, fileDirectorDirectives } from "./tables/file.ts";
import { messagesDirectives } from "./tables/messages.ts";
import {
  autochangerDirectives,
  deviceDirectives,
  ndmpDirectives,
  storageDaemonDirectives,
  storageDirectorDirectives,
} from "./tables/storage.ts";

/** A type of resource. */
export interface ResourceTable {
  readonly directives: readonly Directive[];
  /** Other names of the type, discouraged. */
  readonly aliases?: readonly string[];
  /** Its members are not required, as they may come from elsewhere (JobDefs). */
  readonly isTemplate?: boolean;
  /** Resources of this type that there must be. */
  readonly count: "one" | "at least one" | "any";
}

/** What distinguishes a program's configuration. */
export interface ProgramTable {
  readonly name: ProgramName;
  /** Its name, as the component of a schema. */
  readonly component: string;
  /** `bareos-dir.conf`. */
  readonly file: string;
  /** `bareos-dir.d`. */
  readonly folder: string;
  readonly resources: Readonly<Record<string, ResourceTable>>;
}

const any = (directives: readonly Directive[]): ResourceTable => ({ directives, count: "any" });
const one = (directives: readonly Directive[]): ResourceTable => ({ directives, count: "one" });
const some = (directives: readonly Directive[]): ResourceTable => ({
  directives,
  count: "at least one",
});

/** Every program. */
export const programs: Readonly<Record<ProgramName, ProgramTable>> = {
  director: {
    name: "director",
    component: "bareos-dir",
    file: "bareos-dir.conf",
    folder: "bareos-dir.d",
    resources: {
      Director: one(directorDirectives),
      Client: any(clientDirectives),
      JobDefs: { directives: jobDirectives, count: "any", isTemplate: true },
      Job: some(jobDirectives),
      // Bacula calls a Storage with several drives an Autochanger.
      Storage: { directives: storageDirectives, count: "any", aliases: ["Autochanger"] },
      Catalog: any(catalogDirectives),
      Schedule: any(scheduleDirectives),
      FileSet: any(fileSetDirectives),
      Pool: any(poolDirectives),
      Messages: some(messagesDirectives),
      Counter: any(counterDirectives),
      Profile: any(profileDirectives),
      Console: any(consoleDirectives),
      User: any(userDirectives),
    },
  },
  storage: {
    name: "storage",
    component: "bareos-sd",
    file: "bareos-sd.conf",
    folder: "bareos-sd.d",
    resources: {
      Director: some(storageDirectorDirectives),
      Ndmp: any(ndmpDirectives),
      Storage: one(storageDaemonDirectives),
      Device: some(deviceDirectives),
      Messages: some(messagesDirectives),
      Autochanger: any(autochangerDirectives),
    },
  },
  file: {
    name: "file",
    component: "bareos-fd",
    file: "bareos-fd.conf",
    folder: "bareos-fd.d",
    resources: {
      Director: some(fileDirectorDirectives),
      Client: { directives: fileDaemonDirectives, count: "one", aliases: ["FileDaemon"] },
      Messages: some(messagesDirectives),
    },
  },
  console: {
    name: "console",
    component: "bconsole",
    file: "bconsole.conf",
    folder: "bconsole.d",
    resources: {
      Console: any(namedConsoleDirectives),
      Director: some(consoleDirectorDirectives),
    },
  },
};

/** The types of resources of a program, in the order of its table. */
export function resourceTypes(program: ProgramName): string[] {
  return Object.keys(programs[program].resources);
}

/** The table of a type of resource by its name or an alias, without case. */
export function directivesOf(
  program: ProgramName,
  word: string,
): { readonly name: string; readonly directives: readonly Directive[] } | undefined {
  const wanted = word.toLowerCase();
  for (const [name, { directives, aliases = [] }] of Object.entries(programs[program].resources)) {
    if ([name, ...aliases].some((each) => each.toLowerCase() === wanted)) {
      return { name, directives };
    }
  }
  return undefined;
}

/** What the placeholders in defaults stand for. */
export const defaultFolders: Readonly<Record<string, string>> = {
  WORKINGDIR: "/var/lib/bareos",
  SCRIPTDIR: "/usr/lib/bareos/scripts",
  BACKENDDIR: "/usr/lib/bareos/backends",
  CONFIGDIR: "/etc/bareos",
};
