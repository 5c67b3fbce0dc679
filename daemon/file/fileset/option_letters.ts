import { type DigestName, digestNames } from "../../../crypto/mod.ts";
import {
  type CipherName,
  type Compression,
  defaultOptions,
  type FileOptions,
  type Shadowing,
} from "./file_set.ts";
import { parseSizeRange } from "./size_range.ts";

/** What one or more letters change. */
type Change = Partial<FileOptions>;

/** Letters that stand alone; those that mean nothing to a file daemon change nothing. */
const single: Readonly<Record<string, Change>> = {
  "0": {},
  a: {},
  A: { acl: true },
  c: { checkFileChanges: true },
  e: { exclude: true },
  f: { oneFileSystem: false },
  H: { hardLinks: false },
  h: { recurse: false },
  i: { ignoreCase: true },
  K: { noAccessTime: true },
  k: { keepAccessTime: true },
  M: { signature: "MD5" },
  m: { mtimeOnly: true },
  N: { honorNoDump: true },
  n: {},
  p: { portable: true },
  R: { hfsPlus: true },
  r: { readFifo: true },
  s: { sparse: true },
  W: { enhancedWild: true },
  w: {},
  X: { extendedAttributes: true },
  x: { autoExclude: false },
};

const shadowings: readonly Shadowing[] = [
  "none",
  "localWarn",
  "localRemove",
  "globalWarn",
  "globalRemove",
];

const ciphers: Readonly<Record<string, CipherName>> = {
  "3": "3des",
  a1: "aes128",
  a2: "aes192",
  a3: "aes256",
  b: "blowfish",
  c1: "camellia128",
  c2: "camellia192",
  c3: "camellia256",
  h1: "aes128hmacsha1",
  h2: "aes256hmacsha1",
};

const codecs: Readonly<Record<string, Compression>> = {
  o: { algorithm: "LZO", level: 0 },
  ff: { algorithm: "LZFAST", level: 0 },
  f4: { algorithm: "LZ4", level: 0 },
  fh: { algorithm: "LZ4HC", level: 0 },
};

/** A rule for letters that take more letters: what they look like and what they change. */
interface Rule {
  readonly pattern: RegExp;
  change(value: string): Change | undefined;
}

/** An argument ends at a colon; current Bareos also takes the end of the string. */
const argument = "([^:]*)(?::|$)";

const rules: readonly Rule[] = [
  { pattern: /d([0-4])/y, change: (level) => ({ shadowing: shadowings[Number(level)] ?? "none" }) },
  { pattern: /Ef()/y, change: () => ({ forceEncryption: true }) },
  { pattern: /E(3|a[123]|b|c[123]|h[12])/y, change: (code) => ({ cipher: ciphers[code] }) },
  { pattern: /S([1-4]?)/y, change: (digit) => ({ signature: digestNames[Number(digit || "1")] }) },
  { pattern: /Z(\d)/y, change: (level) => gzip(Number(level)) },
  { pattern: /Z(o|ff|f4|fh)/y, change: (code) => ({ compression: codecs[code] }) },
  { pattern: new RegExp(`C${argument}`, "y"), change: (accurate) => ({ accurate }) },
  { pattern: new RegExp(`J${argument}`, "y"), change: (baseJob) => ({ baseJob }) },
  { pattern: new RegExp(`V${argument}`, "y"), change: (verify) => ({ verify: `V${verify}` }) },
  { pattern: new RegExp(`P${argument}`, "y"), change: stripPath },
  { pattern: new RegExp(`z${argument}`, "y"), change: (size) => ({ size: parseSizeRange(size) }) },
];

/** Level 0 would store; the directive does not offer it, so it stands for no compression. */
function gzip(level: number): Change {
  return { compression: level === 0 ? undefined : { algorithm: "GZIP", level } };
}

function stripPath(value: string): Change | undefined {
  return /^\d{1,5}$/.test(value) ? { stripPath: Number(value) } : undefined;
}

/**
 * Reads the letters of an Options block (director-client.md 6.3), left to right. A letter that is
 * unknown, or has an argument that makes no sense, is skipped and reported.
 */
export function parseOptionLetters(letters: string): { options: FileOptions; unknown: string[] } {
  const options: { -readonly [Name in keyof FileOptions]: FileOptions[Name] } = {
    ...defaultOptions,
  };
  const unknown: string[] = [];
  for (let at = 0; at < letters.length;) {
    const { length, change } = readLetter(letters, at);
    if (change === undefined) unknown.push(letters.charAt(at));
    else {
      const signature = firstSignature(options.signature, change.signature);
      const verify = options.verify + (change.verify ?? "");
      Object.assign(options, change, { signature, verify });
    }
    at += length;
  }
  return { options, unknown };
}

function readLetter(letters: string, at: number): { length: number; change: Change | undefined } {
  for (const { pattern, change } of rules) {
    pattern.lastIndex = at;
    const match = pattern.exec(letters);
    if (match !== null) return { length: match[0].length, change: change(match[1] ?? "") };
  }
  return { length: 1, change: single[letters.charAt(at)] };
}

/** Of several digests the first in the table is taken. */
function firstSignature(one?: DigestName, other?: DigestName): DigestName | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return digestNames.indexOf(one) < digestNames.indexOf(other) ? one : other;
}
