/**
 * Commands that only a director of Bacula says, and what is answered (bacula.md 11.2, 12; the texts of the
 * answers were seen from bacula-fd and bacula-sd 9.6.7).
 *
 * @module
 */
import { type Messages, messages } from "./message.ts";

/** The texts of {@linkcode baculaToFile}. */
export const BACULA_TO_FILE = {
  /** Ends a job as incomplete. */
  stop: "stop Job={job:s127}\n",
  stopOk: '2001 Job "{job:q}" marked to be stopped.\n',
} as const;

/** Between a director of Bacula and a file daemon. */
export const baculaToFile: Messages<typeof BACULA_TO_FILE> = messages(BACULA_TO_FILE);

/** The texts of {@linkcode baculaToStorage}. */
export const BACULA_TO_STORAGE = {
  /** Ends a job as incomplete. */
  stop: "stop Job={job:name}\n",
  stopOk: '3000 JobId={jobId:u} Job="{job:q}" marked to be stopped.\n',
  /** Lets jobs use a device, or keeps them from it. */
  enable: "enable {device:name} drive={drive:d} slot={slot:d}\n",
  disable: "disable {device:name} drive={drive:d} slot={slot:d}\n",
  switched: '3002 Device "{device:text}" {state:s}.\n',
  switchedAlready: '3003 Device "{device:text}" already {state:s}.\n',
} as const;

/** Between a director of Bacula and a storage daemon. */
export const baculaToStorage: Messages<typeof BACULA_TO_STORAGE> = messages(BACULA_TO_STORAGE);
