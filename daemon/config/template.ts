/**
 * A complete configuration for one machine, in the folder scheme
 * (configuration.md 2.3, 16): what `roost init` writes.
 *
 * @module
 */

import { queryFileText } from "./query_file.ts";

/** What a new installation is made of. */
export interface TemplateOptions {
  /** Absolute path of the folder that holds everything. */
  readonly folder: string;
  /** Absolute path of what the first job backs up. */
  readonly backup: string;
  readonly ports: { readonly director: number; readonly file: number; readonly storage: number };
  /** The command that dumps the catalog into `work/catalog.sql`, as a directive has it; with `--remove` it removes that. */
  readonly dumpCommand: string;
  /** Makes a password. */
  makePassword(): string;
}

/** Where a password of an installation is needed twice, it is made once. */
interface Passwords {
  readonly console: string;
  readonly file: string;
  readonly storage: string;
}

const quoted = (text: string): string => `"${text.replace(/[\\"]/g, "\\$&")}"`;

/** The files of an installation: path below its folder, and content. */
export function installationFiles(options: TemplateOptions): ReadonlyMap<string, string> {
  const passwords: Passwords = {
    console: options.makePassword(),
    file: options.makePassword(),
    storage: options.makePassword(),
  };
  return new Map([
    ...directorFiles(options, passwords),
    ...storageFiles(options, passwords),
    ...fileFiles(options, passwords),
    ["query.sql", queryFileText],
    [
      "bconsole.d/director/roost-dir.conf",
      `Director {
  Name = roost-dir
  Address = 127.0.0.1
  Port = ${options.ports.director}
  Password = "${passwords.console}"
}
`,
    ],
  ]);
}

/** Folders of an installation besides those of its configuration. */
export const installationFolders: readonly string[] = ["work", "volumes", "restore", "log"];

function directorFiles(options: TemplateOptions, passwords: Passwords): [string, string][] {
  const { folder, ports, backup, dumpCommand } = options;
  return [
    [
      "bareos-dir.d/director/roost-dir.conf",
      `Director {
  Name = roost-dir
  Address = 127.0.0.1
  Port = ${ports.director}
  Password = "${passwords.console}"         # of the console
  Working Directory = ${quoted(`${folder}/work`)}
  Query File = ${quoted(`${folder}/query.sql`)}   # what the command query of the console offers
  Maximum Concurrent Jobs = 10
  Messages = Daemon
}
`,
    ],
    [
      "bareos-dir.d/catalog/MyCatalog.conf",
      `Catalog {
  Name = MyCatalog
  DbDriver = sqlite3             # one file, catalog.db, in the working directory
  DbName = catalog
  DbUser = roost
}
`,
    ],
    [
      "bareos-dir.d/client/roost-fd.conf",
      `Client {
  Name = roost-fd
  Address = 127.0.0.1
  Port = ${ports.file}
  Password = "${passwords.file}"
  Maximum Concurrent Jobs = 10
}
`,
    ],
    [
      "bareos-dir.d/storage/File.conf",
      `Storage {
  Name = File
  Address = 127.0.0.1            # as the file daemon sees it: a name others can reach
  Port = ${ports.storage}
  Password = "${passwords.storage}"
  Device = FileStorage
  Media Type = File
  Maximum Concurrent Jobs = 10
}
`,
    ],
    ...["Full", "Differential", "Incremental"].map((name, at): [string, string] => [
      `bareos-dir.d/pool/${name}.conf`,
      `Pool {
  Name = ${name}
  Pool Type = Backup
  Label Format = "${name}-"
  Storage = File
  Recycle = yes
  AutoPrune = yes
  Volume Retention = ${["365 days", "90 days", "30 days"][at]}
  Maximum Volume Bytes = ${["50G", "10G", "1G"][at]}
}
`,
    ]),
    [
      "bareos-dir.d/fileset/SelfTest.conf",
      `FileSet {
  Name = SelfTest
  Include {
    Options {
      Signature = XXH128
      HardLinks = yes
      OneFS = no
      NoAtime = yes
    }
    File = ${quoted(backup)}
  }
  Exclude {
    File = ${quoted(folder)}
  }
}
`,
    ],
    [
      "bareos-dir.d/schedule/WeeklyCycle.conf",
      `Schedule {
  Name = WeeklyCycle
  Run = Level=Full 1st sat at 21:00
  Run = Level=Differential 2nd-5th sat at 21:00
  Run = Level=Incremental mon-fri at 21:00
}
`,
    ],
    [
      "bareos-dir.d/jobdefs/DefaultJob.conf",
      `JobDefs {
  Name = DefaultJob
  Type = Backup
  Level = Incremental
  Client = roost-fd
  FileSet = SelfTest
  Schedule = WeeklyCycle
  Storage = File
  Messages = Standard
  Pool = Incremental
  Full Backup Pool = Full
  Differential Backup Pool = Differential
  Incremental Backup Pool = Incremental
  Priority = 10
}
`,
    ],
    [
      "bareos-dir.d/job/Backup.conf",
      `Job {
  Name = Backup
  JobDefs = DefaultJob
}
`,
    ],
    [
      "bareos-dir.d/job/BackupCatalog.conf",
      `Job {
  Name = BackupCatalog           # what was saved, and where: without it only bscan finds that out
  JobDefs = DefaultJob
  Level = Full
  FileSet = Catalog
  Schedule = AfterBackup
  Run Before Job = ${quoted(dumpCommand)}
  Run After Job = ${quoted(`${dumpCommand} --remove`)}
  Write Bootstrap = ${quoted(`${folder}/work/BackupCatalog.bsr`)}
  Priority = 11                  # after the others
}
`,
    ],
    [
      "bareos-dir.d/fileset/Catalog.conf",
      `FileSet {
  Name = Catalog
  Include {
    Options {
      Signature = XXH128
    }
    File = ${quoted(`${folder}/work/catalog.sql`)}
    File = ${quoted(`${folder}/bareos-dir.d`)}
    File = ${quoted(`${folder}/bareos-sd.d`)}
    File = ${quoted(`${folder}/bareos-fd.d`)}
    File = ${quoted(`${folder}/bconsole.d`)}
  }
}
`,
    ],
    [
      "bareos-dir.d/schedule/AfterBackup.conf",
      `Schedule {
  Name = AfterBackup
  Run = Level=Full mon-sat at 21:10
}
`,
    ],
    [
      "bareos-dir.d/job/RestoreFiles.conf",
      `Job {
  Name = RestoreFiles
  Type = Restore
  Client = roost-fd
  FileSet = SelfTest
  Storage = File
  Pool = Full
  Messages = Standard
  Where = ${quoted(`${folder}/restore`)}
}
`,
    ],
    [
      "bareos-dir.d/messages/Standard.conf",
      `Messages {
  Name = Standard
  Console = all, !skipped, !saved, !audit
  Append = ${quoted(`${folder}/log/roost.log`)} = all, !skipped, !audit
  Catalog = all, !skipped, !saved, !audit
}
`,
    ],
    [
      "bareos-dir.d/messages/Daemon.conf",
      `Messages {
  Name = Daemon
  Console = all, !skipped, !saved, !audit
  Append = ${quoted(`${folder}/log/roost.log`)} = all, !skipped, !audit
}
`,
    ],
  ];
}

function storageFiles(options: TemplateOptions, passwords: Passwords): [string, string][] {
  const { folder, ports } = options;
  return [
    [
      "bareos-sd.d/storage/roost-sd.conf",
      `Storage {
  Name = roost-sd
  Address = 127.0.0.1
  Port = ${ports.storage}
  Working Directory = ${quoted(`${folder}/work`)}
}
`,
    ],
    [
      "bareos-sd.d/director/roost-dir.conf",
      `Director {
  Name = roost-dir
  Password = "${passwords.storage}"
}
`,
    ],
    [
      "bareos-sd.d/device/FileStorage.conf",
      `Device {
  Name = FileStorage
  Media Type = File
  Archive Device = ${quoted(`${folder}/volumes`)}
  Device Type = file
  Label Media = yes
  Random Access = yes
  Automatic Mount = yes
  Removable Media = no
  Always Open = no
  Maximum Concurrent Jobs = 10
}
`,
    ],
    [
      "bareos-sd.d/messages/Standard.conf",
      `Messages {
  Name = Standard
  Director = roost-dir = all
}
`,
    ],
  ];
}

function fileFiles(options: TemplateOptions, passwords: Passwords): [string, string][] {
  const { folder, ports } = options;
  return [
    [
      "bareos-fd.d/client/myself.conf",
      `Client {
  Name = roost-fd
  Address = 127.0.0.1
  Port = ${ports.file}
  Working Directory = ${quoted(`${folder}/work`)}
}
`,
    ],
    [
      "bareos-fd.d/director/roost-dir.conf",
      `Director {
  Name = roost-dir
  Password = "${passwords.file}"
}
`,
    ],
    [
      "bareos-fd.d/messages/Standard.conf",
      `Messages {
  Name = Standard
  Director = roost-dir = all, !skipped, !restored
}
`,
    ],
  ];
}
