/**
 * Expressions that change the names of restored files (director-client.md 11.1, 11.2): composed and
 * tried by the director, applied by the file daemon.
 *
 * @module
 */
import { messageOf } from "../bytes/mod.ts";
import { posixRegExp } from "../storage/volume/mod.ts";

/** A RegexWhere that cannot be used. */
export class RegexWhereError extends Error {
  /** What it is called. */
  override readonly name = "RegexWhereError";
}

/** One `<sep>search<sep>replace<sep>flags`. */
export interface RewriteExpression {
  /** What is looked for. */
  readonly search: RegExp;
  /** Texts and numbers of groups that take its place. */
  readonly replacement: readonly (string | number)[];
}

/** What a restore asks to be taken from names and put to them. */
export interface PrefixesAndSuffix {
  /** Text that goes, wherever it stands first, in capitals or not. */
  readonly stripPrefix?: string | undefined;
  /** Text that comes before the name. */
  readonly addPrefix?: string | undefined;
  /** Text that comes behind the name, unless that ends with a slash. */
  readonly addSuffix?: string | undefined;
}

const separators = "!:;|,&%=~/#";

/** Separators that mean nothing in what {@linkcode formatRegexWhere} writes; the usual one first. */
const plainSeparators = "!:;&%=~#";

/**
 * Reads expressions separated by commas (director-client.md 11.1). A backslash before the separator
 * makes it a letter of its part; every other backslash stays, with the letter behind it.
 * @throws {RegexWhereError} if there is none or one is malformed
 */
export function parseRegexWhere(text: string): RewriteExpression[] {
  const expressions: RewriteExpression[] = [];
  for (let at = 0; expressions.length === 0 || at < text.length;) {
    const separator = text.charAt(at);
    if (separator === "" || !separators.includes(separator)) {
      throw new RegexWhereError(`Cannot use regexwhere: no separator at character ${at}`);
    }
    // An escaped bar would be a choice in the expression, and is to be a letter.
    const search = readPart(text, at + 1, separator, separator === "|" ? "\\|" : separator);
    const replacement = readPart(text, search.next, separator, separator);
    const flags = /[ig]*/y;
    flags.lastIndex = replacement.next;
    const letters = flags.exec(text)?.[0] ?? "";
    at = replacement.next + letters.length;
    if (at < text.length && text.charAt(at) !== ",") {
      throw new RegexWhereError(`Cannot use regexwhere: a comma is missing at character ${at}`);
    }
    at += 1;
    expressions.push({
      search: compile(search.part, letters.includes("i")),
      replacement: readReplacement(replacement.part),
    });
  }
  return expressions;
}

/** A name after the expressions, each applied to its first match in what the one before left. */
export function rewriteName(name: string, expressions: readonly RewriteExpression[]): string {
  return expressions.reduce((text, { search, replacement }) => {
    const match = search.exec(text);
    if (match === null) return text;
    const middle = replacement.map((part) => typeof part === "number" ? match[part] ?? "" : part);
    return text.slice(0, match.index) + middle.join("") + text.slice(match.index + match[0].length);
  }, name);
}

/**
 * Writes the expressions for the prefixes and the suffix that a restore asks for
 * (director-client.md 11.2); empty if it asks for none. The separator is one that does not occur in
 * them, for Bareos takes an escaped one for the end of its part (11.1).
 */
export function formatRegexWhere(wishes: PrefixesAndSuffix): string {
  const { stripPrefix = "", addPrefix = "", addSuffix = "" } = wishes;
  const values = stripPrefix + addPrefix + addSuffix;
  const separator = [...plainSeparators].find((letter) => !values.includes(letter)) ?? "!";
  const expression = (search: string, replacement: string, flags = ""): string =>
    separator + [search, replacement, flags].join(separator);
  const literal = (text: string): string => text.replaceAll(separator, `\\${separator}`);
  // A digit behind a dollar or a backslash would be a group: an empty group keeps them apart.
  const replacement = (text: string, emptyGroup: string): string =>
    literal(text.replaceAll("\\", "\\\\").replace(/[$\\](?=\d)/g, `$&${emptyGroup}`));
  const suffix = replacement(addSuffix, "$2");
  const expressions: string[] = [];
  if (stripPrefix !== "") {
    expressions.push(
      expression(literal(stripPrefix.replace(/[\\.^$|()[\]{}*+?]/g, "\\$&")), "", "i"),
    );
  }
  if (addSuffix !== "") {
    expressions.push(expression(suffix.includes("$2") ? "([^/])()$" : "([^/])$", `$1${suffix}`));
  }
  if (addPrefix !== "") expressions.push(expression("^", replacement(addPrefix, "$0")));
  return expressions.join(",");
}

function compile(search: string, ignoreCase: boolean): RegExp {
  try {
    return posixRegExp(search, { ignoreCase, newlineSensitive: true });
  } catch (cause) {
    const why = messageOf(cause);
    throw new RegexWhereError(`Cannot use regexwhere ${search}: ${why}`, { cause });
  }
}

/** The text up to the next separator that has no backslash before it, with `escaped` for one that has. */
function readPart(
  text: string,
  start: number,
  separator: string,
  escaped: string,
): { part: string; next: number } {
  let part = "";
  for (let at = start; at < text.length; at++) {
    const letter = text.charAt(at);
    if (letter === separator) return { part, next: at + 1 };
    if (letter !== "\\") part += letter;
    else {
      at += 1;
      part += text.charAt(at) === separator ? escaped : letter + text.charAt(at);
    }
  }
  throw new RegexWhereError(`Cannot use regexwhere: ${separator} is missing at its end`);
}

/** `$1` and `\1` are groups; everything else stands for itself. */
function readReplacement(text: string): (string | number)[] {
  return text.split(/([$\\]\d)/).map((part, index) => index % 2 === 1 ? Number(part[1]) : part);
}
