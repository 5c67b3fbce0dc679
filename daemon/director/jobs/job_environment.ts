import type { ClientProbes } from "../peers/client_probes.ts";
import type { StorageProbes } from "../peers/storage_probes.ts";
import type { Counters } from "../volumes/counters.ts";
import type { DirectorResource } from "../resources.ts";
import type { PercentCodes } from "../percent_codes.ts";
import type { DeviceClaims } from "./device_claims.ts";
import type { Job } from "./job.ts";
import type { ConsoleRunner } from "./run_scripts.ts";

/** What running jobs need from the director. */
export interface JobEnvironment {
  /** The Director resource under which the job was made. */
  readonly director: DirectorResource;
  /** How clients were reached since the configuration was loaded. */
  readonly probes: ClientProbes;
  /** How storages are spoken to. */
  readonly storageProbes: StorageProbes;
  readonly counters: Counters;
  /** The devices that the director's jobs have and wait for. */
  readonly deviceClaims: DeviceClaims;
  /** Seconds since 1970. */
  now(): number;
  /** The percent codes of a job. */
  codes(job: Job): PercentCodes;
  /** Runs a console command for a script. */
  readonly runConsole: ConsoleRunner;
  /** Runs the command that starts a clone, which is not for scripts. */
  readonly runClone: ConsoleRunner;
}
