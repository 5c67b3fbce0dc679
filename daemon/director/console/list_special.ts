/** Lists that are more than one query: files, log, copies, backups (console.md 9). @module */
import type { SqlValue } from "../director_catalog.ts";
import { CommandFailed } from "./command.ts";
import { jobFilters, jsonRow, type Listing, ListQuery } from "./list_query.ts";
import { jobsTable } from "./list_tables.ts";
import { cellText, rawTable, verticalTable } from "./table.ts";

/** Files that are read from the catalog at once. */
const pageSize = 10_000;

/**
 * The files of a job, those it took from a base job among them, or the latter alone (`isBase`); a page
 * after the other so that no list is ever whole in memory. `llist` shows the same.
 */
export async function listFiles(
  { session, catalog }: Listing,
  jobId: number,
  isBase: boolean,
): Promise<void> {
  const ofBase = "File.FileId IN (SELECT FileId FROM BaseFiles WHERE BaseFiles.JobId = ?)";
  const own = "File.JobId = ? AND File.FileIndex > 0";
  // Without a base job, which is nearly always so, the plain condition finds rows by the index alone.
  const hasBase =
    catalog.one("SELECT 1 AS n FROM BaseFiles WHERE JobId = ? LIMIT 1", jobId) !== undefined;
  const condition = isBase ? ofBase : hasBase ? `(${own} OR ${ofBase})` : own;
  const ids = hasBase && !isBase ? [jobId, jobId] : [jobId];
  const from = `File JOIN Path ON Path.PathId = File.PathId WHERE ${condition}`;
  const key = isBase ? "files" : "filenames";
  session.output.put(key, []);
  const all: { [key: string]: string }[] = [];
  for (let last = 0;;) {
    const rows = catalog.all(
      `SELECT CAST(Path.Path || File.Name AS BLOB) AS filename, File.FileId AS _id FROM ${from}
       AND File.FileId > ? ORDER BY File.FileId LIMIT ${pageSize}`,
      ...ids,
      last,
    );
    if (session.output.api === 2) { for (const row of rows) all.push(jsonRow(row, "NULL")); }
    else {
      session.print(rows.map(({ filename }) => ` ${cellText(filename)}\n`).join(""));
    }
    await session.flush();
    const end = rows.at(-1);
    if (end === undefined || rows.length < pageSize || session.isGone) break;
    last = Number(end._id);
  }
  session.output.put(key, all);
}

/** The newest lines of the log, oldest first. */
export function listLog({ session, args, catalog, isLong }: Listing): void {
  const limit = args.number("limit", 5);
  const offset = args.number("offset", 0);
  const client = args.filled("client");
  const conditions = [
    "(Job.Type IS NULL OR Job.Type <> 'C')",
    ...(client === undefined ? [] : ["Client.Name = ?"]),
  ];
  const values: SqlValue[] = client === undefined ? [] : [client];
  const found = catalog.all(
    `SELECT LogId AS logid, Job.Name AS jobname, Client.Name AS clientname, Time AS time, CAST(LogText AS BLOB) AS logtext
     FROM Log LEFT JOIN Job ON Job.JobId = Log.JobId LEFT JOIN Client ON Client.ClientId = Job.ClientId
     WHERE ${conditions.join(" AND ")} ORDER BY LogId DESC LIMIT ${limit} OFFSET ${offset}`,
    ...values,
  );
  const rows = found.filter(({ jobname, clientname }) =>
    session.access.isDefault ||
    (jobname !== null && session.access.allows("Job", String(jobname)) &&
      clientname !== null && session.access.allows("Client", String(clientname)))
  );
  if (!args.has("reverse")) rows.reverse();
  if (session.output.api === 2) {
    session.output.put("log", rows.map((row) => jsonRow(row, "NULL")));
    if (args.has("limit")) {
      session.output.put("meta", {
        range: { limit, ...(offset > 0 && { offset }), filtered: found.length - rows.length },
      });
    }
  } else if (isLong) session.print(verticalTable(rows));
  else session.print(rawTable(rows.map(({ logtext }) => ({ logtext: logtext ?? null }))));
}

/** Copies of jobs. */
export function listCopies(listing: Listing): void {
  const { session, args, catalog, isLong } = listing;
  const jobIds = (args.filled("jobid") ?? "").split(",").filter((id) => /^\d+$/.test(id));
  const rows = catalog.all(
    `SELECT DISTINCT Job.PriorJobId AS jobid, Job.Job AS job, Job.JobId AS copyjobid, Media.MediaType AS mediatype, Job.Name AS _name, Client.Name AS _client
     FROM Job JOIN JobMedia ON JobMedia.JobId = Job.JobId JOIN Media ON Media.MediaId = JobMedia.MediaId
     LEFT JOIN Client ON Client.ClientId = Job.ClientId
     WHERE Job.Type = 'C'${
      jobIds.length > 0 ? ` AND Job.PriorJobId IN (${jobIds.join(", ")})` : ""
    } ORDER BY Job.PriorJobId DESC`,
  ).filter(({ _name, _client }) =>
    session.access.isDefault ||
    (session.access.allows("Job", String(_name)) &&
      session.access.allows("Client", String(_client)))
  );
  if (rows.length === 0) return;
  session.output.decorate(
    args.has("jobid")
      ? "These JobIds have copies as follows:\n"
      : "The catalog contains copies as follows:\n",
  );
  ListQuery.showRows({ session, isLong }, "copies", rows);
}

/** Backups that a restore could use. */
export function listBackups(listing: Listing): void {
  const { args, session, catalog } = listing;
  const client = args.filled("client");
  if (client === undefined) throw new CommandFailed("missing parameter: client");
  const known = catalog.one("SELECT 1 AS n FROM Client WHERE Name = ?", client);
  if (known === undefined || !session.allows("Client", client)) {
    throw new CommandFailed(`invalid client argument: ${client}`);
  }
  const fileSet = args.filled("fileset") ?? "any";
  if (fileSet !== "any" && !session.allows("FileSet", fileSet)) {
    throw new CommandFailed("Access to specified FileSet not allowed.");
  }
  const conditions: [string, SqlValue | undefined][] = [
    ["Client.Name = ?", client],
    ["Job.Type IN ('B', 'A', 'a')", undefined],
    ...(args.has("jobstatus") ? [] : [["Job.JobStatus IN ('T', 'W')", undefined] as [
      string,
      undefined,
    ]]),
    ...(fileSet === "any" ? [] : [["FileSet.FileSet = ?", fileSet] as [string, SqlValue]]),
    ...jobFilters(args, true),
  ];
  if (fileSet === "any" && !session.access.isUnrestricted("FileSet")) {
    const names = session.director.configuration.all("FileSet").map(({ name }) => name)
      .filter((name) => session.access.allows("FileSet", name))
      .map((name) => `'${name.replaceAll("'", "''")}'`);
    conditions.push([`FileSet.FileSet IN (${names.join(", ")})`, undefined]);
  }
  const direction = args.value("order")?.toLowerCase() === "desc" ? "DESC" : "ASC";
  new ListQuery(
    listing,
    jobsTable,
    conditions,
    `Job.StartTime ${direction}, Job.JobId ${direction}`,
  ).show({ key: "backups" });
}
