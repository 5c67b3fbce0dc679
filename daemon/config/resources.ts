/** The resources of every program as types, derived from their tables. @module */
import type { Destination } from "./destination.ts";
import type { ResourceOf } from "./directive.ts";
import type { RunTimes } from "./run_line.ts";
import type { RunScript } from "./run_script.ts";
import type { consoleDirectorDirectives, namedConsoleDirectives } from "./tables/console.ts";
import type {
  catalogDirectives,
  clientDirectives,
  consoleDirectives,
  counterDirectives,
  directorDirectives,
  fileSetDirectives,
  jobDirectives,
  poolDirectives,
  profileDirectives,
  scheduleDirectives,
  storageDirectives,
  userDirectives,
} from "./tables/director/mod.ts";
import type { fileDaemonDirectives, fileDirectorDirectives } from "./tables/file.ts";
import type { messagesDirectives } from "./tables/messages.ts";
import type {
  autochangerDirectives,
  deviceDirectives,
  ndmpDirectives,
  storageDaemonDirectives,
  storageDirectorDirectives,
} from "./tables/storage.ts";

/** Director, in the director's configuration. */
export interface DirectorResource extends ResourceOf<typeof directorDirectives, ResourceTypes> {}
/** Client, in the director's configuration. */
export interface ClientResource extends ResourceOf<typeof clientDirectives, ResourceTypes> {}
/** Storage, in the director's configuration. */
export interface StorageResource extends ResourceOf<typeof storageDirectives, ResourceTypes> {}
/** Catalog. */
export interface CatalogResource extends ResourceOf<typeof catalogDirectives, ResourceTypes> {}
/** Job or JobDefs; a Job with what it inherits. Letters for type, level and replace. */
export interface JobResource extends ResourceOf<typeof jobDirectives, ResourceTypes> {
  /** Own scripts first, then the inherited ones. */
  readonly runScripts: readonly RunScript[];
}
/** FileSet. */
export interface FileSetResource extends ResourceOf<typeof fileSetDirectives, ResourceTypes> {}
/** Schedule. */
export interface ScheduleResource extends ResourceOf<typeof scheduleDirectives, ResourceTypes> {}
/** Pool. */
export interface PoolResource extends ResourceOf<typeof poolDirectives, ResourceTypes> {}
/** Counter. */
export interface CounterResource extends ResourceOf<typeof counterDirectives, ResourceTypes> {}
/** Console, in the director's configuration. */
export interface ConsoleResource extends ResourceOf<typeof consoleDirectives, ResourceTypes> {}
/** User. */
export interface UserResource extends ResourceOf<typeof userDirectives, ResourceTypes> {}
/** Profile. */
export interface ProfileResource extends ResourceOf<typeof profileDirectives, ResourceTypes> {}
/** Messages. */
export interface MessagesResource extends ResourceOf<typeof messagesDirectives, ResourceTypes> {
  /** In the order of the file; one that is repeated with the same address is one. */
  readonly destinations: readonly Destination[];
}
/** Storage, in the storage daemon's configuration: the daemon itself. */
export interface StorageDaemonResource
  extends ResourceOf<typeof storageDaemonDirectives, ResourceTypes> {}
/** Director, in the storage daemon's configuration. */
export interface StorageDirectorResource
  extends ResourceOf<typeof storageDirectorDirectives, ResourceTypes> {}
/** Device. */
export interface DeviceResource extends ResourceOf<typeof deviceDirectives, ResourceTypes> {}
/** Autochanger. */
export interface AutochangerResource
  extends ResourceOf<typeof autochangerDirectives, ResourceTypes> {}
/** Ndmp. */
export interface NdmpResource extends ResourceOf<typeof ndmpDirectives, ResourceTypes> {}
/** Client, in the file daemon's configuration: the daemon itself. */
export interface FileDaemonResource
  extends ResourceOf<typeof fileDaemonDirectives, ResourceTypes> {}
/** Director, in the file daemon's configuration. */
export interface FileDirectorResource
  extends ResourceOf<typeof fileDirectorDirectives, ResourceTypes> {}
/** Director, in the console's configuration. */
export interface ConsoleDirectorResource
  extends ResourceOf<typeof consoleDirectorDirectives, ResourceTypes> {}
/** Console, in the console's configuration. */
export interface NamedConsoleResource
  extends ResourceOf<typeof namedConsoleDirectives, ResourceTypes> {}

/** One Run line: when, and what is different then. */
export interface RunLine {
  readonly times: RunTimes;
  /** Letter of the level. */
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
  /** Seconds. */
  readonly maxRunSchedTime: number | undefined;
}

/** What references point to, and what a Schedule's Run lines are. */
export interface ResourceTypes {
  Catalog: CatalogResource;
  Client: ClientResource;
  Counter: CounterResource;
  Device: DeviceResource;
  FileSet: FileSetResource;
  Job: JobResource;
  JobDefs: JobResource;
  Messages: MessagesResource;
  Pool: PoolResource;
  Profile: ProfileResource;
  RunLine: RunLine;
  Schedule: ScheduleResource;
  Storage: StorageResource;
}

/** The resources of each program by their type. */
export interface ProgramResources {
  director: {
    Director: DirectorResource;
    Client: ClientResource;
    JobDefs: JobResource;
    Job: JobResource;
    Storage: StorageResource;
    Catalog: CatalogResource;
    Schedule: ScheduleResource;
    FileSet: FileSetResource;
    Pool: PoolResource;
    Messages: MessagesResource;
    Counter: CounterResource;
    Profile: ProfileResource;
    Console: ConsoleResource;
    User: UserResource;
  };
  storage: {
    Director: StorageDirectorResource;
    Ndmp: NdmpResource;
    Storage: StorageDaemonResource;
    Device: DeviceResource;
    Messages: MessagesResource;
    Autochanger: AutochangerResource;
  };
  file: {
    Director: FileDirectorResource;
    Client: FileDaemonResource;
    Messages: MessagesResource;
  };
  console: {
    Console: NamedConsoleResource;
    Director: ConsoleDirectorResource;
  };
}

/** One of the four programs. */
export type ProgramName = keyof ProgramResources;
