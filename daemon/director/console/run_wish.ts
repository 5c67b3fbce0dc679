/** A job as a console wishes it to run (console.md 11). @module */
import { JOB_LEVELS } from "../../../protocol/mod.ts";
import { catalogSeconds } from "../report/formats.ts";
import type { JobRequest } from "../jobs/job_request.ts";
import { choosePool, chooseStorage } from "../volumes/pool_choice.ts";
import type { Picked } from "../jobs/job.ts";
import type {
  CatalogResource,
  ClientResource,
  FileSetResource,
  JobResource,
  PoolResource,
  StorageResource,
} from "../resources.ts";

/** A job as it is going to run, which the user may still change. */
export interface RunWish {
  job: JobResource;
  level: string;
  client: ClientResource | undefined;
  /** Restore: where the files come from, if not the client that gets them. */
  backupClient: ClientResource | undefined;
  fileSet: FileSetResource | undefined;
  pool: Picked<PoolResource> | undefined;
  nextPool: Picked<PoolResource> | undefined;
  storage: Picked<StorageResource> | undefined;
  catalog: CatalogResource | undefined;
  /** UNIX seconds; 0 for now. */
  when: number;
  priority: number;
  since: number | undefined;
  where: string | undefined;
  regexWhere: string | undefined;
  replace: string | undefined;
  bootstrap: string;
  files: number;
  verifyJob: JobResource | undefined;
  jobIds: number[];
  pluginOptions: string;
  backupFormat: string;
  comment: string;
  spoolData: boolean | undefined;
  accurate: boolean | undefined;
  ignoreDuplicateCheck: boolean | undefined;
  cloned: boolean;
}

/** Letters of replacement by their words. */
export const replaceLetters: Readonly<Record<string, string>> = {
  always: "a",
  ifnewer: "w",
  ifolder: "o",
  never: "n",
};

/** Reads `YYYY-MM-DD HH:MM:SS`, or `now`. */
export function timeOf(text: string): number | undefined {
  if (text.trim().toLowerCase() === "now" || text.trim() === "") {
    return Math.floor(Date.now() / 1000);
  }
  return /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text.trim())
    ? catalogSeconds(text.trim()) || undefined
    : undefined;
}

/** The letter of a level that is written as a word. */
export function levelLetter(word: string): string | undefined {
  const wanted = word.toLowerCase();
  return Object.entries(JOB_LEVELS).find(([, { keyword }]) => keyword.toLowerCase() === wanted)
    ?.[0];
}

/** The level that a job has of itself. */
export function standardLevel(job: JobResource): string {
  if ("DAOR".includes(job.type)) return " ";
  return job.level || (job.type === "V" ? "C" : job.type === "B" ? "I" : "F");
}

/** The request that a wish amounts to. */
export function requestOf(wish: RunWish): JobRequest {
  return {
    job: wish.job,
    trigger: "User",
    ...(wish.level !== " " && { level: wish.level }),
    client: wish.client,
    fileSet: wish.fileSet,
    pool: wish.pool?.resource,
    poolSource: wish.pool?.source,
    nextPool: wish.nextPool?.resource,
    storage: wish.storage?.resource,
    storageSource: wish.storage?.source,
    catalog: wish.catalog,
    priority: wish.priority,
    when: wish.when === 0 ? undefined : wish.when,
    since: wish.since,
    accurate: wish.accurate,
    spoolData: wish.spoolData,
    comment: wish.comment === "" ? undefined : wish.comment,
    pluginOptions: wish.pluginOptions === "" ? undefined : wish.pluginOptions,
    ignoreDuplicateCheck: wish.ignoreDuplicateCheck,
    cloned: wish.cloned || undefined,
    where: wish.regexWhere === undefined ? wish.where ?? (wish.job.where || undefined) : undefined,
    regexWhere: wish.regexWhere,
    replace: wish.replace,
    bootstrap: wish.bootstrap === "" ? undefined : wish.bootstrap,
    files: wish.files === 0 ? undefined : wish.files,
    verifyJob: wish.verifyJob,
    jobIds: wish.jobIds.length === 0 ? undefined : wish.jobIds,
  };
}

/** The pool that a wish writes to. */
export function poolOfWish(wish: RunWish): Picked<PoolResource> {
  return choosePool(requestOf(wish), wish.level, false);
}

/** The pool that copies, migrations and virtual fulls write to. */
export function nextPoolOfWish(wish: RunWish): Picked<PoolResource> | undefined {
  if (wish.nextPool !== undefined) return wish.nextPool;
  const ofJob = wish.job.nextPool;
  if (ofJob !== undefined) return { resource: ofJob, source: "Job's NextPool resource" };
  const ofPool = poolOfWish(wish).resource.nextPool;
  return ofPool && { resource: ofPool, source: "Pool resource" };
}

/** The storage of a wish. */
export function storageOfWish(wish: RunWish): Picked<StorageResource> | undefined {
  return chooseStorage(requestOf(wish), poolOfWish(wish).resource);
}
