/** Dot commands that list names, for programs (console.md 21). @module */
import { JOB_LEVELS, jobStatusText } from "../../../protocol/mod.ts";
import type { JsonValue } from "../../config/mod.ts";
import type { AccessKind } from "./access.ts";
import type { Arguments } from "./arguments.ts";
import { CommandFailed } from "./command.ts";
import type { CommandHandler, ConsoleSession } from "./session.ts";

/** A list of resources. */
interface ResourceList {
  readonly type: string;
  readonly key: string;
  /** The list of rights that names them; without one everyone may see them. */
  readonly access?: AccessKind;
  readonly hasEnabled?: true;
  /** The member of each element. */
  readonly member?: string;
  isMeant?(
    resource: { readonly type?: string; readonly poolType?: string },
    args: Arguments,
  ): boolean;
}

/** The lists by their command. */
const resourceLists: Readonly<Record<string, ResourceList>> = {
  ".jobs": {
    type: "Job",
    key: "jobs",
    access: "Job",
    hasEnabled: true,
    isMeant: (job, args) => {
      const wanted = args.filled("type");
      return wanted === undefined || job.type === wanted.charAt(0);
    },
  },
  ".jobdefs": { type: "JobDefs", key: "jobdefs", access: "Job" },
  ".clients": { type: "Client", key: "clients", access: "Client", hasEnabled: true },
  ".storages": { type: "Storage", key: "storages", access: "Storage", hasEnabled: true },
  ".schedule": { type: "Schedule", key: "schedules", access: "Schedule", hasEnabled: true },
  ".filesets": { type: "FileSet", key: "filesets", access: "FileSet" },
  ".catalogs": { type: "Catalog", key: "catalogs", access: "Catalog" },
  ".pools": {
    type: "Pool",
    key: "pools",
    access: "Pool",
    isMeant: (pool, args) =>
      (pool.poolType ?? "").toLowerCase().startsWith((args.filled("type") ?? "").toLowerCase()),
  },
  ".profiles": { type: "Profile", key: "profiles" },
  ".consoles": { type: "Console", key: "consoles" },
  ".users": { type: "User", key: "users" },
  ".msgs": { type: "Messages", key: "messages", member: "text" },
};

function list(session: ConsoleSession, args: Arguments, what: ResourceList): void {
  const shown = session.director.configuration.all(what.type as "Job").filter((resource) => {
    const isEnabled = (resource as { enabled?: boolean }).enabled !== false;
    if (what.access !== undefined && !session.access.allows(what.access, resource.name)) {
      return false;
    }
    if (what.hasEnabled === true && args.has("enabled") && !isEnabled) return false;
    if (what.hasEnabled === true && args.has("disabled") && isEnabled) return false;
    return what.isMeant?.(resource as never, args) ?? true;
  });
  names(session, what.key, shown.map(({ name }) => name), what.member);
  if (what.hasEnabled !== true) return;
  session.output.put(
    what.key,
    shown.map((resource) => ({
      name: resource.name,
      enabled: (resource as { enabled?: boolean }).enabled !== false,
    })),
  );
}

/** Names, one a line. */
function names(
  session: ConsoleSession,
  key: string,
  all: readonly string[],
  member = "name",
): void {
  for (const name of all) session.print(`${name}\n`);
  session.output.put(key, all.map((name) => ({ [member]: name })));
}

/** Lists that do not depend on the configuration. */
const fixedLists: Readonly<Record<string, readonly [key: string, names: readonly string[]]>> = {
  ".actiononpurge": ["actiononpurge", ["None", "Truncate"]],
  ".types": [
    "jobtypes",
    ["Backup", "Admin", "Archive", "Verify", "Restore", "Migrate", "Copy", "Consolidate"],
  ],
  ".volstatus": [
    "volstatus",
    [
      ...["Unlabeled", "Append", "Full", "Used", "Recycle", "Purged", "Cleaning", "Error"],
      ...["Archive", "Disabled"],
    ],
  ],
};

/** Lists of names in the catalog. */
const catalogLists: Readonly<Record<string, readonly [key: string, sql: string]>> = {
  ".mediatypes": ["mediatypes", "SELECT DISTINCT MediaType AS name FROM Media ORDER BY 1"],
  ".media": [
    "media",
    "SELECT Media.VolumeName AS name, Pool.Name AS pool FROM Media LEFT JOIN Pool ON Pool.PoolId = Media.PoolId ORDER BY 1",
  ],
  ".locations": ["locations", "SELECT Location AS name FROM Location ORDER BY 1"],
};

/** Levels by the type of job that has them. */
const levels: readonly (readonly [type: string, word: string, letters: string])[] = [
  ["B", "backup", "FBIDSf"],
  ["V", "verify", "CVOdA"],
  ["c", "copy", "FID"],
  ["g", "migrate", "FID"],
];

const levelList: CommandHandler = (session, args) => {
  const wanted = args.first?.keyword.toLowerCase();
  const found: JsonValue[] = [];
  for (const [type, word, letters] of levels) {
    if (wanted !== undefined && word !== wanted) continue;
    for (const letter of letters) {
      const name = JOB_LEVELS[letter]?.keyword ?? letter;
      session.print(`${name}\n`);
      found.push({ name, level: letter.charCodeAt(0), jobtype: type.charCodeAt(0) });
    }
  }
  session.output.put("levels", found);
};

/** How bad a status is, and what a script ends with. */
const exits: Readonly<Record<string, readonly [level: number, status: number]>> = {
  T: [0, 0],
  W: [0, 0],
  e: [1, 1],
  E: [2, 2],
  f: [2, 2],
  A: [2, 2],
};

const statusList: CommandHandler = async (session, args) => {
  const given = args.first?.value ?? args.first?.keyword;
  if (given !== undefined && given.length !== 1) {
    throw new CommandFailed(
      `Unknown JobStatus '${given}'. JobStatus must be a single character.`,
    );
  }
  const catalog = await session.catalog(args, "list");
  const rows = catalog.all(
    `SELECT JobStatus AS jobstatus, JobStatusLong AS jobstatuslong, Severity AS severity FROM Status ${
      given === undefined ? "" : "WHERE JobStatus = ?"
    } ORDER BY JobStatus`,
    ...(given === undefined ? [] : [given]),
  );
  if (given !== undefined && rows.length === 0) {
    throw new CommandFailed(
      `Unknown JobStatus '${given}'. JobStatus must be a single character.`,
    );
  }
  const found = rows.map((row) => {
    const letter = String(row.jobstatus);
    const [level, status] = exits[letter] ?? [3, 3];
    return {
      jobstatus: letter,
      jobstatuslong: String(row.jobstatuslong ?? jobStatusText(letter)),
      severity: String(row.severity),
      exitlevel: String(level),
      exitstatus: String(status),
    };
  });
  for (const row of found) session.print(`${Object.values(row).join("\t")}\n`);
  session.output.put("jobstatus", found);
};

/** Kinds that `.authorized` asks about. */
const authorizable: Readonly<Record<string, AccessKind>> = {
  job: "Job",
  client: "Client",
  storage: "Storage",
  schedule: "Schedule",
  pool: "Pool",
  cmd: "Command",
  fileset: "FileSet",
  catalog: "Catalog",
};

const authorized: CommandHandler = (session, args) => {
  let isAllowed = false;
  for (const { keyword, value } of args.all) {
    const kind = authorizable[keyword.toLowerCase()];
    if (kind !== undefined && value !== undefined) isAllowed = session.access.allows(kind, value);
  }
  session.print(isAllowed ? "authorized\n" : "not authorized\n");
  session.output.put(".authorized", { authorized: isAllowed });
  return isAllowed;
};

/** All of these commands. */
export const dotLists: Readonly<Record<string, CommandHandler>> = {
  ...Object.fromEntries(
    Object.entries(resourceLists).map(([name, what]) => [
      name,
      (session: ConsoleSession, args: Arguments): void => list(session, args, what),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(fixedLists).map(([name, [key, all]]) => [
      name,
      (session: ConsoleSession): void => names(session, key, all),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(catalogLists).map(([name, [key, sql]]) => [
      name,
      async (session: ConsoleSession, args: Arguments): Promise<void> => {
        const catalog = await session.catalog(args, "list");
        const rows = catalog.all(sql).filter(({ pool }) =>
          pool === undefined || pool === null || session.access.allows("Pool", String(pool))
        );
        names(session, key, rows.map((row) => String(row.name)));
      },
    ]),
  ),
  ".levels": levelList,
  ".jobstatus": statusList,
  ".authorized": authorized,
};
