/** `list` and `llist` (console.md 9). @module */
import type { DirectorCatalog } from "../director_catalog.ts";
import { dueTimes } from "../schedule/schedule.ts";
import { rowId } from "./arguments.ts";
import { CommandFailed } from "./command.ts";
import { listBackups, listCopies, listFiles, listLog } from "./list_special.ts";
import {
  clientsTable,
  jobsTable,
  jobVolumesTable,
  type ListTable,
  mediaTable,
  simpleTables,
} from "./list_tables.ts";
import { type Conditions, filtersOf, jobFilters, type Listing, ListQuery } from "./list_query.ts";
import { listPools } from "./list_pools.ts";
import { outlook } from "./next_volume.ts";
import type { CommandHandler } from "./session.ts";
import { JOB_LEVELS } from "../../../protocol/mod.ts";

/** A listing with the whole catalog. */
type CatalogListing = Listing & { readonly catalog: DirectorCatalog };

type Lister = (listing: CatalogListing) => Promise<boolean | void> | boolean | void;

/** Lists by the first word; several words may mean one. */
const listers: readonly (readonly [words: readonly string[], Lister])[] = [
  [["jobs"], listJobs],
  [["job", "jobname", "jobid", "ujobid"], listJobs],
  [["jobtotals"], listJobTotals],
  [["clients", "client"], (listing) => table(listing, clientsTable)],
  [["pools", "pool", "poolid"], listPools],
  [["storages"], (listing) => table(listing, simple("storages"))],
  [["filesets", "fileset"], listFileSets],
  [["media", "volumes", "volume", "mediaid", "volumeid"], listMedia],
  [["jobmedia"], (listing) => jobTable(listing, "jobmedia", false)],
  [["joblog"], (listing) => jobTable(listing, "joblog", true)],
  [["jobstatistics", "jobstats"], (listing) => jobTable(listing, "jobstatistics", true)],
  [["log"], listLog],
  [["files"], (listing) => listFiles(listing, requiredJob(listing), false)],
  [["basefiles"], (listing) => listFiles(listing, requiredJob(listing), true)],
  [["copies"], listCopies],
  [["backups"], listBackups],
  [["nextvol", "nextvolume"], listNextVolume],
];

const simple = (name: string): ListTable => {
  const found = simpleTables[name];
  if (found === undefined) throw new RangeError(`There is no table ${name}`);
  return found;
};

const show = (isLong: boolean): CommandHandler => async (session, args) => {
  const { first } = args;
  if (first === undefined) {
    throw new CommandFailed("list command requires a keyword");
  }
  const word = first.keyword.toLowerCase();
  const lister = listers.find(([words]) => words.includes(word))?.[1];
  if (lister === undefined) throw new CommandFailed(`Unknown list keyword: ${first.keyword}`);
  const catalog = await session.catalog(args, "list");
  return await lister({ session, args, catalog, isLong });
};

/** Rows of the catalog in a table. */
export const list: CommandHandler = show(false);
/** Rows of the catalog, a record a paragraph. */
export const llist: CommandHandler = show(true);

/** Lists a table with the filters of its keywords. */
function table(listing: Listing, what: ListTable, more: Conditions = []): void {
  new ListQuery(listing, what, [...filtersOf(listing.args, what), ...more]).show();
}

const jobNotFound =
  "jobid not found in db, access to job or client denied by ACL, or client not found in db";

/** The JobId that `jobid=` or `ujobid=` names, if the console may see it; undefined if none is named. */
function jobOf({ session, args, catalog }: Listing, orMissing = ""): number | undefined {
  const jobId = args.filled("jobid");
  const unique = args.filled("ujobid");
  if (jobId === undefined && unique === undefined) return undefined;
  const row = catalog.one(
    `SELECT Job.JobId AS id, Job.Name AS job, Client.Name AS client FROM Job LEFT JOIN Client ON Client.ClientId = Job.ClientId
     WHERE ${unique === undefined ? "Job.JobId = ?" : "Job.Job = ?"}`,
    unique ?? rowId(jobId),
  );
  const isVisible = row !== undefined && session.allows("Job", String(row.job)) &&
    (row.client === null || session.allows("Client", String(row.client)));
  if (!isVisible) {
    throw new CommandFailed(
      `${jobNotFound}${orMissing}`,
    );
  }
  return Number(row.id);
}

function requiredJob(listing: Listing): number {
  const jobId = jobOf(listing);
  if (jobId === undefined) throw new CommandFailed("no jobid given");
  return jobId;
}

function jobTable(listing: Listing, name: string, isRequired: boolean): void {
  const jobId = isRequired ? requiredJob(listing) : jobOf(listing);
  const what = simple(name);
  const conditions: Conditions = jobId === undefined ? [] : [[what.filters?.jobid ?? "", jobId]];
  const query = new ListQuery(listing, what, conditions);
  if (listing.args.has("count")) query.showCount();
  else query.show();
}

function listJobs(listing: Listing): boolean | void {
  const { session, args, catalog } = listing;
  const [first] = args.all;
  const word = first?.keyword.toLowerCase() ?? "";
  if (word === "jobs" && first?.value !== undefined) {
    throw new CommandFailed("'list jobs' does not allow an jobs parameter");
  }
  if (word !== "jobs" && (first?.value ?? "") === "") {
    throw new CommandFailed(`Missing ${word} parameter`);
  }
  const client = args.filled("client");
  if (client !== undefined) {
    const row = catalog.one("SELECT 1 AS n FROM Client WHERE Name = ?", client);
    if (row === undefined || !session.allows("Client", client)) {
      throw new CommandFailed(`invalid client argument: ${client}`);
    }
  }
  const query = new ListQuery(listing, jobsTable, [
    ...filtersOf(args, jobsTable),
    ...jobFilters(args),
  ]);
  if (args.has("count")) query.showCount();
  else if (args.has("jobid", "ujobid")) query.show({ emptyAsObject: true });
  else query.show();
}

function listJobTotals(listing: Listing): void {
  const from = "Job WHERE Type IN ('B', 'A', 'a', 'C')";
  const totals =
    "count(*) AS jobs, coalesce(sum(JobFiles), 0) AS files, coalesce(sum(JobBytes), 0) AS bytes";
  const { session, catalog } = listing;
  const rows = catalog.all(`SELECT ${totals}, Name AS job FROM ${from} GROUP BY Name ORDER BY Name`)
    .filter(({ job }) => session.access.allows("Job", String(job)));
  ListQuery.showRows(listing, "jobs", rows);
  const sum = { jobs: 0, files: 0, bytes: 0 };
  for (const row of rows) {
    sum.jobs += Number(row.jobs);
    sum.files += Number(row.files);
    sum.bytes += Number(row.bytes);
  }
  ListQuery.showRows(listing, "jobtotals", [sum], { asObject: true });
}

function listFileSets(listing: Listing): void {
  const what = simple("filesets");
  const orMissing = " or missing filesetid";
  const jobId = jobOf(listing, orMissing);
  const given = listing.args.filled("filesetid");
  const isOne = listing.args.all[0]?.keyword.toLowerCase() === "fileset";
  if (isOne && jobId === undefined && given === undefined) {
    throw new CommandFailed(`${jobNotFound}${orMissing}`);
  }
  const conditions: Conditions = [
    ...(jobId === undefined ? [] : [[what.filters?.jobid ?? "", jobId] as const]),
    ...(given === undefined ? [] : [[what.filters?.filesetid ?? "", rowId(given)] as const]),
  ];
  new ListQuery(listing, what, conditions).show();
}

/** Words that name one volume. */
const volumeWords = ["volume", "media", "mediaid", "volumeid"];

function listMedia(listing: Listing): void {
  const { args, session, catalog } = listing;
  const jobId = jobOf(listing);
  if (jobId !== undefined) {
    const query = new ListQuery(listing, jobVolumesTable, [["JobMedia.JobId = ?", jobId]]);
    if (args.has("count")) query.showCount();
    else query.show();
    return;
  }
  const [first] = args.all;
  const one = first !== undefined && volumeWords.includes(first.keyword.toLowerCase()) &&
    first.value !== undefined;
  const query = new ListQuery(listing, mediaTable, filtersOf(args, mediaTable));
  if (one) {
    query.show({ key: "volume", asObject: true });
    return;
  }
  if (args.has("all")) {
    if (!session.access.isUnrestricted("Pool")) {
      throw new CommandFailed(
        "Restricted permission. Use the commands 'list media' or 'llist media all' instead",
      );
    }
    query.show();
    return;
  }
  if (args.has("count")) return query.showCount();
  const pool = args.filled("pool");
  if (pool !== undefined) {
    if (catalog.one("SELECT 1 AS n FROM Pool WHERE Name = ?", pool) === undefined) {
      throw new CommandFailed(`Pool ${pool} doesn't exist.`);
    }
    query.show();
    return;
  }
  const pools = catalog.all("SELECT Name AS name FROM Pool ORDER BY PoolId");
  for (const { name } of pools) {
    if (!session.access.allows("Pool", String(name))) continue;
    session.output.decorate(`Pool: ${name}\n`);
    new ListQuery(listing, mediaTable, [["Pool.Name = ?", String(name)]])
      .show({ key: String(name).toLowerCase(), inside: "volumes" });
  }
}

/** Most days that `list nextvol` looks ahead. */
const mostDays = 50;

function listNextVolume({ session, args }: Listing): boolean {
  const name = args.filled("job", "jobname");
  const { configuration } = session.director;
  const job = name === undefined ? undefined : configuration.get("Job", name);
  if (job === undefined || !session.allows("Job", job.name)) {
    throw new CommandFailed(`${name ?? ""} is not a job name.`);
  }
  let days = args.number("days", 1);
  if (days < 0 || days > mostDays) {
    session.tell("warning", "Ignoring invalid value for days. Max is 50.");
    days = 1;
  }
  const now = Math.floor(Date.now() / 1000);
  let hasFound = false;
  for (const run of job.schedule?.run ?? []) {
    if ([...dueTimes(run.times, now, now + days * 86_400)].length === 0) continue;
    const { pool, level, volume } = outlook(session, job, run);
    const word = JOB_LEVELS[level]?.keyword ?? "";
    hasFound = true;
    session.print(
      volume === undefined
        ? `Could not find next Volume for Job ${job.name} (Pool=${pool}, Level=${word}).\n`
        : `The next Volume to be used by Job "${job.name}" (Pool=${pool}, Level=${word}) will be ${volume}\n`,
    );
  }
  if (!hasFound) session.print(`Could not find next Volume for Job ${job.name}.\n`);
  return true;
}
