/**
 * The storage daemon's resources (configuration.md 12).
 *
 * Each row is a directive: what it is called, what it holds, what it means if it
 * is not given. Parsing, defaults, validation, `show`, export and the schema
 * derive from it.
 *
 * @module
 */
import type { Directive } from "../directive.ts";
import { namedResource } from "./named_resource.ts";
import { systemLibraries } from "./system_libraries.ts";
import { tlsDirectives } from "./tls.ts";

/** Storage, the daemon itself (12.1). */
export const storageDaemonDirectives = [
  ...namedResource,
  ...systemLibraries,
  { name: "Port", aliases: ["SdPort"], type: "port", default: "9103", help: "listen port" },
  { name: "Address", aliases: ["SdAddress"], type: "address", help: "single bind address" },
  {
    name: "Addresses",
    aliases: ["SdAddresses"],
    type: "addresses",
    default: "any:9103",
    help: "list of bind address/port pairs",
  },
  {
    name: "SourceAddress",
    aliases: ["SdSourceAddress"],
    type: "address",
    help: "local address for outgoing connections",
  },
  { name: "WorkingDirectory", type: "dir", default: "WORKINGDIR", help: "state and spool files" },
  {
    name: "BackendDirectory",
    type: "dirList",
    default: "BACKENDDIR",
    help: "where device back ends are loaded from (dynamic builds only)",
  },
  {
    name: "JustInTimeReservation",
    type: "bool",
    default: "yes",
    help: "reserve the device only when data arrives",
  },
  { name: "PluginDirectory", type: "dir", help: "where plugins are loaded from" },
  { name: "PluginNames", type: "plugins", help: "plugins to load" },
  { name: "ScriptsDirectory", type: "dir", default: "SCRIPTDIR", help: "helper scripts" },
  {
    name: "MaximumConcurrentJobs",
    type: "uint32",
    default: "1000",
    deprecated: "24",
    help: "limit of simultaneous director connections and jobs, still enforced",
  },
  { name: "Messages", type: "reference:Messages", help: "unset = first Messages resource" },
  { name: "SdConnectTimeout", type: "time", default: "30 min", help: "connecting to another SD" },
  { name: "FdConnectTimeout", type: "time", default: "30 min", help: "connecting to a passive FD" },
  { name: "HeartbeatInterval", type: "time", default: "0", help: "TCP keepalive" },
  {
    name: "CheckpointInterval",
    type: "time",
    default: "0",
    help: "update the catalog during the job this often, 0 = off",
  },
  { name: "MaximumNetworkBufferSize", type: "uint32", help: "initial socket buffer, 0 = system" },
  {
    name: "ClientConnectWait",
    type: "time",
    default: "30 min",
    help: "wait this long for the FD to connect",
  },
  { name: "VerId", type: "str", help: "free text shown by version" },
  { name: "MaximumBandwidthPerJob", type: "speed", help: "bandwidth limit" },
  {
    name: "AllowBandwidthBursting",
    type: "bool",
    default: "no",
    help: "carry unused bandwidth over",
  },
  { name: "NdmpEnable", type: "bool", default: "no", help: "start the NDMP tape server" },
  { name: "NdmpSnooping", type: "bool", default: "no", help: "decode NDMP packets" },
  { name: "NdmpLogLevel", type: "uint32", default: "4", help: "NDMP log level" },
  { name: "NdmpAddress", type: "address", help: "NDMP bind address" },
  { name: "NdmpAddresses", type: "addresses", default: "any:10000", help: "NDMP bind list" },
  { name: "NdmpPort", type: "port", default: "10000", help: "NDMP port" },
  {
    name: "AutoXFlateOnReplication",
    type: "bool",
    default: "no",
    help: "apply AutoDeflate/Inflate on copy/migrate as well",
  },
  { name: "AbsoluteJobTimeout", type: "uint32", help: "kill any job after this many seconds" },
  {
    name: "CollectDeviceStatistics",
    type: "bool",
    default: "no",
    deprecated: "22",
    help: "gather device / job statistics",
  },
  {
    name: "CollectJobStatistics",
    type: "bool",
    default: "no",
    deprecated: "22",
    help: "gather device / job statistics",
  },
  {
    name: "StatisticsCollectInterval",
    type: "uint32",
    default: "0",
    deprecated: "22",
    help: "sampling interval in seconds",
  },
  {
    name: "DeviceReserveByMediaType",
    type: "bool",
    default: "no",
    help: "reserve any device of the media type",
  },
  {
    name: "FileDeviceConcurrentRead",
    type: "bool",
    default: "no",
    help: "allow parallel reads of a file volume",
  },
  { name: "SecureEraseCommand", type: "str", help: "program called instead of unlink" },
  {
    name: "LogTimestampFormat",
    type: "str",
    default: "%d-%b %H:%M",
    help: "strftime format of log lines",
  },
  {
    name: "Compatible",
    type: "bool",
    default: "no",
    help: "write labels and blocks that Bacula and 13.2 read",
  },
  { name: "EnableKtls", type: "bool", default: "no", help: "kernel TLS" },
  ...tlsDirectives,
] as const satisfies readonly Directive[];

/** Director, who may lead the daemon (12.2). */
export const storageDirectorDirectives = [
  ...namedResource,
  {
    name: "Password",
    type: "password",
    required: true,
    help: "shared secret with the director's Storage resource",
  },
  { name: "Monitor", type: "bool", help: "yes = status requests only" },
  {
    name: "MaximumBandwidthPerJob",
    type: "speed",
    help: "bandwidth limit for this director's jobs",
  },
  {
    name: "KeyEncryptionKey",
    type: "clearPassword",
    help: "unwraps the tape crypto keys; stored in clear",
  },
  ...tlsDirectives,
] as const satisfies readonly Directive[];

/** Device (12.3). */
export const deviceDirectives = [
  ...namedResource,
  {
    name: "MediaType",
    type: "strname",
    required: true,
    help: "must match the director's Storage and the volume",
  },
  { name: "DeviceType", type: "str", help: "see 5.9; empty = guess from ArchiveDevice" },
  {
    name: "ArchiveDevice",
    type: "strname",
    required: true,
    help: "directory, device node or back-end specific string",
  },
  { name: "DeviceOptions", type: "str", help: "back-end options key=value,..." },
  { name: "DiagnosticDevice", type: "strname", help: "SCSI device for tape alerts" },
  {
    name: "HardwareEndOfFile",
    type: "bool",
    default: "yes",
    help: "drive reports EOF / seeks to end of data / FSF usable without reading",
  },
  {
    name: "HardwareEndOfMedium",
    type: "bool",
    default: "yes",
    help: "drive reports EOF / seeks to end of data / FSF usable without reading",
  },
  {
    name: "FastForwardSpaceFile",
    type: "bool",
    default: "yes",
    help: "drive reports EOF / seeks to end of data / FSF usable without reading",
  },
  {
    name: "BackwardSpaceRecord",
    type: "bool",
    default: "yes",
    help: "drive supports BSR, BSF, FSR, FSF",
  },
  {
    name: "BackwardSpaceFile",
    type: "bool",
    default: "yes",
    help: "drive supports BSR, BSF, FSR, FSF",
  },
  {
    name: "ForwardSpaceRecord",
    type: "bool",
    default: "yes",
    help: "drive supports BSR, BSF, FSR, FSF",
  },
  {
    name: "ForwardSpaceFile",
    type: "bool",
    default: "yes",
    help: "drive supports BSR, BSF, FSR, FSF",
  },
  {
    name: "BsfAtEom",
    type: "bool",
    default: "no",
    help: "at end of medium: back over one mark / write two marks",
  },
  {
    name: "TwoEof",
    type: "bool",
    default: "no",
    help: "at end of medium: back over one mark / write two marks",
  },
  { name: "RemovableMedia", type: "bool", default: "yes", help: "volume can be taken out" },
  { name: "RandomAccess", type: "bool", default: "no", help: "seekable device" },
  {
    name: "AutomaticMount",
    type: "bool",
    default: "no",
    help: "read the label at start and before jobs",
  },
  {
    name: "LabelMedia",
    type: "bool",
    default: "no",
    help: "label blank volumes by itself (needed for files)",
  },
  { name: "AlwaysOpen", type: "bool", default: "yes", help: "keep the device open" },
  { name: "Autochanger", type: "bool", default: "no", help: "device belongs to an Autochanger" },
  { name: "CloseOnPoll", type: "bool", default: "no", help: "close between polls" },
  {
    name: "BlockPositioning",
    type: "bool",
    default: "yes",
    help: "use block positions on restore",
  },
  { name: "UseMtiocget", type: "bool", default: "yes", help: "driver reports the position" },
  {
    name: "CheckLabels",
    type: "bool",
    default: "no",
    deprecated: "23",
    help: "read ANSI/IBM labels too",
  },
  { name: "RequiresMount", type: "bool", default: "no", help: "device must be mounted by command" },
  { name: "OfflineOnUnmount", type: "bool", default: "no", help: "eject on unmount" },
  { name: "BlockChecksum", type: "bool", default: "yes", help: "write/verify block checksums" },
  {
    name: "AccessMode",
    type: "enum:IoDirection",
    default: "readwrite",
    help: "read, write, readwrite and synonyms, see 5.9",
  },
  {
    name: "AutoSelect",
    type: "bool",
    default: "yes",
    help: "may be picked when the autochanger is asked for",
  },
  { name: "ChangerDevice", type: "strname", help: "robot device, overrides the Autochanger's" },
  { name: "ChangerCommand", type: "strname", help: "robot command, overrides the Autochanger's" },
  { name: "AlertCommand", type: "strname", help: "command for tape alerts" },
  {
    name: "MaximumRewindWait",
    type: "time",
    default: "5 min",
    help: "time limit for rewinding / for a busy device / for a robot command",
  },
  {
    name: "MaximumOpenWait",
    type: "time",
    default: "5 min",
    help: "time limit for rewinding / for a busy device / for a robot command",
  },
  {
    name: "MaximumChangerWait",
    type: "time",
    default: "5 min",
    help: "time limit for rewinding / for a busy device / for a robot command",
  },
  { name: "MaximumOpenVolumes", type: "uint32", default: "1", help: "volumes open at a time" },
  {
    name: "MaximumNetworkBufferSize",
    type: "uint32",
    deprecated: "24",
    help: "replaced by the Storage directive",
  },
  {
    name: "VolumePollInterval",
    type: "time",
    default: "5 min",
    help: "poll for a new volume this often",
  },
  {
    name: "LabelBlockSize",
    type: "uint32",
    default: "64512",
    help: "block size of the label block",
  },
  { name: "MinimumBlockSize", type: "uint32", help: "pad blocks to at least this (tape)" },
  {
    name: "MaximumBlockSize",
    type: "size32",
    default: "1048576",
    help: "block size, max. 20000000; 0 or unset = 64512 before 23",
  },
  {
    name: "MaximumFileSize",
    type: "size",
    default: "1000000000",
    help: "write a file mark after so many bytes",
  },
  {
    name: "MaximumVolumeSize",
    type: "size",
    help:
      "size at which a volume is full, whatever its pool allows (13.2; later releases dropped it)",
  },
  { name: "VolumeCapacity", type: "size", help: "assumed capacity for statistics" },
  {
    name: "MaximumConcurrentJobs",
    type: "uint32",
    default: "1",
    help: "jobs interleaved on this device, 0 = no limit",
  },
  {
    name: "AppendOnlyPeriod",
    type: "time",
    default: "0",
    help:
      "this long after its last write no command truncates or overwrites a volume (not in Bareos)",
  },
  { name: "SpoolDirectory", type: "dir", help: "unset = WorkingDirectory" },
  { name: "MaximumSpoolSize", type: "size", help: "spool limit of the device / per job" },
  { name: "MaximumJobSpoolSize", type: "size", help: "spool limit of the device / per job" },
  { name: "DriveIndex", type: "uint16", help: "drive number inside the autochanger" },
  { name: "MountPoint", type: "strname", help: "directory for RequiresMount" },
  { name: "MountCommand", type: "strname", help: "commands to mount and unmount" },
  { name: "UnmountCommand", type: "strname", help: "commands to mount and unmount" },
  {
    name: "LabelType",
    type: "enum:LabelType",
    deprecated: "23",
    help: "bareos, ansi, ibm; wins over the pool's",
  },
  { name: "NoRewindOnClose", type: "bool", default: "yes", help: "do not rewind when closing" },
  { name: "DriveTapeAlertEnabled", type: "bool", help: "query tape alerts" },
  {
    name: "DriveCryptoEnabled",
    type: "bool",
    help: "load crypto keys into the drive; excludes LabelMedia",
  },
  { name: "QueryCryptoStatus", type: "bool", help: "ask the drive for its crypto state" },
  {
    name: "AutoDeflate",
    type: "enum:IoDirection",
    help: "compress (needs AutoDeflateAlgorithm) / uncompress in the SD: direction, see 5.9",
  },
  {
    name: "AutoInflate",
    type: "enum:IoDirection",
    help: "compress (needs AutoDeflateAlgorithm) / uncompress in the SD: direction, see 5.9",
  },
  {
    name: "AutoDeflateAlgorithm",
    type: "enum:CompressionAlgorithm",
    help: "gzip, lzo, lzfast, lz4, lz4hc",
  },
  { name: "AutoDeflateLevel", type: "uint16", default: "6", help: "gzip level" },
  {
    name: "CollectStatistics",
    type: "bool",
    default: "yes",
    help: "gather statistics for this device",
  },
  { name: "EofOnErrorIsEot", type: "bool", help: "a read error at a mark ends the tape" },
  {
    name: "Count",
    type: "uint32",
    default: "1",
    help: "2..9999 = create that many numbered copies, see 5.9",
  },
] as const satisfies readonly Directive[];

/** Autochanger (12.4). */
export const autochangerDirectives = [
  ...namedResource,
  { name: "Device", type: "references:Device", required: true, help: "drives of the changer" },
  {
    name: "ChangerDevice",
    type: "strname",
    required: true,
    help: "robot device; /dev/null for virtual ones",
  },
  { name: "ChangerCommand", type: "strname", required: true, help: "robot command; may be empty" },
] as const satisfies readonly Directive[];

/** Ndmp: read and kept, of no effect here (12.5). */
export const ndmpDirectives = [
  ...namedResource,
  { name: "Username", type: "str", required: true, help: "login name" },
  { name: "Password", type: "clearPassword", required: true, help: "password" },
  { name: "AuthType", type: "enum:AuthType", default: "None", help: "None, Clear, MD5" },
  { name: "LogLevel", type: "uint32", default: "4", help: "log level" },
] as const satisfies readonly Directive[];
