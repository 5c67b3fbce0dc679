/** What connections from the director to daemons are asked for, and what comes of them. @module */
import type { Connection, Environment } from "../../../protocol/mod.ts";
import type { ClientMode } from "./client_mode.ts";
import type { ClientProbes } from "./client_probes.ts";
import type { StorageProbes } from "./storage_probes.ts";

/** A daemon cannot be reached or refuses us; the message is fit for a job log. */
export class DaemonConnectionError extends Error {
  /** The class, for logs. */
  override readonly name = "DaemonConnectionError";
}

/** Milliseconds. */
export interface ConnectPatience {
  /** Between two attempts. */
  readonly retryMs: number;
  /** For all attempts. */
  readonly giveUpMs: number;
  /** For a client that connects by itself; as long as for the attempts if not given. */
  readonly waitMs?: number;
}

/** How patiently and for whom to connect. */
export interface DaemonConnectOptions {
  /** The own name, as the daemons know it. */
  readonly director: string;
  /** Local address to connect from; the system's choice if empty. */
  readonly sourceAddress?: string | undefined;
  /** Seconds between probes of keepalive where the daemon's resource says nothing. */
  readonly heartbeatInterval?: number | undefined;
  /** Milliseconds between attempts and in all. */
  readonly patience: ConnectPatience;
  /** Ends waiting. */
  readonly abort?: AbortSignal | undefined;
  /** Told each failed attempt that will be repeated. */
  readonly onRetry?: ((error: Error) => void) | undefined;
  /** What is known of clients and will be from now on. */
  readonly probes?: ClientProbes | undefined;
  /** What is known of storages and will be from now on. */
  readonly storageProbes?: StorageProbes | undefined;
  /** Told when a client is connected to for the first time, before that. */
  readonly onProbe?: (() => void) | undefined;
  /** Clock and patience; the real ones if not given. */
  readonly environment?: Environment | undefined;
}
/** An authenticated connection to a file daemon. */
export interface ClientConnection {
  readonly connection: Connection;
  /** The daemon's protocol number; foreign numbers count as 5. */
  readonly fdVersion: number;
  /** The number that it said, 0 if none: it tells Bacula's from others (bacula.md 3). */
  readonly announced: number;
  /** How it is spoken to, which decides about later commands (wire.md 7.4). */
  readonly mode: ClientMode;
  /** Whether that had to be found out. */
  readonly wasProbed: boolean;
  /** Whether the client had connected by itself. */
  readonly hasCome?: boolean;
}

/** The same where it is not told whether it had to be found out. */
export type Reached = Omit<ClientConnection, "wasProbed">;

/** A daemon that was reached and with which no agreement was found. */
export class RefusedError extends DaemonConnectionError {}
