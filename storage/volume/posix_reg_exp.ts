/** How an expression matches. */
export interface PosixRegExpOptions {
  /** Capitals and small letters are the same (`REG_ICASE`). */
  readonly ignoreCase?: boolean;
  /** `^` and `$` also match at line ends; `.` and `[^...]` do not match a line feed (`REG_NEWLINE`). */
  readonly newlineSensitive?: boolean;
}

/** Members of the POSIX classes, as they stand in a bracket of a JavaScript expression. */
const classes: ReadonlyMap<string, string> = new Map([
  ["alpha", "A-Za-z"],
  ["digit", "0-9"],
  ["alnum", "A-Za-z0-9"],
  ["upper", "A-Z"],
  ["lower", "a-z"],
  ["space", "\\s"],
  ["blank", " \\t"],
  ["punct", "!-\\/:-@\\[-`\\{-~"],
  ["xdigit", "0-9A-Fa-f"],
  ["cntrl", "\\x00-\\x1f\\x7f"],
  ["print", "\\x20-\\x7e"],
  ["graph", "\\x21-\\x7e"],
]);

/** What a backslash and a letter mean in GNU's expressions, where that is more than the letter. */
const escapes: ReadonlyMap<string, string> = new Map([
  ["w", "[A-Za-z0-9_]"],
  ["W", "[^A-Za-z0-9_]"],
  ["s", "\\s"],
  ["S", "\\S"],
]);

/** Escapes that match a place and cannot be repeated. */
const places: ReadonlyMap<string, string> = new Map([
  ["b", "\\b"],
  ["B", "\\B"],
  ["<", "\\b(?=\\w)"],
  [">", "\\b(?<=\\w)"],
  ["`", "(?<![^])"],
  ["'", "(?![^])"],
]);

const quantifier = /[*+?]|\{(\d*)(,?)(\d*)\}/y;

/**
 * Compiles a POSIX extended regular expression as GNU's C library reads it: a JavaScript expression
 * that matches the same texts. Where alternatives match different lengths, POSIX takes the longest
 * and JavaScript the first.
 * @throws {SyntaxError} if it is malformed, with the words of the C library
 */
export function posixRegExp(pattern: string, options: PosixRegExpOptions = {}): RegExp {
  const source = new Translation(pattern, options.newlineSensitive ?? false).translate();
  return new RegExp(
    source,
    `u${options.ignoreCase ? "i" : ""}${options.newlineSensitive ? "m" : "s"}`,
  );
}

/** One pass over a pattern. */
class Translation {
  readonly #pattern: string;
  readonly #newlineSensitive: boolean;
  #at = 0;
  #source = "";
  /** Where the atom begins that a repetition would apply to; -1 if there is none. */
  #atom = -1;
  #groups = 0;
  /** Beginnings of the open groups. */
  readonly #open: number[] = [];
  /** Whether the atom already has a repetition. */
  #isRepeated = false;

  constructor(pattern: string, newlineSensitive: boolean) {
    this.#pattern = pattern;
    this.#newlineSensitive = newlineSensitive;
  }

  translate(): string {
    while (this.#at < this.#pattern.length) this.#next();
    if (this.#open.length > 0) throw new SyntaxError("Unmatched ( or \\(");
    return this.#source;
  }

  #next(): void {
    const letter = String.fromCodePoint(this.#pattern.codePointAt(this.#at) ?? 0);
    if (this.#repeat()) return;
    this.#at += letter.length;
    switch (letter) {
      case "(":
        this.#open.push(this.#source.length);
        this.#groups += 1;
        return this.#anchor("(");
      case ")": {
        const start = this.#open.pop();
        if (start === undefined) return this.#put("\\)"); // GNU's library takes it as it is
        this.#source += ")";
        this.#atom = start;
        this.#isRepeated = false;
        return;
      }
      case "|":
      case "^":
      case "$":
        return this.#anchor(letter);
      case ".":
        return this.#put(".");
      case "[":
        return this.#put(this.#bracket());
      case "\\":
        return this.#escape();
      default:
        return this.#put(literal(letter));
    }
  }

  /** Something that can be repeated. */
  #put(source: string): void {
    this.#atom = this.#source.length;
    this.#isRepeated = false;
    this.#source += source;
  }

  /** Something that cannot. */
  #anchor(source: string): void {
    this.#source += source;
    this.#atom = -1;
  }

  #repeat(): boolean {
    quantifier.lastIndex = this.#at;
    const match = quantifier.exec(this.#pattern);
    if (match === null) return false;
    const [text, from, comma, to] = match;
    if (text.startsWith("{") && from === "" && to === "") return false; // `{}` is just that
    if (this.#atom < 0) throw new SyntaxError("Invalid preceding regular expression");
    if (Number(from) > 0x7fff || Number(to) > 0x7fff) {
      throw new SyntaxError("Regular expression too big");
    }
    if (to !== "" && Number(from) > Number(to)) throw new SyntaxError("Invalid content of \\{\\}");
    if (this.#isRepeated) {
      // A second one applies to the whole, and is not the `?` of a lazy one.
      const atom = this.#source.slice(this.#atom);
      this.#source = `${this.#source.slice(0, this.#atom)}(?:${atom})`;
    }
    this.#source += text.startsWith("{") ? `{${from || 0}${comma}${to}}` : text;
    this.#isRepeated = true;
    this.#at += text.length;
    return true;
  }

  #escape(): void {
    const letter = this.#pattern.charAt(this.#at);
    if (letter === "") throw new SyntaxError("Trailing backslash");
    const code = String.fromCodePoint(this.#pattern.codePointAt(this.#at) ?? 0);
    this.#at += code.length;
    if (/[1-9]/.test(letter)) {
      if (Number(letter) > this.#groups) throw new SyntaxError("Invalid back reference");
      return this.#put(`(?:\\${letter})`);
    }
    const place = places.get(code);
    if (place !== undefined) return this.#anchor(place);
    this.#put(escapes.get(code) ?? literal(code));
  }

  /** The rest of a bracket; the position is behind its `[`. */
  #bracket(): string {
    const unmatched = "Unmatched [, [^, [:, [., or [=";
    let source = "";
    const isNegated = this.#pattern.charAt(this.#at) === "^";
    if (isNegated) this.#at += 1;
    for (let isFirst = true;; isFirst = false) {
      if (this.#at >= this.#pattern.length) throw new SyntaxError(unmatched);
      if (this.#pattern.charAt(this.#at) === "]" && !isFirst) break;
      const named = /\[:(.*?):\]/sy;
      named.lastIndex = this.#at;
      const match = named.exec(this.#pattern);
      if (match !== null) {
        const members = classes.get(match[1] ?? "");
        if (members === undefined) throw new SyntaxError("Invalid character class name");
        source += members;
        this.#at = named.lastIndex;
        continue;
      }
      const from = this.#member();
      const isRange = this.#pattern.charAt(this.#at) === "-" &&
        this.#at + 1 < this.#pattern.length && this.#pattern.charAt(this.#at + 1) !== "]";
      if (!isRange) {
        source += literal(from);
        continue;
      }
      this.#at += 1;
      const to = this.#member();
      if ((from.codePointAt(0) ?? 0) > (to.codePointAt(0) ?? 0)) {
        throw new SyntaxError("Invalid range end");
      }
      source += `${literal(from)}-${literal(to)}`;
    }
    this.#at += 1;
    return isNegated ? `[^${source}${this.#newlineSensitive ? "\\n" : ""}]` : `[${source}]`;
  }

  /** One member of a bracket: a character, `[.x.]` or `[=x=]`. */
  #member(): string {
    const special = /\[([.=])(.*?)\1\]/suy;
    special.lastIndex = this.#at;
    const match = special.exec(this.#pattern);
    if (match !== null) {
      const member = match[2] ?? "";
      if (Array.from(member).length !== 1) throw new SyntaxError("Invalid collation character");
      this.#at = special.lastIndex;
      return member;
    }
    const letter = String.fromCodePoint(this.#pattern.codePointAt(this.#at) ?? 0);
    this.#at += letter.length;
    return letter;
  }
}

/** A character that means itself, in or out of a bracket. */
function literal(letter: string): string {
  return /[\^$\\.*+?()[\]{}|/\-&]/.test(letter)
    ? `\\x${letter.charCodeAt(0).toString(16).padStart(2, "0")}`
    : letter;
}
