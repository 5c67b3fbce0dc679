import { createHmac, timingSafeEqual } from "node:crypto";
import { type Base64Variant, encodeBase64, encodeText } from "../bytes/mod.ts";
import { bashSpaces } from "./names.ts";

/** Which mechanism a challenge names: `cram-md5` wants a legacy answer, `cram-md5c` a standard one. */
export type CramMechanism = "cram-md5" | "cram-md5c";

/** What a challenge message says (wire.md 6.2). */
export interface Challenge {
  /** Which answer is wanted. */
  readonly mechanism: CramMechanism;
  /** The challenge from `<` to `>`, which is what gets signed. */
  readonly challenge: string;
  /** The name within the challenge as sent, such as `R_CLIENT::bareos-fd`. */
  readonly name: string;
  /** The peer's TLS policy; 254 (unknown) if it did not say. */
  readonly tlsPolicy: number;
}

/** Makes the text of a challenge; `name` is qualified and may hold spaces. */
export function makeChallenge(random: number, seconds: number, name: string): string {
  return `<${random >>> 0}.${seconds >>> 0}@${bashSpaces(name)}>`;
}

const CHALLENGE = /^auth (cram-md5c?) (<\d+\.\d+@([^\s>]+)>)(?:\s+ssl=(\d+))?/;

/** Understands a challenge message; `undefined` if it is none. */
export function parseChallenge(text: string): Challenge | undefined {
  const match = CHALLENGE.exec(text);
  if (match === null) return undefined;
  const [, mechanism, challenge, name, policy] = match;
  if (mechanism !== "cram-md5" && mechanism !== "cram-md5c") return undefined;
  if (challenge === undefined || name === undefined) return undefined;
  return { mechanism, challenge, name, tlsPolicy: policy === undefined ? 254 : Number(policy) };
}

/**
 * Whether a challenge is our own, sent back by somebody who cannot answer it (CVE-2020-4042). Two
 * storage daemons may have one name, so theirs are let through (wire.md 6.2).
 */
export function isReflected(challenge: Challenge, ownName: string): boolean {
  return challenge.name === bashSpaces(ownName) && !challenge.challenge.includes("R_STORAGE");
}

/** The answer to a challenge: 22 characters (wire.md 6.3), without the zero byte sent behind it. */
export function cramResponse(key: string, challenge: string, variant: Base64Variant): string {
  const digest = createHmac("md5", encodeText(key)).update(encodeText(challenge)).digest();
  return encodeBase64(digest, variant);
}

/** The variant that answers a mechanism (wire.md 6.4). */
export function variantFor(mechanism: CramMechanism): Base64Variant {
  return mechanism === "cram-md5" ? "legacy" : "standard";
}

/**
 * Whether `response` answers `challenge`, in either variant, with or without zero byte or line end.
 * Takes the same time wherever the texts differ.
 */
export function isRightResponse(key: string, challenge: string, response: string): boolean {
  const given = encodeText(response.replace(/[\0\r\n]+$/, ""));
  let isRight = false;
  for (const variant of ["legacy", "standard"] as const) {
    const wanted = encodeText(cramResponse(key, challenge, variant));
    const hasLength = wanted.length === given.length;
    const isEqual = timingSafeEqual(wanted, hasLength ? given : new Uint8Array(wanted.length));
    isRight = (hasLength && isEqual) || isRight;
  }
  return isRight;
}
