/**
 * The file daemon's resources (configuration.md 13).
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

/** Client, the daemon itself (13.1). */
export const fileDaemonDirectives = [
  ...namedResource,
  ...systemLibraries,
  { name: "Port", aliases: ["FdPort"], type: "port", default: "9102", help: "listen port" },
  { name: "Address", aliases: ["FdAddress"], type: "address", help: "single bind address" },
  {
    name: "Addresses",
    aliases: ["FdAddresses"],
    type: "addresses",
    default: "any:9102",
    help: "list of bind address/port pairs",
  },
  {
    name: "SourceAddress",
    aliases: ["FdSourceAddress"],
    type: "address",
    help: "local address for outgoing connections",
  },
  { name: "WorkingDirectory", type: "dir", default: "WORKINGDIR", help: "state files" },
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
  {
    name: "MaximumWorkersPerJob",
    type: "uint32",
    default: "2",
    help: "worker threads of a backup",
  },
  { name: "Messages", type: "reference:Messages", help: "unset = first Messages resource" },
  {
    name: "SdConnectTimeout",
    type: "time",
    default: "30 min",
    help: "give up contacting the SD after this time",
  },
  { name: "HeartbeatInterval", type: "time", default: "0", help: "TCP keepalive" },
  { name: "MaximumNetworkBufferSize", type: "uint32", help: "initial socket buffer, 0 = system" },
  {
    name: "PkiSignatures",
    type: "bool",
    default: "no",
    help: "sign / encrypt file data; encryption implies signing",
  },
  {
    name: "PkiEncryption",
    type: "bool",
    default: "no",
    help: "sign / encrypt file data; encryption implies signing",
  },
  {
    name: "PkiKeyPair",
    type: "dir",
    help: "PEM with certificate and private key; needed for both",
  },
  {
    name: "PkiSigner",
    type: "dirList",
    help: "further certificates trusted for signatures / able to decrypt",
  },
  {
    name: "PkiMasterKey",
    type: "dirList",
    help: "further certificates trusted for signatures / able to decrypt",
  },
  {
    name: "PkiCipher",
    type: "enum:PkiCipher",
    default: "aes128",
    help: "see 5.9; 13.2 uses it only with Compatible = no",
  },
  { name: "VerId", type: "str", help: "free text shown by version" },
  { name: "MaximumBandwidthPerJob", type: "speed", help: "bandwidth limit" },
  {
    name: "AllowBandwidthBursting",
    type: "bool",
    default: "no",
    help: "carry unused bandwidth over",
  },
  {
    name: "AllowedScriptDir",
    type: "dirList",
    help: "directories runscripts may live in, see 9.4",
  },
  { name: "AllowedJobCommand", type: "strList", help: "permitted commands, see 9.4" },
  { name: "AbsoluteJobTimeout", type: "uint32", help: "kill any job after this many seconds" },
  {
    name: "AlwaysUseLmdb",
    type: "bool",
    default: "no",
    deprecated: "24",
    help: "accurate list always on disk",
  },
  {
    name: "LmdbThreshold",
    type: "uint32",
    help: "accurate list on disk from so many files on; unset = never",
  },
  { name: "SecureEraseCommand", type: "str", help: "program called instead of unlink" },
  {
    name: "LogTimestampFormat",
    type: "str",
    default: "%d-%b %H:%M",
    help: "strftime format of log lines",
  },
  {
    name: "GrpcModule",
    type: "str",
    default: "bareos-grpc-fd-plugin-bridge",
    help: "bridge used to load foreign plugins",
  },
  {
    name: "Compatible",
    type: "bool",
    default: "no",
    help: "do what Bacula and 13.2 understand: number 5, old GZIP streams, aes128",
  },
  { name: "EnableKtls", type: "bool", default: "no", help: "kernel TLS" },
  ...tlsDirectives,
] as const satisfies readonly Directive[];

/** Director, who may lead the daemon (13.2). */
export const fileDirectorDirectives = [
  ...namedResource,
  {
    name: "Password",
    type: "password",
    required: true,
    help: "shared secret with the director's Client resource",
  },
  { name: "Address", type: "str", help: "director's host for client-initiated connections" },
  {
    name: "Port",
    type: "uint32",
    default: "9101",
    help: "director's port for client-initiated connections",
  },
  {
    name: "ConnectionFromDirectorToClient",
    type: "bool",
    default: "yes",
    help: "accept connections of this director",
  },
  {
    name: "ConnectionFromClientToDirector",
    type: "bool",
    default: "no",
    help: "connect to this director",
  },
  { name: "Monitor", type: "bool", default: "no", help: "yes = status requests only" },
  {
    name: "MaximumBandwidthPerJob",
    type: "speed",
    help: "bandwidth limit for this director's jobs",
  },
  { name: "AllowedScriptDir", type: "dirList", help: "replaces the global list for this director" },
  {
    name: "AllowedJobCommand",
    type: "strList",
    help: "replaces the global list for this director",
  },
  ...tlsDirectives,
] as const satisfies readonly Directive[];
