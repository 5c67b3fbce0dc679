/**
 * The console's resources (configuration.md 14).
 *
 * Each row is a directive: what it is called, what it holds, what it means if it
 * is not given. Parsing, defaults, validation, `show`, export and the schema
 * derive from it.
 *
 * @module
 */
import type { Directive } from "../directive.ts";
import { namedResource } from "./named_resource.ts";
import { tlsDirectives } from "./tls.ts";

/** Director, where the console logs in (14.1). */
export const consoleDirectorDirectives = [
  ...namedResource,
  { name: "Port", aliases: ["DirPort"], type: "uint32", default: "9101", help: "director's port" },
  {
    name: "Address",
    aliases: ["DirAddress"],
    type: "str",
    required: true,
    help: "director's host",
  },
  {
    name: "Password",
    type: "password",
    help: "root console password; needed if no Console resource exists",
  },
  {
    name: "HeartbeatInterval",
    type: "time",
    default: "0",
    help: "TCP keepalive, wins over the Console's",
  },
  ...tlsDirectives,
] as const satisfies readonly Directive[];

/** Console, as whom it logs in (14.2). */
export const namedConsoleDirectives = [
  ...namedResource,
  { name: "RcFile", type: "dir", help: "commands executed at start" },
  { name: "HistoryFile", type: "dir", help: "default ~/.bconsole_history" },
  { name: "HistoryLength", type: "uint32", default: "100", help: "lines kept" },
  { name: "Password", type: "password", required: true, help: "password of the named console" },
  { name: "Director", type: "str", help: "use this console for that Director resource only" },
  { name: "HeartbeatInterval", type: "time", default: "0", help: "TCP keepalive" },
  ...tlsDirectives,
] as const satisfies readonly Directive[];
