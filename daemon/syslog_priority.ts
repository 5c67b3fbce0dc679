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

const facilities: ReadonlySet<string> = new Set([
  ...[
    "kern",
    "user",
    "mail",
    "daemon",
    "auth",
    "syslog",
    "lpr",
    "news",
    "uucp",
    "cron",
    "authpriv",
  ],
  ...["ftp", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"],
]);

/**
 * `facility.priority`, as `logger -p` takes it, for a type of messages; the facility is `daemon` where
 * none, or one that there is not, is wanted, the priority of most types `info`.
 */
export function syslogPriority(facility: string, type: number): string {
  const wanted = facility.toLowerCase();
  return `${facilities.has(wanted) ? wanted : "daemon"}.${priorities[type] ?? "info"}`;
}

/** What a line of the system's log takes, in characters. */
const longestLine = 1023;

/** The lines of a text, those that are too long in several. */
export function syslogLines(text: string): string[] {
  return text.split("\n").flatMap((line) =>
    Array.from(
      { length: Math.ceil(line.length / longestLine) },
      (_, at) => line.slice(at * longestLine, (at + 1) * longestLine),
    )
  );
}
