import { messageOf } from "../../bytes/mod.ts";
import {
  type Bootstrap,
  type BootstrapEntry,
  bootstrapEntry,
  nameKeywords,
  type NumberRange,
  rangeKeywords,
} from "./bootstrap.ts";
import { posixRegExp } from "./posix_reg_exp.ts";
import { VolumeError } from "./volume_error.ts";

/** A bootstrap is not well formed; the message is the job message of storage-daemon.md 11.1. */
export class BootstrapError extends VolumeError {
  /** The class, for logs. */
  override readonly name = "BootstrapError";

  /** An error at a line and column, both counted from 1. */
  constructor(
    readonly reason: string,
    readonly line: number,
    readonly column: number,
    file: string,
    text: string,
  ) {
    super(
      `Bootstrap file error: ${reason}\n` +
        `            : Line ${line}, col ${column} of file ${file}\n${text}\n`,
    );
  }
}

/** Longest bootstrap taken; one of ten million single files is smaller. */
const maximumLength = 256 * 1024 * 1024;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Lists = { [K in (typeof rangeKeywords)[number][1]]: NumberRange[] };
type Draft = Mutable<BootstrapEntry> & Lists & { jobs: string[]; clients: string[] };

type Kind = "volume" | "text" | "slot" | "ranges" | "names" | "count" | "regex" | "ignored";
const kinds: ReadonlyMap<string, readonly [kind: Kind, key: string]> = new Map<
  string,
  readonly [Kind, string]
>([
  ["volume", ["volume", ""]],
  ["mediatype", ["text", "mediaType"]],
  ["device", ["text", "device"]],
  ["storage", ["text", "storage"]],
  ["slot", ["slot", "slot"]],
  ["count", ["count", "count"]],
  ["fileregex", ["regex", "fileRegex"]],
  ["include", ["ignored", ""]],
  ["exclude", ["ignored", ""]],
  ["jobtype", ["ignored", ""]],
  ["joblevel", ["ignored", ""]],
  ...rangeKeywords.map(([word, key]) => [word.toLowerCase(), ["ranges", key]] as const),
  ...nameKeywords.map(([word, key]) => [word.toLowerCase(), ["names", key]] as const),
]);

/**
 * Reads a bootstrap (storage-daemon.md 11.1).
 * @param file name for messages
 * @throws {BootstrapError} at the first item that is not well formed
 */
export function parseBootstrap(text: string, file = "bootstrap"): Bootstrap {
  return new Parser(text, file).parse();
}

class Parser {
  readonly #text: string;
  readonly #file: string;
  readonly #entries: Draft[] = [];
  #storage: string | undefined;
  #at = 0;
  #line = 1;
  #lineStart = 0;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  parse(): Bootstrap {
    if (this.#text.length > maximumLength) throw this.#error("file is too large");
    for (;;) {
      this.#skipToItem();
      if (this.#at >= this.#text.length) return this.#entries;
      this.#item();
    }
  }

  #item(): void {
    const start = this.#at;
    const word = this.#match(/[^=\n;"#,]*/y).trim();
    const kind = kinds.get(word.replace(/[ \t]/g, "").toLowerCase());
    if (kind === undefined) throw this.#error(`Keyword ${word} not found`, start);
    if (this.#text[this.#at] !== "=") {
      const isValueless = kind[0] === "ignored";
      if (isValueless) return;
      throw this.#error(`expected an equals, got: ${this.#match(/[^\n]*/y) || "end of line"}`);
    }
    this.#at += 1;
    this.#blanks();
    this.#value(word, kind[0], kind[1]);
  }

  #value(word: string, kind: Kind, key: string): void {
    if (kind === "volume") {
      const names = this.#word().split("|").filter((name) => name !== "");
      if (names.length === 0) throw this.#error("expected a volume name");
      const storage = this.#storage === undefined ? {} : { storage: this.#storage };
      this.#storage = undefined;
      this.#entries.push(bootstrapEntry(names, storage) as Draft);
      return;
    }
    if (kind === "ignored") {
      this.#match(/[^\n;]*/y);
      return;
    }
    if (key === "storage") {
      // Written before the Volume it belongs to.
      this.#storage = this.#word();
      return;
    }
    const entry = this.#entries.at(-1);
    const start = this.#at;
    if (entry === undefined) {
      throw this.#error(`${word} ${this.#match(/[^\n]*/y)} in bsr at inappropriate place`, start);
    }
    switch (kind) {
      case "text":
        Object.assign(entry, { [key]: this.#word() });
        break;
      case "regex":
        entry.fileRegex = this.#regex();
        break;
      case "slot":
      case "count":
        entry[kind] = this.#number();
        this.#match(/[^\n]*/y);
        break;
      case "names":
        this.#list(() => entry[key as "jobs" | "clients"].push(this.#word()));
        break;
      case "ranges":
        this.#list(() => entry[key as keyof Lists].push(this.#range()));
        break;
    }
  }

  #list(item: () => void): void {
    do {
      this.#blanks();
      item();
      this.#blanks();
    } while (this.#match(/,/y) !== "");
  }

  #range(): NumberRange {
    const first = this.#number();
    const last = this.#match(/-/y) === "" ? first : this.#number();
    return { first, last };
  }

  #number(): number {
    const digits = this.#match(/\d{1,20}/y);
    const value = Number(digits);
    if (digits === "" || !Number.isSafeInteger(value)) {
      throw this.#error(`expected an integer or a range, got: ${this.#match(/[^\n]*/y)}`);
    }
    return value;
  }

  #word(): string {
    if (this.#text[this.#at] !== '"') {
      const word = this.#match(/[^\n;,#]*/y).trim();
      if (word === "") throw this.#error("expected a string");
      return word;
    }
    const start = this.#at;
    const quoted = this.#match(/"(?:[^"\\\n]|\\[^\n])*"/y);
    if (quoted === "") throw this.#error("string has no end", start);
    return quoted.slice(1, -1).replace(/\\(.)/g, "$1");
  }

  #regex(): string {
    const text = this.#match(/[^\n]*/y);
    try {
      posixRegExp(text);
    } catch (cause) {
      throw this.#error(
        `REGEX '${text}' compile error. ERR=${messageOf(cause)}`,
      );
    }
    return text;
  }

  #skipToItem(): void {
    for (;;) {
      const skipped = this.#match(/(?:[ \t\r;]|#[^\n]*)+/y);
      if (this.#text[this.#at] === "\n") {
        this.#at += 1;
        this.#line += 1;
        this.#lineStart = this.#at;
      } else if (skipped === "") return;
    }
  }

  #blanks(): void {
    this.#match(/[ \t\r]*/y);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }

  #error(reason: string, at = this.#at): BootstrapError {
    const end = this.#text.indexOf("\n", this.#lineStart);
    const text = this.#text.slice(this.#lineStart, end < 0 ? undefined : end).slice(0, 1000);
    return new BootstrapError(reason, this.#line, at - this.#lineStart + 1, this.#file, text);
  }
}
