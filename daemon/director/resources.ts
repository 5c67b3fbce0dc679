/**
 * The resources of the director's configuration (configuration.md 6 to 10), by the names that this
 * room uses.
 *
 * @module
 */
import type { Configuration, ProgramResources } from "../config/mod.ts";

export type {
  CatalogResource,
  ClientResource,
  ConsoleResource,
  CounterResource,
  DirectorResource,
  FileSetBlock,
  FileSetOptions,
  FileSetResource,
  JobResource,
  MessagesResource,
  PoolResource,
  ProfileResource,
  RunLine,
  RunScript,
  ScheduleResource,
  StorageResource,
  UserResource,
} from "../config/mod.ts";

/** A loaded configuration of a director. */
export type DirectorConfiguration = Configuration<ProgramResources["director"]>;
