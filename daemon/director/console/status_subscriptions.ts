/** `status subscriptions` (console.md 14.8): what is backed up, in units; nothing is ever refused. @module */
import { createHash } from "node:crypto";
import { PLATFORM, PRODUCT, VERSION } from "../../version.ts";
import { catalogTime } from "../report/formats.ts";
import type { SqlRow } from "../director_catalog.ts";
import type { Arguments } from "./arguments.ts";
import { CommandFailed } from "./command.ts";
import { jsonRow } from "./list_query.ts";
import type { ConsoleSession } from "./session.ts";
import { cellText, horizontalTable, verticalTable } from "./table.ts";

/** The newest good full backup of every job of every client, with the size in bytes. */
const jobsSql =
  `SELECT Client.Name AS client, Job.JobBytes AS bytes, CAST(FileSet.FileSetText AS BLOB) AS files
   FROM Job JOIN Client ON Client.ClientId = Job.ClientId LEFT JOIN FileSet ON FileSet.FileSetId = Job.FileSetId
   WHERE Job.JobId IN (SELECT max(JobId) FROM Job WHERE Type = 'B' AND Level = 'F' AND JobStatus IN ('T', 'W') GROUP BY Name, ClientId)`;

/** What stands for the plugin of a job that has none. */
const noPlugin = "none";

/** What is backed up of a client by one plugin, or without. */
interface Unit {
  readonly client: string;
  readonly plugin: string;
  /** Jobs that count: each with a plugin, and the first without. */
  count: number;
  bytes: number;
}

/** The plugin that a file set names: a Python module by its own name. */
function pluginOf(fileSetText: string): string {
  const definition = /^\s*Plugin\s*=\s*"?([^"\n]+)/im.exec(fileSetText)?.[1];
  if (definition === undefined) return noPlugin;
  const module = /(?:^|:)module_name=([^:]+)/.exec(definition)?.[1];
  return module ?? definition.split(":")[0]?.trim() ?? noPlugin;
}

/** The units of all clients, or of one, by client and plugin. */
function unitsOf(rows: readonly SqlRow[], only: string | undefined): Unit[] {
  const units = new Map<string, Unit>();
  for (const { client, bytes, files } of rows) {
    const name = cellText(client);
    if (only !== undefined && name !== only) continue;
    const plugin = pluginOf(cellText(files));
    const key = `${name}\n${plugin}`;
    const unit = units.get(key) ?? { client: name, plugin, count: 0, bytes: 0 };
    units.set(key, unit);
    unit.count = plugin === noPlugin ? 1 : unit.count + 1;
    unit.bytes += Number(bytes ?? 0);
  }
  return [...units.entries()].toSorted(([a], [b]) => a < b ? -1 : 1).map(([, unit]) => unit);
}

const gigabytes = (bytes: number): number => Math.round(bytes / 1e6) / 1000;

/** Units added up by a column. */
function sums(units: readonly Unit[], column: "client" | "plugin"): SqlRow[] {
  const groups = [...Map.groupBy(units, (unit) => unit[column])];
  return groups.toSorted(([a], [b]) => a < b ? -1 : 1).map(([name, group]) => ({
    [column]: name,
    count: group.reduce((sum, { count }) => sum + count, 0),
    size_gb: gigabytes(group.reduce((sum, { bytes }) => sum + bytes, 0)),
  }));
}

/** `status subscriptions`. */
export async function statusSubscriptions(
  session: ConsoleSession,
  args: Arguments,
): Promise<boolean> {
  const needed = ["Client", "Job", "FileSet"] as const;
  if (!needed.every((kind) => session.access.isUnrestricted(kind))) {
    throw new CommandFailed(
      "status subscriptions: needs access to all client, job and fileset resources.",
    );
  }
  const catalog = await session.catalog(args, "list");
  const anonymous = args.has("anonymize");
  const only = args.filled("client");
  const clients = new Map<string, string>();
  const units = unitsOf(catalog.all(jobsSql), only).map((unit) => {
    if (!anonymous) return unit;
    const client = clients.get(unit.client) ?? `client-${clients.size + 1}`;
    clients.set(unit.client, client);
    return { ...unit, client };
  });
  const details = units.map(({ client, plugin, count, bytes }): SqlRow => ({
    client,
    plugin,
    count,
    size_gb: gigabytes(bytes),
  }));
  const report = catalogTime(Math.floor(Date.now() / 1000));
  let text =
    `Bareos version: ${VERSION} (${PLATFORM})\nBinary info: ${PRODUCT}\nReport time: ${report}\n`;
  session.output.put("version", VERSION);
  session.output.put("os", PLATFORM);
  session.output.put("binary-info", PRODUCT);
  session.output.put("report-time", report);
  const section = (heading: string, key: string, shown: readonly SqlRow[]): void => {
    text += `\n${heading}\n${horizontalTable(shown)}`;
    session.output.put(key, shown.map((row) => jsonRow(row)));
  };
  const isAll = args.has("all");
  if (only !== undefined) {
    section(`Detailed backup unit report for client '${only}':`, "unit-detail", details);
    text += "All plugin jobs and the first non-plugin job are counted.\n";
  } else if (isAll) section("Detailed backup unit report:", "unit-detail", details);
  if (isAll || args.has("clients")) {
    section(
      "Backup unit report aggregated by client:",
      "unit-clients",
      sums(units, "client"),
    );
    text += "For a detailed per-client report run 'status subscriptions client=<client-name>'\n";
  }
  if (isAll || args.has("plugins")) {
    section("Backup unit report aggregated by plugin:", "unit-plugins", sums(units, "plugin"));
  }
  const configured = session.director.resource.subscriptions;
  const used = units.reduce((sum, { count }) => sum + count, 0);
  const summary = {
    accounting_mode: "client",
    used,
    configured,
    remaining: configured - used,
  };
  text += `\nBackup unit summary:\n${verticalTable([summary])}`;
  session.output.put("unit-summary", jsonRow(summary));
  const checksum = createHash("md5").update(text).digest("hex");
  session.output.put("checksum", checksum);
  session.print(`${text}Checksum: ${checksum}\n`);
  return true;
}
