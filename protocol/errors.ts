/** The connection failed, ended or was used after its end. */
export class ConnectionError extends Error {
  /** The class, for logs. */
  override readonly name: string = "ConnectionError";
}

/** Nothing came within the time allowed; the connection is still usable. */
export class ReceiveTimeoutError extends ConnectionError {
  /** The class, for logs. */
  override readonly name = "ReceiveTimeoutError";
}

/** The peer said something else than the conversation allows. */
export class ProtocolError extends Error {
  /** The class, for logs. */
  override readonly name: string = "ProtocolError";
}

/** One of the two ends did not prove who it is; `replies` holds what the peer said instead. */
export class AuthenticationError extends ProtocolError {
  /** The class, for logs. */
  override readonly name = "AuthenticationError";

  /** An error with the texts that the peer sent in place of what was expected. */
  constructor(message: string, readonly replies: readonly string[] = [], options?: ErrorOptions) {
    super(replies.length > 0 ? `${message} (${replies.join(" ").trim()})` : message, options);
  }
}

/**
 * Somebody connected and left without a word, as monitoring does that asks whether a port is open: nothing
 * to be told of.
 */
export class EmptyConnectionError extends ProtocolError {
  /** The class, for logs. */
  override readonly name = "EmptyConnectionError";
}
