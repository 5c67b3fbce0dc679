/**
 * `roost bscan`: reads volumes and enters into the catalog what they hold, as `bscan` of Bareos does
 * (storage-daemon.md 12): a catalog that was lost comes back from the volumes alone.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Catalog, CatalogError, PostgresStore } from "../storage/catalog/mod.ts";
import { driverOf, serverPassword, serverTarget } from "./catalog_place.ts";
import { describeStatuses, toolStatuses } from "./exit_statuses.ts";
import type { Manual } from "./manual.ts";
import {
  CatalogRebuild,
  configuredDevices,
  describeSessionLabel,
  fetchVolumes,
  openSource,
  type RebuildCounts,
  runTool,
  SourceReader,
  StandardOutput,
  ToolError,
  type ToolOptions,
  toolOptionsOf,
  VolumeScan,
} from "./volume_tools/mod.ts";
import { LabelType } from "../storage/volume/mod.ts";

/** What there is to say of it. */
export const manual: Manual = {
  synopsis: ["[options] [DEVICE]"],
  about: "Reads volumes and makes the records of their jobs, files and volumes in the catalog " +
    "anew, with -s; without it nothing is changed. DEVICE is a volume's file, or a Device " +
    "of the storage daemon's configuration.",
  options: toolOptionsOf("bscan"),
  statuses: describeStatuses(toolStatuses),
};

/** Runs `bscan` with the words of its command line; the result is the exit status. */
export function main(args: readonly string[]): Promise<number> {
  return runTool("bscan", args, async (options, output) => {
    try {
      return await scan(options, output);
    } catch (cause) {
      if (!(cause instanceof CatalogError)) throw cause;
      throw new ToolError(cause.message, 1, { cause });
    }
  });
}

async function scan(options: ToolOptions, output: StandardOutput): Promise<number> {
  const devices = configuredDevices(options);
  await fetchVolumes(options.words[0], options, devices);
  const source = openSource(options.words[0], options, devices);
  // without -s a temporary catalog takes the records, which SQLite removes in the end
  const catalog = options.storeRecords ? openCatalog(options) : Catalog.open("");
  try {
    const reader = new SourceReader(source, "bscan", output);
    const say = (text: string): void => {
      if (options.storeRecords) output.line(`bscan JobId 0: ${text}`);
    };
    const rebuild = new CatalogRebuild(catalog, { line: say }, options.updateMedia);
    const volumes = new VolumeScan({
      volume: (volume) => {
        output.line(`bscan JobId 0: VOL_LABEL: OK for Volume: ${volume.label.volumeName}`);
        rebuild.volume(volume);
      },
      jobBegins: (job) => {
        if (options.listRecords) {
          describeSessionLabel(LabelType.startOfSession, job.label).forEach((line) =>
            output.line(line)
          );
        }
        rebuild.jobBegins(job);
      },
      catalogRecord: (job, record) => rebuild.catalogRecord(job, record),
      jobEnds: (job) => {
        rebuild.jobEnds(job);
        if (options.listRecords && job.end !== undefined) {
          describeSessionLabel(LabelType.endOfSession, job.end).forEach((line) =>
            output.line(line)
          );
        }
      },
      problem: (text) => reader.fail(text),
    });
    let progress = 0;
    const blocks = reader.blocks((block, volume) => {
      volumes.block(block, volume);
      if (!options.showProgress || block.offset - progress < PROGRESS_STEP) return;
      progress = block.offset;
      output.line(`bscan JobId 0: Volume "${volume}" at ${block.offset} bytes`);
    });
    catalog.fillFiles(() => {
      for (const records of blocks) {
        for (const record of records) volumes.record(record);
      }
      rebuild.flush();
    });
    rebuild.finish(volumes.jobs, volumes.volumes);
    for (const { end, label } of volumes.jobs) {
      if (end === undefined) {
        output.problem(
          `bscan JobId 0: Warning: Job ${label.job} has no end on these volumes: it is entered as failed.`,
        );
      }
    }
    summary(rebuild.counts, options.storeRecords).forEach((line) => output.line(line));
    return reader.problems === 0 ? 0 : 1;
  } finally {
    catalog.close();
  }
}

/** Bytes between two lines of progress. */
const PROGRESS_STEP = 100_000_000;

/**
 * The catalog that the options name: one of a PostgreSQL server, as with Bareos, but where they name
 * nothing of a server and a director's working directory in which its SQLite catalog is already.
 *
 * No file is made unless `-B sqlite3` asks for it: a director whose Catalog resource has no DbDriver would
 * take it, nearly empty as it is, in place of the server that it had before.
 */
function openCatalog(options: ToolOptions): Catalog {
  const { driver, user, password, host, port } = options.server;
  const isServer = [user, password, host, port].some((each) => each !== undefined);
  const file = catalogFile(options);
  const chosen = driver !== undefined
    ? driverOf(driver, `the catalog ${options.database}`)
    : !isServer && file !== undefined && existsSync(file)
    ? "sqlite3"
    : "postgresql";
  if (chosen === "sqlite3") {
    if (file !== undefined) return Catalog.open(file);
    throw new ToolError(
      "Cannot open the catalog: give the director's Working Directory with -w.",
      1,
    );
  }
  try {
    return openServer(options);
  } catch (cause) {
    const isMeant = driver !== undefined || isServer || file === undefined;
    if (isMeant || !(cause instanceof CatalogError)) throw cause;
    const text =
      `${cause.message}. It is looked for in PostgreSQL, as there is no ${file}; -B sqlite3 makes that file`;
    throw new CatalogError(text, { cause });
  }
}

/** The catalog of a server. @throws CatalogError if it cannot be opened */
function openServer({ database, server }: ToolOptions): Catalog {
  const { user, host, port } = server;
  const target = serverTarget({ address: host, port, socket: undefined });
  const owner = { target, database, user: user ?? "bareos" };
  return new Catalog(
    new PostgresStore({
      resource: "bscan",
      ...owner,
      password: server.password ?? serverPassword(owner),
      reconnects: false,
      attempts: 1,
    }),
  );
}

/** The catalog's file, as the director finds it: below its working directory, if that is given. */
function catalogFile({ workingDirectory, database }: ToolOptions): string | undefined {
  return workingDirectory === undefined ? undefined : join(workingDirectory, `${database}.db`);
}

function summary(counts: RebuildCounts, isStored: boolean): string[] {
  const rows: readonly [number, string][] = [
    [counts.media, "Media"],
    [counts.pools, "Pool"],
    [counts.jobs, "Job"],
    [counts.files, "File"],
    [counts.restoreObjects, "RestoreObject"],
  ];
  return [
    isStored
      ? "Records added or updated in the catalog:"
      : "Records would have been added or updated in the catalog:",
    ...rows.map(([count, name]) => `${String(count).padStart(7)} ${name}`),
  ];
}
