/** A director in this process with consoles to it over loopback; its catalog is filled by the test. @module */
import { loadConfiguration } from "../../daemon/config/mod.ts";
import { DirectorDaemon, serveConsole } from "../../daemon/director/mod.ts";
import { type ConsoleSession } from "../../protocol/mod.ts";
import { Catalog, PostgresStore } from "../../storage/catalog/mod.ts";
import { freePort } from "./free_port.ts";
import { join } from "./paths.ts";
import { hasPostgres } from "./postgres.ts";
import { SharedPostgres } from "./postgres_catalogs.ts";
import { enterResources, ServedDirector } from "./served_director.ts";

/** What every configuration of these tests has; jobs of each type, named after it. */
const basics = `
Catalog { Name = MyCatalog; DbName = catalog; DbUser = x }
Messages { Name = Standard; Console = all, !skipped, !audit; Catalog = all }
Client { Name = fd; Address = 127.0.0.1; Port = 1; Password = x; TlsEnable = no }
Client { Name = fd2; Address = 127.0.0.1; Port = 1; Password = x; TlsEnable = no }
Client { Name = tape-fd; Address = 127.0.0.1; Password = x; Protocol = NDMPv4; TlsEnable = no }
Storage { Name = File; Address = 127.0.0.1; Port = 1; Password = x; Device = Dev; MediaType = File; TlsEnable = no }
Storage { Name = File2; Address = 127.0.0.1; Port = 1; Password = x; Device = Dev; MediaType = File2; TlsEnable = no }
FileSet { Name = Set; Include { File = /data } }
FileSet { Name = Set2; Include { File = /data2 } }
Pool { Name = Full; PoolType = Backup; NextPool = Next; Storage = File }
Pool { Name = Incr; PoolType = Backup; Storage = File }
Pool { Name = Next; PoolType = Backup; Storage = File2 }
Schedule { Name = Daily; Run = Full daily at 21:00; Enabled = yes }
JobDefs { Name = Standard; Client = fd; FileSet = Set; Storage = File; Pool = Full; Messages = Standard }
Job { Name = Backup; JobDefs = Standard; Type = Backup; Level = Full; IncrementalBackupPool = Incr }
Job { Name = Backup2; JobDefs = Standard; Type = Backup; Level = Incremental; Client = fd2; FileSet = Set2 }
Job { Name = Admin; JobDefs = Standard; Type = Admin }
Job { Name = Archive; JobDefs = Standard; Type = Archive }
Job { Name = Consolidate; JobDefs = Standard; Type = Consolidate }
Job { Name = Verify; JobDefs = Standard; Type = Verify; Level = VolumeToCatalog; VerifyJob = Backup }
Job { Name = Copy; JobDefs = Standard; Type = Copy; SelectionType = Job; SelectionPattern = x }
Job { Name = Migrate; JobDefs = Standard; Type = Migrate; SelectionType = Job; SelectionPattern = x }
Job { Name = Restore; JobDefs = Standard; Type = Restore; Where = /tmp/restored }
Job { Name = Restore2; JobDefs = Standard; Type = Restore; Where = "" }
`;

/** Opens a catalog, the same each time. */
export type OpenCatalog = () => Catalog;

/**
 * Registers a test over SQLite, whose scenes have their catalog in a file, and one over PostgreSQL, which
 * must see the same; it is ignored where there is no server to be started. A file has one server.
 */
export const sceneTest: (
  name: string,
  body: (open: OpenCatalog | undefined) => Promise<void>,
) => void = (() => {
  const shared = new SharedPostgres();
  return (name, body) => {
    shared.want();
    Deno.test(`${name} (SQLite)`, () => body(undefined));
    Deno.test({
      name: `${name} (PostgreSQL)`,
      ignore: !hasPostgres,
      fn: async () => {
        const options = shared.emptyCatalog();
        await body(() => new Catalog(new PostgresStore(options)));
      },
    });
  };
})();

/**
 * A director named `dir` whose default console's password is `secret`; its configuration is
 * `etc/bareos-dir.d/director/dir.conf` in its folder.
 */
export class ConsoleScene extends ServedDirector {
  /** Starts it with further resources, and directives of the Director resource. */
  static async start(
    options: {
      readonly resources?: string;
      readonly director?: string;
      /** The Messages resource of the director itself. */
      readonly messages?: string;
      readonly fill?: (catalog: Catalog) => void;
      /** Opens the catalog, an empty one at first; one of SQLite in the folder if not given. */
      readonly open?: OpenCatalog | undefined;
    } = {},
  ): Promise<ConsoleScene> {
    const folder = await Deno.makeTempDir({ prefix: "roost-console-" });
    const port = freePort();
    const path = join(folder, "catalog.db");
    const text = `Director { Name = dir; Address = 127.0.0.1; Port = ${port}; Password = secret
  Messages = ${
      options.messages ?? "Standard"
    }; WorkingDirectory = "${folder}"; QueryFile = "${folder}/query.sql"
  TlsEnable = no; MaximumConcurrentJobs = 10; ${options.director ?? ""} }
${basics}${options.resources ?? ""}`;
    const etc = join(folder, "etc");
    await Deno.mkdir(join(etc, "bareos-dir.d/director"), { recursive: true });
    await Deno.writeTextFile(join(etc, "bareos-dir.d/director/dir.conf"), text);
    const read = () => loadConfiguration("director", etc);
    const configuration = read();
    const open = options.open ?? (() => Catalog.open(path));
    if (options.fill !== undefined) {
      const catalog = open();
      enterResources(catalog, configuration);
      options.fill(catalog);
      catalog.close();
    }
    const director = await new DirectorDaemon({
      configuration,
      readConfiguration: read,
      openCatalog: open,
      serveConsole,
    }).start();
    return new ConsoleScene({ folder, port, stop: () => director.stop() });
  }
}

/** A job that the catalog knows. */
export interface PastJob {
  readonly jobId?: number;
  readonly name?: string;
  readonly type?: string;
  readonly level?: string;
  readonly status?: string;
  readonly client?: string;
  readonly fileSet?: string;
  readonly pool?: string;
  readonly storage?: string;
  /** `2026-01-01 10:00:00`. */
  readonly start?: string;
  readonly priorJobId?: number;
  /** Paths with content; the name of a folder ends in `/`. */
  readonly files?: readonly string[];
}

/** Attributes of files and folders: 1,000 bytes, modified at the start of 2026. */
const lstat = {
  file: "Po BAAA IGk B A A A Po BAA C BpVbqA BpVbqA BpVbqA A A M",
  folder: "Po BAAB EHt C A A A BAA BAA I BpVbqA BpVbqA BpVbqA A A M",
} as const;

/** Enters jobs with their files and a volume of each pool; JobIds count from 1. */
export function enterJobs(catalog: Catalog, jobs: readonly PastJob[]): void {
  for (const job of jobs) enterJob(catalog, job);
}

function enterJob(catalog: Catalog, job: PastJob): void {
  const { name = "Backup", type = "B", level = "F", status = "T", client = "fd" } = job;
  const { fileSet = "Set", pool = "Full", storage = "File", files = [] } = job;
  const seconds = Math.floor(new Date(job.start ?? "2026-01-01 10:00:00").getTime() / 1000);
  const clientId = idOf(catalog, "Client", client);
  const storageId = idOf(catalog, "Storage", storage);
  const poolId = idOf(catalog, "Pool", pool);
  const { fileSetId } = catalog.fileSet(fileSet, `md5-${fileSet}`, "FileSet {\n}\n", false);
  const unique = `${name}.${
    (job.start ?? "2026-01-01 10:00:00").replace(" ", "_").replaceAll(":", ".")
  }`;
  const jobId = catalog.createJob({
    job: `${unique}_${catalog.all("SELECT 1 AS n FROM Job").length + 10}`,
    ...{ name, type, level, clientId },
    schedTime: seconds,
    comment: "",
  });
  const writer = catalog.fileWriter(jobId);
  files.forEach((path, at) =>
    writer.add({
      fileIndex: at + 1,
      path,
      lstat: path.endsWith("/") ? lstat.folder : lstat.file,
      digest: "0",
      deltaSeq: 0,
    })
  );
  writer.flush();
  const volumeName = `${pool}-0001`;
  const known = catalog.one("SELECT MediaId AS id FROM Media WHERE VolumeName = ?", volumeName);
  const mediaId = known === undefined
    ? catalog.createMedia({
      ...{ volumeName, poolId, storageId },
      mediaType: storage,
      volStatus: "Append",
      enabled: 1,
    }).mediaId
    : Number(known.id);
  if (files.length > 0) {
    catalog.addJobMedia({
      ...{ jobId, mediaId, firstIndex: 1, lastIndex: files.length },
      ...{ startFile: 0, endFile: 0, startBlock: 200, endBlock: 9000 },
    });
  }
  catalog.updateJob(jobId, {
    jobStatus: status,
    startTime: seconds,
    endTime: seconds + 1,
    realEndTime: seconds + 1,
    jobTDate: seconds + 1,
    ...{ fileSetId, poolId },
    volSessionId: jobId,
    volSessionTime: 1767261600,
    jobFiles: writer.count,
    jobBytes: 1000 * files.filter((path) => !path.endsWith("/")).length,
    ...(job.priorJobId !== undefined && { priorJobId: job.priorJobId }),
  });
}

function idOf(catalog: Catalog, table: "Client" | "Storage" | "Pool", name: string): number {
  const row = catalog.one(`SELECT ${table}Id AS id FROM ${table} WHERE Name = ?`, name);
  if (row === undefined) throw new Error(`The catalog has no ${table} ${name}`);
  return Number(row.id);
}

/** Types lines and joins what comes back, as a console at a pipe prints it. */
export async function typed(session: ConsoleSession, ...lines: readonly string[]): Promise<string> {
  let text = "";
  for (const line of lines) text += `${line}\n${await session.call(line)}`;
  return text;
}

/** Times and paths that differ from run to run, made the same; no word of messages. */
export function steady(text: string): string {
  return text.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "TIME")
    .replaceAll(/\S+\/dir\.restore\.\d+\.bsr/g, "BOOTSTRAP")
    .replaceAll(/^You have messages\.\n/gm, "");
}
