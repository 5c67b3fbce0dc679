import { type Fields, type Message, message } from "./message.ts";

/** The classes of job messages (director-client.md 21.4). */
export const JobMessageType = {
  /** Abort the daemon. */
  ABORT: 1,
  /** Debugging. */
  DEBUG: 2,
  /** The job cannot go on. */
  FATAL: 3,
  /** An error; the job goes on. */
  ERROR: 4,
  /** A warning. */
  WARNING: 5,
  /** Information. */
  INFO: 6,
  /** A file was saved. */
  SAVED: 7,
  /** A file could not be saved. */
  NOTSAVED: 8,
  /** A file was skipped. */
  SKIPPED: 9,
  /** An operator is wanted. */
  MOUNT: 10,
  /** The daemon ends with an error. */
  ERROR_TERM: 11,
  /** The daemon ends. */
  TERM: 12,
  /** A file was restored. */
  RESTORED: 13,
  /** A security violation. */
  SECURITY: 14,
  /** An alert. */
  ALERT: 15,
  /** Volume management. */
  VOLMGMT: 16,
  /** Audit of console commands. */
  AUDIT: 17,
  /** A configuration error. */
  CONFIG_ERROR: 18,
} as const;

/** A number of {@linkcode JobMessageType}; unknown ones of newer peers pass through. */
export type JobMessageType = number;

/** What stands before the text of a message of these classes (director-client.md 17). */
export const JOB_MESSAGE_PREFIX: Readonly<Record<number, string>> = {
  [JobMessageType.FATAL]: "Fatal error: ",
  [JobMessageType.ERROR]: "Error: ",
  [JobMessageType.WARNING]: "Warning: ",
  [JobMessageType.SECURITY]: "Security violation: ",
};

/** The pattern of {@linkcode jobMessage}; daemons of Bacula name the JobId (bacula.md 6). */
export const JOB_MESSAGE =
  "Jmsg[ Job={job:name}][ JobId={jobId:u}] type={type:d} level={level:d} {text:text}";

/**
 * A job message on its way from a file or storage daemon to the director; `level` is its time in
 * seconds since 1970.
 */
export const jobMessage: Message<Fields<typeof JOB_MESSAGE>> = message(JOB_MESSAGE);
