import { decodeText, encodeText, messageOf } from "../../../bytes/mod.ts";
import { posixRegExp } from "../../../storage/volume/mod.ts";
import {
  defaultOptions,
  type FileSet,
  type OptionsBlock,
  type Pattern,
  type SelectionBlock,
} from "./file_set.ts";
import { parseOptionLetters } from "./option_letters.ts";
import { runProgram } from "../../run_program.ts";
import { commandWords } from "../../command_words.ts";

/** A FileSet that cannot be used. `jobMessage` is the text of the fatal message, if there is one. */
export class FileSetError extends Error {
  /** What it is called. */
  override readonly name = "FileSetError";
  /** What to tell the director, line feed included; undefined where Bareos ends in silence. */
  readonly jobMessage: string | undefined;

  /** An error with a message for the director or without one. */
  constructor(why: string, jobMessage?: string, cause?: unknown) {
    super(`Cannot use FileSet: ${why}`, { cause });
    this.jobMessage = jobMessage;
  }
}

/** What a builder needs of the rest of the file daemon. */
export interface FileSetBuilderOptions {
  /** Replaces the percent codes of a command (director-client.md 8.2); none if absent. */
  expand?(command: string): string;
  /** Ends the programs that entries name. */
  readonly aborted?: AbortSignal | undefined;
  /** Told what goes to the daemon's own log. */
  onWarning?(text: string): void;
}

interface OpenOptions {
  letters: string;
  readonly patterns: Pattern[];
  readonly fileSystemTypes: string[];
  readonly driveTypes: string[];
  readonly plugins: string[];
}

interface OpenBlock {
  readonly blocks: OpenOptions[];
  /** Entries as they came: some are lists that are read when the FileSet is built. */
  readonly entries: string[];
  readonly plugins: string[];
  readonly ignoreDirectoriesContaining: string[];
}

/** Longest line of a list; what is longer goes on as another line (director-client.md 6.2). */
const listLineLimit = 999;

/** What the subcodes of `R` and `W` stand for. */
const scopes: Readonly<Record<string, Readonly<Record<string, Pattern["scope"]>>>> = {
  R: { "": "all", D: "directories", F: "files" },
  W: { "": "all", D: "directories", F: "files", B: "baseNames" },
};

/**
 * Builds a FileSet from the lines that a director sends after `fileset` (director-client.md 6).
 * The first error stops it: further lines are ignored, and {@linkcode build} throws it.
 */
export class FileSetBuilder {
  readonly #options: FileSetBuilderOptions;
  readonly #includes: OpenBlock[] = [];
  readonly #excludes: OpenBlock[] = [];
  #block: OpenBlock | undefined;
  #current: OpenOptions | undefined;
  #error: FileSetError | undefined;

  /** Begins an empty FileSet. */
  constructor(options: FileSetBuilderOptions = {}) {
    this.#options = options;
  }

  /** Takes the next line, with or without a line feed. */
  add(line: Uint8Array | string): void {
    if (this.#error !== undefined) return;
    const text = (typeof line === "string" ? line : decodeText(line)).replace(/[\n\r ]+$/, "");
    if (text === "") return;
    const code = text.charAt(0);
    const subcode = text.length > 1 && text.charAt(1) !== " " ? text.charAt(1) : "";
    const rest = text.slice(1 + subcode.length);
    const value = rest.startsWith(" ") ? rest.slice(1) : rest;
    try {
      this.#take(code, subcode, value);
    } catch (error) {
      if (!(error instanceof FileSetError)) throw error;
      this.#error = error;
    }
  }

  /**
   * The FileSet, once all lines are there. Reads the lists and runs the programs that entries ask for.
   * @throws {FileSetError} the first one
   */
  async build(): Promise<FileSet> {
    if (this.#error !== undefined) throw this.#error;
    const includes: SelectionBlock[] = [];
    for (const block of this.#includes) {
      const include = await this.#finish(block);
      includes.push({ ...include, entries: include.entries.map(withoutEndSlashes) });
    }
    const excludes: SelectionBlock[] = [];
    for (const block of this.#excludes) excludes.push(await this.#finish(block));
    return { includes, excludes };
  }

  #take(code: string, subcode: string, value: string): void {
    switch (code) {
      case "I":
      case "E":
        if (subcode !== "") throw new FileSetError(`line ${code} has subcode ${subcode}`);
        return this.#begin(code === "I" ? this.#includes : this.#excludes);
      case "Z":
        this.#current = undefined;
        return void this.#open().ignoreDirectoriesContaining.push(value);
      case "F":
        this.#current = undefined;
        if (value !== "") this.#open().entries.push(value);
        return;
      case "P":
        this.#current = undefined;
        if (value !== "") this.#open().plugins.push(value);
        return;
      case "N":
        this.#current = undefined;
        return;
      case "O":
        this.#openOptions().letters += value;
        return;
      case "R":
      case "W":
        return this.#addPattern(code, subcode, value);
      case "X":
        if (subcode !== "" && subcode !== "D") {
          throw new FileSetError(`line X has subcode ${subcode}`);
        }
        this.#openOptions()[subcode === "" ? "fileSystemTypes" : "driveTypes"].push(value);
        return;
      case "G":
        return void this.#openOptions().plugins.push(value);
      case "B":
      case "D":
      case "T":
        // Names of base jobs, which old directors send; reader and writer programs: without effect.
        this.#openOptions();
        return;
      default:
        throw new FileSetError(
          `unknown line ${code}`,
          `Invalid FileSet command: ${value}\n`,
        );
    }
  }

  #begin(blocks: OpenBlock[]): void {
    this.#block = { blocks: [], entries: [], plugins: [], ignoreDirectoriesContaining: [] };
    blocks.push(this.#block);
    this.#current = undefined;
  }

  #open(): OpenBlock {
    if (this.#block === undefined) throw new FileSetError("a line stands before the first block");
    return this.#block;
  }

  /** The Options block that lines belong to; a new one if the last line was of another kind. */
  #openOptions(): OpenOptions {
    const { blocks } = this.#open();
    if (this.#current === undefined) {
      this.#current = {
        letters: "",
        patterns: [],
        fileSystemTypes: [],
        driveTypes: [],
        plugins: [],
      };
      blocks.push(this.#current);
    }
    return this.#current;
  }

  #addPattern(code: string, subcode: string, text: string): void {
    const scope = scopes[code]?.[subcode];
    if (scope === undefined) throw new FileSetError(`line ${code} has subcode ${subcode}`);
    const { patterns, letters } = this.#openOptions();
    const kind = code === "R" ? "regex" : "wild";
    if (kind === "regex") {
      try {
        posixRegExp(text, { ignoreCase: parseOptionLetters(letters).options.ignoreCase });
      } catch (error) {
        const why = messageOf(error);
        throw new FileSetError(why, `REGEX ${text} compile error. ERR=${why}\n`, error);
      }
    }
    patterns.push({ kind, scope, text });
  }

  async #finish(block: OpenBlock): Promise<SelectionBlock> {
    const entries: string[] = [];
    for (const entry of block.entries) entries.push(...await this.#expandEntry(entry));
    const plugins: string[] = [];
    for (const line of block.plugins) plugins.push(...await this.#expandEntry(line));
    const blocks = block.blocks.map((open) => this.#finishOptions(open));
    const all = blocks.map(({ options }) => options);
    return {
      blocks: blocks.length > 0 ? blocks : [{ options: defaultOptions, ...noPatterns() }],
      entries: entries.filter((entry) => entry !== "").map(encodeText),
      plugins: plugins.filter((line) => line !== ""),
      pluginFiles: [],
      ignoreDirectoriesContaining: block.ignoreDirectoriesContaining,
      accurate: all.findLast(({ accurate }) => accurate !== undefined)?.accurate ?? "mcs",
      verify: limitVerify(`V${all.map(({ verify }) => verify).join("")}`),
      baseJob: all.findLast(({ baseJob }) => baseJob !== undefined)?.baseJob ?? "spug5",
    };
  }

  #finishOptions({ letters, ...rest }: OpenOptions): OptionsBlock {
    const { options, unknown } = parseOptionLetters(letters);
    for (const letter of unknown) {
      this.#options.onWarning?.(`Unknown include/exclude option: ${letter}\n`);
    }
    return { options, ...rest };
  }

  /** An entry, or the entries in the list that it stands for. */
  async #expandEntry(entry: string): Promise<string[]> {
    if (entry.startsWith("|")) return splitList(await this.#runProgram(entry.slice(1)));
    if (!entry.startsWith("<")) return [entry];
    const name = entry.slice(1);
    try {
      return splitList(await Deno.readFile(name));
    } catch (error) {
      const why = describe(error);
      throw new FileSetError(why, `Cannot open FileSet input file: ${name}. ERR=${why}\n`, error);
    }
  }

  async #runProgram(text: string): Promise<Uint8Array> {
    const { expand = (word: string) => word, aborted } = this.#options;
    const command = expand(text);
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    const { status, why } = await runProgram(commandWords(text).map(expand), {
      aborted,
      onOutput(bytes, from) {
        if (from === "stderr") return;
        length += bytes.length;
        if (length <= longestList) pieces.push(bytes.slice());
      },
    });
    if (status < 0) throw new FileSetError(why, `Cannot run program: ${command}. ERR=${why}\n`);
    const problem = status === 0 && length > longestList ? "its list is too long" : why;
    if (problem !== "") {
      throw new FileSetError(
        problem,
        `Error running program: ${command}. status=${status}: ERR=${problem}\n`,
      );
    }
    return new Uint8Array(await new Blob(pieces).arrayBuffer());
  }
}

/** Bytes of names that a program may give. */
const longestList = 64 << 20;

/** `/home/` means `/home`; `/` stays. */
function withoutEndSlashes(entry: Uint8Array): Uint8Array {
  let end = entry.length;
  while (end > 1 && entry[end - 1] === 0x2f) end -= 1;
  return entry.subarray(0, end);
}

function noPatterns(): Omit<OptionsBlock, "options"> {
  return { patterns: [], fileSystemTypes: [], driveTypes: [], plugins: [] };
}

/** What a verify job compares has room for 20 bytes (director-client.md 23.3). */
function limitVerify(text: string): string {
  return text.slice(0, 20);
}

/** The lines of a list, without the spaces at their ends; long ones in pieces. */
function splitList(bytes: Uint8Array): string[] {
  const lines: string[] = [];
  for (let start = 0; start < bytes.length;) {
    const feed = bytes.indexOf(0x0a, start);
    const end = feed < 0 ? bytes.length : feed;
    for (let at = start; at < end; at += listLineLimit) {
      const piece = decodeText(bytes.subarray(at, Math.min(end, at + listLineLimit)));
      lines.push(piece.replace(/[\r ]+$/, ""));
    }
    start = end + 1;
  }
  return lines;
}

function describe(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "No such file or directory";
  if (error instanceof Deno.errors.PermissionDenied) return "Permission denied";
  return messageOf(error);
}
