/**
 * The Messages resource (configuration.md 10), which every daemon has.
 *
 * Each row is a directive: what it is called, what it holds, what it means if it
 * is not given. Parsing, defaults, validation, `show`, export and the schema
 * derive from it.
 *
 * @module
 */
import type { Directive } from "../directive.ts";
import { namedResource } from "./named_resource.ts";

/** Messages (10.1). */
export const messagesDirectives = [
  ...namedResource,
  {
    name: "MailCommand",
    type: "str",
    help: "command for the mail destinations; must precede them",
  },
  { name: "OperatorCommand", type: "str", help: "command for Operator; must precede it" },
  {
    name: "TimestampFormat",
    type: "str",
    help: "strftime format of this resource; must precede the destinations",
  },
  { name: "Syslog", type: "messages", help: "system log, optional facility" },
  { name: "Mail", type: "messages", help: "collect, send at job end" },
  {
    name: "MailOnError",
    type: "messages",
    help: "the same, only if the job did not end / ended T or W",
  },
  {
    name: "MailOnSuccess",
    type: "messages",
    help: "the same, only if the job did not end / ended T or W",
  },
  { name: "File", type: "messages", help: "write to file, truncated at first use" },
  { name: "Append", type: "messages", help: "append to file" },
  { name: "Stdout", type: "messages", help: "standard output / error of the daemon" },
  { name: "Stderr", type: "messages", help: "standard output / error of the daemon" },
  { name: "Director", type: "messages", help: "send to the director that runs the job (SD, FD)" },
  {
    name: "Console",
    type: "messages",
    help: "keep for the consoles (<WorkingDirectory>/<name>.conmsg)",
  },
  { name: "Operator", type: "messages", help: "one mail per message" },
  {
    name: "Catalog",
    type: "messages",
    help: "table Log, only while a job with database is active",
  },
] as const satisfies readonly Directive[];
