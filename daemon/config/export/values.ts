/** Values as they are written in a configuration file, and as JSON has them (configuration.md 15.2, 15.4). @module */

/** A value of JSON. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** One directive of a resource on its way out. */
export interface ExportedDirective {
  /** Canonical spelling. */
  readonly name: string;
  /** What JSON has. */
  readonly json: JsonValue;
  /** Lines of text without the indentation of the resource. */
  readonly lines: readonly string[];
  /** Whether it says nothing that would not be so without it: a default, or inherited. */
  readonly isImplied: boolean;
}

/** A text in quotes, such that the parser gives the same text back. */
export function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&")}"`;
}

/** A block with its content two blanks further right. */
export function block(head: string, content: readonly string[]): string[] {
  return [`${head} {`, ...content.map((line) => `  ${line}`), "}"];
}

/** `Yes` or `No`. */
export function yesOrNo(value: boolean): string {
  return value ? "Yes" : "No";
}
