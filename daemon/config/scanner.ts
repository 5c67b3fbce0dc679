/**
 * Cuts configuration text into tokens (configuration.md 3): comments, quoted
 * strings, identifiers whose blanks vanish, includes of files and of commands'
 * output.
 *
 * @module
 */
import { decodeText, messageOf } from "../../bytes/mod.ts";
import { commandWords } from "../command_words.ts";
import { ConfigurationError, type Position } from "./errors.ts";
import { matchingFiles } from "./glob.ts";

/** The kinds of tokens. */
export type TokenKind =
  | "identifier"
  | "number"
  | "string"
  | "quoted"
  | "{"
  | "}"
  | "="
  | ","
  | "end of line"
  | "end of file";

/** A token and where it begins. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly position: Position;
}

/** `words`: blanks separate, and letters make strings; as in Run lines and FileSet values. */
export type ScanMode = "normal" | "words";

interface Source {
  readonly file: string;
  readonly text: string;
  at: number;
  line: number;
  lineStart: number;
}

/** The deepest nesting of includes: an include of itself must end. */
const maxDepth = 32;
/** The largest configuration file in bytes. */
const maxFileSize = 64 << 20;

/** Produces the tokens of a text and of everything it includes. */
export class Scanner {
  readonly #sources: Source[] = [];
  #pushedBack: Token | undefined;
  /** Every file that was read, in the order of reading. */
  readonly files: string[] = [];
  /** Where something stands behind a value, which counts for nothing. It may be part of a password. */
  readonly ignored: Position[] = [];

  /** A scanner over `text`, which `file` names in messages. */
  constructor(text: string, file: string) {
    this.#push(text, file);
  }

  /** A scanner over a file. @throws ConfigurationError if it cannot be read */
  static ofFile(path: string): Scanner {
    const scanner = new Scanner(readFile(path, undefined), path);
    scanner.files.push(path);
    return scanner;
  }

  /** Lets the next call of {@linkcode next} return `token` again. */
  pushBack(token: Token): void {
    this.#pushedBack = token;
  }

  /** The next token. @throws ConfigurationError if the text cannot be cut */
  next(mode: ScanMode = "normal"): Token {
    const pushed = this.#pushedBack;
    if (pushed !== undefined) {
      this.#pushedBack = undefined;
      return pushed;
    }
    for (;;) {
      const source = this.#source();
      skipBlanks(source);
      const position = positionOf(source);
      const char = source.text[source.at];
      if (char === undefined) {
        if (this.#sources.length === 1) return { kind: "end of file", text: "", position };
        this.#sources.pop();
        return { kind: "end of line", text: "", position };
      }
      if (char === "#") {
        while (source.at < source.text.length && !isLineEnd(source.text[source.at])) source.at++;
        continue;
      }
      if (isLineEnd(char)) {
        newLine(source);
        return { kind: "end of line", text: "", position };
      }
      if (char === ";") {
        source.at++;
        return { kind: "end of line", text: ";", position };
      }
      if (char === "{" || char === "}" || char === "=" || char === ",") {
        source.at++;
        return { kind: char, text: char, position };
      }
      if (char === '"') {
        return { kind: "quoted", text: joinedQuotes(source, position), position };
      }
      if (char === "@") {
        this.#include(source, position);
        continue;
      }
      return { ...unquoted(source, mode), position };
    }
  }

  /** What is left of the statement is skipped; a `}` is left for the next call. */
  skipStatement(): void {
    this.#skip();
  }

  /**
   * Ends the statement behind its value. What stands there still is skipped as
   * {@linkcode skipStatement} does it (configuration.md 3.2), and noted in `ignored`.
   */
  endStatement(): void {
    const first = this.#skip();
    if (first !== undefined) this.ignored.push(first.position);
  }

  /** Skips the rest of the statement and returns the first token of it. */
  #skip(): Token | undefined {
    let first: Token | undefined;
    for (;;) {
      const token = this.next("words");
      if (token.kind === "end of line") return first;
      if (token.kind === "}" || token.kind === "end of file") {
        this.pushBack(token);
        return first;
      }
      first ??= token;
    }
  }

  #source(): Source {
    return this.#sources.at(-1) as Source;
  }

  #push(text: string, file: string): void {
    this.#sources.push({
      file,
      text: text.startsWith("\ufeff") ? text.slice(1) : text,
      at: 0,
      line: 1,
      lineStart: 0,
    });
  }

  #include(source: Source, position: Position): void {
    source.at++;
    const path = source.text[source.at] === "|"
      ? (source.at++, `|${includePath(source, position)}`)
      : includePath(source, position);
    if (this.#sources.length >= maxDepth) {
      throw ConfigurationError.at(position, `Includes are nested more than ${maxDepth} deep`);
    }
    if (path.startsWith("|")) {
      this.#push(outputOf(path.slice(1), position), path);
      return;
    }
    // The last pushed is read first: reverse order of the names (configuration.md 2.3).
    for (const file of matchingFiles(path)) {
      this.#push(readFile(file, position), file);
      this.files.push(file);
    }
  }
}

function includePath(source: Source, position: Position): string {
  if (source.text[source.at] === '"') return quoted(source, position);
  const start = source.at;
  while (source.at < source.text.length && !/[\s{};,"#]/.test(source.text[source.at] as string)) {
    source.at++;
  }
  return source.text.slice(start, source.at);
}

function readFile(path: string, position: Position | undefined): string {
  try {
    const bytes = Deno.readFileSync(path);
    if (bytes.length > maxFileSize) throw new Error("File too large");
    if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
      throw ConfigurationError.at(
        position,
        `Currently we cannot handle UTF-16 source files. Please convert the conf file to UTF-8: ${path}`,
      );
    }
    const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
    return decodeText(bytes.subarray(start));
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    const reason = messageOf(error);
    throw ConfigurationError.at(position, `Cannot open included config file ${path}: ${reason}`);
  }
}

/** What a command prints; it is started without a shell. */
function outputOf(command: string, position: Position): string {
  const [program, ...args] = commandWords(command);
  if (program === undefined) throw ConfigurationError.at(position, "The included command is empty");
  let failure: string;
  try {
    const { success, code, stdout, stderr } = new Deno.Command(program, { args }).outputSync();
    if (success) return decodeText(stdout);
    failure = `it ended with status ${code}: ${decodeText(stderr).trim()}`;
  } catch (error) {
    failure = messageOf(error);
  }
  throw ConfigurationError.at(position, `Cannot open included config file |${program}: ${failure}`);
}

/** A quoted string and those that follow it on this line or at the start of the next (3.5). */
function joinedQuotes(source: Source, position: Position): string {
  let text = quoted(source, position);
  for (;;) {
    const { at, line, lineStart } = source;
    skipBlanks(source);
    if (isLineEnd(source.text[source.at])) {
      newLine(source);
      skipBlanks(source);
    }
    if (source.text[source.at] !== '"') {
      Object.assign(source, { at, line, lineStart });
      return text;
    }
    text += quoted(source, position);
  }
}

function quoted(source: Source, position: Position): string {
  source.at++;
  let text = "";
  for (;;) {
    let char = source.text[source.at];
    if (char === "\\") char = source.text[++source.at];
    else if (char === '"') {
      source.at++;
      return text;
    }
    if (char === undefined) {
      throw ConfigurationError.at(
        position,
        "You may have a open double quote without the closing double quote.",
      );
    }
    if (isLineEnd(char)) {
      newLine(source);
      text += "\n";
    } else {
      text += char;
      source.at++;
    }
  }
}

function unquoted(source: Source, mode: ScanMode): { kind: TokenKind; text: string } {
  const first = source.text[source.at] as string;
  let kind: TokenKind = mode === "words"
    ? (/[0-9]/.test(first) ? "number" : "string")
    : /[A-Za-z]/.test(first)
    ? "identifier"
    : /[0-9]/.test(first)
    ? "number"
    : "string";
  let text = "";
  for (;;) {
    const char = source.text[source.at];
    if (char === undefined || isLineEnd(char) || /[={};,"#]/.test(char)) break;
    const isBlank = char === " " || char === "\t";
    if (kind === "identifier") {
      // Not an identifier after all, but a string that keeps what was collected.
      if (!isBlank && !/[A-Za-z]/.test(char)) kind = "string";
    } else if (isBlank) break;
    else if (kind === "number" && !/[0-9]/.test(char)) kind = "string";
    if (!isBlank) text += char;
    source.at++;
  }
  return { kind, text };
}

function skipBlanks(source: Source): void {
  while (source.text[source.at] === " " || source.text[source.at] === "\t") source.at++;
}

function isLineEnd(char: string | undefined): boolean {
  return char === "\n" || char === "\r";
}

function newLine(source: Source): void {
  if (source.text[source.at] === "\r" && source.text[source.at + 1] === "\n") source.at++;
  source.at++;
  source.line++;
  source.lineStart = source.at;
}

function positionOf(source: Source): Position {
  const end = source.text.slice(source.lineStart).search(/[\r\n]/);
  return {
    file: source.file,
    line: source.line,
    column: source.at - source.lineStart + 1,
    text: end < 0
      ? source.text.slice(source.lineStart)
      : source.text.slice(source.lineStart, source.lineStart + end),
  };
}
