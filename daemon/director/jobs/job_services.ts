import type { Job } from "./job.ts";
import type { JobRequest } from "./job_request.ts";
import type { JobResource, StorageResource } from "../resources.ts";

/** What jobs that make other jobs need of the director: copies, migrations, consolidations. */
export interface JobServices {
  /** Makes a job and queues it; its JobId. */
  run(request: JobRequest): number;
  /** Makes a job that runs as a part of `owner`: it has a row and a name and is not queued. */
  makePart(request: JobRequest, owner: Job): Job;
  findJob(name: string): JobResource | undefined;
  findStorage(name: string): StorageResource | undefined;
  /** All Job resources in the order of the configuration. */
  readonly jobs: readonly JobResource[];
}
