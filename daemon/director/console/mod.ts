/**
 * The console's side on the director (console.md): a table of commands, each in a
 * module of its own or with its likes, and a session that reads lines, carries
 * them out and sends what they print.
 *
 * @module
 */
import type { ConsoleLogin, DirectorDaemon } from "../director_daemon.ts";
import { estimateCommand } from "./estimate_command.ts";
import { cancelCommand, messagesCommand, waitCommand } from "./job_commands.ts";
import { listCommand, longListCommand } from "./list_command.ts";
import { otherCommands } from "./other_commands.ts";
import { restoreCommand } from "./restore_command.ts";
import { runCommand } from "./run_command.ts";
import { type ConsoleCommand, ConsoleSession } from "./session.ts";
import { statusCommand } from "./status_command.ts";

/** Every command, in the order in which prefixes are compared. */
export const consoleCommands: readonly ConsoleCommand[] = [
  cancelCommand,
  estimateCommand,
  listCommand,
  longListCommand,
  messagesCommand,
  restoreCommand,
  runCommand,
  statusCommand,
  waitCommand,
  ...otherCommands,
].toSorted((a, b) => a.name < b.name ? -1 : 1);

/** Serves a console that has logged in until it ends. */
export async function serveConsole(director: DirectorDaemon, login: ConsoleLogin): Promise<void> {
  await new ConsoleSession(director, login.connection, login.console, consoleCommands).serve();
}

export { type ConsoleCommand, ConsoleSession } from "./session.ts";
