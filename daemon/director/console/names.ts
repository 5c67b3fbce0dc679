/** What names of resources, volumes and comments may hold (console.md 3). @module */

const longest = 127;

/** Why a text is no name of a resource; `undefined` if it is one. */
export function nameProblem(name: string): string | undefined {
  if (name === "") return "Empty name not allowed.";
  if (name.startsWith(" ")) return "Name cannot start with space.";
  const wrong = /[^A-Za-z0-9 :.\-_/]/.exec(name)?.[0];
  if (wrong !== undefined) return `Illegal character "${wrong}" in name.`;
  if (name.length > longest) return "Name too long.";
  if (name.endsWith(" ")) return "Name cannot end with space.";
  return undefined;
}

/** Why a text is no name of a volume; `undefined` if it is one. */
export function volumeNameProblem(name: string): string | undefined {
  if (name.startsWith("/")) return 'Volume name can not start with "/".';
  const wrong = /[^A-Za-z0-9:.\-_/]/.exec(name)?.[0];
  if (wrong !== undefined) return `Illegal character "${wrong}" in a volume name.`;
  if (name.length > longest) return "Volume name too long.";
  if (name === "") return "Volume name must be at least one character long.";
  return undefined;
}

/** Why a text is no comment; `undefined` if it is one. */
export function commentProblem(text: string): string | undefined {
  const wrong = /['<>&\\"]/.exec(text)?.[0];
  if (wrong !== undefined) return `Illegal character "${wrong}" in a comment.`;
  if (text.length > longest) return "Comment too long.";
  return text === "" ? "Comment must be at least one character long." : undefined;
}
