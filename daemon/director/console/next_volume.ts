/** Which volume a scheduled job would write to, without touching anything (console.md 9, 14.2). @module */
import type { MediaRecord } from "../director_catalog.ts";
import type { JobRequest } from "../jobs/job_request.ts";
import { choosePool, chooseStorage } from "../volumes/pool_choice.ts";
import type { RunLine } from "../resources.ts";
import type { ConsoleSession } from "./session.ts";

/** What a Run line of a job would use. */
export interface RunOutlook {
  /** Letter of the level; a blank where there is none. */
  readonly level: string;
  readonly priority: number;
  readonly pool: string;
  readonly storage: string;
  /** Undefined if it cannot be told. */
  readonly volume: string | undefined;
}

/** What a Run line of a job, or the job by itself, would do. */
export function outlook(
  session: ConsoleSession,
  job: JobRequest["job"],
  runLine: RunLine | undefined,
): RunOutlook {
  const level = "DAOR".includes(job.type)
    ? " "
    : runLine?.level ?? (job.level || (job.type === "V" ? "C" : job.type === "B" ? "I" : "F"));
  const request: JobRequest = { job, runLine, trigger: "Scheduler" };
  const pool = choosePool(request, level, false).resource;
  const storage = chooseStorage(request, pool)?.resource;
  const catalog = session.director.catalogOf(
    pool.catalog ?? job.catalog ?? job.client?.catalog ??
      session.director.configuration.first("Catalog"),
  );
  const poolId = catalog.poolIdByName(pool.name);
  const volume = poolId === undefined || storage === undefined || job.type !== "B"
    ? undefined
    : next(catalog.media({ poolId, mediaType: storage.mediaType }), storage.autoChanger);
  return {
    level,
    priority: runLine?.priority ?? job.priority,
    pool: pool.name,
    storage: storage?.name ?? "",
    volume,
  };
}

const order = ["Append", "Recycle", "Purged"];

function next(media: readonly MediaRecord[], prefersChanger: boolean): string | undefined {
  const usable = media.filter(({ enabled, volStatus, recycle }) =>
    enabled === 1 && (volStatus === "Append" || (recycle && order.includes(volStatus)))
  );
  const [best] = usable.toSorted((a, b) =>
    (prefersChanger ? Number(b.inChanger) - Number(a.inChanger) : 0) ||
    order.indexOf(a.volStatus) - order.indexOf(b.volStatus) ||
    (a.volStatus === "Append" ? b.lastWritten - a.lastWritten : a.lastWritten - b.lastWritten) ||
    a.mediaId - b.mediaId
  );
  return best?.volumeName;
}
