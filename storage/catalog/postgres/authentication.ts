/**
 * How a client proves its password to PostgreSQL: MD5 of old, or SCRAM-SHA-256 (RFC 5802, RFC 7677)
 * without channel binding, since the connection is in the clear.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from "node:crypto";
import { encodeText } from "../../../bytes/mod.ts";

const md5 = (...parts: readonly Uint8Array[]): string => {
  const hash = createHash("md5");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
};

/** The answer to a request for an MD5 password. */
export function md5Answer(user: string, password: string, salt: Uint8Array): string {
  const inner = md5(encodeText(password), encodeText(user));
  return `md5${md5(encodeText(inner), salt)}`;
}

const hmac = (key: Uint8Array, text: Uint8Array | string): Buffer =>
  createHmac("sha256", key).update(text).digest();

/** Most rounds that a server may ask for: its own limit is that of an integer, the usual number 4096. */
const mostRounds = 10_000_000;

/** The keys that a password makes (RFC 5802 section 3). */
function keysOf(password: string, salt: Uint8Array, rounds: number) {
  const salted = pbkdf2Sync(password.normalize("NFKC"), salt, rounds, 32, "sha256");
  const clientKey = hmac(salted, "Client Key");
  const storedKey = createHash("sha256").update(clientKey).digest();
  return { clientKey, storedKey, serverKey: hmac(salted, "Server Key") };
}

/**
 * What a server keeps of a password and takes in its place, so that the password itself is in none of its
 * statements and logs: `SCRAM-SHA-256$ROUNDS:SALT$STOREDKEY:SERVERKEY`, the last three in Base64.
 */
export function scramVerifier(
  password: string,
  salt: Uint8Array = randomBytes(16),
  rounds = 4096,
): string {
  const { storedKey, serverKey } = keysOf(password, salt, rounds);
  const [text, stored, server] = [salt, storedKey, serverKey].map((bytes) => bytes.toBase64());
  return `${ScramClient.mechanism}$${rounds}:${text}$${stored}:${server}`;
}

/** One authentication by SCRAM-SHA-256. */
export class ScramClient {
  /** Name of the mechanism. */
  static readonly mechanism = "SCRAM-SHA-256";
  readonly #password: string;
  readonly #nonce: string;
  readonly #user: string;
  #serverSignature: Buffer | undefined;

  /**
   * For a password. A nonce is given by tests alone, and so is a name: PostgreSQL takes that of the
   * startup message.
   */
  constructor(password: string, nonce: string = randomBytes(18).toString("base64"), user = "") {
    this.#password = password;
    this.#nonce = nonce;
    this.#user = user;
  }

  get #firstBare(): string {
    return `n=${this.#user},r=${this.#nonce}`;
  }

  /** What the client says first. */
  first(): string {
    return `n,,${this.#firstBare}`;
  }

  /** The answer to the server's challenge. @throws Error if it is none */
  final(challenge: string): string {
    const fields = fieldsOf(challenge);
    const nonce = fields.get("r") ?? "";
    const rounds = Number(fields.get("i"));
    if (!nonce.startsWith(this.#nonce) || nonce.length === this.#nonce.length) {
      throw new Error("the server's challenge does not belong to this connection");
    }
    if (!Number.isInteger(rounds) || rounds < 1 || rounds > mostRounds) {
      throw new Error(`the server asks for ${fields.get("i")} rounds`);
    }
    const salt = Buffer.from(fields.get("s") ?? "", "base64");
    const { clientKey, storedKey, serverKey } = keysOf(this.#password, salt, rounds);
    const withoutProof = `c=biws,r=${nonce}`;
    const all = `${this.#firstBare},${challenge},${withoutProof}`;
    const signature = hmac(storedKey, all);
    this.#serverSignature = hmac(serverKey, all);
    const proof = clientKey.map((byte, at) => byte ^ (signature[at] ?? 0));
    return `${withoutProof},p=${Buffer.from(proof).toString("base64")}`;
  }

  /** Checks that the server knows the password too. @throws Error if it does not */
  verify(end: string): void {
    const signature = Buffer.from(fieldsOf(end).get("v") ?? "", "base64");
    const wanted = this.#serverSignature;
    if (
      wanted === undefined || signature.length !== wanted.length ||
      !timingSafeEqual(signature, wanted)
    ) throw new Error("the server does not know the password");
  }
}

function fieldsOf(text: string): Map<string, string> {
  return new Map(text.split(",").map((field) => [field.slice(0, 1), field.slice(2)]));
}
