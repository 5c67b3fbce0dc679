/** The parts that statements are made of: `=`, braces, values (configuration.md 4.1). @module */
import { ConfigurationError } from "./errors.ts";
import type { ScanMode, Scanner, Token } from "./scanner.ts";

/** The next token that is not the end of a line. */
export function nextSolid(scanner: Scanner, mode: ScanMode = "normal"): Token {
  for (;;) {
    const token = scanner.next(mode);
    if (token.kind !== "end of line") return token;
  }
}

/** Takes the `=` behind a keyword, which may stand on the next line. */
export function expectEquals(scanner: Scanner): void {
  const token = nextSolid(scanner);
  if (token.kind !== "=") {
    throw ConfigurationError.at(token.position, `expected an equals, got: ${token.text}`);
  }
}

/** Takes the `{` behind a block's keyword; an `=` before it is an error. */
export function expectBrace(scanner: Scanner, keyword: Token, otherwise: string): boolean {
  const token = nextSolid(scanner);
  if (token.kind === "{") return true;
  throw ConfigurationError.at(
    token.kind === "end of file" ? keyword.position : token.position,
    otherwise,
  );
}

/** Reads the keywords of a block up to its `}`, calling `read` behind each of them. */
export function readBlock(scanner: Scanner, read: (keyword: Token) => void): void {
  for (;;) {
    const token = nextSolid(scanner);
    if (token.kind === "}") return;
    if (token.kind === "end of file") {
      throw ConfigurationError.at(
        token.position,
        "End of conf file reached with unclosed resource.",
      );
    }
    if (token.kind !== "identifier") {
      throw ConfigurationError.at(token.position, `Expecting keyword, got: ${token.text}`);
    }
    read(token);
  }
}

/** Reads `= value` where letters and digits are text as they stand, and what is left of the line. */
export function readText(scanner: Scanner, keyword: Token): string {
  expectEquals(scanner);
  const token = nextSolid(scanner, "words");
  if (token.kind !== "string" && token.kind !== "quoted" && token.kind !== "number") {
    throw ConfigurationError.at(
      token.position,
      `expected a value for ${keyword.text}, got: ${token.text}`,
    );
  }
  if (token.kind === "string" && token.text.includes("\\")) {
    throw ConfigurationError.at(
      token.position,
      `Backslash found. Use forward slashes or quote the string.: ${token.text}`,
    );
  }
  scanner.endStatement();
  return token.text;
}

/** Reads a boolean word (5.2). */
export function booleanOf(token: Token): boolean {
  switch (token.text.toLowerCase()) {
    case "yes":
    case "true":
    case "1":
      return true;
    case "no":
    case "false":
    case "0":
      return false;
    default:
      throw ConfigurationError.at(token.position, `Expect YES or NO, got: ${token.text}`);
  }
}
