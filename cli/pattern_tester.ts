/**
 * What `roost bregex` and `roost bwild` share: they ask for patterns and print the lines of a file that
 * match, by the same code as the options of a FileSet (`Regex`, `Wild`). Prompts and options are those
 * of the programs of these names (watched: Debian's 9.6.7).
 *
 * @module
 */
import { parseArgs } from "node:util";
import { encodeText, messageOf } from "../bytes/mod.ts";
import { VERSION } from "../daemon/version.ts";
import { StreamLines } from "./console/mod.ts";
import { describeOptions, type Manual, type OptionTable, usageText } from "./manual.ts";

/** A kind of patterns. */
export interface PatternKind {
  /** Name of the program. */
  readonly program: string;
  /** As in `regex pattern`. */
  readonly asks: string;
  /** What stands before each answer. */
  readonly prompt: string;
  /** Makes the test of a pattern. @throws SyntaxError if it is malformed */
  compile(pattern: string, ignoreCase: boolean): (line: Uint8Array) => boolean;
}

const options = {
  file: {
    ...{ type: "string", short: "f", isShortOnly: true },
    ...{ value: "FILE", text: "the lines, such as names of files" },
  },
  ignoreCase: {
    ...{ type: "boolean", short: "i", isShortOnly: true },
    text: "capitals and small letters are the same",
  },
  bare: { type: "boolean", short: "l", isShortOnly: true, text: "without line numbers" },
  invert: { type: "boolean", short: "n", isShortOnly: true, text: "the lines that do not match" },
  debug: { type: "string", short: "d", isShortOnly: true, value: "LEVEL", text: "accepted" },
  dt: { type: "boolean" },
  help: { type: "boolean", short: "?", text: "this help" },
  version: { type: "boolean", text: "the version" },
} as const satisfies OptionTable;

/** What there is to say of a program that tries patterns. */
export function patternManual({ asks }: Pick<PatternKind, "asks">): Manual {
  return {
    synopsis: ["[-i] [-l] [-n] -f <data-file>"],
    about: `Asks for ${asks}s, one after the other, and prints the lines of the file that match.`,
    options: describeOptions(options),
  };
}

/** Runs one of the programs; the result is its exit status. */
export async function testPatterns(kind: PatternKind, args: readonly string[]): Promise<number> {
  const complain = (text: string): void => console.error(`${kind.program}: ${text}`);
  const usage = usageText(kind.program, patternManual(kind));
  let values: ReturnType<typeof parse>;
  try {
    values = parse(args);
  } catch (error) {
    complain(`${messageOf(error)}\n\n${usage}`);
    return 1;
  }
  if (values.help || values.version) {
    console.log(values.help ? usage : VERSION);
    return 0;
  }
  if (values.file === undefined) {
    complain(`A data file must be specified.\n\n${usage}`);
    return 1;
  }
  let lines: Uint8Array[];
  try {
    lines = linesOf(await Deno.readFile(values.file));
  } catch (error) {
    complain(`Cannot read ${values.file}: ${messageOf(error)}`);
    return 1;
  }
  const { ignoreCase = false, invert = false } = values;
  const input = new StreamLines(Deno.stdin.readable);
  for (;;) {
    write(encodeText(`${kind.prompt}`));
    const pattern = await input.next();
    if (pattern === undefined || pattern === "") break;
    try {
      const matches = kind.compile(pattern, ignoreCase);
      lines.forEach((line, at) => {
        if (matches(line) === invert) return;
        const number = values.bare ? "" : `${String(at + 1).padStart(5)}: `;
        write(encodeText(number), line, encodeText("\n"));
      });
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      write(encodeText(`Compile error: ${error.message}\n`));
    }
  }
  write(encodeText("\n"));
  return 0;
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: args.map((word) => word === "-dt" ? "--dt" : word),
    options,
  }).values;
}

/** The lines of a file, in bytes: names need not be UTF-8. */
function linesOf(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const found = bytes.indexOf(0x0a, at);
    const end = found < 0 ? bytes.length : found;
    lines.push(bytes.subarray(at, end));
    at = end + 1;
  }
  return lines;
}

function write(...parts: readonly Uint8Array[]): void {
  for (const part of parts) {
    for (let at = 0; at < part.length;) at += Deno.stdout.writeSync(part.subarray(at));
  }
}
