/** Command lines as older releases took them: options run together, and spellings that have changed. @module */

/** `-fd100` as `-f -d 100`; `valued` are the letters of options with a value. */
export function separateOptions(word: string, valued: string): string[] {
  if (!/^-[A-Za-z?]{1}.+/.test(word)) return [word];
  const letter = word.charAt(1);
  const rest = word.slice(2);
  if (valued.includes(letter)) return [`-${letter}`, rest];
  return [`-${letter}`, ...separateOptions(`-${rest}`, valued)];
}

/** What is said of a spelling that is no longer taken; `undefined` for every other word. */
export function refuseOldSpelling(word: string): string | undefined {
  if (/^-x/.test(word)) {
    return "The -xc and -xs options have changed.\nUse --xc and --xs as given in the help.";
  }
  return word === "-dt" ? "The -dt option has changed. Use --dt as given in the help." : undefined;
}
