/** From a command of a plugin's line to a program. @module */
import { PluginError } from "../../bpipe_definition.ts";
import { commandWords } from "../../command_words.ts";
import { mayRun } from "../run_scripts.ts";

/** Who may run what, and how. Plain data: threads get copies. */
export interface ProgramRules {
  /** Whether the director may have programs run at all (director-client.md 18, `runscript`). */
  readonly mayRunPrograms: boolean;
  /** Folders that programs must lie in; any if empty. */
  readonly allowedFolders: readonly string[];
  /** Whether a shell runs commands, as Bacula has it; never where folders are given. */
  readonly usesShell: boolean;
}

/** Percent codes of a writer, by their letter. */
export type PercentCodes = Readonly<Record<string, string>>;

/**
 * The words of the program that a command is: split first, so that what a code stands for stays in its word.
 * @throws {PluginError} if it may not be run, or is none
 */
export function programOf(
  command: string,
  { mayRunPrograms, allowedFolders, usesShell }: ProgramRules,
  codes: PercentCodes = {},
): string[] {
  const expand = (text: string): string =>
    text.replace(/%(.)/gs, (whole, code: string) => codes[code] ?? whole);
  if (!mayRunPrograms) {
    throw new PluginError(
      `"${command}" could not execute: Allowed Job Command of this file daemon has no runscript`,
    );
  }
  if (usesShell && allowedFolders.length === 0) return ["/bin/sh", "-c", expand(command)];
  const words = commandWords(command).map(expand);
  const [program = ""] = words;
  if (program === "") throw new PluginError(`"${command}" names no program`);
  if (!mayRun(program, allowedFolders)) {
    throw new PluginError(
      `"${command}" could not execute, not in one of the allowed scripts dirs`,
    );
  }
  return words;
}

/** A sign outside of quotes that a shell would understand and a program does not; undefined if none. */
export function shellSign(command: string): string | undefined {
  const bare = command.replace(/"[^"]*"|'[^']*'/g, "");
  return /(?:\||;|&|<|>|`|\$)/.exec(bare)?.[0];
}
