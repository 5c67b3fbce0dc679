import { posixRegExp } from "../../../storage/volume/mod.ts";

/** Where a restore puts files; texts come from the director (director-client.md 11). */
export interface DestinationOptions {
  /** Folder under which everything is put; empty or `/` for the original place. */
  readonly where?: string | undefined;
  /** Expressions that change names instead (director-client.md 11.1). */
  readonly regexWhere?: string | undefined;
  /** Whether targets of symbolic links are changed as names are. */
  readonly prefixLinks?: boolean;
}

/** New names for what is restored (director-client.md 25.1). */
export interface Destination {
  /** The folder that nothing may leave; undefined if files go to original or changed places. */
  readonly root: string | undefined;
  /** The name to restore a file under. */
  rewrite(name: string): string;
  /** The name by which a hard link's first name is known now. */
  rewriteHardLink(target: string): string;
  /** The target that a symbolic link gets. */
  rewriteSymbolicLink(target: string): string;
}

/** `regexwhere` that cannot be used. */
export class RegexWhereError extends Error {
  /** What it is called. */
  override readonly name = "RegexWhereError";
}

/**
 * Makes the rules by which names change.
 * @throws {RegexWhereError} if `regexWhere` is malformed
 */
export function destinationOf(options: DestinationOptions): Destination {
  const prefixLinks = options.prefixLinks ?? false;
  if (options.regexWhere !== undefined) {
    const expressions = parseRegexWhere(options.regexWhere);
    const rewrite = (name: string) =>
      expressions.reduce((text, expression) => replaceFirst(text, expression), name);
    return {
      root: undefined,
      rewrite,
      rewriteHardLink: rewrite,
      rewriteSymbolicLink: (target) => prefixLinks ? rewrite(target) : target,
    };
  }
  const where = options.where ?? "";
  if (where === "" || where === "/") {
    const same = (name: string) => name;
    return { root: undefined, rewrite: same, rewriteHardLink: same, rewriteSymbolicLink: same };
  }
  const absolute = (target: string) => target.startsWith("/") ? join(where, target) : target;
  return {
    root: where,
    rewrite: (name) => join(where, name),
    rewriteHardLink: absolute,
    rewriteSymbolicLink: (target) => prefixLinks ? absolute(target) : target,
  };
}

/** A drive, `c:`, becomes a folder of its own. */
function join(where: string, name: string): string {
  const path = name.replace(/^([A-Za-z]):/, "$1");
  return where.endsWith("/") || path.startsWith("/") ? where + path : `${where}/${path}`;
}

/** One `<sep>search<sep>replace<sep>flags`. */
export interface RewriteExpression {
  /** What is looked for. */
  readonly search: RegExp;
  /** Texts and numbers of groups that take its place. */
  readonly replacement: readonly (string | number)[];
}

const separators = "!:;|,&%=~/#";

/**
 * Reads expressions separated by commas (director-client.md 11.1).
 * @throws {RegexWhereError} if there is none or one is malformed
 */
export function parseRegexWhere(text: string): RewriteExpression[] {
  const expressions: RewriteExpression[] = [];
  for (let at = 0; expressions.length === 0 || at < text.length;) {
    const separator = text.charAt(at);
    if (separator === "" || !separators.includes(separator)) {
      throw new RegexWhereError(`Cannot use regexwhere: no separator at character ${at}`);
    }
    const search = readPart(text, at + 1, separator);
    const replacement = readPart(text, search.next, separator);
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
      replacement: readReplacement(replacement.part.replaceAll(`\\${separator}`, separator)),
    });
  }
  return expressions;
}

/** Writes the expressions for the prefixes and the suffix that a restore asks for (11.2). */
export function formatRegexWhere(
  parts: { stripPrefix?: string; addPrefix?: string; addSuffix?: string },
): string {
  const escape = (text: string) => text.replace(/[!\\]/g, "\\$&");
  const { stripPrefix = "", addPrefix = "", addSuffix = "" } = parts;
  return [
    stripPrefix === "" ? "" : `!${escape(stripPrefix)}!!i`,
    addSuffix === "" ? "" : `!([^/])$!$1${escape(addSuffix)}!`,
    addPrefix === "" ? "" : `!^!${escape(addPrefix)}!`,
  ].filter((expression) => expression !== "").join(",");
}

function compile(search: string, ignoreCase: boolean): RegExp {
  try {
    return posixRegExp(search, { ignoreCase, newlineSensitive: true });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new RegexWhereError(`Cannot use regexwhere ${search}: ${why}`, { cause });
  }
}

/** The text up to the next separator that has no backslash before it. */
function readPart(text: string, start: number, separator: string): { part: string; next: number } {
  for (let at = start; at < text.length; at++) {
    if (text.charAt(at) === "\\") at += 1;
    else if (text.charAt(at) === separator) return { part: text.slice(start, at), next: at + 1 };
  }
  throw new RegexWhereError(`Cannot use regexwhere: ${separator} is missing at its end`);
}

function readReplacement(text: string): (string | number)[] {
  return text.split(/([$\\]\d)/).map((part, index) => index % 2 === 1 ? Number(part[1]) : part);
}

function replaceFirst(text: string, { search, replacement }: RewriteExpression): string {
  const match = search.exec(text);
  if (match === null) return text;
  const middle = replacement.map((part) => typeof part === "number" ? match[part] ?? "" : part);
  return text.slice(0, match.index) + middle.join("") + text.slice(match.index + match[0].length);
}
