import { randomBytes } from "node:crypto";

/** The clock, chance and patience of a conversation; tests replace them. */
export interface Environment {
  /** Seconds since 1970. */
  seconds(): number;
  /** A random number of 32 bits. */
  random32(): number;
  /** Waits; daemons pause after a failed authentication so that guessing is slow. */
  pause(milliseconds: number): Promise<void>;
}

/** The real clock, chance and patience. */
export const realEnvironment: Environment = {
  seconds: () => Math.floor(Date.now() / 1000),
  random32: () => randomBytes(4).readUInt32BE(),
  pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

/** Times of the conversation before a job is known, in milliseconds (wire.md 14.3). */
export const Patience = {
  /** Whole authentication. */
  authentication: 600_000,
  /** Console: hello to the end of CRAM-MD5. */
  console: 300_000,
  /** Waiting for one CRAM-MD5 message. */
  cramResponse: 180_000,
  /** Response message (1000, 1001, 1002, 4001, 4002). */
  responseMessage: 30_000,
  /** Pause after a bad hello or failed authentication. */
  afterFailure: 5_000,
  /** The same at a file daemon for an unknown or refused director. */
  afterFailureFile: 6_000,
} as const;

/** Waits before a connection that has failed is closed; not for one that is closed already. */
export async function pauseOn(
  connection: { readonly closed: Promise<void>; isRefused?: boolean },
  { pause }: Environment,
  milliseconds: number,
): Promise<void> {
  connection.isRefused = true;
  await Promise.race([pause(milliseconds), connection.closed]);
}
