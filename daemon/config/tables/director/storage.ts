/** The storages that a director knows (configuration.md 6.3). @module */
import type { Directive } from "../../directive.ts";
import { namedResource } from "../named_resource.ts";
import { tlsDirectives } from "../tls.ts";

/** Storage (6.3). */
export const storageDirectives = [
  ...namedResource,
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
