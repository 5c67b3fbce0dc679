/**
 * Messages as data: one pattern formats and parses.
 *
 * A pattern is the text of the message with fields in braces, `{name:type}`, and optional parts in
 * brackets: `JobId={jobId:u} Job={job:s}[ ssl={ssl:u}]\n`.
 *
 * | type | value | on the wire |
 * |---|---|---|
 * | `u`, `d` | number | decimal digits, `d` with sign; none reads as 0; beyond 2^53 does not match |
 * | `big` | bigint | decimal digits with optional sign |
 * | `o` | number | octal digits |
 * | `s` | string | one word, perhaps empty, of at most 16,000 bytes; `s127`: at most 127 |
 * | `name` | string | one word of at most 127 bytes, spaces bashed to 0x01 |
 * | `words` | string | one word of at most 16,000 bytes, spaces bashed to 0x01 |
 * | `q` | string | everything up to the literal that follows it, spaces and all |
 * | `text` | string | the rest of the message but for the literal at the pattern's end |
 *
 * Parsing follows the scanners of the field (wire.md 3.3, storage-daemon.md 1.2): white space in a
 * pattern matches any white space and none, text after the last part of the pattern is ignored, a
 * missing line end too. One space before a `q` or `text` field is taken as it is, since the spaces
 * behind it belong to the value.
 *
 * @module
 */
import { decodeText, encodeText } from "../bytes/mod.ts";
import { bashSpaces, MAX_NAME, unbashSpaces } from "./names.ts";

/** Field types whose values are not strings. */
export interface ValueOf {
  /** Unsigned decimal. */
  u: number;
  /** Signed decimal. */
  d: number;
  /** Octal. */
  o: number;
  /** Decimal of any size. */
  big: bigint;
}

/** The type of a field's value. */
export type TypeOf<T extends string> = T extends keyof ValueOf ? ValueOf[T] : string;

/** The fields of a pattern without optional parts. */
export type Plain<P extends string> = P extends
  `${string}{${infer Name}:${infer Type}}${infer Rest}`
  ? { readonly [K in Name]: TypeOf<Type> } & Plain<Rest>
  : unknown;

/** The fields of an optional part. */
export type Optional<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** The fields of a pattern as an intersection. */
export type Gathered<P extends string> = P extends `${infer Head}[${infer Inner}]${infer Rest}`
  ? Plain<Head> & Optional<Plain<Inner>> & Gathered<Rest>
  : Plain<P>;

/** The fields of a pattern: `Fields<"Job={job:s}[ ssl={ssl:u}]">` is `{ job: string; ssl?: number }`. */
export type Fields<P extends string> = { [K in keyof Gathered<P>]: Gathered<P>[K] };

/** A value that a field may have. */
export type FieldValue = string | number | bigint;

/** One message of a conversation. */
export interface Message<F> {
  /** The pattern it was made from, for documentation and error texts. */
  readonly pattern: string;
  /** The text before the first field or optional part, for dispatch by prefix. */
  readonly prefix: string;
  /** Writes the message. @throws {RangeError} if a value does not fit its field */
  format(fields: F): string;
  /** Reads the message; `undefined` if it is another one. Never throws. */
  parse(message: Uint8Array | string): F | undefined;
  /** Whether `parse` would succeed. */
  matches(message: Uint8Array | string): boolean;
}

/** Describes a message by its pattern (see the module comment). */
export function message<const P extends string>(pattern: P): Message<Fields<P>> {
  const parts = compile(pattern);
  const prefix = parts[0]?.kind === "literal" ? leading(pattern) : "";
  const parse = (input: Uint8Array | string): Fields<P> | undefined => {
    const text = typeof input === "string" ? input : decodeText(input);
    const fields: Record<string, FieldValue> = {};
    return scan(parts, text, 0, fields) < 0 ? undefined : fields as Fields<P>;
  };
  return {
    pattern,
    prefix,
    format: (fields) => write(parts, fields as Record<string, FieldValue | undefined>, pattern),
    parse,
    matches: (input) => parse(input) !== undefined,
  };
}

/** A table of patterns by name. */
export type Patterns = Readonly<Record<string, string>>;

/** The messages of a table of patterns. */
export type Messages<T extends Patterns> = {
  readonly [K in keyof T]: Message<Fields<T[K]>>;
};

/** Describes all messages of a conversation by their patterns. */
export function messages<const T extends Patterns>(patterns: T): Messages<T> {
  const made = Object.entries(patterns).map(([name, pattern]) => [name, message(pattern)]);
  return Object.fromEntries(made) as Messages<T>;
}

/** Any message, for tables that do not care about the fields. */
// deno-lint-ignore no-explicit-any -- fields are both input and output here, only `any` accepts all
export type AnyMessage = Message<any>;

/** The first message of a table that matches and writes back the same text; name and fields. */
export function recognize<T extends Record<string, AnyMessage>>(
  table: T,
  input: Uint8Array | string,
): { readonly name: keyof T & string; readonly fields: Record<string, FieldValue> } | undefined {
  const text = typeof input === "string" ? input : decodeText(input);
  for (const [name, candidate] of Object.entries(table)) {
    const fields = candidate.parse(text);
    if (fields === undefined) continue;
    if (candidate.format(fields) === text) return { name, fields };
  }
  return undefined;
}

interface Literal {
  readonly kind: "literal";
  readonly text: string;
}
interface Space {
  readonly kind: "space";
  readonly text: string;
  /** Whether it is taken literally, because the spaces behind it belong to a value. */
  readonly isExact: boolean;
}
interface Field {
  readonly kind: "field";
  readonly name: string;
  readonly codec: FieldCodec;
  /** The literal that ends a `q` or `text` field. */
  readonly stop: string;
}
interface Group {
  readonly kind: "group";
  readonly parts: readonly Part[];
}
type Part = Literal | Space | Field | Group;

/** How one type of field is read and written. */
interface FieldCodec {
  /** Reads at `at`: value and the offset behind it, or `undefined`. */
  read(text: string, at: number, stop: string): { value: FieldValue; end: number } | undefined;
  /** Writes a value; `undefined` if it does not fit. */
  write(value: FieldValue): string | undefined;
}

const SPACE = /[ \t\n\v\f\r]*/y;
const DECIMAL = /([+-]?\d*)/y;
const OCTAL = /([0-7]*)/y;
const WORD = /[^ \t\n\v\f\r]*/y;

function take(pattern: RegExp, text: string, at: number): RegExpExecArray {
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  if (match === null) throw new TypeError(`Pattern ${pattern} must match everywhere`);
  return match;
}

function decimal(isSigned: boolean): FieldCodec {
  return {
    read(text, at) {
      const [digits] = take(DECIMAL, text, at);
      if (!isSigned && digits.startsWith("-")) return undefined;
      const value = digits === "+" || digits === "-" ? NaN : Number(digits);
      if (!Number.isSafeInteger(value)) return undefined;
      return { value: value || 0, end: at + digits.length };
    },
    write(value) {
      if (typeof value !== "number" || !Number.isSafeInteger(value)) return undefined;
      return isSigned || value >= 0 ? String(value || 0) : undefined;
    },
  };
}

const big: FieldCodec = {
  read(text, at) {
    const [digits] = take(DECIMAL, text, at);
    if (digits === "+" || digits === "-" || digits.length > 40) return undefined;
    return { value: BigInt(digits), end: at + digits.length };
  },
  write: (value) => typeof value === "bigint" ? String(value) : undefined,
};

const octal: FieldCodec = {
  read(text, at) {
    const [digits] = take(OCTAL, text, at);
    const value = digits === "" ? 0 : parseInt(digits, 8);
    if (!Number.isSafeInteger(value)) return undefined;
    return { value, end: at + digits.length };
  },
  write(value) {
    return typeof value === "number" && Number.isSafeInteger(value) && value >= 0
      ? value.toString(8)
      : undefined;
  },
};

function word(limit: number, isBashed: boolean): FieldCodec {
  return {
    read(text, at) {
      const [found] = take(WORD, text, at);
      if (byteLength(found) > limit) return undefined;
      return { value: isBashed ? unbashSpaces(found) : found, end: at + found.length };
    },
    write(value) {
      if (typeof value !== "string") return undefined;
      const written = isBashed ? bashSpaces(value) : value;
      const isWord = take(WORD, written, 0)[0].length === written.length;
      return isWord && byteLength(written) <= limit ? written : undefined;
    },
  };
}

const quoted: FieldCodec = {
  read(text, at, stop) {
    const end = stop === "" ? text.length : text.indexOf(stop, at);
    return end < 0 ? undefined : { value: text.slice(at, end), end };
  },
  write: (value) => typeof value === "string" ? value : undefined,
};

const rest: FieldCodec = {
  read(text, at, stop) {
    const end = text.endsWith(stop) && text.length - stop.length >= at
      ? text.length - stop.length
      : text.length;
    return { value: text.slice(at, end), end };
  },
  write: (value) => typeof value === "string" ? value : undefined,
};

/** Longest word in bytes, which a path with all its spaces bashed must fit in. */
const LONGEST_WORD = 16_000;

const CODECS: Readonly<Record<string, FieldCodec>> = {
  u: decimal(false),
  d: decimal(true),
  big,
  o: octal,
  s: word(LONGEST_WORD, false),
  name: word(MAX_NAME, true),
  words: word(LONGEST_WORD, true),
  q: quoted,
  text: rest,
};

function codecOf(type: string): FieldCodec {
  const known = CODECS[type];
  if (known !== undefined) return known;
  const limited = /^s(\d+)$/.exec(type);
  if (limited === null) {
    throw new TypeError(`Cannot describe a message: unknown field type ${type}`);
  }
  return word(Number(limited[1]), false);
}

function byteLength(text: string): number {
  return encodeText(text).length;
}

const PIECE = /\{(\w+):(\w+)\}|\[([^\]]*)\]|(\s+)|([^\s{[]+)/gy;

function compile(pattern: string): Part[] {
  const parts: Part[] = [];
  for (const match of pattern.matchAll(new RegExp(PIECE, "g"))) {
    const [all, name, type, inner, space, literal] = match;
    if (name !== undefined && type !== undefined) {
      const after = pattern.slice(match.index + all.length);
      const stop = type === "text" ? after : /^[^{[]*/.exec(after)?.[0] ?? "";
      parts.push({ kind: "field", name, codec: codecOf(type), stop });
    } else if (inner !== undefined) {
      parts.push({ kind: "group", parts: compile(inner) });
    } else if (space !== undefined) {
      const isExact = /^\{\w+:(q|text)\}/.test(pattern.slice(match.index + all.length));
      parts.push({ kind: "space", text: space, isExact });
    } else if (literal !== undefined) {
      parts.push({ kind: "literal", text: literal });
    }
  }
  return parts;
}

function leading(pattern: string): string {
  return /^[^{[]*/.exec(pattern)?.[0] ?? "";
}

/** Matches `parts` against `text` from `at`; the offset behind, or -1. */
function scan(
  parts: readonly Part[],
  text: string,
  at: number,
  fields: Record<string, FieldValue>,
): number {
  for (const part of parts) {
    switch (part.kind) {
      case "space":
        if (part.isExact && text.startsWith(part.text, at)) at += part.text.length;
        else at += take(SPACE, text, at)[0].length;
        break;
      case "literal":
        if (!text.startsWith(part.text, at)) return -1;
        at += part.text.length;
        break;
      case "field": {
        const found = part.codec.read(text, at, part.stop);
        if (found === undefined) return -1;
        fields[part.name] = found.value;
        at = found.end;
        break;
      }
      case "group": {
        const inner: Record<string, FieldValue> = {};
        const end = scan(part.parts, text, at, inner);
        if (end < 0) break;
        Object.assign(fields, inner);
        at = end;
      }
    }
  }
  return at;
}

function write(
  parts: readonly Part[],
  fields: Record<string, FieldValue | undefined>,
  pattern: string,
): string {
  let text = "";
  for (const part of parts) {
    if (part.kind === "group") {
      if (isGiven(part.parts, fields)) text += write(part.parts, fields, pattern);
    } else if (part.kind === "field") {
      const value = fields[part.name];
      const written = value === undefined ? undefined : part.codec.write(value);
      if (written === undefined) {
        throw new RangeError(`Cannot format "${pattern.trim()}": ${part.name} is ${value}`);
      }
      text += written;
    } else {
      text += part.text;
    }
  }
  return text;
}

function isGiven(
  parts: readonly Part[],
  fields: Record<string, FieldValue | undefined>,
): boolean {
  return parts.some((part) => part.kind === "field" && fields[part.name] !== undefined);
}
