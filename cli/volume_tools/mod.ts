/**
 * What `bls`, `bextract`, `bscan`, `bcopy` and `btape` share: their command line (`run_tool.ts`), the way from a device argument to volumes and
 * records, lists of names, and the layouts of what they print (storage-daemon.md 12).
 *
 * The tools read what the storage daemon reads, through the same `VolumeReader`: damage is named with
 * volume and address, counted, and the rest is read.
 *
 * @module
 */
export { CatalogRebuild, type RebuildCounts, type RebuildReport } from "./catalog_rebuild.ts";
export { configuredDevices } from "./configured_devices.ts";
export {
  describeSessionLabel,
  describeVolumeLabel,
  jobLabelNames,
  labelNames,
} from "./label_listing.ts";
export { formatFile, formatLabelTime, formatMode, formatTime, OwnerNames } from "./listing.ts";
export { OutputVolumes, type OutputVolumesOptions } from "./output_volumes.ts";
export { NameList } from "./name_list.ts";
export {
  type ParsedToolOptions,
  parseToolOptions,
  type ToolName,
  type ToolOptions,
  toolOptionsOf,
} from "./options.ts";
export {
  type ConfiguredDevice,
  fetchVolumes,
  openDeviceWord,
  openSource,
  SourceReader,
  ToolError,
  type ToolOutput,
  type ToolSource,
} from "./source.ts";
export { runTool } from "./run_tool.ts";
export { StandardOutput } from "./standard_output.ts";
export { SessionFiles, type SessionFilesOptions, type SessionRestorer } from "./session_files.ts";
export {
  type ScannedJob,
  type ScannedPiece,
  type ScannedVolume,
  type ScanTaker,
  VolumeScan,
} from "./volume_scan.ts";
