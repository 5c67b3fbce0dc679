/** The words of a command: separated by white space, quotes keep words together, no shell. */
export function splitWords(command: string): string[] {
  const words = command.matchAll(/(?:"([^"]*)"|'([^']*)'|[^\s"']+)+/g);
  return Array.from(words, ([word]) => word.replace(/"([^"]*)"|'([^']*)'/g, "$1$2"));
}
