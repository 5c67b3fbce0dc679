import { Connection } from "./connection.ts";
import { type Environment, realEnvironment } from "./environment.ts";
import { ConnectionError } from "./errors.ts";
import type { KeepAlive } from "./keep_alive.ts";
import { connectFrom } from "./source_socket.ts";
import { TcpTransport, type Transport } from "./transport.ts";

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
  readonly abort?: AbortSignal | undefined;
  /** Told the error of each failed attempt that will be repeated. */
  readonly onRetry?: ((error: ConnectionError) => void) | undefined;
  /** Clock and patience; the real ones if not given. */
  readonly environment?: Environment | undefined;
  /** Local address to connect from; the system's choice if not given, or empty. */
  readonly sourceAddress?: string | undefined;
  /** Times of keepalive (wire.md 14.1); the usual ones if not given. */
  readonly keepAlive?: KeepAlive | undefined;
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

/** One attempt may take this long where the whole has no limit, or a longer one, in milliseconds. */
const LONGEST_ATTEMPT_MS = 60_000;
/** One attempt takes at least this long however little time is left, in milliseconds. */
const SHORTEST_ATTEMPT_MS = 5_000;

/**
 * Connects, trying again until time is up; gives up at once if the host name is unknown. A peer that
 * does not answer at all costs no more than the time for the whole.
 * @throws {ConnectionError} with the last attempt's error as cause
 */
export async function dial(options: DialOptions): Promise<Connection> {
  const { address, port, who, retryMs, giveUpMs = LONGEST_ATTEMPT_MS, abort } = options;
  const { pause } = options.environment ?? realEnvironment;
  let waited = 0;
  while (true) {
    abort?.throwIfAborted();
    const began = performance.now();
    const left = Math.max(SHORTEST_ATTEMPT_MS, giveUpMs - waited);
    const limit = AbortSignal.timeout(Math.min(LONGEST_ATTEMPT_MS, left));
    try {
      const signal = abort === undefined ? limit : AbortSignal.any([limit, abort]);
      return new Connection(await open(options, signal), { who });
    } catch (cause) {
      if (abort?.aborted) throw abort.reason;
      const why = limit.aborted
        ? `no answer; a firewall between the two, or a wrong address, most likely`
        : cause instanceof Error
        ? cause.message
        : String(cause);
      const error = new ConnectionError(`Cannot connect to ${who} at ${address}:${port}: ${why}`, {
        cause,
      });
      waited += Math.floor((performance.now() - began) / 1000) * 1000;
      if (retryMs === undefined || waited + retryMs > giveUpMs || isUnknownHost(why)) throw error;
      options.onRetry?.(error);
      await Promise.race([pause(retryMs), aborted(abort)]);
      waited += retryMs;
    }
  }
}

async function open(options: DialOptions, signal: AbortSignal): Promise<Transport> {
  const { address: hostname, port, sourceAddress = "", keepAlive = { seconds: 0 } } = options;
  if (sourceAddress !== "") {
    const transport = await connectFrom(sourceAddress, { hostname, port, signal });
    transport.keepAlive(keepAlive);
    return transport;
  }
  const socket = await Deno.connect({ hostname, port, transport: "tcp", signal });
  if (signal.aborted) {
    socket.close();
    throw signal.reason;
  }
  const transport = new TcpTransport(socket);
  transport.keepAlive(keepAlive);
  return transport;
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
