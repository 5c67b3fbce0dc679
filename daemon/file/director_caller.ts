/** Connections that the file daemon opens to its directors (wire.md 12). @module */
import { messageOf } from "../../bytes/mod.ts";
import {
  authenticateConnector,
  AuthenticationError,
  type CertificateSettings,
  type Connection,
  connectTlsLate,
  dial,
  hellos,
  isHangUp,
  type KeepAlive,
  receiveText,
  startTls,
  TlsPolicy,
} from "../../protocol/mod.ts";
import { FD_PROTOCOL_VERSION, PROTOCOL_VERSION } from "../version.ts";
import type { DirectorSettings } from "./file_context.ts";

/** Where a director is that this daemon connects to. */
export interface DirectorPlace {
  /** Host name or address. */
  readonly address: string;
  /** TCP port. */
  readonly port: number;
}

/** What calling a director needs. */
export interface CallerOptions {
  /** The daemon's own name. */
  readonly name: string;
  readonly director: DirectorSettings & { readonly call: DirectorPlace };
  /** Local address to connect from. */
  readonly sourceAddress?: string | undefined;
  /** How a silent loss of the waiting connection is found out. */
  readonly keepAlive?: KeepAlive | undefined;
  /** Serves a connection that the director has begun to use; it is closed when the promise settles. */
  readonly serve: (connection: Connection) => Promise<void>;
  /** Told what goes wrong. */
  readonly onProblem: (text: string) => void;
  /** Waits; the clock if not given. */
  readonly pause?: (milliseconds: number) => Promise<void>;
}

/** The first pause after an attempt that failed, and the longest, in milliseconds. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** A connection that ends sooner was as good as refused, in milliseconds. */
const SHORT_MS = 10_000;
/** Of failures of the same kind in a row, every so many is told. */
const TELL_EVERY = 60;
const REPLY_MS = 60_000;

/**
 * Keeps one connection to a director open that waits until the director needs it: opens it at the
 * start, a fresh one as soon as it is used, and again when it fails. The pauses between attempts grow
 * from a second to a minute, so that clients are back soon after a restart of the director; after a
 * refusal it is a minute at once.
 */
export class DirectorCaller {
  readonly #options: CallerOptions;
  readonly #stopped = new AbortController();
  readonly #served = new Set<Connection>();
  #waiting: Connection | undefined;
  #loop: Promise<void> | undefined;
  #lastTrouble = "";
  #repeats = 0;

  /** Calls nobody yet. */
  constructor(options: CallerOptions) {
    this.#options = options;
  }

  /** Begins to call. */
  start(): void {
    this.#loop = this.#run();
  }

  /** Whether a connection waits for the director now. */
  get isWaiting(): boolean {
    return this.#waiting !== undefined;
  }

  /** Ends calling; connections in use are closed. */
  async stop(): Promise<void> {
    this.#stopped.abort(new Error("the daemon stops"));
    this.#waiting?.close();
    for (const connection of this.#served) connection.close();
    await this.#loop;
  }

  async #run(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    let hasWaited = false;
    while (!this.#stopped.signal.aborted) {
      const began = performance.now();
      const outcome = await this.#call();
      if (this.#stopped.signal.aborted) return;
      if (outcome === "used") {
        pauseMs = FIRST_PAUSE_MS;
        continue;
      }
      const wasLong = performance.now() - began > SHORT_MS;
      if (outcome.isRefusal) pauseMs = LONGEST_PAUSE_MS;
      else if (outcome.hasWaited && (wasLong || !hasWaited)) pauseMs = FIRST_PAUSE_MS;
      hasWaited = outcome.hasWaited;
      this.#tell(outcome.why, pauseMs);
      await this.#pause(pauseMs);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }

  /** One connection, until the director uses it or it is lost. */
  async #call(): Promise<"used" | Trouble> {
    let connection: Connection;
    try {
      connection = await this.#connect();
    } catch (error) {
      // One that hangs up may just be starting, or ending.
      const isRefusal = error instanceof AuthenticationError && !isHangUp(error);
      return { why: messageOf(error), isRefusal, hasWaited: false };
    }
    this.#lastTrouble = "";
    this.#waiting = connection;
    try {
      const first = await connection.peek(1, { abort: this.#stopped.signal });
      if (first.length === 0) {
        connection.close();
        const why = connection.failure?.message ?? "the director has closed the waiting connection";
        return { why, isRefusal: false, hasWaited: true };
      }
    } catch (error) {
      connection.close();
      return { why: messageOf(error), isRefusal: false, hasWaited: true };
    } finally {
      this.#waiting = undefined;
    }
    void this.#serve(connection);
    return "used";
  }

  async #serve(connection: Connection): Promise<void> {
    this.#served.add(connection);
    try {
      await this.#options.serve(connection);
    } catch (error) {
      if (!this.#stopped.signal.aborted) this.#options.onProblem(messageOf(error));
    } finally {
      this.#served.delete(connection);
      connection.close();
    }
  }

  async #connect(): Promise<Connection> {
    const { director, name, sourceAddress, keepAlive } = this.#options;
    const { call: { address, port }, key, tlsPolicy = TlsPolicy.none, certificates } = director;
    const abort = this.#stopped.signal;
    const who = `Director ${director.name}`;
    const connection = await dial({ address, port, who, abort, sourceAddress, keepAlive });
    const close = (): void => connection.close();
    abort.addEventListener("abort", close, { once: true });
    try {
      const tls: { certificates: CertificateSettings | undefined; hostName: string } = {
        certificates,
        hostName: address,
      };
      if (tlsPolicy !== TlsPolicy.none) {
        await startTls(connection, { type: "R_CLIENT", name }, key, tls);
      }
      await authenticateConnector(connection, {
        hello: hellos.client.format({
          name,
          fdVersion: FD_PROTOCOL_VERSION,
          version: PROTOCOL_VERSION,
        }),
        ownName: `R_CLIENT::${name}`,
        owner: { type: "R_CLIENT", name },
        key,
        tlsPolicy,
        startTls: connectTlsLate(connection, tls),
      });
      const reply = await receiveText(connection, "daemon", { timeoutMs: REPLY_MS });
      if (!reply.startsWith("1000")) {
        throw new AuthenticationError(`Cannot wait at ${who}: refused`, [reply]);
      }
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    } finally {
      abort.removeEventListener("abort", close);
    }
  }

  /** Says why, but not the same again and again. */
  #tell(why: string, pauseMs: number): void {
    this.#repeats = why === this.#lastTrouble ? this.#repeats + 1 : 0;
    this.#lastTrouble = why;
    if (this.#repeats % TELL_EVERY !== 0) return;
    this.#options.onProblem(
      `Failed to connect to Director "${this.#options.director.name}". ` +
        `Retry in ${Math.round(pauseMs / 1000)}s. (${why})`,
    );
  }

  async #pause(milliseconds: number): Promise<void> {
    const { signal } = this.#stopped;
    const { pause } = this.#options;
    const stop = Promise.withResolvers<void>();
    const timer = pause === undefined ? setTimeout(stop.resolve, milliseconds) : undefined;
    signal.addEventListener("abort", () => stop.resolve(), { once: true });
    await Promise.race([stop.promise, ...(pause === undefined ? [] : [pause(milliseconds)])]);
    clearTimeout(timer);
  }
}

interface Trouble {
  readonly why: string;
  /** The director does not want us: it will not want us in a second either. */
  readonly isRefusal: boolean;
  /** Whether the connection had come about. */
  readonly hasWaited: boolean;
}
