/** Who means no good: connections that say nothing, little by little, or nonsense. Loopback only. @module */
import { encodeText } from "../../bytes/mod.ts";

const frame = (text: string): Uint8Array => {
  const payload = encodeText(text);
  const bytes = new Uint8Array(4 + payload.length);
  new DataView(bytes.buffer).setInt32(0, payload.length);
  bytes.set(payload, 4);
  return bytes;
};
const header = (value: number, rest = ""): Uint8Array => {
  const bytes = frame(rest);
  new DataView(bytes.buffer).setInt32(0, value);
  return bytes;
};
const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));

/** A handshake record that announces `length` bytes and holds fewer. */
const handshake = (length: number, holds: number): Uint8Array =>
  Uint8Array.of(0x16, 3, 1, length >> 8, length & 255, 1, 0, ...random(holds));

/** What garbage looks like, one kind after the other. */
export const nonsense: readonly (() => Uint8Array)[] = [
  () => encodeText("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
  () => random(64),
  () => random(3),
  () => new Uint8Array(0),
  () => header(0x7fff_ffff, "Hello Director x calling\n"),
  () => header(1_000_000, "Hello Director roost-dir calling\n"),
  () => header(-2, "Hello Director x calling\n"),
  () => frame("Hello world, this is not one of yours\n"),
  () => frame("Hello Director nobody calling\n"),
  () => frame("Hello Director roost-dir calling\n"),
  () => frame("Hello *UserAgent* calling version 26.0.0\n"),
  () => frame("Hello Client roost-fd FdProtocolVersion=54 calling\n"),
  () => frame("Hello Start Job Backup.2026-01-01_00.00.00_01\n"),
  () => handshake(0x4000, 40),
  () => handshake(60, 60),
  () => frame(`Hello ${"a".repeat(480)}\n`),
];

/** Opens a connection, says one kind of nonsense, reads a little and closes. */
export async function garbage(port: number, kind: number): Promise<void> {
  try {
    using socket = await Deno.connect({ hostname: "127.0.0.1", port });
    const say = nonsense[kind % nonsense.length];
    if (say !== undefined) await socket.write(say());
    if (kind % nonsense.length === 0) await socket.read(new Uint8Array(64));
  } catch {
    // closed in our face, which is what we deserve
  }
}

/** Many connections of nonsense, some at a time. */
export async function garbageInBulk(port: number, count: number, atOnce = 20): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await garbage(port, next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** Connections that stay open and say nothing, or one byte now and then. */
export class IdleCrowd implements Disposable {
  readonly #sockets: Deno.TcpConn[] = [];
  #isOver = false;
  /** How many of them the other end has closed. */
  closed = 0;

  /** Opens `count` silent connections. */
  async join(port: number, count: number): Promise<this> {
    for (let i = 0; i < count; i++) {
      const socket = await Deno.connect({ hostname: "127.0.0.1", port });
      this.#sockets.push(socket);
      void this.#watch(socket);
    }
    return this;
  }

  /** Begins `count` hellos that come byte by byte. */
  async drip(port: number, count: number): Promise<this> {
    const bytes = frame("Hello Director roost-dir calling\n");
    for (let i = 0; i < count; i++) {
      const socket = await Deno.connect({ hostname: "127.0.0.1", port });
      this.#sockets.push(socket);
      void this.#drip(socket, bytes).catch(() => {}); // closed by the other end
    }
    return this;
  }

  /** Reads until the other end closes, and counts that. */
  async #watch(socket: Deno.TcpConn): Promise<void> {
    try {
      while (await socket.read(new Uint8Array(64)) !== null);
    } catch {
      // reset, which is an end, too
    }
    if (!this.#isOver) this.closed++;
  }

  async #drip(socket: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
    for (let at = 0; !this.#isOver; at = Math.min(at + 1, bytes.length - 2)) {
      await socket.write(bytes.subarray(at, at + 1));
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    for (const socket of this.#sockets) socket.close();
  }
}
