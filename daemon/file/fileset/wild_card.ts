import { encodeText } from "../../../bytes/mod.ts";

/** How wild cards match. */
export interface WildCardOptions {
  /** ASCII capitals and small letters are the same. */
  readonly ignoreCase?: boolean;
  /** `*`, `?` and `[` do not match a slash. */
  readonly keepSlash?: boolean;
}

/** A byte that must be this one, or one of a set, or a run of any bytes. */
type Token = number | Uint8Array | typeof star;

const star = Symbol("star");
const slash = 0x2f;

/** POSIX classes, as predicates of an ASCII byte. */
const classes: Readonly<Record<string, RegExp>> = {
  alpha: /[A-Za-z]/,
  digit: /[0-9]/,
  alnum: /[A-Za-z0-9]/,
  upper: /[A-Z]/,
  lower: /[a-z]/,
  space: /[ \t\n\v\f\r]/,
  blank: /[ \t]/,
  punct: /[!-/:-@[-`{-~]/,
  xdigit: /[0-9A-Fa-f]/,
  // deno-lint-ignore no-control-regex -- the class is just these
  cntrl: /[\x00-\x1f\x7f]/,
  print: /[ -~]/,
  graph: /[!-~]/,
};

/**
 * A wild card as fnmatch(3) has them, over bytes (director-client.md 23.2): `*` any run, `?` any
 * byte, `[...]` one of a set with ranges, classes and `!` or `^` in front for the opposite, `\` takes
 * the next byte as it is. A leading dot is nothing special.
 */
export class WildCard {
  readonly #tokens: readonly Token[];
  readonly #ignoreCase: boolean;
  readonly #keepSlash: boolean;

  /** Compiles a pattern; every text is one. */
  constructor(pattern: string | Uint8Array, options: WildCardOptions = {}) {
    this.#ignoreCase = options.ignoreCase ?? false;
    this.#keepSlash = options.keepSlash ?? false;
    const bytes = typeof pattern === "string" ? encodeText(pattern) : pattern;
    this.#tokens = compile(bytes, this.#ignoreCase, this.#keepSlash);
  }

  /** Whether a name from byte `start` on matches as a whole. Linear but for the last star. */
  matches(name: Uint8Array, start = 0): boolean {
    const tokens = this.#tokens;
    let token = 0;
    let at = start;
    let starToken = -1;
    let starAt = 0;
    for (;;) {
      const wanted = tokens[token];
      if (wanted === star) {
        starToken = ++token;
        starAt = at;
        continue;
      }
      if (at < name.length) {
        const byte = this.#ignoreCase ? fold(name[at] as number) : name[at] as number;
        if (wanted === byte || (wanted instanceof Uint8Array && wanted[byte] === 1)) {
          token++;
          at++;
          continue;
        }
      } else if (token === tokens.length) return true;
      // Let the last star take one byte more, if it may.
      if (starToken < 0 || starAt >= name.length) return false;
      if (this.#keepSlash && name[starAt] === slash) return false;
      at = ++starAt;
      token = starToken;
    }
  }
}

function compile(pattern: Uint8Array, ignoreCase: boolean, keepSlash: boolean): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length;) {
    const byte = pattern[at] as number;
    if (byte === 0x2a) {
      if (tokens.at(-1) !== star) tokens.push(star);
      at += 1;
      continue;
    }
    const set = byte === 0x3f
      ? { members: new Uint8Array(256).fill(1), next: at + 1 }
      : byte === 0x5b
      ? readBracket(pattern, at, ignoreCase)
      : undefined;
    if (set !== undefined) {
      if (keepSlash) set.members[slash] = 0;
      tokens.push(set.members);
      at = set.next;
      continue;
    }
    // A backslash at the very end stands for itself.
    if (byte === 0x5c && at + 1 < pattern.length) at += 1;
    const literal = pattern[at] as number;
    tokens.push(ignoreCase ? fold(literal) : literal);
    at += 1;
  }
  return tokens;
}

/** The set that begins at a `[`; undefined if it has no end, and the bracket is just a bracket. */
function readBracket(
  pattern: Uint8Array,
  start: number,
  ignoreCase: boolean,
): { members: Uint8Array; next: number } | undefined {
  const members = new Uint8Array(256);
  let at = start + 1;
  const isNegated = pattern[at] === 0x21 || pattern[at] === 0x5e;
  if (isNegated) at += 1;
  for (let isFirst = true;; isFirst = false) {
    const byte = pattern[at];
    if (byte === undefined) return undefined;
    if (byte === 0x5d && !isFirst) break;
    const named = byte === 0x5b ? readClass(pattern, at) : undefined;
    if (named !== undefined) {
      for (let member = 0; member < 128; member++) {
        if (named.members.test(String.fromCharCode(member))) members[member] = 1;
      }
      at = named.next;
      continue;
    }
    const from = readMember(pattern, at);
    at = from.next;
    let to = from.byte;
    const isRange = pattern[at] === 0x2d && pattern[at + 1] !== 0x5d && at + 1 < pattern.length;
    if (isRange) ({ byte: to, next: at } = readMember(pattern, at + 1));
    for (let member = from.byte; member <= to; member++) members[member] = 1;
  }
  if (ignoreCase) {
    for (let capital = 0x41; capital <= 0x5a; capital++) {
      if (members[capital] === 1) members[fold(capital)] = 1;
      else if (members[fold(capital)] === 1) members[capital] = 1;
    }
  }
  if (isNegated) members.forEach((member, byte) => members[byte] = 1 - member);
  return { members, next: at + 1 };
}

/** `[:alpha:]` and its like. */
function readClass(
  pattern: Uint8Array,
  at: number,
): { members: RegExp; next: number } | undefined {
  if (pattern[at + 1] !== 0x3a) return undefined;
  const end = pattern.indexOf(0x3a, at + 2);
  if (end < 0 || pattern[end + 1] !== 0x5d) return undefined;
  const members = classes[String.fromCharCode(...pattern.subarray(at + 2, end))];
  return members && { members, next: end + 2 };
}

function readMember(pattern: Uint8Array, at: number): { byte: number; next: number } {
  const escaped = pattern[at] === 0x5c && at + 1 < pattern.length ? at + 1 : at;
  return { byte: pattern[escaped] as number, next: escaped + 1 };
}

function fold(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}
