/** Who may do what (configuration.md 6.10). @module */
import type { Directive } from "../../directive.ts";
import { namedResource } from "../named_resource.ts";
import { tlsDirectives } from "../tls.ts";

/** What Console, User and Profile permit (6.10). */
export const aclDirectives = [
  { name: "JobAcl", type: "acl", help: "permitted jobs" },
  { name: "ClientAcl", type: "acl", help: "permitted clients" },
  { name: "StorageAcl", type: "acl", help: "permitted storages" },
  { name: "ScheduleAcl", type: "acl", help: "permitted schedules" },
  { name: "PoolAcl", type: "acl", help: "permitted pools" },
  { name: "FileSetAcl", type: "acl", help: "permitted file sets" },
  { name: "CatalogAcl", type: "acl", help: "permitted catalogs" },
  { name: "CommandAcl", type: "acl", help: "permitted console commands" },
  { name: "WhereAcl", type: "acl", help: "permitted target directories of restores" },
  { name: "PluginOptionsAcl", type: "acl", help: "permitted plugin option strings" },
] as const satisfies readonly Directive[];

/** Console (6.10). */
export const consoleDirectives = [
  ...namedResource,
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
  ...namedResource,
  {
    name: "Profile",
    type: "references:Profile",
    help: "profiles consulted after the own lists, in order",
  },
  ...aclDirectives,
] as const satisfies readonly Directive[];

/** Profile (6.10). */
export const profileDirectives = [
  ...namedResource,
  ...aclDirectives,
] as const satisfies readonly Directive[];
