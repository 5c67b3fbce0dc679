/** The menu that composes a `regexwhere` (console.md 11.3). @module */
import {
  formatRegexWhere,
  parseRegexWhere,
  RegexWhereError,
  type RewriteExpression,
  rewriteName,
} from "../../regex_where.ts";
import type { ConsoleSession } from "./session.ts";

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
    const result = regex ||
      formatRegexWhere({ stripPrefix: strip, addPrefix: prefix, addSuffix: suffix });
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
      if (expressionsOf(session, answer) !== undefined) regex = answer;
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

/** What was typed as expressions; undefined, and told, if it is none. */
function expressionsOf(session: ConsoleSession, text: string): RewriteExpression[] | undefined {
  try {
    return parseRegexWhere(text);
  } catch (error) {
    if (!(error instanceof RegexWhereError)) throw error;
    session.print("Cannot use your regexp\n");
    return undefined;
  }
}

async function test(session: ConsoleSession, regex: string): Promise<void> {
  const expressions = expressionsOf(session, regex);
  if (expressions === undefined) return;
  session.print("Enter a period (.) to stop this test\n");
  for (;;) {
    let name: string;
    try {
      name = await session.ask("Please enter filename to test: ");
    } catch {
      return; // the period
    }
    session.print(`${name} -> ${rewriteName(name, expressions)}\n`);
  }
}
