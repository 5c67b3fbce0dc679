/** Pools of volumes and the counters of their names (configuration.md 6.8, 6.9). @module */
import type { Directive } from "../../directive.ts";
import { namedResource } from "../named_resource.ts";

/** Pool (6.8). */
export const poolDirectives = [
  ...namedResource,
  {
    name: "PoolType",
    type: "enum:PoolType",
    default: "Backup",
    help: "Backup, Copy, Cloned, Archive, Migration, Scratch",
  },
  {
    name: "LabelFormat",
    type: "strname",
    help: "template for automatic volume names, see section 11",
  },
  { name: "LabelType", type: "enum:LabelType", deprecated: "23", help: "bareos, ansi, ibm" },
  {
    name: "CleaningPrefix",
    type: "strname",
    default: "CLN",
    help: "volumes with this prefix are cleaning tapes",
  },
  { name: "UseCatalog", type: "bool", default: "yes", help: "keep volume data in the catalog" },
  {
    name: "PurgeOldestVolume",
    type: "bool",
    default: "no",
    help: "purge the oldest volume regardless of retention when in need",
  },
  { name: "ActionOnPurge", type: "enum:ActionOnPurge", help: "None, Truncate" },
  {
    name: "RecycleOldestVolume",
    type: "bool",
    default: "no",
    help: "prune and reuse the oldest / the mounted volume when in need",
  },
  {
    name: "RecycleCurrentVolume",
    type: "bool",
    default: "no",
    help: "prune and reuse the oldest / the mounted volume when in need",
  },
  { name: "MaximumVolumes", type: "uint32", help: "0 = no limit" },
  {
    name: "MaximumVolumeJobs",
    type: "uint32",
    help: "mark Used after so many jobs / volume files, 0 = no limit",
  },
  {
    name: "MaximumVolumeFiles",
    type: "uint32",
    help: "mark Used after so many jobs / volume files, 0 = no limit",
  },
  { name: "MaximumVolumeBytes", type: "size", help: "mark Full after so many bytes, 0 = no limit" },
  { name: "CatalogFiles", type: "bool", default: "yes", help: "store file names in the catalog" },
  {
    name: "VolumeRetention",
    type: "time",
    default: "365 d",
    help: "keep volume records this long",
  },
  { name: "VolumeUseDuration", type: "time", help: "mark Used this long after the first write" },
  { name: "MigrationTime", type: "time", help: "age for SelectionType PoolTime" },
  { name: "MigrationHighBytes", type: "size", help: "PoolOccupancy: start above / stop below" },
  { name: "MigrationLowBytes", type: "size", help: "PoolOccupancy: start above / stop below" },
  { name: "NextPool", type: "reference:Pool", help: "target pool of Copy, Migrate, VirtualFull" },
  {
    name: "Storage",
    type: "references:Storage",
    help: "storage of this pool; wins over the job's",
  },
  {
    name: "AutoPrune",
    type: "bool",
    default: "yes",
    help: "prune volumes when a new one is needed",
  },
  { name: "Recycle", type: "bool", default: "yes", help: "purged volumes may be reused" },
  { name: "RecyclePool", type: "reference:Pool", help: "pool a volume moves to when recycled" },
  {
    name: "ScratchPool",
    type: "reference:Pool",
    help: "scratch pool for this pool instead of Scratch",
  },
  { name: "Catalog", type: "reference:Catalog", help: "catalog of the pool" },
  { name: "FileRetention", type: "time", deprecated: "25.1", help: "overrides the client's" },
  { name: "JobRetention", type: "time", deprecated: "25.1", help: "overrides the client's" },
  { name: "MinimumBlockSize", type: "size32", help: "block size for volumes of this pool" },
  {
    name: "MaximumBlockSize",
    type: "size32",
    help: "block size for volumes of this pool, 0 = device's",
  },
  {
    name: "AppendOnlyPeriod",
    type: "time",
    default: "0",
    help:
      "what volumes labelled for the pool say of themselves: this long after their last write no command truncates or overwrites them (not in Bareos)",
  },
] as const satisfies readonly Directive[];

/** Counter (6.9), deprecated. */
export const counterDirectives = [
  ...namedResource,
  { name: "Minimum", type: "int32", default: "0", help: "start value" },
  {
    name: "Maximum",
    type: "uint32",
    default: "2147483647",
    help: "after it the counter restarts at Minimum",
  },
  { name: "WrapCounter", type: "reference:Counter", help: "counter incremented on wrap" },
  {
    name: "Catalog",
    type: "reference:Catalog",
    help: "keep the value in this catalog's Counters table",
  },
] as const satisfies readonly Directive[];
