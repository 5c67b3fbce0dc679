/** `status subscriptions` (console.md 14.8): what is backed up, in units; nothing is ever refused. @module */
import { createHash } from "node:crypto";
import { PLATFORM, PRODUCT, VERSION } from "../../version.ts";
import { catalogTime } from "../report/formats.ts";
import type { SqlRow } from "../director_catalog.ts";
import type { Arguments } from "./arguments.ts";
import { CommandFailed } from "./command.ts";
import { jsonRow } from "./list_query.ts";
import type { ConsoleSession } from "./session.ts";
import { horizontalTable, verticalTable } from "./table.ts";

/** The newest good full backup of every job, with the client and the size in bytes. */
const detailSql =
  `SELECT Client.Name AS client, 'unknown' AS plugin, count(*) AS count, round(sum(Job.JobBytes) / 1e9, 3) AS size_gb
   FROM Job JOIN Client ON Client.ClientId = Job.ClientId
   WHERE Job.JobId IN (SELECT max(JobId) FROM Job WHERE Type = 'B' AND Level = 'F' AND JobStatus IN ('T', 'W') GROUP BY Name, ClientId)
   GROUP BY Client.Name ORDER BY Client.Name`;

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
  const rows = catalog.all(detailSql).filter(({ client }) => only === undefined || client === only)
    .map((row, at): SqlRow => anonymous ? { ...row, client: `client-${at + 1}` } : row);
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
  const byPlugin = [{
    plugin: "unknown",
    count: rows.reduce((sum, { count }) => sum + Number(count), 0),
    size_gb: rows.reduce((sum, row) => sum + Number(row.size_gb), 0),
  }];
  if (only !== undefined) {
    section(`Detailed backup unit report for client '${only}':`, "unit-detail", rows);
    text += "All plugin jobs and the first non-plugin job are counted.\n";
  } else if (isAll) section("Detailed backup unit report:", "unit-detail", rows);
  if (isAll || args.has("clients")) {
    section(
      "Backup unit report aggregated by client:",
      "unit-clients",
      rows.map(({ client, count, size_gb }) => ({
        client: client ?? null,
        count: count ?? 0,
        size_gb: size_gb ?? 0,
      })),
    );
    text += "For a detailed per-client report run 'status subscriptions client=<client-name>'\n";
  }
  if (isAll || args.has("plugins")) {
    section("Backup unit report aggregated by plugin:", "unit-plugins", byPlugin);
  }
  const configured = session.director.resource.subscriptions;
  const summary = {
    accounting_mode: "client",
    used: rows.length,
    configured,
    remaining: configured - rows.length,
  };
  text += `\nBackup unit summary:\n${verticalTable([summary])}`;
  session.output.put("unit-summary", jsonRow(summary));
  const checksum = createHash("md5").update(text).digest("hex");
  session.output.put("checksum", checksum);
  session.print(`${text}Checksum: ${checksum}\n`);
  return true;
}
