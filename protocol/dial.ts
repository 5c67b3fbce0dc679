import { Connection } from "./connection.ts";
import { type Environment, realEnvironment } from "./environment.ts";
import { ConnectionError } from "./errors.ts";
import { TcpTransport } from "./transport.ts";

/** Where to and how patiently to connect. */
export interface DialOptions {
  /** Host name or address. */
  readonly address: string;
  /** TCP port. */
  readonly port: number;
  /** Who is expected there, for messages, such as `Storage daemon`. */
  readonly who: string;
  /** Milliseconds between two attempts; one attempt only if not given. */
  readonly retryMs?: number;
  /** Milliseconds after which it is given up (wire.md 14.3). */
  readonly giveUpMs?: number;
  /** Ends waiting and retrying. */
  readonly abort?: AbortSignal;
  /** Told the error of each failed attempt that will be repeated. */
  readonly onRetry?: (error: ConnectionError) => void;
  /** Clock and patience; the real ones if not given. */
  readonly environment?: Environment;
}

/** Intervals and limits of connecting, in milliseconds (wire.md 14.3). */
export const DialPatience = {
  /** Director to file daemon for a job. */
  directorToFile: { retryMs: 10_000, giveUpMs: 180_000 },
  /** Director to file daemon for status, cancel and console actions. */
  directorToFileConsole: { retryMs: 1_000, giveUpMs: 15_000 },
  /** Director to storage daemon. */
  directorToStorage: { retryMs: 10_000, giveUpMs: 1_800_000 },
  /** Data connections. */
  data: { retryMs: 10_000, giveUpMs: 1_800_000 },
  /** Console to director. */
  console: { retryMs: 5_000, giveUpMs: 15_000 },
} as const;

/**
 * Connects, trying again until time is up; gives up at once if the host name is unknown.
 * @throws {ConnectionError} with the last attempt's error as cause
 */
export async function dial(options: DialOptions): Promise<Connection> {
  const { address, port, who, retryMs, giveUpMs = 0, abort } = options;
  const { pause } = options.environment ?? realEnvironment;
  let waited = 0;
  while (true) {
    abort?.throwIfAborted();
    try {
      const socket = await Deno.connect({ hostname: address, port, transport: "tcp" });
      if (abort?.aborted) socket.close();
      abort?.throwIfAborted();
      return new Connection(new TcpTransport(socket), { who });
    } catch (cause) {
      if (abort?.aborted) throw abort.reason;
      const why = cause instanceof Error ? cause.message : String(cause);
      const error = new ConnectionError(`Cannot connect to ${who} at ${address}:${port}: ${why}`, {
        cause,
      });
      if (retryMs === undefined || waited + retryMs > giveUpMs || isUnknownHost(why)) throw error;
      options.onRetry?.(error);
      await Promise.race([pause(retryMs), aborted(abort)]);
      waited += retryMs;
    }
  }
}

function isUnknownHost(why: string): boolean {
  return /failed to lookup address|Name or service not known|nodename nor servname/i.test(why);
}

function aborted(signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return new Promise(() => {});
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true })
  );
}
