import { decodeText } from "../bytes/mod.ts";
import { authentication } from "./console_director.ts";
import { decideAfterAuthentication, TlsPolicy } from "./cleartext_policy.ts";
import type { Connection } from "./connection.ts";
import {
  type Challenge,
  cramResponse,
  isReflected,
  isRightResponse,
  makeChallenge,
  parseChallenge,
  variantFor,
} from "./cram_md5.ts";
import { type Environment, Patience, pauseOn, realEnvironment } from "./environment.ts";
import { AuthenticationError, ConnectionError, ReceiveTimeoutError } from "./errors.ts";
import { MAX_FRAME_RECEIVED } from "./frame.ts";
import { passwordHint, type PasswordOwner } from "./password_hint.ts";
import { signalName } from "./signal.ts";

const AUTHENTICATED = authentication.accepted.format({});
const FAILED = authentication.failed.format({});

/** What both ends of an authentication need. */
export interface AuthenticationOptions {
  /** The own qualified name that goes into the challenge, such as `R_DIRECTOR::bareos-dir`. */
  readonly ownName: string;
  /** The key (`passwordKey()`), or a session key as it stands. */
  readonly key: string;
  /** Whose key it is, so that a failure says which resources to compare. */
  readonly owner?: PasswordOwner | undefined;
  /** The own TLS policy that goes into `ssl=`; 0, none, if not given (wire.md 7). */
  readonly tlsPolicy?: number;
  /** Starts TLS with certificates after the challenge (wire.md 7.3), where there are some. */
  readonly startTls?: (() => Promise<void>) | undefined;
  /** Clock, chance and patience; the real ones if not given. */
  readonly environment?: Environment;
  /** Milliseconds to wait for each message; 180 s if not given. */
  readonly timeoutMs?: number;
  /** Milliseconds for all of it; 600 s if not given. */
  readonly totalMs?: number;
}

/** What an authentication learned about the peer. */
export interface AuthenticatedPeer {
  /** The name in the peer's challenge, as sent. */
  readonly challengeName: string;
  /** The peer's TLS policy, 254 if it did not say. */
  readonly tlsPolicy: number;
}

/**
 * The connector's side from the hello to its `1000 OK auth` (wire.md 6.1). The acceptor's final
 * reply is for the caller to read.
 * @throws {AuthenticationError} after the pause that the failure asks for; the caller closes
 */
export async function authenticateConnector(
  connection: Connection,
  options: AuthenticationOptions & { readonly hello: string },
): Promise<AuthenticatedPeer> {
  const dialogue = new Authentication(connection, options);
  await connection.send(options.hello);
  const peer = await dialogue.respond();
  await dialogue.challenge();
  await dialogue.settle(peer.tlsPolicy);
  return { challengeName: peer.name, tlsPolicy: peer.tlsPolicy };
}

/**
 * The acceptor's side after the hello has been read (wire.md 6.1). The final reply is for the caller
 * to send, also after a failure.
 * @throws {AuthenticationError} after the pause that the failure asks for; the caller closes
 */
export async function authenticateAcceptor(
  connection: Connection,
  options: AuthenticationOptions,
): Promise<AuthenticatedPeer> {
  const dialogue = new Authentication(connection, options);
  await dialogue.challenge();
  const peer = await dialogue.respond();
  await dialogue.settle(peer.tlsPolicy);
  connection.largestFrame = MAX_FRAME_RECEIVED;
  return { challengeName: peer.name, tlsPolicy: peer.tlsPolicy };
}

class Authentication {
  readonly #connection: Connection;
  readonly #options: AuthenticationOptions;
  readonly #environment: Environment;
  readonly #deadline: number;

  constructor(connection: Connection, options: AuthenticationOptions) {
    this.#deadline = performance.now() + (options.totalMs ?? Patience.authentication);
    this.#connection = connection;
    this.#options = options;
    this.#environment = options.environment ?? realEnvironment;
  }

  /** Challenges the peer and checks its answer. */
  async challenge(): Promise<void> {
    const { ownName, key, tlsPolicy = 0 } = this.#options;
    const { random32, seconds } = this.#environment;
    const challenge = makeChallenge(random32(), seconds(), ownName);
    const text = { mechanism: "cram-md5", challenge, tlsPolicy };
    await this.#send(authentication.challenge.format(text));
    const response = await this.#receive("response");
    if (!isRightResponse(key, challenge, response)) {
      return await this.#fail(`wrong password${this.#hint}`, foreign(response), true);
    }
    await this.#send(AUTHENTICATED);
  }

  /** Answers the peer's challenge and returns it. */
  async respond(): Promise<Challenge> {
    const text = await this.#receive("challenge");
    const challenge = parseChallenge(text);
    if (challenge === undefined) {
      return await this.#fail("rejected by peer, no challenge", [text], true);
    }
    if (isReflected(challenge, this.#options.ownName)) {
      return await this.#fail("the challenge carries our own name", [], true);
    }
    const variant = variantFor(challenge.mechanism);
    const response = cramResponse(this.#options.key, challenge.challenge, variant);
    await this.#send(authentication.response.format({ response }));
    const verdict = await this.#receive("verdict");
    if (verdict !== AUTHENTICATED) {
      const hint = verdict === FAILED ? this.#hint : "";
      return await this.#fail(`the peer refuses our password${hint}`, [verdict], false);
    }
    return challenge;
  }

  /** Goes on as both policies want it, unless TLS has been there from the start (wire.md 7.2). */
  async settle(peerPolicy: number): Promise<void> {
    const { cipher, pastProtection } = this.#connection;
    // Where TLS has ended by TLS Authenticate, only certificates are shown once more (wire.md 8.10).
    if (cipher !== undefined || pastProtection?.mode === "key") return;
    const { tlsPolicy = TlsPolicy.none, startTls } = this.#options;
    const decision = decideAfterAuthentication(tlsPolicy, peerPolicy);
    if (decision === "cleartext") return;
    if (decision === "tls" && startTls !== undefined) return await startTls();
    const { who, peer } = this.#connection;
    const why = decision === "tls"
      ? "TLS after the challenge needs certificates, and none are configured"
      : tlsPolicy === TlsPolicy.none
      ? "Remote server requires TLS, and TLS Enable = no stands in our resource for it"
      : "The peer did not advertise required TLS support: TLS Require = yes stands in our resource for it";
    throw new AuthenticationError(`Cannot agree on TLS with ${who} at ${peer}: ${why}`);
  }

  get #hint(): string {
    const { owner } = this.#options;
    return owner === undefined ? "" : `; ${passwordHint(owner)}`;
  }

  /** A peer that cannot agree with us on TLS often just closes, in the middle of the challenges. */
  async #send(text: string): Promise<void> {
    try {
      await this.#connection.send(text);
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      await this.#fail(`the peer closed the connection${this.#tlsHint}`, [], false, error);
    }
  }

  get #tlsHint(): string {
    if (this.#connection.pastProtection !== undefined) {
      return ". TLS Authenticate = yes stands on one end only, most likely";
    }
    const isRequired = this.#options.tlsPolicy === TlsPolicy.required &&
      this.#connection.cipher === undefined;
    return isRequired ? ". TLS is required here; most likely it is off on its end" : "";
  }

  async #receive(what: string): Promise<string> {
    const left = Math.max(1, this.#deadline - performance.now());
    const timeoutMs = Math.min(this.#options.timeoutMs ?? Patience.cramResponse, left);
    try {
      const frame = await this.#connection.receive({ timeoutMs });
      if (frame?.kind === "message") return decodeText(frame.payload);
      const got = frame === undefined ? "connection lost" : signalName(frame.signal);
      const { failure } = this.#connection;
      const reason = failure === undefined ? "" : `: ${failure.message}`;
      const why = `rejected by peer, ${got} in place of the ${what}${this.#tlsHint}${reason}`;
      return await this.#fail(why, [], true);
    } catch (error) {
      if (!(error instanceof ReceiveTimeoutError)) throw error;
      return await this.#fail(`no ${what} in ${Math.round(timeoutMs)} ms`, [], true, error);
    }
  }

  async #fail(
    why: string,
    replies: readonly string[],
    shouldTell: boolean,
    cause?: Error,
  ): Promise<never> {
    if (shouldTell && this.#connection.canSend) {
      await this.#connection.send(FAILED).catch(() => {}); // the failure that counts is thrown below
    }
    this.#connection.onAuthenticationFailed?.();
    await pauseOn(this.#connection, this.#environment, Patience.afterFailure);
    const { who, peer } = this.#connection;
    const text = `Cannot authenticate ${who} at ${peer}: ${why}`;
    throw new AuthenticationError(text, replies, cause === undefined ? undefined : { cause });
  }
}

/** A response that is a sentence is an error text of the peer and worth showing (wire.md 6.6). */
function foreign(response: string): string[] {
  return response.includes(" ") ? [response] : [];
}
