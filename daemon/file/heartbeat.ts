import { type Connection, Signal } from "../../protocol/mod.ts";

/**
 * Tells a director every `seconds` that its job is alive while `work` goes on (wire.md 14.2); never
 * with 0. A director that is gone is noticed by who reads from it.
 */
export async function withHeartbeat<T>(
  connection: Connection,
  seconds: number,
  work: () => Promise<T>,
): Promise<T> {
  const timer = seconds <= 0 ? undefined : setInterval(() => {
    if (connection.canSend) connection.sendSignal(Signal.HEARTBEAT).catch(() => {});
  }, seconds * 1000);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
