const classes: ReadonlyMap<string, string> = new Map([
  ["alpha", "A-Za-z"],
  ["digit", "0-9"],
  ["alnum", "A-Za-z0-9"],
  ["upper", "A-Z"],
  ["lower", "a-z"],
  ["space", "\\s"],
  ["blank", " \\t"],
  ["punct", "!-\\/:-@\\[-`{-~"],
  ["xdigit", "0-9A-Fa-f"],
  ["cntrl", "\\x00-\\x1f\\x7f"],
  ["print", "\\x20-\\x7e"],
  ["graph", "\\x21-\\x7e"],
]);

/**
 * Compiles a POSIX extended regular expression: brackets follow their own rules (a backslash is
 * literal, `]` may come first, `[:class:]`), the rest is JavaScript's syntax.
 * @throws {SyntaxError} if the result is no expression
 */
export function posixRegExp(pattern: string): RegExp {
  let source = "";
  for (let at = 0; at < pattern.length; at++) {
    const letter = pattern.charAt(at);
    if (letter === "\\") {
      source += letter + pattern.charAt(++at);
    } else if (letter === "[") {
      const end = bracketEnd(pattern, at);
      source += bracket(pattern.slice(at + 1, end));
      at = end;
    } else source += letter;
  }
  return new RegExp(source, "s");
}

function bracketEnd(pattern: string, start: number): number {
  let at = start + 1;
  if (pattern[at] === "^") at += 1;
  if (pattern[at] === "]") at += 1;
  for (; at < pattern.length; at++) {
    if (pattern[at] === "]") return at;
    if (pattern.startsWith("[:", at)) {
      const close = pattern.indexOf(":]", at + 2);
      if (close > 0) at = close + 1;
    }
  }
  throw new SyntaxError("Unmatched [");
}

function bracket(inside: string): string {
  const escaped = inside.replace(/\[:(\w+):\]|[\\[\]]/g, (text, name: string | undefined) => {
    if (name === undefined) return `\\${text}`;
    const members = classes.get(name);
    if (members === undefined) throw new SyntaxError(`Invalid character class name ${name}`);
    return members;
  });
  return `[${escaped}]`;
}
