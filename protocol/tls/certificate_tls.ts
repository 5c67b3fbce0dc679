/**
 * TLS with certificates (wire.md 7.3, 8.7), by the runtime's own TLS over any {@linkcode Transport}.
 * What the peer shows is checked here and not by the runtime, so that an error says what is wrong.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { X509Certificate } from "node:crypto";
import { Duplex } from "node:stream";
import { connect, TLSSocket } from "node:tls";
import type { Transport } from "../transport.ts";
import { Alert, TlsError } from "./alert.ts";
import { certificateFault } from "./certificate_check.ts";
import { type CertificateSettings, loadCertificates } from "./certificate_settings.ts";

/** Time for a handshake, in milliseconds. */
const handshakeTime = 60_000;
/** Time for the peer to take our last bytes, in milliseconds. */
const closeTime = 2_000;
const readLength = 65536;

/**
 * Puts a transport under TLS as the end that has connected.
 * @throws {TlsError} if there is no agreement, or the peer's certificate is not to be believed
 */
export async function connectWithCertificates(
  transport: Transport,
  settings: CertificateSettings,
  { hostName }: { readonly hostName: string },
): Promise<Transport> {
  const { own, authorities } = loadCertificates(settings);
  const stream = streamOf(transport, new Uint8Array(0));
  const socket = connect({
    socket: stream as never,
    rejectUnauthorized: false,
    ca: authorities.map((one) => one.toString()),
    ...(own && { cert: own.certificate, key: own.key }),
    servername: /^[\d.]+$|:/.test(hostName) ? "" : hostName,
  });
  return await finish(transport, stream, socket, "secureConnect", () => {
    if (!settings.verifiesPeer) return undefined;
    const { allowedNames } = settings;
    const chain = chainOf(socket);
    return certificateFault({ chain, authorities, allowedNames, hostName, now: new Date() });
  });
}

/**
 * Puts a transport under TLS as the end that was connected to; `first` was read from it already.
 * @throws {TlsError} if there is no agreement, or the peer's certificate is not to be believed
 */
export async function acceptWithCertificates(
  transport: Transport,
  first: Uint8Array,
  settings: CertificateSettings,
): Promise<Transport> {
  const { own, authorities } = loadCertificates(settings);
  if (own === undefined) {
    throw new TlsError(Alert.handshakeFailure, "the peer wants a certificate, and we have none");
  }
  const stream = streamOf(transport, first);
  const socket = new TLSSocket(stream as never, {
    isServer: true,
    cert: own.certificate,
    key: own.key,
    ca: authorities.map((one) => one.toString()),
    requestCert: settings.verifiesPeer,
    rejectUnauthorized: false,
  } as never);
  return await finish(transport, stream, socket, "secure", () => {
    if (!settings.verifiesPeer) return undefined;
    const { allowedNames } = settings;
    return certificateFault({ chain: chainOf(socket), authorities, allowedNames, now: new Date() });
  });
}

/** Waits for the handshake and looks at what the peer has shown. */
async function finish(
  transport: Transport,
  stream: Duplex,
  socket: TLSSocket,
  event: "secure" | "secureConnect",
  faultOf: () => string | undefined,
): Promise<Transport> {
  const done = Promise.withResolvers<void>();
  const ended = (): void =>
    done.reject(new TlsError(Alert.handshakeFailure, "the peer ended the handshake"));
  const timer = setTimeout(
    () => done.reject(new TlsError(Alert.internalError, "the handshake took too long")),
    handshakeTime,
  );
  socket.once(event, () => done.resolve());
  socket.once("error", (error) => done.reject(error));
  socket.once("close", ended);
  socket.once("end", ended);
  try {
    await done.promise;
    const fault = faultOf();
    if (fault !== undefined) throw new TlsError(Alert.badCertificate, fault);
  } catch (cause) {
    socket.on("error", () => {}); // what is said after the first failure does not count
    socket.destroy();
    stream.destroy();
    transport.close();
    if (cause instanceof TlsError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TlsError(Alert.handshakeFailure, why);
  } finally {
    clearTimeout(timer);
    socket.off("close", ended);
    socket.off("end", ended);
  }
  return new CertificateTransport(transport, socket);
}

/** The certificates that the peer has sent, its own first. */
function chainOf(socket: TLSSocket): X509Certificate[] {
  const chain: X509Certificate[] = [];
  const seen = new Set<unknown>();
  let one = socket.getPeerCertificate(true) as
    | { raw?: Uint8Array; issuerCertificate?: unknown }
    | undefined;
  while (one?.raw !== undefined && !seen.has(one)) {
    seen.add(one);
    chain.push(new X509Certificate(Buffer.from(one.raw)));
    one = one.issuerCertificate as typeof one;
  }
  return chain;
}

/** A transport as a stream; what was read already comes first. */
function streamOf(transport: Transport, first: Uint8Array): Duplex {
  let rest = first;
  const buffer = new Uint8Array(readLength);
  const stream: Duplex = new Duplex({
    read() {
      if (rest.length > 0) {
        stream.push(Buffer.from(rest));
        rest = rest.subarray(rest.length);
        return;
      }
      transport.read(buffer).then(
        (count) => stream.push(count === null ? null : Buffer.from(buffer.slice(0, count))),
        (error) => stream.destroy(error),
      );
    },
    write(chunk: Uint8Array, _encoding, done) {
      transport.write(chunk).then(() => done(), done);
    },
    final(done) {
      done();
    },
  });
  stream.on("error", () => {}); // the socket above it tells
  return stream;
}

/** A transport inside the runtime's TLS. */
class CertificateTransport implements Transport {
  readonly peer: string;
  readonly cipher: string;
  readonly #below: Transport;
  readonly #socket: TLSSocket;
  #failure: Error | undefined;
  #isAtEnd = false;
  #wake: (() => void) | undefined;

  constructor(below: Transport, socket: TLSSocket) {
    this.#below = below;
    this.#socket = socket;
    this.peer = below.peer;
    const cipher = socket.getCipher() as { standardName?: string; name: string } | undefined;
    this.cipher = `${cipher?.standardName ?? cipher?.name ?? "TLS"} ${
      socket.getProtocol() ?? "TLS"
    }`;
    const wake = (): void => this.#wake?.();
    socket.on("readable", wake);
    socket.on("end", () => {
      this.#isAtEnd = true;
      wake();
    });
    socket.on("close", () => {
      this.#isAtEnd = true;
      wake();
    });
    socket.on("error", (error) => {
      this.#failure ??= error;
      wake();
    });
  }

  async read(into: Uint8Array): Promise<number | null> {
    for (;;) {
      const available = this.#socket.readableLength;
      const piece = available === 0
        ? null
        : this.#socket.read(Math.min(available, into.length)) as Uint8Array | null;
      if (piece !== null) {
        into.set(piece);
        return piece.length;
      }
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#isAtEnd) return null;
      this.#socket.read(0);
      const woken = Promise.withResolvers<void>();
      this.#wake = woken.resolve;
      if (this.#socket.readableLength === 0 && !this.#isAtEnd && this.#failure === undefined) {
        await woken.promise;
      }
      this.#wake = undefined;
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const done = Promise.withResolvers<void>();
    // The bytes may change once this returns to the caller, so they are written before.
    this.#socket.write(bytes, (error) => error ? done.reject(error) : done.resolve());
    await done.promise;
  }

  close(): void {
    this.#socket.end(() => this.#below.close());
    this.#isAtEnd = true;
    this.#wake?.();
    // A peer that reads nothing must not keep us.
    const timer = setTimeout(() => {
      this.#socket.destroy();
      this.#below.close();
    }, closeTime);
    Deno.unrefTimer(Number(timer));
  }
}
