import { readFileSync } from "node:fs";
import { decodeText, messageOf } from "../../../bytes/mod.ts";
import { JobFailure } from "../jobs/job_failure.ts";
import { commandWords } from "../../command_words.ts";
import { expandPercentCodes, type PercentCodes } from "../percent_codes.ts";
import type { FileSetBlock, FileSetResource } from "../resources.ts";
import { runCommand } from "../run_command.ts";

/** What the lines of a FileSet depend on besides the FileSet. */
export interface FileSetLineOptions {
  /** Whether the storage takes compressed data (`Allow Compression`). */
  readonly allowCompression: boolean;
  /** Codes for `|command` entries. */
  readonly codes: PercentCodes;
  /** Ends the programs that entries name. */
  readonly abort?: AbortSignal;
  /** What a client is told in place of a line for a plugin; the line itself if absent. */
  readonly pluginLine?: (line: string) => string;
  /** Told once for each Options block whose compression is dropped. */
  readonly onCompressionDropped: () => void;
}

/** The letters of a block without Options. */
const DEFAULT_LETTERS = "HAX";

/**
 * The lines that tell a file daemon what to save, in the order of the wire (director-client.md 6.2).
 * They are sent as they come out, a frame each; those from a list keep their line ends.
 * @throws {JobFailure} if a list of names cannot be read
 */
export async function* fileSetLines(
  fileSet: FileSetResource,
  options: FileSetLineOptions,
): AsyncGenerator<string> {
  for (const block of fileSet.include) yield* blockLines("I", block, options);
  for (const block of fileSet.exclude) yield* blockLines("E", block, options);
}

async function* blockLines(
  code: "I" | "E",
  block: FileSetBlock,
  options: FileSetLineOptions,
): AsyncGenerator<string> {
  yield `${code}\n`;
  for (const name of block.excludeDirContaining) yield `Z ${name}\n`;
  const blocks = block.options.length > 0
    ? block.options
    : [{ letters: DEFAULT_LETTERS, lines: [] }];
  for (const { letters, lines } of blocks) {
    yield `O ${options.allowCompression ? letters : withoutCompression(letters, options)}\n`;
    for (const [subcode, value] of lines) yield `${subcode} ${value}\n`;
    yield "N\n";
  }
  for (const entry of block.file) yield* entryLines("F", entry, options);
  yield "N\n";
  const { pluginLine = (line: string) => line } = options;
  for (const entry of block.plugin) {
    for await (const line of entryLines("P", entry, options)) {
      yield `P ${pluginLine(line.slice(2))}`;
    }
  }
  yield "N\n";
}

async function* entryLines(
  code: "F" | "P",
  entry: string,
  options: FileSetLineOptions,
): AsyncGenerator<string> {
  const rest = entry.slice(1);
  switch (entry[0]) {
    case "|":
      for (const line of await linesOfCommand(rest, options)) yield `${code} ${line}`;
      return;
    case "<":
      for (const line of linesOfFile(rest)) yield `${code} ${line}`;
      return;
    case "\\":
      yield `${code} ${rest}`;
      return;
    default:
      yield `${code} ${entry}`;
  }
}

async function linesOfCommand(command: string, options: FileSetLineOptions): Promise<string[]> {
  const expanded = commandWords(command).map((word) => expandPercentCodes(word, options.codes));
  const [program = "", ...args] = expanded;
  const result = await runCommand(program, args, options.abort && { abort: options.abort });
  if (result.status === 0) return splitLines(result.output);
  throw new JobFailure(`Error running program: ${expanded.join(" ")}. ERR=${result.why}`);
}

function linesOfFile(path: string): string[] {
  try {
    return splitLines(decodeText(readFileSync(path)));
  } catch (cause) {
    const why = messageOf(cause);
    throw new JobFailure(`Cannot open included file: ${path}. ERR=${why}`, { cause });
  }
}

function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** Arguments of letters end at `:`; what is inside them is no letter. */
const LETTERS = /[CJPVz][^:]*:|Z(?:f.|.)|S[1-4]|E(?:a.|c.|h.|.)|d[0-9]|./g;

/** The option letters with their arguments, one an element: `MZ6C5:` as `M`, `Z6`, `C5:`. */
export function splitLetters(letters: string): string[] {
  return letters.match(LETTERS) ?? [];
}

function withoutCompression(letters: string, options: FileSetLineOptions): string {
  const all = splitLetters(letters);
  const kept = all.filter((letter) => !letter.startsWith("Z"));
  if (kept.length < all.length) options.onCompressionDropped();
  return kept.join("");
}

/** The names of compression algorithms in reports (catalog-and-jobs.md 22.3). */
const ALGORITHMS: Readonly<Record<string, string>> = {
  Zo: "lzo",
  Zff: "lzfast",
  Zf4: "lz4",
  Zfh: "lz4hc",
};

/** The compression algorithms that a FileSet asks for, each once. */
export function compressionOf(fileSet: FileSetResource | undefined): string[] {
  const found = new Set<string>();
  for (const { options } of fileSet?.include ?? []) {
    for (const { letters } of options) {
      for (const letter of splitLetters(letters)) {
        if (letter.startsWith("Z")) found.add(ALGORITHMS[letter] ?? "gzip");
      }
    }
  }
  return [...found];
}

/** The values whose digest tells one version of a FileSet from another (6.1). */
export function fileSetValues(fileSet: FileSetResource): string[] {
  return [...fileSet.include, ...fileSet.exclude].flatMap((block) => [
    ...block.file,
    ...block.plugin,
  ]);
}

/** What the `Accurate` options ask for, all blocks together: `mcs5`. */
export function accurateOptions(fileSet: FileSetResource | undefined): string {
  return argumentsOf(fileSet, "C").join("");
}

/** Whether the list of base jobs needs digests: `BaseJob` asks for them, or says nothing (7). */
export function needsBaseDigests(fileSet: FileSetResource | undefined): boolean {
  const all = argumentsOf(fileSet, "J");
  return all.length === 0 || all.some((options) => /[15]/.test(options));
}

/** The arguments of a letter, block after block. */
function argumentsOf(fileSet: FileSetResource | undefined, wanted: string): string[] {
  return (fileSet?.include ?? []).flatMap(({ options }) =>
    options.flatMap(({ letters }) =>
      splitLetters(letters).filter((letter) => letter.startsWith(wanted))
        .map((letter) => letter.slice(1, -1))
    )
  );
}
