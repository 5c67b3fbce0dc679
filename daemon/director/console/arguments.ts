/** A console line cut into words (console.md 3). @module */

/** A keyword and, behind its first `=`, a value. */
export interface Argument {
  readonly keyword: string;
  readonly value: string | undefined;
}

/** The most words of a line. */
const maxArguments = 30;

/**
 * Cuts a line: quotes group, a backslash takes the next letter as it is, a quote that is not closed
 * runs to the end of the line. An empty word (`""` alone) ends the line.
 */
export function splitLine(line: string): Argument[] {
  const words: string[] = [];
  let word: string | undefined;
  let isQuoted = false;
  const finish = (): boolean => {
    if (word === "") return true;
    if (word !== undefined) words.push(word);
    word = undefined;
    return false;
  };
  for (let at = 0; at < line.length; at++) {
    const letter = line.charAt(at);
    if (letter === "\\" && at + 1 < line.length) word = (word ?? "") + line.charAt(++at);
    else if (letter === '"') {
      isQuoted = !isQuoted;
      word ??= "";
    } else if (!isQuoted && /\s/.test(letter)) {
      if (finish()) break;
    } else word = (word ?? "") + letter;
  }
  finish();
  return words.slice(0, maxArguments).map(toArgument);
}

/** A word split at its first `=`. */
function toArgument(text: string): Argument {
  const equals = text.indexOf("=");
  return equals < 0
    ? { keyword: text, value: undefined }
    : { keyword: text.slice(0, equals), value: text.slice(equals + 1) };
}

/** Words that {@linkcode splitLine} takes apart again. */
export function quoteWord(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&")}"`;
}

/** A word as {@linkcode splitLine} finds it, quotes and all. */
const rawWord = /(?:\\.|"(?:\\.|[^"\\])*"?|[^\s"\\])+/gs;

/** A line as it may be told, to audits too: what stands behind `password=` does not. */
export function withoutSecrets(line: string): string {
  return line.replaceAll(rawWord, (word) => {
    const keyword = /^[^=]*password[^=]*=/i.exec(word)?.[0];
    return keyword === undefined ? word : `${keyword.replaceAll('"', "")}***`;
  }).replaceAll(/(\w*password\w*\s*=\s*)("[^"]*"?|\S+)/gi, "$1***");
}

/** The words behind a command. Keywords are compared without case. */
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

  /** Like {@linkcode value}, but an empty value is none. */
  filled(...keywords: readonly string[]): string | undefined {
    return this.all.find(({ keyword, value }) =>
      value !== undefined && value !== "" && keywords.includes(keyword.toLowerCase())
    )?.value;
  }

  /** All values of a keyword. */
  values(...keywords: readonly string[]): string[] {
    return this.all.flatMap(({ keyword, value }) =>
      value !== undefined && keywords.includes(keyword.toLowerCase()) ? [value] : []
    );
  }

  /** Whether one of these keywords is there, with a value or without. */
  has(...keywords: readonly string[]): boolean {
    return this.all.some(({ keyword }) => keywords.includes(keyword.toLowerCase()));
  }

  /** The first word. */
  get first(): Argument | undefined {
    return this.all[0];
  }

  /** The first of these keywords that the line has, in the order of the line. */
  firstOf(keywords: readonly string[]): Argument | undefined {
    return this.all.find(({ keyword }) => keywords.includes(keyword.toLowerCase()));
  }

  /** A number; `fallback` if the keyword has none or what it has is no number. */
  number(keyword: string, fallback: number): number {
    const value = this.value(keyword);
    return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : fallback;
  }
}

/** The largest number that a row of a catalog can have. */
export const LARGEST_ID = 2 ** 31 - 1;

/** What somebody typed as the number of a row, such as a JobId; -1, which no row has, if it can be none. */
export function rowId(text: string | undefined): number {
  if (text === undefined || !/^\d{1,10}$/.test(text)) return -1;
  const number = Number(text);
  return number <= LARGEST_ID ? number : -1;
}

/** Whether a text may be the JobId of a job. */
export function isJobId(text: string): boolean {
  return rowId(text) >= 0;
}
