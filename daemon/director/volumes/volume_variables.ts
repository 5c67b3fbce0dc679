import { JOB_LEVELS, jobTypeText } from "../../../protocol/mod.ts";
import type { Job } from "../jobs/job.ts";
import type { JobEnvironment } from "../jobs/job_environment.ts";
import type { BuiltInVariable, Variables } from "./label_format.ts";

/** The variables of a Label Format for a job (catalog-and-jobs.md 19.2). */
export function jobVariables(job: Job, environment: JobEnvironment): Variables {
  return {
    builtIn: (name) => BUILT_IN[name](job, environment),
    counter(name, increment) {
      const value = environment.counters.take(name, increment);
      return value === undefined ? undefined : String(value);
    },
    environment: (name) => Deno.env.get(name),
  };
}

type BuiltIn = (job: Job, environment: JobEnvironment) => string;

const time = (part: (date: Date) => number): BuiltIn => (_, { now }) =>
  String(part(new Date(now() * 1000)));

const BUILT_IN: Readonly<Record<BuiltInVariable, BuiltIn>> = {
  Year: time((date) => date.getFullYear()),
  Month: time((date) => date.getMonth() + 1),
  Day: time((date) => date.getDate()),
  Hour: time((date) => date.getHours()),
  Minute: time((date) => date.getMinutes()),
  Second: time((date) => date.getSeconds()),
  WeekDay: time((date) => date.getDay()),
  Job: (job) => job.resource.name,
  Dir: (_, { director }) => director.name,
  Level: (job) => JOB_LEVELS[job.level]?.longText ?? "",
  Type: (job) => jobTypeText(job.type),
  JobId: (job) => String(job.jobId),
  Client: (job) => job.client?.name ?? "",
  NumVols: (job) => String(job.catalog.volumeCount(job.catalog.pool(job.pool.resource))),
  Pool: (job) => job.pool.resource.name,
  Storage: (job) => job.storage?.resource.name ?? "",
  Catalog: (job) => job.catalogResource.resource.name,
  MediaType: (job) => job.storage?.resource.mediaType ?? "",
  JobName: (job) => job.uniqueName,
};
