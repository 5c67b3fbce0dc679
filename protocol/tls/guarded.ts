/** What both sides' handshakes share: a failure tells the peer, closes, and comes in time. @module */
import { Alert, TlsError } from "./alert.ts";
import { ContentType } from "./record.ts";
import type { RecordLayer } from "./record_layer.ts";

/** How long a handshake may take if nobody says otherwise. */
export const handshakeTimeoutMs = 30_000;

/**
 * Performs `shakeHands` over `records`. Where it fails, the peer gets our alert
 * (unless it sent one), and the transport is closed.
 *
 * @throws TlsError if the handshake fails or is not over after `timeoutMs`
 */
export async function guarded<T>(
  records: RecordLayer,
  timeoutMs: number,
  shakeHands: () => Promise<T>,
): Promise<T> {
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    records.close();
  }, timeoutMs);
  try {
    const made = await shakeHands();
    if (!isLate) return made;
  } catch (error) {
    if (!isLate) {
      if (error instanceof TlsError && !error.isFromPeer) {
        // The peer may be gone: then the failure itself is all there is to tell.
        await records.write(ContentType.alert, Uint8Array.of(2, error.alert)).catch(() => {});
      }
      records.close();
      throw error;
    }
  } finally {
    clearTimeout(timer);
  }
  throw new TlsError(Alert.userCanceled, `The handshake was not over after ${timeoutMs} ms`);
}
