/**
 * The director's resources (configuration.md 6).
 *
 * Each row is a directive: what it is called, what it holds, what it means if it
 * is not given. Parsing, defaults, validation, `show`, export and the schema
 * derive from it.
 *
 * @module
 */
import type { Directive } from "../directive.ts";
import { tlsDirectives } from "./tls.ts";

/** Director (6.1). */
export const directorDirectives = [
  { name: "Name", type: "name", required: true, help: "name of the resource" },
  { name: "Description", type: "str", help: "free text" },
  {
    name: "Messages",
    type: "reference:Messages",
    help: "resource for messages not tied to a job; if unset the first Messages resource is used",
  },
  {
    name: "Port",
    aliases: ["DirPort"],
    type: "port",
    default: "9101",
    help: "listen port for consoles (and client-initiated connections)",
  },
  {
    name: "Address",
    aliases: ["DirAddress"],
    type: "address",
    help: "single bind address, excludes Addresses",
  },
  {
    name: "Addresses",
    aliases: ["DirAddresses"],
    type: "addresses",
    default: "any:9101",
    help: "list of bind address/port pairs",
  },
  {
    name: "SourceAddress",
    aliases: ["DirSourceAddress"],
    type: "address",
    help: "local address for outgoing connections",
  },
  {
    name: "QueryFile",
    type: "dir",
    default: "SCRIPTDIR/query.sql",
    help: "file with the canned SQL for the query command",
  },
  {
    name: "WorkingDirectory",
    type: "dir",
    default: "WORKINGDIR",
    help: "state, mail spool and bootstrap files; must exist",
  },
  { name: "PluginDirectory", type: "dir", help: "where plugins are loaded from" },
  {
    name: "PluginNames",
    type: "plugins",
    help: "base names of plugins to load; empty = all found",
  },
  {
    name: "ScriptsDirectory",
    type: "dir",
    default: "SCRIPTDIR",
    help: "helper scripts (13.2/18.2: unused)",
  },
  {
    name: "Subscriptions",
    type: "uint32",
    default: "0",
    help: "purchased subscription units, only reported, never enforced",
  },
  {
    name: "MaximumConcurrentJobs",
    type: "uint32",
    default: "1",
    help: "limit over all jobs; a change needs a restart",
  },
  {
    name: "MaximumConsoleConnections",
    type: "uint32",
    default: "20",
    help: "simultaneous console sessions",
  },
  {
    name: "Password",
    type: "password",
    required: true,
    help: "password of the default (root) console *UserAgent*",
  },
  {
    name: "FdConnectTimeout",
    type: "time",
    default: "3 min",
    help: "give up contacting an FD after this time",
  },
  {
    name: "SdConnectTimeout",
    type: "time",
    default: "30 min",
    help: "give up contacting an SD after this time",
  },
  {
    name: "HeartbeatInterval",
    type: "time",
    default: "0",
    help: "TCP keepalive interval, 0 = system default",
  },
  {
    name: "StatisticsRetention",
    type: "time",
    default: "1860 d",
    deprecated: "22",
    help: "how long prune stats keeps JobHisto rows",
  },
  {
    name: "StatisticsCollectInterval",
    type: "uint32",
    default: "0",
    deprecated: "22",
    help: "seconds between statistics polls of the SDs, 0 = off",
  },
  { name: "VerId", type: "str", help: "free text shown by version" },
  {
    name: "KeyEncryptionKey",
    type: "clearPassword",
    help: "wraps the tape crypto keys sent to the SD; stored in clear",
  },
  { name: "NdmpSnooping", type: "bool", help: "decode NDMP packets in the debug output" },
  { name: "NdmpLogLevel", type: "uint32", default: "4", help: "NDMP library log level" },
  {
    name: "NdmpNamelistFhinfoSetZeroForInvalidUquad",
    type: "bool",
    default: "no",
    help: "Isilon work-around, send 0 instead of -1",
  },
  {
    name: "AbsoluteJobTimeout",
    type: "uint32",
    help: "kill any job after this many seconds, 0 = never",
  },
  {
    name: "Auditing",
    type: "bool",
    default: "no",
    help: "generate audit messages for console commands",
  },
  { name: "AuditEvents", type: "strList", help: "commands to audit; empty = every command" },
  { name: "SecureEraseCommand", type: "str", help: "program called instead of unlink" },
  {
    name: "LogTimestampFormat",
    type: "str",
    default: "%d-%b %H:%M",
    help: "strftime format in front of log lines",
  },
  {
    name: "EnableKtls",
    type: "bool",
    default: "no",
    help: "let the TLS library offload to the kernel",
  },
  ...tlsDirectives,
] as const satisfies readonly Directive[];

/** Client (6.2). */
export const clientDirectives = [
  { name: "Name", type: "name", required: true, help: "name of the resource" },
  { name: "Description", type: "str", help: "free text" },
  {
    name: "Protocol",
    type: "enum:AuthProtocol",
    default: "Native",
    help: "Native, NDMPv2, NDMPv3, NDMPv4; must precede Password",
  },
  {
    name: "AuthType",
    type: "enum:AuthType",
    default: "None",
    help: "None, Clear, MD5; NDMP login only",
  },
  {
    name: "Address",
    aliases: ["FdAddress"],
    type: "str",
    required: true,
    help: "host the director connects to",
  },
  { name: "LanAddress", type: "str", help: "second address given to SDs that sit in the same LAN" },
  {
    name: "Port",
    aliases: ["FdPort"],
    type: "uint32",
    default: "9102",
    help: "port the director connects to",
  },
  { name: "Username", type: "str", help: "NDMP login name" },
  {
    name: "Password",
    aliases: ["FdPassword"],
    type: "password",
    required: true,
    help: "shared secret with the FD; clear text kept when Protocol is NDMP",
  },
  {
    name: "Catalog",
    type: "reference:Catalog",
    help: "catalog for this client; unset = first Catalog resource",
  },
  {
    name: "Passive",
    type: "bool",
    default: "no",
    help: "the SD opens the data connection to the FD",
  },
  {
    name: "ConnectionFromDirectorToClient",
    type: "bool",
    default: "yes",
    help: "director may connect to the FD",
  },
  {
    name: "ConnectionFromClientToDirector",
    type: "bool",
    default: "no",
    help: "director accepts a connection opened by the FD",
  },
  {
    name: "Enabled",
    type: "bool",
    default: "yes",
    help: "no = jobs of this client are not scheduled",
  },
  {
    name: "HardQuota",
    type: "size",
    default: "0",
    help: "bytes after which a backup is refused / the grace period starts, 0 = none",
  },
  {
    name: "SoftQuota",
    type: "size",
    default: "0",
    help: "bytes after which a backup is refused / the grace period starts, 0 = none",
  },
  {
    name: "SoftQuotaGracePeriod",
    type: "time",
    default: "0",
    help: "time allowed above the soft quota",
  },
  {
    name: "StrictQuotas",
    type: "bool",
    default: "no",
    help: "after the grace time enforce the soft (yes) or the burst limit (no)",
  },
  { name: "QuotaIncludeFailedJobs", type: "bool", default: "yes", help: "count failed jobs too" },
  {
    name: "FileRetention",
    type: "time",
    default: "60 d",
    deprecated: "23",
    help: "keep File rows this long",
  },
  {
    name: "JobRetention",
    type: "time",
    default: "180 d",
    deprecated: "23",
    help: "keep Job rows this long",
  },
  {
    name: "HeartbeatInterval",
    type: "time",
    default: "0",
    help: "keepalive towards this FD, overrides the director's",
  },
  {
    name: "AutoPrune",
    type: "bool",
    default: "no",
    deprecated: "23",
    help: "apply the two retentions at job end",
  },
  {
    name: "MaximumConcurrentJobs",
    type: "uint32",
    default: "1",
    help: "jobs at a time on this client",
  },
  {
    name: "MaximumBandwidthPerJob",
    type: "speed",
    help: "bandwidth limit passed to the FD, 0 = none",
  },
  { name: "NdmpLogLevel", type: "uint32", default: "4", help: "NDMP library log level" },
  { name: "NdmpBlockSize", type: "size32", default: "64512", help: "NDMP record size" },
  {
    name: "NdmpUseLmdb",
    type: "bool",
    default: "yes",
    help: "file history database on disk instead of memory",
  },
  ...tlsDirectives,
] as const satisfies readonly Directive[];

/** Storage (6.3). */
export const storageDirectives = [
  { name: "Name", type: "name", required: true, help: "name of the resource" },
  { name: "Description", type: "str", help: "free text" },
  {
    name: "Protocol",
    type: "enum:AuthProtocol",
    default: "Native",
    help: "Native or an NDMP version; must precede Password",
  },
  {
    name: "AuthType",
    type: "enum:AuthType",
    default: "None",
    help: "None, Clear, MD5; NDMP login only",
  },
  {
    name: "Address",
    aliases: ["SdAddress"],
    type: "str",
    required: true,
    help: "host given to director and FD; never localhost if the FD is elsewhere",
  },
  { name: "LanAddress", type: "str", help: "second address given to FDs that have a LanAddress" },
  { name: "Port", aliases: ["SdPort"], type: "uint32", default: "9103", help: "port of the SD" },
  { name: "Username", type: "str", help: "NDMP login name" },
  {
    name: "Password",
    aliases: ["SdPassword"],
    type: "password",
    required: true,
    help: "shared secret with the SD",
  },
  {
    name: "Device",
    type: "strnameList",
    required: true,
    help: "Device or Autochanger name in the SD; repeatable",
  },
  {
    name: "MediaType",
    type: "strname",
    required: true,
    help: "must equal the SD device's; free text, max. 127",
  },
  {
    name: "AutoChanger",
    type: "bool",
    default: "no",
    isYesByName: true,
    help: "device is an autochanger, enables slot handling",
  },
  { name: "Enabled", type: "bool", default: "yes", help: "no = storage not used" },
  {
    name: "AllowCompression",
    type: "bool",
    default: "yes",
    help: "no = strip Z... from the FileSet options sent to the FD",
  },
  { name: "HeartbeatInterval", type: "time", default: "0", help: "keepalive towards this SD" },
  {
    name: "CacheStatusInterval",
    type: "time",
    default: "30 s",
    help: "how long a fetched slot list of the autochanger is reused",
  },
  {
    name: "MaximumConcurrentJobs",
    type: "uint32",
    default: "1",
    help: "jobs at a time on this storage",
  },
  {
    name: "MaximumConcurrentReadJobs",
    type: "uint32",
    default: "0",
    help: "of which reading, 0 = no separate limit",
  },
  {
    name: "PairedStorage",
    type: "reference:Storage",
    help: "native storage behind an NDMP storage",
  },
  { name: "MaximumBandwidthPerJob", type: "speed", help: "bandwidth limit" },
  {
    name: "CollectStatistics",
    type: "bool",
    default: "no",
    deprecated: "22",
    help: "include in the statistics polls",
  },
  { name: "NdmpChangerDevice", type: "strname", help: "robot device for NDMP_NATIVE" },
  ...tlsDirectives,
] as const satisfies readonly Directive[];

/** Catalog (6.4). */
export const catalogDirectives = [
  { name: "Name", type: "name", required: true, help: "name of the resource" },
  { name: "Description", type: "str", help: "free text" },
  { name: "DbAddress", aliases: ["Address"], type: "str", help: "database host" },
  { name: "DbPort", aliases: ["Port"], type: "uint32", help: "database port" },
  {
    name: "DbPassword",
    aliases: ["Password"],
    type: "clearPassword",
    help: "database password, stored in clear",
  },
  { name: "DbUser", aliases: ["User"], type: "str", required: true, help: "database role" },
  { name: "DbName", type: "str", required: true, help: "database name" },
  { name: "DbSocket", aliases: ["Socket"], type: "str", help: "database socket directory" },
  {
    name: "MultipleConnections",
    type: "bool",
    deprecated: "25",
    help: "separate connection per job; has no effect",
  },
  {
    name: "DisableBatchInsert",
    type: "bool",
    default: "no",
    deprecated: "25",
    help: "no batch table for attributes",
  },
  {
    name: "Reconnect",
    type: "bool",
    default: "yes",
    help: "reconnect when the server drops the connection",
  },
  {
    name: "ExitOnFatal",
    type: "bool",
    default: "no",
    help: "a fatal database error ends the director",
  },
  { name: "MinConnections", type: "uint32", default: "1", help: "pool minimum / growth step" },
  { name: "IncConnections", type: "uint32", default: "1", help: "pool minimum / growth step" },
  { name: "MaxConnections", type: "uint32", default: "5", help: "pool maximum" },
  {
    name: "IdleTimeout",
    type: "uint32",
    default: "30",
    help: "seconds after which the pool shrinks",
  },
  {
    name: "ValidateTimeout",
    type: "uint32",
    default: "120",
    help: "seconds after which an idle connection is probed",
  },
] as const satisfies readonly Directive[];

/** Job and JobDefs (6.5). */
export const jobDirectives = [
  { name: "Name", type: "name", required: true, help: "name of the resource" },
  { name: "Description", type: "str", help: "free text" },
  {
    name: "Type",
    type: "enum:JobType",
    required: true,
    help: "Backup, Restore, Verify, Admin, Migrate, Copy, Consolidate, Archive",
  },
  {
    name: "Protocol",
    type: "enum:JobProtocol",
    default: "Native",
    help: "Native, NDMP = NDMP_BAREOS, NDMP_NATIVE",
  },
  {
    name: "BackupFormat",
    type: "str",
    default: "Native",
    help: "NDMP format (Dump, Tar, SMTape, ...)",
  },
  { name: "Level", type: "enum:JobLevel", help: "default level, see 5.9" },
  {
    name: "Messages",
    type: "reference:Messages",
    required: true,
    help: "message routing of the job",
  },
  {
    name: "Storage",
    type: "references:Storage",
    help: "where to write/read; a Storage in the Pool wins",
  },
  {
    name: "Pool",
    type: "reference:Pool",
    required: true,
    help: "default pool; for Copy/Migrate the pool searched for jobs",
  },
  { name: "FullBackupPool", type: "reference:Pool", help: "pool when the job runs at that level" },
  {
    name: "VirtualFullBackupPool",
    type: "reference:Pool",
    help: "pool when the level is VirtualFull",
  },
  {
    name: "IncrementalBackupPool",
    type: "reference:Pool",
    help: "pool when the job runs at that level",
  },
  {
    name: "DifferentialBackupPool",
    type: "reference:Pool",
    help: "pool when the job runs at that level",
  },
  {
    name: "NextPool",
    type: "reference:Pool",
    help: "overrides the pool's NextPool (Copy, Migrate, VirtualFull)",
  },
  {
    name: "Client",
    type: "reference:Client",
    help: "needed except for Copy and Migrate (13.2: always)",
  },
  {
    name: "FileSet",
    type: "reference:FileSet",
    help: "needed except for Copy and Migrate (13.2: always)",
  },
  { name: "Schedule", type: "reference:Schedule", help: "unset = manual start only" },
  {
    name: "JobToVerify",
    aliases: ["VerifyJob"],
    type: "reference:Job",
    help: "job whose latest run a Verify job compares with",
  },
  {
    name: "Catalog",
    type: "reference:Catalog",
    help: "overrides the client's catalog; the pool's wins over both",
  },
  { name: "JobDefs", type: "reference:JobDefs", help: "template to inherit from, see 4.6" },
  {
    name: "Run",
    type: "strList",
    help: "console run arguments of jobs to start with this one; %l %s expand",
  },
  { name: "Where", type: "dir", help: "restore prefix" },
  { name: "RegexWhere", type: "str", help: "restore file relocation expressions; wins over Where" },
  {
    name: "StripPrefix",
    type: "str",
    help: "restore: cut this prefix, add this prefix, add this suffix",
  },
  {
    name: "AddPrefix",
    type: "str",
    help: "restore: cut this prefix, add this prefix, add this suffix",
  },
  {
    name: "AddSuffix",
    type: "str",
    help: "restore: cut this prefix, add this prefix, add this suffix",
  },
  { name: "Bootstrap", type: "dir", help: "restore: bootstrap file to use" },
  {
    name: "WriteBootstrap",
    type: "dirOrCommand",
    help: "where to write the bootstrap after a backup; leading bar = pipe",
  },
  {
    name: "Replace",
    type: "enum:Replace",
    default: "Always",
    help: "restore: Always, IfNewer, IfOlder, Never",
  },
  { name: "MaximumBandwidth", type: "speed", help: "bandwidth limit of the job" },
  {
    name: "MaxRunSchedTime",
    type: "time",
    help: "cancel this long after the scheduled time, 0 = never",
  },
  { name: "MaxRunTime", type: "time", help: "cancel this long after the start" },
  { name: "FullMaxRuntime", type: "time", help: "the same for one level" },
  { name: "IncrementalMaxRuntime", type: "time", help: "the same for one level" },
  { name: "DifferentialMaxRuntime", type: "time", help: "the same for one level" },
  { name: "MaxWaitTime", type: "time", help: "cancel after waiting this long for resources" },
  {
    name: "MaxStartDelay",
    type: "time",
    help: "cancel if not started this long after the scheduled time",
  },
  { name: "MaxFullInterval", type: "time", help: "upgrade to Full if the last Full is older" },
  {
    name: "MaxVirtualFullInterval",
    type: "time",
    help: "upgrade to VirtualFull if the last one is older",
  },
  {
    name: "MaxDiffInterval",
    type: "time",
    help: "upgrade Incremental to Differential if the last one is older",
  },
  {
    name: "PrefixLinks",
    type: "bool",
    default: "no",
    help: "restore: prefix absolute symlink targets too",
  },
  {
    name: "PruneJobs",
    type: "bool",
    default: "no",
    help: "override the client's AutoPrune for jobs, for files",
  },
  {
    name: "PruneFiles",
    type: "bool",
    default: "no",
    help: "override the client's AutoPrune for jobs, for files",
  },
  { name: "PruneVolumes", type: "bool", default: "no", help: "override the pool's AutoPrune" },
  {
    name: "PurgeMigrationJob",
    type: "bool",
    default: "no",
    help: "purge the migrated job when done",
  },
  { name: "Enabled", type: "bool", default: "yes", help: "no = not scheduled" },
  {
    name: "SpoolAttributes",
    type: "bool",
    default: "no",
    help: "SD sends attributes at job end only",
  },
  {
    name: "SpoolData",
    type: "bool",
    default: "no",
    help: "spool to disk before writing the volume",
  },
  { name: "SpoolSize", type: "size", help: "spool limit of this job, 0 = device limit" },
  {
    name: "RerunFailedLevels",
    type: "bool",
    default: "no",
    help: "redo a failed higher level first",
  },
  {
    name: "PreferMountedVolumes",
    type: "bool",
    default: "yes",
    help: "prefer a drive with a fitting volume",
  },
  {
    name: "MaximumConcurrentJobs",
    type: "uint32",
    default: "1",
    help: "simultaneous instances of this job",
  },
  { name: "RunBeforeJob", type: "shortScript", help: "short script forms, see 9.2" },
  { name: "RunAfterJob", type: "shortScript", help: "short script forms, see 9.2" },
  { name: "RunAfterFailedJob", type: "shortScript", help: "short script forms, see 9.2" },
  { name: "ClientRunBeforeJob", type: "shortScript", help: "short script forms, see 9.2" },
  { name: "ClientRunAfterJob", type: "shortScript", help: "short script forms, see 9.2" },
  { name: "RescheduleOnError", type: "bool", default: "no", help: "run again after an error" },
  { name: "RescheduleInterval", type: "time", default: "30 min", help: "wait before the next try" },
  { name: "RescheduleTimes", type: "uint32", default: "5", help: "tries, 0 = no limit" },
  { name: "Priority", type: "uint32", default: "10", help: "lower number first" },
  {
    name: "AllowMixedPriority",
    type: "bool",
    default: "no",
    help: "may start beside jobs of another priority",
  },
  { name: "SelectionPattern", type: "str", help: "Copy/Migrate: regex or SQL, per SelectionType" },
  { name: "RunScript", type: "runScript", help: "script block, no =, see 9.1" },
  { name: "SelectionType", type: "enum:SelectionType", help: "Copy/Migrate, see 5.9" },
  { name: "Accurate", type: "bool", default: "no", help: "send the list of known files to the FD" },
  {
    name: "AllowDuplicateJobs",
    type: "bool",
    default: "yes",
    help: "allow a second instance to be queued",
  },
  {
    name: "AllowHigherDuplicates",
    type: "bool",
    default: "yes",
    deprecated: "24",
    help: "no effect",
  },
  {
    name: "CancelLowerLevelDuplicates",
    type: "bool",
    default: "no",
    help: "of two duplicates cancel the lower level / the queued / the running one",
  },
  {
    name: "CancelQueuedDuplicates",
    type: "bool",
    default: "no",
    help: "of two duplicates cancel the lower level / the queued / the running one",
  },
  {
    name: "CancelRunningDuplicates",
    type: "bool",
    default: "no",
    help: "of two duplicates cancel the lower level / the queued / the running one",
  },
  { name: "SaveFileHistory", type: "bool", default: "yes", help: "NDMP: keep the file history" },
  {
    name: "FileHistorySize",
    type: "size",
    default: "10000000",
    help: "NDMP: size of the history database",
  },
  {
    name: "FdPluginOptions",
    type: "strList",
    help: "option strings for the plugins of that daemon",
  },
  {
    name: "SdPluginOptions",
    type: "strList",
    help: "option strings for the plugins of that daemon",
  },
  {
    name: "DirPluginOptions",
    type: "strList",
    help: "option strings for the plugins of that daemon",
  },
  {
    name: "MaxConcurrentCopies",
    type: "uint32",
    default: "100",
    help: "jobs a copy control job may start in one run",
  },
  { name: "AlwaysIncremental", type: "bool", default: "no", help: "job takes part in the scheme" },
  {
    name: "AlwaysIncrementalJobRetention",
    type: "time",
    default: "0",
    help: "older incrementals get consolidated",
  },
  {
    name: "AlwaysIncrementalKeepNumber",
    type: "uint32",
    default: "0",
    help: "newest incrementals never consolidated",
  },
  {
    name: "AlwaysIncrementalMaxFullAge",
    type: "time",
    help: "consolidate the Full too when older",
  },
  {
    name: "MaxFullConsolidations",
    type: "uint32",
    default: "0",
    help: "Consolidate job: Fulls per run, 0 = no limit",
  },
  {
    name: "RunOnIncomingConnectInterval",
    type: "time",
    default: "0",
    help: "start when the client connects and the last run is older",
  },
] as const satisfies readonly Directive[];

/** FileSet (6.6). */
export const fileSetDirectives = [
  { name: "Name", type: "name", required: true, help: "name of the resource" },
  { name: "Description", type: "str", help: "free text" },
  { name: "Include", type: "include", help: "block, no =, see section 7" },
  { name: "Exclude", type: "exclude", help: "block, no =" },
  {
    name: "IgnoreFileSetChanges",
    type: "bool",
    default: "no",
    help: "no new FileSet record (and forced Full) after a change",
  },
  { name: "EnableVSS", type: "bool", default: "yes", help: "Windows: use volume shadow copies" },
] as const satisfies readonly Directive[];

/** Schedule (6.7). */
export const scheduleDirectives = [
  { name: "Name", type: "name", required: true, help: "name of the resource" },
  { name: "Description", type: "str", help: "free text" },
  { name: "Run", type: "run", help: "see section 8; repeatable" },
  { name: "Enabled", type: "bool", default: "yes", help: "no = schedule ignored" },
] as const satisfies readonly Directive[];

/** Pool (6.8). */
export const poolDirectives = [
  { name: "Name", type: "name", required: true, help: "name of the resource" },
  { name: "Description", type: "str", help: "free text" },
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
  { name: "Name", type: "name", required: true, help: "name of the resource" },
  { name: "Description", type: "str", help: "free text" },
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

/** What Console, User and Profile permit (6.10). */
export const aclDirectives = [
  { name: "JobAcl", type: "acl", help: "permitted resources of that kind" },
  { name: "ClientAcl", type: "acl", help: "permitted resources of that kind" },
  { name: "StorageAcl", type: "acl", help: "permitted resources of that kind" },
  { name: "ScheduleAcl", type: "acl", help: "permitted resources of that kind" },
  { name: "PoolAcl", type: "acl", help: "permitted resources of that kind" },
  { name: "FileSetAcl", type: "acl", help: "permitted resources of that kind" },
  { name: "CatalogAcl", type: "acl", help: "permitted resources of that kind" },
  {
    name: "CommandAcl",
    type: "acl",
    help: "console commands; restore target directories; plugin option strings",
  },
  {
    name: "WhereAcl",
    type: "acl",
    help: "console commands; restore target directories; plugin option strings",
  },
  {
    name: "PluginOptionsAcl",
    type: "acl",
    help: "console commands; restore target directories; plugin option strings",
  },
] as const satisfies readonly Directive[];

/** Console (6.10). */
export const consoleDirectives = [
  { name: "Name", type: "name", required: true, help: "name of the resource" },
  { name: "Description", type: "str", help: "free text" },
  {
    name: "Password",
    type: "password",
    required: true,
    help: "shared secret with the named console",
  },
  {
    name: "Profile",
    type: "references:Profile",
    help: "profiles consulted after the own lists, in order",
  },
  {
    name: "UsePamAuthentication",
    type: "bool",
    default: "no",
    help: "additional PAM login; excludes ACLs and Profile here",
  },
  ...aclDirectives,
  ...tlsDirectives,
] as const satisfies readonly Directive[];

/** User (6.10). */
export const userDirectives = [
  { name: "Name", type: "name", required: true, help: "name of the resource" },
  { name: "Description", type: "str", help: "free text" },
  {
    name: "Profile",
    type: "references:Profile",
    help: "profiles consulted after the own lists, in order",
  },
  ...aclDirectives,
] as const satisfies readonly Directive[];

/** Profile (6.10). */
export const profileDirectives = [
  { name: "Name", type: "name", required: true, help: "name of the resource" },
  { name: "Description", type: "str", help: "free text" },
  ...aclDirectives,
] as const satisfies readonly Directive[];
