/** What tests of the director's parts stand on: a configuration, and a real catalog in a folder. @module */
import { parseConfiguration } from "../../daemon/config/mod.ts";
import type { DirectorConfiguration } from "../../daemon/director/resources.ts";
import { Catalog } from "../../storage/catalog/mod.ts";

/** Resources that every director needs; a test adds its own. */
function basics(folder: string): string {
  return `
Director { Name = dir; Password = secret; Messages = Standard; Working Directory = "${folder}"
  Maximum Concurrent Jobs = 10 }
Catalog { Name = Main; DbName = catalog; DbUser = x }
Messages { Name = Standard; Console = all, !skipped; Catalog = all }
Client { Name = fd; Address = 127.0.0.1; Password = x; Maximum Concurrent Jobs = 10 }
Storage { Name = Disk; Address = 127.0.0.1; Password = x; Device = Dev; Media Type = File
  Maximum Concurrent Jobs = 10 }
FileSet { Name = Set; Include { Options { Signature = MD5 } File = /data } }
Pool { Name = None; Pool Type = Backup }
Job { Name = Nothing; Type = Admin; Pool = None; Messages = Standard; Client = fd; FileSet = Set
  Storage = Disk }
`;
}

/** A Pool named Full, with the directives of the test. */
export function poolText(directives: string, name = "Full"): string {
  return `Pool { Name = ${name}; Pool Type = Backup; ${directives} }\n`;
}

/** A backup job named Backup, with the directives of the test. */
export function jobText(directives = "", name = "Backup"): string {
  return `Job { Name = ${name}; Type = Backup; Client = fd; FileSet = Set; Storage = Disk
  Pool = Full; Messages = Standard; ${directives}\n}\n`;
}

/** A configuration and its catalog. */
export class DirectorScene implements Disposable {
  readonly folder: string = Deno.makeTempDirSync({ prefix: "roost-director-" });
  readonly configuration: DirectorConfiguration;
  readonly catalog: Catalog;

  /** The basic resources and those of `text`; their pools, client and storage are in the catalog. */
  constructor(text: string) {
    this.configuration = parseConfiguration("director", basics(this.folder) + text);
    this.catalog = Catalog.open(`${this.folder}/catalog.db`);
    for (const pool of this.configuration.all("Pool")) this.catalog.pool(pool);
    for (const pool of this.configuration.all("Pool")) this.catalog.linkPool(pool);
    for (const client of this.configuration.all("Client")) this.catalog.client(client);
    for (const storage of this.configuration.all("Storage")) this.catalog.storage(storage);
  }

  [Symbol.dispose](): void {
    this.catalog.close();
    Deno.removeSync(this.folder, { recursive: true });
  }
}
