import { decodeText } from "../../bytes/mod.ts";

/**
 * Names and wildcards of an include or exclude list, a line each: a name stands for itself and all
 * that lies below it, `*`, `?` and `[...]` are wildcards, of which `*` crosses `/`.
 */
export class NameList {
  readonly #patterns: readonly RegExp[];

  /** The list of these lines; empty ones and those that begin with `#` do not count. */
  constructor(lines: readonly string[]) {
    this.#patterns = lines.filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => new RegExp(`^${toSource(line.replace(/(?<=.)\/+$/, ""))}(?:/|$)`, "s"));
  }

  /** Reads a list from a file. */
  static read(path: string): NameList {
    return new NameList(decodeText(Deno.readFileSync(path)).split("\n"));
  }

  /** Whether a name, with or without a `/` at its end, is in the list. */
  has(name: string): boolean {
    return this.#patterns.some((pattern) => pattern.test(name));
  }
}

function toSource(pattern: string): string {
  if (pattern === "/") return "";
  return pattern.replace(
    /\[!?\]?[^\]]*\]|[*?]|[\\^$.|+(){}[\]]/g,
    (part) => {
      if (part === "*") return ".*";
      if (part === "?") return ".";
      if (part.length === 1) return `\\${part}`;
      const isNegated = part.startsWith("[!");
      const inside = part.slice(isNegated ? 2 : 1, -1).replace(/[\\\]^[]/g, "\\$&");
      return `[${isNegated ? "^" : ""}${inside}]`;
    },
  );
}
