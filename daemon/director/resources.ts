/**
 * What the director reads from the resources of its configuration (configuration.md 6 to 10). The
 * resources that `daemon/config` loads have these members among others; jobs and tests need no
 * more.
 *
 * @module
 */
import type { Destination } from "./message_router.ts";
import type { RunTimes } from "./schedule.ts";

/** What every resource has. */
export interface NamedResource {
  readonly name: string;
}

/** A password as the key that both ends know (wire.md 5.2). */
export interface Password {
  readonly key: string;
}

/** Catalog. */
export interface CatalogResource extends NamedResource {
  readonly dbName: string;
}

/** Director. */
export interface DirectorResource extends NamedResource {
  readonly password: Password;
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  readonly workingDirectory: string;
  readonly messages: MessagesResource | undefined;
  readonly maximumConcurrentJobs: number;
  readonly maximumConsoleConnections: number;
  readonly fdConnectTimeout: number;
  readonly sdConnectTimeout: number;
  readonly absoluteJobTimeout: number;
  readonly secureEraseCommand: string;
}

/** Client. */
export interface ClientResource extends NamedResource {
  readonly address: string;
  readonly lanAddress: string;
  readonly port: number;
  readonly password: Password;
  readonly catalog: CatalogResource | undefined;
  readonly passive: boolean;
  readonly enabled: boolean;
  readonly fileRetention: number;
  readonly jobRetention: number;
  readonly autoPrune: boolean;
  readonly maximumConcurrentJobs: number;
  readonly maximumBandwidthPerJob: number;
}

/** Storage. */
export interface StorageResource extends NamedResource {
  readonly address: string;
  readonly lanAddress: string;
  readonly port: number;
  readonly password: Password;
  readonly device: readonly string[];
  readonly mediaType: string;
  readonly autoChanger: boolean;
  readonly enabled: boolean;
  readonly allowCompression: boolean;
  readonly maximumConcurrentJobs: number;
}

/** Pool. */
export interface PoolResource extends NamedResource {
  readonly poolType: string;
  readonly labelFormat: string;
  readonly storage: readonly StorageResource[];
  readonly catalog: CatalogResource | undefined;
  readonly nextPool: PoolResource | undefined;
  readonly scratchPool: PoolResource | undefined;
  readonly recyclePool: PoolResource | undefined;
  readonly catalogFiles: boolean;
  readonly autoPrune: boolean;
  readonly recycle: boolean;
  readonly purgeOldestVolume: boolean;
  readonly recycleOldestVolume: boolean;
  readonly recycleCurrentVolume: boolean;
  readonly maximumVolumes: number;
  readonly maximumVolumeJobs: number;
  readonly maximumVolumeFiles: number;
  readonly maximumVolumeBytes: number;
  readonly volumeRetention: number;
  readonly volumeUseDuration: number;
  readonly minimumBlockSize: number;
  readonly maximumBlockSize: number;
  readonly fileRetention: number;
  readonly jobRetention: number;
}

/** Messages. */
export interface MessagesResource extends NamedResource {
  readonly destinations: readonly Destination[];
}

/** One Options block of a FileSet: its letters and its lists. */
export interface FileSetOptions {
  /** The letters as they go to the file daemon, defaults included. */
  readonly letters: string;
  /** The lines of the block: code (`RD`) and value, in the order of the wire. */
  readonly lines: readonly (readonly [code: string, value: string])[];
}

/** One Include or Exclude block. */
export interface FileSetBlock {
  readonly excludeDirContaining: readonly string[];
  readonly options: readonly FileSetOptions[];
  readonly file: readonly string[];
  readonly plugin: readonly string[];
}

/** FileSet. */
export interface FileSetResource extends NamedResource {
  readonly include: readonly FileSetBlock[];
  readonly exclude: readonly FileSetBlock[];
  readonly ignoreFileSetChanges: boolean;
  readonly enableVss: boolean;
}

/** One script of a job. */
export interface RunScript {
  readonly command: string;
  readonly isConsoleCommand: boolean;
  /** Mask: 1 After, 2 Before, 4 AfterVSS; 3 Always; 0 never. */
  readonly when: number;
  /** Client on which it runs (`%c` for the job's), empty for the director. */
  readonly target: string;
  readonly onSuccess: boolean;
  readonly onFailure: boolean;
  readonly failJobOnError: boolean;
}

/** One Run line of a Schedule: when, and what is different then. */
export interface RunLine {
  readonly times: RunTimes;
  readonly level: string | undefined;
  readonly pool: PoolResource | undefined;
  readonly fullPool: PoolResource | undefined;
  readonly virtualFullPool: PoolResource | undefined;
  readonly incrementalPool: PoolResource | undefined;
  readonly differentialPool: PoolResource | undefined;
  readonly nextPool: PoolResource | undefined;
  readonly storage: StorageResource | undefined;
  readonly messages: MessagesResource | undefined;
  readonly priority: number | undefined;
  readonly spoolData: boolean | undefined;
  readonly accurate: boolean | undefined;
  readonly maxRunSchedTime: number | undefined;
}

/** Schedule. */
export interface ScheduleResource extends NamedResource {
  readonly enabled: boolean;
  readonly run: readonly RunLine[];
}

/** Counter. */
export interface CounterResource extends NamedResource {
  readonly minimum: number;
  readonly maximum: number;
  readonly catalog: CatalogResource | undefined;
}

/** Job, with what it inherits from its JobDefs. Letters for type, level and replace. */
export interface JobResource extends NamedResource {
  readonly type: string;
  readonly level: string;
  readonly client: ClientResource | undefined;
  readonly fileSet: FileSetResource | undefined;
  readonly storage: readonly StorageResource[];
  readonly pool: PoolResource;
  readonly fullBackupPool: PoolResource | undefined;
  readonly virtualFullBackupPool: PoolResource | undefined;
  readonly incrementalBackupPool: PoolResource | undefined;
  readonly differentialBackupPool: PoolResource | undefined;
  readonly nextPool: PoolResource | undefined;
  readonly schedule: ScheduleResource | undefined;
  readonly messages: MessagesResource;
  readonly catalog: CatalogResource | undefined;
  readonly jobToVerify: JobResource | undefined;
  readonly run: readonly string[];
  readonly runScripts: readonly RunScript[];
  readonly where: string;
  readonly regexWhere: string;
  readonly stripPrefix: string;
  readonly addPrefix: string;
  readonly addSuffix: string;
  readonly bootstrap: string;
  readonly writeBootstrap: string;
  readonly replace: string;
  readonly prefixLinks: boolean;
  readonly maximumBandwidth: number;
  readonly maxRunSchedTime: number;
  readonly maxRunTime: number;
  readonly fullMaxRuntime: number;
  readonly incrementalMaxRuntime: number;
  readonly differentialMaxRuntime: number;
  readonly maxWaitTime: number;
  readonly maxStartDelay: number;
  readonly maxFullInterval: number;
  readonly maxVirtualFullInterval: number;
  readonly maxDiffInterval: number;
  readonly pruneJobs: boolean;
  readonly pruneFiles: boolean;
  readonly pruneVolumes: boolean;
  readonly enabled: boolean;
  readonly spoolAttributes: boolean;
  readonly spoolData: boolean;
  readonly spoolSize: number;
  readonly rerunFailedLevels: boolean;
  readonly preferMountedVolumes: boolean;
  readonly maximumConcurrentJobs: number;
  readonly rescheduleOnError: boolean;
  readonly rescheduleInterval: number;
  readonly rescheduleTimes: number;
  readonly priority: number;
  readonly allowMixedPriority: boolean;
  readonly accurate: boolean;
  readonly allowDuplicateJobs: boolean;
  readonly cancelLowerLevelDuplicates: boolean;
  readonly cancelQueuedDuplicates: boolean;
  readonly cancelRunningDuplicates: boolean;
  readonly fdPluginOptions: readonly string[];
  readonly sdPluginOptions: readonly string[];
}

/** Lists of a Console, User or Profile by what they are for, and the profiles that follow. */
export interface AccessResource extends NamedResource {
  readonly jobAcl: readonly string[];
  readonly clientAcl: readonly string[];
  readonly storageAcl: readonly string[];
  readonly scheduleAcl: readonly string[];
  readonly poolAcl: readonly string[];
  readonly commandAcl: readonly string[];
  readonly fileSetAcl: readonly string[];
  readonly catalogAcl: readonly string[];
  readonly whereAcl: readonly string[];
  readonly pluginOptionsAcl: readonly string[];
  /** Empty for a Profile. */
  readonly profile: readonly AccessResource[];
}

/** Console. */
export interface ConsoleResource extends AccessResource {
  readonly password: Password;
  readonly usePamAuthentication: boolean;
}

/** A loaded configuration of a director. */
export interface DirectorConfiguration {
  readonly director: DirectorResource;
  readonly catalogs: ReadonlyMap<string, CatalogResource>;
  readonly clients: ReadonlyMap<string, ClientResource>;
  readonly storages: ReadonlyMap<string, StorageResource>;
  readonly pools: ReadonlyMap<string, PoolResource>;
  readonly fileSets: ReadonlyMap<string, FileSetResource>;
  readonly schedules: ReadonlyMap<string, ScheduleResource>;
  readonly messages: ReadonlyMap<string, MessagesResource>;
  readonly counters: ReadonlyMap<string, CounterResource>;
  readonly jobs: ReadonlyMap<string, JobResource>;
  readonly consoles: ReadonlyMap<string, ConsoleResource>;
}
