/** A console line cut into words (console.md 3). @module */

/** A keyword and, behind its first `=`, a value. */
export interface Argument {
  readonly keyword: string;
  readonly value: string | undefined;
}

/** The most words of a line. */
const maxArguments = 30;

/** Cuts a line: quotes group, a backslash takes the next letter as it is. */
export function splitLine(line: string): Argument[] {
  const words: string[] = [];
  let word: string | undefined;
  let isQuoted = false;
  for (let at = 0; at < line.length; at++) {
    const letter = line[at] as string;
    if (letter === "\\" && at + 1 < line.length) word = (word ?? "") + line[++at];
    else if (letter === '"') {
      isQuoted = !isQuoted;
      word ??= "";
    } else if (!isQuoted && /\s/.test(letter)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + letter;
  }
  if (word !== undefined) words.push(word);
  return words.slice(0, maxArguments).map((text) => {
    const equals = text.indexOf("=");
    return equals < 0
      ? { keyword: text, value: undefined }
      : { keyword: text.slice(0, equals), value: text.slice(equals + 1) };
  });
}

/** The words behind a command. */
export class Arguments {
  readonly all: readonly Argument[];

  /** The words of a line but for the first. */
  constructor(all: readonly Argument[]) {
    this.all = all;
  }

  /** The value of the first of these keywords that has one; an empty value counts. */
  value(...keywords: readonly string[]): string | undefined {
    return this.all.find(({ keyword, value }) =>
      value !== undefined && keywords.includes(keyword.toLowerCase())
    )?.value;
  }

  /** All values of a keyword. */
  values(keyword: string): string[] {
    return this.all.flatMap((argument) =>
      argument.keyword.toLowerCase() === keyword && argument.value !== undefined
        ? [argument.value]
        : []
    );
  }

  /** Whether a keyword is there, with a value or without. */
  has(keyword: string): boolean {
    return this.all.some((argument) => argument.keyword.toLowerCase() === keyword);
  }

  /** The first word. */
  get first(): Argument | undefined {
    return this.all[0];
  }
}
