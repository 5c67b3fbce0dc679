/** The file daemons that a director knows (configuration.md 6.2). @module */
import type { Directive } from "../../directive.ts";
import { namedResource } from "../named_resource.ts";
import { tlsDirectives } from "../tls.ts";

/** Client (6.2). */
export const clientDirectives = [
  ...namedResource,
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
