/** Priorities of messages in the system's log (configuration.md 10.2). @module */
import { JobMessageType } from "../protocol/mod.ts";

const priorities: Readonly<Record<number, string>> = {
  [JobMessageType.ABORT]: "crit",
  [JobMessageType.FATAL]: "crit",
  [JobMessageType.ERROR]: "err",
  [JobMessageType.WARNING]: "warning",
  [JobMessageType.DEBUG]: "debug",
  [JobMessageType.ALERT]: "notice",
  [JobMessageType.AUDIT]: "notice",
  [JobMessageType.MOUNT]: "notice",
  [JobMessageType.SECURITY]: "notice",
  [JobMessageType.VOLMGMT]: "notice",
};

/** The word that the system's log has for a type of messages; `info` for most. */
export function syslogPriority(type: number): string {
  return priorities[type] ?? "info";
}
