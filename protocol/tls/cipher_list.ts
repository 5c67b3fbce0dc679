/**
 * The directives that choose suites and versions, in OpenSSL's own syntax (configuration.md 5.10):
 * `TLS Cipher List` for TLS 1.2, `TLS Cipher Suites` for TLS 1.3, `TLS Protocol`.
 *
 * @module
 */
import {
  type CipherSuite,
  cipherSuites,
  isKeyed,
  keyLengths,
  tls12,
  tls13,
  type TlsVersion,
} from "./cipher_suite.ts";

/** What the directives say; empty or absent for what is usual. */
export interface SuiteDirectives {
  readonly cipherList?: string | undefined;
  readonly cipherSuites?: string | undefined;
  readonly protocol?: string | undefined;
}

/** A directive that cannot be understood, or that leaves nothing. */
export class SuiteDirectiveError extends Error {
  override readonly name = "SuiteDirectiveError";
}

/**
 * The suites that the directives leave, the preferred first.
 * @throws {SuiteDirectiveError} naming the directive
 */
export function chosenSuites(directives: SuiteDirectives): readonly CipherSuite[] {
  const versions = protocolVersions(directives.protocol ?? "");
  const suites = [
    ...suites13(directives.cipherSuites ?? ""),
    ...suites12(directives.cipherList ?? ""),
  ].filter(({ version }) => versions.has(version));
  if (suites.length > 0) return suites;
  throw new SuiteDirectiveError(
    "TLS Protocol, TLS Cipher List and TLS Cipher Suites leave nothing",
  );
}

const versionWords: ReadonlyMap<string, TlsVersion | undefined> = new Map([
  ["TLSv1.3", tls13],
  ["TLSv1.2", tls12],
  // Not spoken by us: leaving them out changes nothing, asking for them is no error.
  ["TLSv1.1", undefined],
  ["TLSv1", undefined],
  ["SSLv3", undefined],
  ["SSLv2", undefined],
]);

function protocolVersions(text: string): ReadonlySet<TlsVersion> {
  const versions = new Set<TlsVersion>([tls13, tls12]);
  for (const item of text.split(",").map((one) => one.trim()).filter((one) => one !== "")) {
    const word = item.replace(/^[+-]/, "");
    const isAll = word.toUpperCase() === "ALL";
    const known = [...versionWords].find(([name]) => name.toLowerCase() === word.toLowerCase());
    if (known === undefined && !isAll) {
      throw new SuiteDirectiveError(`Cannot use TLS Protocol = "${text}": "${word}" is unknown`);
    }
    for (const version of isAll ? [tls13, tls12] as const : [known?.[1]]) {
      if (version === undefined) continue;
      if (item.startsWith("-")) versions.delete(version);
      else versions.add(version);
    }
  }
  if (versions.size > 0) return versions;
  throw new SuiteDirectiveError(
    `Cannot use TLS Protocol = "${text}": it leaves neither TLSv1.2 nor TLSv1.3`,
  );
}

/** Suites of TLS 1.3 that OpenSSL has and we have not. */
const foreign13: ReadonlySet<string> = new Set([
  "TLS_AES_128_CCM_SHA256",
  "TLS_AES_128_CCM_8_SHA256",
]);

function suites13(text: string): readonly CipherSuite[] {
  const all = cipherSuites.filter(({ version }) => version === tls13);
  const names = text.split(":").map((name) => name.trim()).filter((name) => name !== "");
  if (names.length === 0) return all;
  return names.flatMap((name) => {
    const suite = all.find((one) => one.name === name.toUpperCase());
    if (suite === undefined && !foreign13.has(name.toUpperCase())) {
      throw new SuiteDirectiveError(
        `Cannot use TLS Cipher Suites = "${text}": "${name}" is none of ` +
          all.map((one) => one.name).join(", "),
      );
    }
    return suite ?? [];
  });
}

/** Words of OpenSSL's cipher lists, and which of our suites they mean. */
const words: ReadonlyMap<string, (suite: CipherSuite) => boolean> = new Map<
  string,
  (suite: CipherSuite) => boolean
>([
  ["ALL", () => true],
  ["DEFAULT", () => true],
  ["COMPLEMENTOFDEFAULT", () => false],
  ["HIGH", () => true],
  ["TLSv1.2", ({ mac }) => mac !== "sha1"],
  ["TLSv1.0", ({ mac }) => mac === "sha1"],
  ["TLSv1", ({ mac }) => mac === "sha1"],
  ["SSLv3", ({ mac }) => mac === "sha1"],
  ["PSK", isKeyed],
  ["aPSK", isKeyed],
  ["kPSK", ({ exchange }) => exchange === "psk"],
  ["kECDHEPSK", ({ exchange }) => exchange === "ecdhe_psk"],
  ["kDHEPSK", ({ exchange }) => exchange === "dhe_psk"],
  ["DHEPSK", ({ exchange }) => exchange === "dhe_psk"],
  ...["DH", "DHE", "EDH", "kDHE", "kEDH"].map((word): [string, (suite: CipherSuite) => boolean] => [
    word,
    ({ exchange }) => exchange === "dhe_rsa",
  ]),
  ["ECDHE", ({ exchange }) => exchange === "ecdhe_rsa" || exchange === "ecdhe_ecdsa"],
  ["EECDH", ({ exchange }) => exchange === "ecdhe_rsa" || exchange === "ecdhe_ecdsa"],
  ["kECDHE", ({ exchange }) => exchange === "ecdhe_rsa" || exchange === "ecdhe_ecdsa"],
  ["kEECDH", ({ exchange }) => exchange === "ecdhe_rsa" || exchange === "ecdhe_ecdsa"],
  ["RSA", ({ exchange }) => exchange === "rsa"],
  ["kRSA", ({ exchange }) => exchange === "rsa"],
  ["aRSA", ({ exchange }) => /rsa$/.test(exchange)],
  ["ECDSA", ({ exchange }) => exchange === "ecdhe_ecdsa"],
  ["aECDSA", ({ exchange }) => exchange === "ecdhe_ecdsa"],
  ["AES", ({ cipher }) => cipher.startsWith("aes")],
  ["AES128", ({ cipher }) => cipher.startsWith("aes-128")],
  ["AES256", ({ cipher }) => cipher.startsWith("aes-256")],
  ["AESGCM", ({ cipher }) => cipher.endsWith("gcm")],
  ["CHACHA20", ({ cipher }) => cipher.startsWith("chacha20")],
  ["CBC", ({ mac }) => mac !== undefined],
  ["SHA1", ({ mac }) => mac === "sha1"],
  ["SHA", ({ mac }) => mac === "sha1"],
  ["SHA256", ({ mac }) => mac === "sha256"],
  ["SHA384", ({ mac }) => mac === "sha384"],
  // What we have nothing of.
  ...[
    ...["LOW", "MEDIUM", "EXP", "EXPORT", "NULL", "eNULL", "aNULL", "ADH", "AECDH", "MD5", "DES"],
    ...["3DES", "RC4", "RC2", "IDEA", "SEED", "CAMELLIA", "CAMELLIA128", "CAMELLIA256", "ARIA"],
    ...["ARIA128", "ARIA256", "ARIAGCM", "AESCCM", "AESCCM8", "DSS", "aDSS", "kDH", "aDH"],
    ...["kRSAPSK", "RSAPSK", "SRP", "kSRP"],
    ...["GOST", "kGOST", "aGOST", "GOST94", "GOST89MAC", "kECDH", "ECDH", "aECDH", "kDHr", "kDHd"],
  ].map((word): [string, () => boolean] => [word, () => false]),
]);

/** OpenSSL's cipher list: words and names, joined by `+`, after `!`, `-` or `+`; `@STRENGTH`. */
function suites12(text: string): readonly CipherSuite[] {
  const all = cipherSuites.filter(({ version }) => version === tls12);
  if (text.trim() === "") return all;
  let chosen: CipherSuite[] = [];
  const killed = new Set<CipherSuite>();
  for (const item of text.split(/[\s:,;]+/).filter((one) => one !== "")) {
    if (item === "@STRENGTH") {
      const strength = (suite: CipherSuite): number => keyLengths[suite.cipher];
      chosen.sort((one, other) => strength(other) - strength(one));
      continue;
    }
    if (/^@SECLEVEL=\d$/.test(item)) continue; // all that we have is good for the usual level
    const operator = /^[!+-]/.exec(item)?.[0];
    const meant = suitesNamed(operator === undefined ? item : item.slice(1), all, text);
    const kept = chosen.filter((suite) => !meant.includes(suite));
    if (operator === undefined) {
      chosen.push(...meant.filter((suite) => !killed.has(suite) && !chosen.includes(suite)));
    } else if (operator === "+") {
      chosen = [...kept, ...chosen.filter((suite) => meant.includes(suite))];
    } else {
      chosen = kept;
      if (operator === "!") { for (const suite of meant) killed.add(suite); }
    }
  }
  return chosen;
}

function suitesNamed(
  item: string,
  all: readonly CipherSuite[],
  text: string,
): readonly CipherSuite[] {
  const named = all.filter(({ name }) => name === item);
  if (named.length > 0) return named;
  // The name of a single suite that we do not have chooses nothing, as in OpenSSL.
  if (/^[A-Z0-9]+(-[A-Z0-9]+)+$/.test(item)) return [];
  return item.split("+").reduce((left, word) => {
    const matches = words.get(word);
    if (matches === undefined) {
      throw new SuiteDirectiveError(`Cannot use TLS Cipher List = "${text}": "${word}" is unknown`);
    }
    return left.filter(matches);
  }, all);
}
