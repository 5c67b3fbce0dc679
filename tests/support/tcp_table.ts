/** The system's TCP connections as Linux lists them, over IPv4. @module */

/** An established connection, seen from one of its ends. */
export interface TcpEnd {
  /** `address:port`. */
  readonly local: string;
  readonly remote: string;
  /** Seconds until the next probe of keepalive; undefined if another timer, or none, runs. */
  readonly keepAlive: number | undefined;
}

/** All established connections, both ends of those on loopback. */
export async function tcpEnds(): Promise<TcpEnd[]> {
  const text = await Deno.readTextFile("/proc/net/tcp");
  return text.trim().split("\n").slice(1).flatMap((line) => {
    const [, local = "", remote = "", state, , timer = ""] = line.trim().split(/\s+/);
    const [kind, ticks = "0"] = timer.split(":");
    const keepAlive = kind === "02" ? parseInt(ticks, 16) / 100 : undefined;
    return state === "01" ? [{ local: plain(local), remote: plain(remote), keepAlive }] : [];
  });
}

function plain(end: string): string {
  const [address = "", port = ""] = end.split(":");
  const bytes = address.match(/../g)?.map((byte) => parseInt(byte, 16)).reverse() ?? [];
  return `${bytes.join(".")}:${parseInt(port, 16)}`;
}
