/**
 * The percent codes of commands and of file lists (catalog-and-jobs.md 23.4).
 *
 * @module
 */

/** The values of the codes by letter; a function is asked only when the code occurs. */
export type PercentCodes = Readonly<Record<string, string | (() => string)>>;

/** What stands for a value that is not available. */
export const NOT_AVAILABLE = "*None*";

/** Expands the codes of a text; unknown ones stay as they are. */
export function expandPercentCodes(text: string, codes: PercentCodes): string {
  return text.replace(/%([A-Za-z%])/g, (all, letter: string) => {
    if (letter === "%") return "%";
    const value = codes[letter];
    return value === undefined ? all : typeof value === "function" ? value() : value;
  });
}

/**
 * The words of a command line: white space separates, single and double quotes group, a backslash
 * takes the next character. No shell sees the command, so nothing in an expanded value can become
 * another command; each word is split before its codes are expanded.
 */
export function commandWords(command: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let at = 0; at < command.length; at++) {
    const c = command[at] as string;
    if (c === "\\" && quote !== "'" && at + 1 < command.length) {
      word = (word ?? "") + command[++at];
    } else if (quote !== undefined) {
      if (c === quote) quote = undefined;
      else word = (word ?? "") + c;
    } else if (c === '"' || c === "'") {
      quote = c;
      word ??= "";
    } else if (/\s/.test(c)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + c;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}
