/** The director itself (configuration.md 6.1). @module */
import type { Directive } from "../../directive.ts";
import { namedResource } from "../named_resource.ts";
import { systemLibraries } from "../system_libraries.ts";
import { tlsDirectives } from "../tls.ts";

/** Director (6.1). */
export const directorDirectives = [
  ...namedResource,
  ...systemLibraries,
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
