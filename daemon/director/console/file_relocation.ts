/** The menu that composes a `regexwhere` (console.md 11.3). @module */
import { posixRegExp } from "../../../storage/volume/mod.ts";
import type { ConsoleSession } from "./session.ts";

/** Letters that mean something in an expression. */
const special = /[!\\.^$|()[\]{}*+?]/g;

/** The expressions of a prefix that goes, one that comes, and a suffix. */
export function composeRegexWhere(strip: string, prefix: string, suffix: string): string {
  const parts = [
    ...(strip === "" ? [] : [`!${strip.replace(special, "\\$&")}!!i`]),
    ...(suffix === "" ? [] : [`!([^/])$!$1${suffix.replace(/[!\\]/g, "\\$&")}!`]),
    ...(prefix === "" ? [] : [`!^!${prefix.replace(/[!\\]/g, "\\$&")}!`]),
  ];
  return parts.join(",");
}

/** One part of a RegexWhere: what a path is searched for, and what takes its place: texts and groups. */
export interface Replacement {
  readonly from: RegExp;
  readonly to: readonly (string | number)[];
}

/** Characters that a part may begin with, and that end it. */
const separators = /[!:;|,&%=~/#]/;

/** The replacements of `!from!to!flags`, several separated by commas; undefined if it is none. */
export function parseRegexWhere(text: string): Replacement[] | undefined {
  const found: Replacement[] = [];
  for (let at = 0; at < text.length;) {
    if (found.length > 0) at++; // the comma
    const separator = text.charAt(at);
    if (!separators.test(separator)) return undefined;
    const parts: string[] = [];
    let part = "";
    let next = at + 1;
    for (; next < text.length && parts.length < 2; next++) {
      const letter = text.charAt(next);
      if (letter === "\\" && text.charAt(next + 1) === separator) part += text.charAt(++next);
      else if (letter === separator) {
        parts.push(part);
        part = "";
      } else part += letter;
    }
    const [from, to] = parts;
    if (from === undefined || to === undefined) return undefined;
    const flags = /^[ig]*/.exec(text.slice(next))?.[0] ?? "";
    at = next + flags.length;
    if (at < text.length && text.charAt(at) !== ",") return undefined;
    try {
      // As the file daemon reads it, which takes the flag g and does nothing about it.
      const expression = posixRegExp(from, {
        ignoreCase: flags.includes("i"),
        newlineSensitive: true,
      });
      found.push({ from: expression, to: replacementOf(to) });
    } catch {
      return undefined; // no expression
    }
  }
  return found.length === 0 ? undefined : found;
}

/** `$1` and `\1` are groups; everything else stands for itself. */
function replacementOf(text: string): (string | number)[] {
  return text.split(/([$\\]\d)/).map((part, at) => at % 2 === 1 ? Number(part.charAt(1)) : part);
}

/** The name of a file after the replacements, each of the first match. */
export function relocate(name: string, replacements: readonly Replacement[]): string {
  return replacements.reduce((text, { from, to }) => {
    const match = from.exec(text);
    if (match === null) return text;
    const middle = to.map((part) => typeof part === "number" ? match[part] ?? "" : part).join("");
    return text.slice(0, match.index) + middle + text.slice(match.index + match[0].length);
  }, name);
}

/** Lets the user compose an expression; undefined if nothing is to change. */
export async function fileRelocation(
  session: ConsoleSession,
  before: string | undefined,
): Promise<string | undefined> {
  let strip = "";
  let prefix = "";
  let suffix = "";
  let regex = before ?? "";
  for (;;) {
    session.print(
      regex === ""
        ? `strip_prefix=${strip} add_prefix=${prefix} add_suffix=${suffix}\n`
        : `regexwhere=${regex}\n`,
    );
    const result = regex || composeRegexWhere(strip, prefix, suffix);
    const at = await session.dialogue.choose({
      header: "This will replace your current Where value",
      what: "",
      prompt: "Select parameter to modify",
      items: [
        "Strip prefix",
        "Add prefix",
        "Add file suffix",
        "Enter a regexp",
        "Test filename manipulation",
        "Use this ?",
      ],
    });
    if (at === 0) strip = await session.ask("Please enter the path prefix to strip: ");
    if (at === 1) {
      const answer = await session.ask("Please enter the path prefix to add (/ for none): ");
      prefix = answer === "/" ? "" : answer;
    }
    if (at === 2) suffix = await session.ask("Please enter the file suffix to add: ");
    if (at < 3) regex = "";
    if (at === 3) {
      const answer = await session.ask("Please enter a valid regexp (!from!to!): ");
      if (parseRegexWhere(answer) === undefined) session.print("Cannot use your regexp\n");
      else regex = answer;
    }
    if (at === 4) {
      session.print(
        regex === ""
          ? `strip_prefix=${strip} add_prefix=${prefix} add_suffix=${suffix} result=${result}\n`
          : `regexwhere=${regex}\n`,
      );
      await test(session, result);
    }
    if (at !== 5) continue;
    if (session.allows("Where", result)) return result;
    session.print(
      regex === ""
        ? 'Denied by "WhereACL" configuration.\n'
        : `Regex (${regex}) denied by "WhereACL" configuration.\n`,
    );
    return undefined;
  }
}

async function test(session: ConsoleSession, regex: string): Promise<void> {
  const replacements = parseRegexWhere(regex);
  if (replacements === undefined) {
    session.print("Cannot use your regexp\n");
    return;
  }
  session.print("Enter a period (.) to stop this test\n");
  for (;;) {
    let name: string;
    try {
      name = await session.ask("Please enter filename to test: ");
    } catch {
      return; // the period
    }
    session.print(`${name} -> ${relocate(name, replacements)}\n`);
  }
}
