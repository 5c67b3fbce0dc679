/**
 * Reading and writing storage daemon of a job between two (storage-daemon.md 7). The data goes as in
 * a backup (`dataHeader.stream`).
 *
 * @module
 */
import { type Messages, messages } from "./message.ts";

/** The texts of {@linkcode readerToWriter}. */
export const READER_TO_WRITER = {
  /** Opens the session. */
  start: "start replicate\n",
  /** Data follows. */
  data: "replicate data {ticket:d}\n",
  /** Closes the session. */
  end: "end replicate\n",
} as const;

/** What the reading storage daemon says. */
export const readerToWriter: Messages<typeof READER_TO_WRITER> = messages(READER_TO_WRITER);

/** The keywords of the commands in matching order. */
export const REPLICATE_COMMANDS = ["start replicate", "replicate data", "end replicate"] as const;

/** The texts of {@linkcode writerToReader}. */
export const WRITER_TO_READER = {
  /** The session is open; the ticket is its VolSessionId. */
  startOk: "3000 OK start replicate ticket = {ticket:u}\n",
  /** Send the data. */
  dataReady: "3000 OK data\n",
  /** All data has arrived. */
  dataOk: "3000 OK replicate data\n",
  endOk: "3000 OK end replicate\n",
  invalidCommand: "3900 Invalid command\n",
  alreadyOpen: "3901 Error replicate session already open\n",
  notOpen: "3902 Error replicate session not opened\n",
  dataError: "3903 Error replicate data\n",
} as const;

/** What the writing storage daemon says. */
export const writerToReader: Messages<typeof WRITER_TO_READER> = messages(WRITER_TO_READER);
