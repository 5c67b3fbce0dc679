/**
 * File daemon and storage daemon: commands and answers around the data (storage-daemon.md 6).
 *
 * Data goes as frames between them: for each stream a {@linkcode streamHeader}, its data and EOD, one
 * more EOD at the end of a backup; for each record of a restore a {@linkcode recordHeader} and one
 * frame of exactly that length, one EOD at the end.
 *
 * @module
 */
import { type Messages, messages } from "./message.ts";

/** The texts of {@linkcode fileToStorage}. */
export const FILE_TO_STORAGE = {
  /** Opens a session for writing. */
  appendOpen: "append open session\n",
  /** Data follows. */
  appendData: "append data {ticket:d}\n",
  /** All data has been sent. */
  appendEnd: "append end session {ticket:d}\n",
  /** Closes the session. */
  appendClose: "append close session {ticket:d}\n",
  /** Opens a session for reading; the volume is always `DummyVolume`, the numbers are ignored. */
  readOpen:
    "read open session = {volume:s127} {volSessionId:d} {volSessionTime:d} {startFile:d} {endFile:d} {startBlock:d} {endBlock:d}\n",
  /** Send the records that the bootstrap selects. */
  readData: "read data {ticket:d}\n",
  /** Closes the session. */
  readClose: "read close session {ticket:d}\n",
} as const;

/** What a file daemon says to a storage daemon. */
export const fileToStorage: Messages<typeof FILE_TO_STORAGE> = messages(FILE_TO_STORAGE);

/** The keywords of the commands in matching order. */
export const DATA_COMMANDS = [
  "append open",
  "append data",
  "append end",
  "append close",
  "read open",
  "read data",
  "read close",
] as const;

/** The texts of {@linkcode storageToFile}. */
export const STORAGE_TO_FILE = {
  /** The session is open; the ticket is its VolSessionId. */
  openOk: "3000 OK open ticket = {ticket:u}\n",
  /** Send the data, or: the records follow. */
  dataOk: "3000 OK data\n",
  /** All data has arrived. */
  appendDataOk: "3000 OK append data\n",
  endOk: "3000 OK end\n",
  /** The character code of the job's status so far. EOD follows. */
  closeOk: "3000 OK close Status = {status:d}\n",
  /** There is nothing to read. */
  readError: "3000 error\n",
  invalidCommand: "3900 Invalid command\n",
  alreadyOpen: "3901 Error session already open\n",
  notOpen: "3902 Error session not opened\n",
  appendError: "3903 Error append data\n",
  appendFailed: "3999 Failed append\n",
} as const;

/** What a storage daemon says to a file daemon. */
export const storageToFile: Messages<typeof STORAGE_TO_FILE> = messages(STORAGE_TO_FILE);

/** The texts of {@linkcode dataHeader}. */
export const DATA_HEADER = {
  /** One stream of one file follows (backup, replication). */
  stream: "{fileIndex:d} {stream:d} {information:d}",
  /** One record of `length` bytes follows (restore, verify). */
  record: "rechdr {volSessionId:u} {volSessionTime:u} {fileIndex:d} {stream:d} {length:u}",
} as const;

/** What announces data. */
export const dataHeader: Messages<typeof DATA_HEADER> = messages(DATA_HEADER);
