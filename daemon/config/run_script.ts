/** RunScript blocks and their short forms (configuration.md 9). @module */
import { ConfigurationError, suggestion } from "./errors.ts";
import type { Scanner, Token } from "./scanner.ts";
import { booleanOf, expectBrace, expectEquals, nextSolid, readBlock } from "./statement.ts";

/** One script of a job. */
export interface RunScript {
  readonly command: string;
  readonly isConsoleCommand: boolean;
  /** Mask: 1 After, 2 Before, 4 AfterVSS; 3 Always; 0 never. */
  readonly when: number;
  /** Client on which it runs (`%c` for the job's), empty for the director. */
  readonly target: string;
  readonly onSuccess: boolean;
  readonly onFailure: boolean;
  readonly failJobOnError: boolean;
  /** The short form that it was written in, if any. */
  readonly shortForm?: string;
}

/** When a script runs: the words and their masks. */
export const runsWhen: Readonly<Record<string, number>> = {
  Before: 2,
  After: 1,
  AfterVSS: 4,
  Always: 3,
};

/** The short forms and what they stand for (9.2). */
export const shortForms: Readonly<Record<string, Omit<RunScript, "command">>> = {
  RunBeforeJob: short(2, "", true, false, true),
  RunAfterJob: short(1, "", true, false, false),
  RunAfterFailedJob: short(1, "", false, true, false),
  ClientRunBeforeJob: short(2, "%c", true, false, true),
  ClientRunAfterJob: short(1, "%c", true, false, false),
};

function short(
  when: number,
  target: string,
  onSuccess: boolean,
  onFailure: boolean,
  failJobOnError: boolean,
): Omit<RunScript, "command"> {
  return { isConsoleCommand: false, when, target, onSuccess, onFailure, failJobOnError };
}

/** The script of a short form. */
export function shortScript(name: string, command: string): RunScript {
  const form = shortForms[name];
  if (form === undefined) throw new RangeError(`${name} is no short form of a script`);
  return { ...form, command, shortForm: name };
}

/** The keywords of a RunScript block. */
export const scriptKeywords: readonly string[] = [
  "Command",
  "Console",
  "RunsWhen",
  "RunsOnClient",
  "Target",
  "RunsOnSuccess",
  "RunsOnFailure",
  "FailJobOnError",
  "AbortJobOnError",
];

/** Reads a RunScript block: one script for each of its commands, in their order. */
export function readRunScript(scanner: Scanner, keyword: Token): RunScript[] {
  const commands: { command: string; isConsoleCommand: boolean }[] = [];
  let when = 0;
  let target = "%c";
  let onSuccess = true;
  let onFailure = false;
  let failJobOnError = true;
  expectBrace(scanner, keyword, `Expecting open brace. Got ${keyword.text}`);
  readBlock(scanner, (word) => {
    expectEquals(scanner);
    const value = nextSolid(scanner);
    if (/^([={},]|end of file)$/.test(value.kind)) {
      throw ConfigurationError.at(
        value.position,
        `expected a value for ${word.text}, got: ${value.text}`,
      );
    }
    scanner.endStatement();
    switch (word.text.toLowerCase()) {
      case "command":
        commands.push({ command: value.text, isConsoleCommand: false });
        break;
      case "console":
        commands.push({ command: value.text, isConsoleCommand: true });
        break;
      case "runswhen": {
        const found = Object.entries(runsWhen)
          .find(([name]) => name.toLowerCase() === value.text.toLowerCase());
        if (found === undefined) {
          throw ConfigurationError.at(
            value.position,
            `Expect Before, After, AfterVSS or Always, got: ${value.text}`,
          );
        }
        when = found[1];
        break;
      }
      case "runsonclient":
      case "target":
        target = { yes: "%c", no: "" }[value.text.toLowerCase()] ?? value.text;
        break;
      case "runsonsuccess":
        onSuccess = booleanOf(value);
        break;
      case "runsonfailure":
        onFailure = booleanOf(value);
        break;
      case "failjobonerror":
      case "abortjobonerror":
        failJobOnError = booleanOf(value);
        break;
      default:
        throw ConfigurationError.at(
          word.position,
          `Keyword ${word.text} not permitted in this resource${
            suggestion(word.text, scriptKeywords)
          }`,
        );
    }
  });
  return commands.map(({ command, isConsoleCommand }) => ({
    command,
    isConsoleCommand,
    when,
    target: isConsoleCommand ? "" : target,
    onSuccess,
    onFailure,
    failJobOnError,
  }));
}
