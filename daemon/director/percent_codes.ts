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
