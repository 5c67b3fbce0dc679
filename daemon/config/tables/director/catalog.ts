/** Where a director keeps what it knows (configuration.md 6.4). @module */
import type { Directive } from "../../directive.ts";
import { namedResource } from "../named_resource.ts";

/** Catalog (6.4). */
export const catalogDirectives = [
  ...namedResource,
  { name: "DbDriver", type: "str", help: "`sqlite3` or `postgresql`, which Bareos knows alone" },
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
  {
    name: "AnswerTimeout",
    type: "time",
    default: "10 minutes",
    help:
      "how long the director waits for a database server that says nothing; 0 for ever (not in Bareos)",
  },
] as const satisfies readonly Directive[];
