/**
 * What there is to say of a program, as data: its help, its manual page and, where `parseArgs` of `node:util`
 * reads its command line, the options that this takes are all made of it.
 *
 * @module
 */
import { formatMessage, type Message } from "@optique/core/message";

/** An option as users see it. */
export interface OptionDescription {
  /** As they are typed: `-c`, `--config`; the first is the one to show. */
  readonly names: readonly string[];
  /** What stands for its value, such as `FILE`; none if it takes none. */
  readonly value?: string | undefined;
  readonly text: string;
}

/** What there is to say of a program. */
export interface Manual {
  /** The words behind the name of the program, a way to call it each. */
  readonly synopsis: readonly string[];
  /** What it does, in paragraphs with a blank line between two. */
  readonly about: string;
  readonly options: readonly OptionDescription[];
  /** What is said behind the options. */
  readonly notes?: string;
  /** Exit statuses other than 0 and 1, and when. */
  readonly statuses?: Readonly<Record<number, string>>;
}

/** An option of a program as `parseArgs` reads it, with what is said of it; nothing is said of old spellings. */
export interface OptionRow {
  readonly type: "string" | "boolean";
  readonly short?: string;
  readonly default?: string | boolean;
  readonly value?: string;
  readonly text?: string;
  /** Its long name is only for the table. */
  readonly isShortOnly?: boolean;
}

/** The options of a program by their long names: what `parseArgs` takes as `options`. */
export type OptionTable = Readonly<Record<string, OptionRow>>;

/** Rows that most programs have. */
export const commonOptions = {
  help: { type: "boolean", short: "h", text: "this help" },
  config: {
    type: "string",
    short: "c",
    value: "PATH",
    text: "configuration of the director: a file or a folder",
  },
} as const satisfies OptionTable;

/** What the rows of a table say. */
export function describeOptions(table: OptionTable): OptionDescription[] {
  return Object.entries(table).flatMap(([name, { short, value, text, isShortOnly }]) => {
    if (text === undefined) return [];
    const long = isShortOnly === true ? [] : [`--${name}`];
    return [{ names: [...(short === undefined ? [] : [`-${short}`]), ...long], value, text }];
  });
}

/** What is taken of a page of optique. */
export interface OptionPage {
  readonly sections: readonly { readonly entries: readonly OptionEntry[] }[];
}

/** An entry of it; `description` is a `Message` of optique. */
export interface OptionEntry {
  readonly term: {
    readonly type: string;
    readonly names?: readonly string[];
    readonly metavar?: string;
  };
  readonly description?: readonly unknown[];
}

/** What a parser of optique says of its options. */
export function describeParser(page: OptionPage | undefined): OptionDescription[] {
  return (page?.sections ?? []).flatMap(({ entries }) =>
    entries.flatMap(({ term, description }) => {
      const { type, names, metavar } = term;
      if (type !== "option" || names === undefined) return [];
      const text = formatMessage((description ?? []) as Message, { quotes: false });
      return [{ names, value: metavar, text }];
    })
  );
}

/** Longest line of a help, in columns, and the column behind which texts do not begin. */
const lineWidth = 100;
const mostIndent = 26;

/** The help of a program, which begins with `Usage:`. */
export function usageText(program: string, { synopsis, about, options, notes }: Manual): string {
  const calls = synopsis.map((words) => `${program} ${words}`.trimEnd());
  const terms = options.map(({ names, value }) =>
    `  ${names.join(", ")}${value === undefined ? "" : ` ${value}`}`
  );
  const indent = Math.min(mostIndent, Math.max(0, ...terms.map(({ length }) => length)) + 2);
  const lines = options.flatMap(({ text }, at) => {
    const [first = "", ...more] = wrapped(text, lineWidth - indent);
    const term = terms[at] ?? "";
    const isLong = term.length + 2 > indent;
    const head = isLong ? [term, " ".repeat(indent) + first] : [term.padEnd(indent) + first];
    return [...head, ...more.map((line) => " ".repeat(indent) + line)];
  });
  return [
    `Usage: ${calls.join("\n       ")}`,
    ...(about === "" ? [] : [paragraphs(about)]),
    lines.join("\n"),
    ...(notes === undefined ? [] : [paragraphs(notes)]),
  ].join("\n\n");
}

function paragraphs(text: string): string {
  return text.split("\n\n").flatMap((each) => wrapped(each, lineWidth).join("\n")).join("\n\n");
}

/** A text in lines of up to so many columns. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
