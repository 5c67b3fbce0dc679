/** The words of command lines in configurations and from peers. @module */

/** Blanks around words. Others, such as the one that does not break, are letters. */
const word = /[ \t\r\n\v\f]*(?:"([^"]*)"?|'([^']*)'?|([^ \t\r\n\v\f]+))/gy;

/**
 * The words of a command line, which no shell sees. Blanks separate words. A word that begins with a
 * quote goes to the next one like it, or to the end; quotes elsewhere and backslashes are letters like
 * others. So do Bacula's programs, as watched (docs/interoperability.md).
 *
 * Words are split before codes in them are expanded: nothing in a value can become another word.
 */
export function commandWords(command: string): string[] {
  return Array.from(
    command.matchAll(word),
    ([, double, single, plain]) => double ?? single ?? plain ?? "",
  );
}
