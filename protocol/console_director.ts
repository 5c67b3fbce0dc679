/**
 * Consoles, and file daemons that connect by themselves, with the director from the hello to the first
 * command (wire.md 12, 13). Commands of consoles and their answers are free text.
 *
 * @module
 */
import { type Messages, messages } from "./message.ts";

/** The texts of {@linkcode directorToConsole}. */
export const DIRECTOR_TO_CONSOLE = {
  /** Accepted (18.2 and later). */
  accepted: "1000\x1eOK: {director:q} Version: {version:q} ({date:q})",
  /** Accepted, to a console before 18.2. */
  acceptedOld: "1000 OK: {director:q} Version: {version:q} ({date:q})\n",
  /** The same of directors since 18.2. */
  acceptedOldEncryption:
    "1000 OK: {director:q} Version: {version:q} ({date:q}) --  Encryption: {encryption:text}\n",
  /** Credentials are wanted (PAM). */
  credentialsWanted: "1001\x1e",
  /** Information, always after `accepted`. */
  information: "1002\x1e{text:text}",
  /** Refused. */
  refused: "1999 You are not authorized.\n",
} as const;

/** What a director says to a console that logs in. */
export const directorToConsole: Messages<typeof DIRECTOR_TO_CONSOLE> = messages(
  DIRECTOR_TO_CONSOLE,
);

/** The texts of {@linkcode directorToWaitingFile}. */
export const DIRECTOR_TO_WAITING_FILE = {
  /** Accepted; the connection now waits to be needed. */
  accepted: "1000 OK: {director:q} Version: {version:q} ({date:q})\n",
  /** Refused. */
  refused: "1999 You are not authorized.\n",
} as const;

/** What a director replies to a file daemon that has connected to it (wire.md 4.2, 12). */
export const directorToWaitingFile: Messages<typeof DIRECTOR_TO_WAITING_FILE> = messages(
  DIRECTOR_TO_WAITING_FILE,
);

/** The texts of {@linkcode consoleToDirector}. */
export const CONSOLE_TO_DIRECTOR = {
  /** Ask me for credentials. */
  interactive: "4001\x1e",
  /** Here they are. */
  credentials: "4002\x1e{user:q}\x1e{password:text}",
} as const;

/** What a console that logs in says to a director. */
export const consoleToDirector: Messages<typeof CONSOLE_TO_DIRECTOR> = messages(
  CONSOLE_TO_DIRECTOR,
);

/** The texts of {@linkcode authentication}. */
export const AUTHENTICATION = {
  /** A challenge; both ends send one (wire.md 6.2). */
  challenge: "auth {mechanism:s} {challenge:s}[ ssl={tlsPolicy:u}]\n",
  /** The answer is right. */
  accepted: "1000 OK auth\n",
  /** It is wrong, or what came was none. */
  failed: "1999 Authorization failed.\n",
  /** The answer to a challenge; its zero byte is optional. */
  response: "{response:q}\0",
} as const;

/** CRAM-MD5 between any two (wire.md 6). */
export const authentication: Messages<typeof AUTHENTICATION> = messages(AUTHENTICATION);
