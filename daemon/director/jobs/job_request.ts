import type {
  CatalogResource,
  ClientResource,
  FileSetResource,
  JobResource,
  MessagesResource,
  PoolResource,
  RunLine,
  StorageResource,
} from "../resources.ts";

/** Who wanted a job. */
export type JobTrigger = "Scheduler" | "Client" | "User" | "Unknown";

/** What a job that was rescheduled after an error takes over from the attempt before (9.3). */
export interface PreviousAttempt {
  /** How often the job was rescheduled, this time included. */
  readonly count: number;
  /** Scheduled time of the first attempt, UNIX seconds. */
  readonly firstScheduledTime: number;
  /** The row of the attempt before, which runs again because it has saved nothing yet. */
  readonly row?: { readonly jobId: number; readonly uniqueName: string } | undefined;
}

/** What is to run, and what is to be different from the Job resource. */
export interface JobRequest {
  readonly job: JobResource;
  readonly trigger: JobTrigger;
  /** The Run line of the schedule that is due. */
  readonly runLine?: RunLine | undefined;
  /** Letter of the level. */
  readonly level?: string | undefined;
  readonly client?: ClientResource | undefined;
  readonly fileSet?: FileSetResource | undefined;
  /** `source` is what reports say, `command line` if not given. */
  readonly pool?: PoolResource | undefined;
  readonly poolSource?: string | undefined;
  readonly nextPool?: PoolResource | undefined;
  readonly storage?: StorageResource | undefined;
  readonly storageSource?: string | undefined;
  readonly catalog?: CatalogResource | undefined;
  readonly messages?: MessagesResource | undefined;
  readonly priority?: number | undefined;
  /** UNIX seconds before which the job does not start. */
  readonly when?: number | undefined;
  /** UNIX seconds since which files are saved, in place of level selection. */
  readonly since?: number | undefined;
  readonly accurate?: boolean | undefined;
  readonly spoolData?: boolean | undefined;
  readonly comment?: string | undefined;
  readonly pluginOptions?: string | undefined;
  readonly ignoreDuplicateCheck?: boolean | undefined;
  /** Whether a `Run` directive of another job started it. */
  readonly cloned?: boolean | undefined;
  /** Restore: where and how. */
  readonly where?: string | undefined;
  readonly regexWhere?: string | undefined;
  /** Letter: a, w, o, n. */
  readonly replace?: string | undefined;
  /** Restore: path of the bootstrap, and the number of files in it. */
  readonly bootstrap?: string | undefined;
  readonly files?: number | undefined;
  /** Whether the bootstrap is the director's own and removed after the job. */
  readonly isOwnBootstrap?: boolean | undefined;
  /** Verify: the job whose last run is compared, or that run itself. */
  readonly verifyJob?: JobResource | undefined;
  /** The jobs that the command named with `jobid=`. */
  readonly jobIds?: readonly number[] | undefined;
  /** What a rescheduled job takes over from the one before. */
  readonly again?: PreviousAttempt | undefined;
}
