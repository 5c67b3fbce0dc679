/**
 * The table of subcommands, and of the names of links by which each is meant.
 *
 * @module
 */
import type { Subcommand } from "./program.ts";

/**
 * Bareos' scripts for the catalog, and the words of `roost catalog` that do the same. The first three are
 * called one after the other, and whichever comes first does all.
 */
const catalogScripts: Readonly<Record<string, readonly string[]>> = {
  create_bareos_database: ["create", "--if-missing"],
  make_bareos_tables: ["create", "--if-missing"],
  grant_bareos_privileges: ["create", "--if-missing"],
  update_bareos_tables: ["upgrade"],
  make_catalog_backup: ["dump"],
  "make_catalog_backup.pl": ["dump"],
  delete_catalog_backup: ["dump", "--remove"],
};

/** Every subcommand, in the order of the help. */
export const subcommands: readonly Subcommand[] = [
  {
    name: "quickstart",
    linkNames: [],
    summary: "back up and restore a folder in a throw-away installation, to see how it works",
    load: () => import("./quickstart.ts"),
  },
  {
    name: "init",
    linkNames: [],
    summary: "write a complete configuration with random passwords",
    load: () => import("./init.ts"),
  },
  {
    name: "all",
    linkNames: [],
    summary: "director, storage daemon and file daemon in one process",
    load: () => import("./all.ts"),
  },
  {
    name: "service",
    linkNames: [],
    summary: "units by which systemd or launchd keep daemons running",
    load: () => import("./service.ts"),
  },
  {
    name: "console",
    linkNames: ["bconsole"],
    summary: "the console: run jobs, restore, list",
    load: () => import("./console.ts"),
  },
  {
    name: "dir",
    linkNames: ["bareos-dir", "bacula-dir"],
    summary: "the director",
    load: () => import("./dir.ts"),
  },
  {
    name: "sd",
    linkNames: ["bareos-sd", "bacula-sd"],
    summary: "the storage daemon",
    load: () => import("./sd.ts"),
  },
  {
    name: "fd",
    linkNames: ["bareos-fd", "bacula-fd"],
    summary: "the file daemon",
    load: () => import("./fd.ts"),
  },
  {
    name: "bls",
    linkNames: ["bls"],
    summary: "list the files, jobs, blocks or the label of volumes",
    load: () => import("./bls.ts"),
  },
  {
    name: "bextract",
    linkNames: ["bextract"],
    summary: "restore files from volumes without a director",
    load: () => import("./bextract.ts"),
  },
  {
    name: "bscan",
    linkNames: ["bscan"],
    summary: "rebuild the catalog from volumes",
    load: () => import("./bscan.ts"),
  },
  {
    name: "bcopy",
    linkNames: ["bcopy"],
    summary: "copy the records of volumes to another volume",
    load: () => import("./bcopy.ts"),
  },
  {
    name: "btape",
    linkNames: ["btape"],
    summary: "try a device of a storage daemon out",
    load: () => import("./btape.ts"),
  },
  {
    name: "bregex",
    linkNames: ["bregex", "bareos-regex"],
    summary: "try regular expressions of a FileSet on the lines of a file",
    load: () => import("./bregex.ts"),
  },
  {
    name: "bwild",
    linkNames: ["bwild", "bareos-wild"],
    summary: "try wild cards of a FileSet on the lines of a file",
    load: () => import("./bwild.ts"),
  },
  {
    name: "bsmtp",
    linkNames: ["bsmtp"],
    summary: "send standard input as a mail, for the mail commands of a configuration",
    load: () => import("./bsmtp.ts"),
  },
  {
    name: "keygen",
    linkNames: [],
    summary: "make the keys for encrypted backups",
    load: () => import("./keygen.ts"),
  },
  {
    name: "catalog",
    linkNames: Object.keys(catalogScripts),
    linkWords: catalogScripts,
    summary: "make a catalog in PostgreSQL, bring one up to date, copy one, dump one",
    load: () => import("./catalog.ts"),
  },
  {
    name: "dbcheck",
    linkNames: ["bareos-dbcheck", "dbcheck"],
    summary: "find and mend what is wrong in a catalog",
    load: () => import("./dbcheck.ts"),
  },
  {
    name: "completion",
    linkNames: [],
    summary: "what a shell needs to complete these words with Tab",
    load: () => import("./completion.ts"),
  },
];

/** Whether a program is meant by the name of the link by which it was called; else it is by the first word. */
export function isLinkName(calledAs: string): boolean {
  return subcommands.some(({ linkNames }) => linkNames.includes(calledAs));
}

/** Programs of Bareos that have no counterpart here, and what to do instead. */
const elsewhere: Readonly<Record<string, string>> = {
  "bareos-config": "roost init writes a configuration, roost catalog makes the catalog",
  "bareos-dbcopy": "roost catalog copy copies the catalog of one Catalog resource into another",
  "bareos-tray-monitor": "there is no graphical monitor; status in the console tells the same",
  bpluginfo: "there are no plugins",
  bscrypto: "there are no tapes, whose keys it handles",
  drop_bareos_database: "dropdb of PostgreSQL removes a database, rm the file of an SQLite catalog",
  drop_bareos_tables: "dropdb of PostgreSQL removes a database, rm the file of an SQLite catalog",
};

/** What is said to somebody who has made a link of a name that nothing here has; else `undefined`. */
export function whyNoProgram(calledAs: string): string | undefined {
  const advice = elsewhere[calledAs];
  return advice === undefined ? undefined : `${calledAs} is no part of Roost: ${advice}`;
}
