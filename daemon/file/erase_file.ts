/** `Secure Erase Command` of the file daemon: for files that a restore replaces. @module */
import { messageOf } from "../../bytes/mod.ts";
import { commandWords } from "../command_words.ts";

/** Runs the command with a file's name behind it, in a thread; what went wrong, if anything did. */
export function eraseFile(command: string, path: string): string | undefined {
  const [program = "", ...args] = commandWords(command);
  try {
    const { success, code } = new Deno.Command(program, {
      args: [...args, path],
      ...{ stdin: "null", stdout: "null", stderr: "null" } as const,
    }).outputSync();
    return success ? undefined : `secure erase command "${command}" ended with status ${code}`;
  } catch (error) {
    const why = messageOf(error);
    return `secure erase command "${command}" could not be run: ${why}`;
  }
}
