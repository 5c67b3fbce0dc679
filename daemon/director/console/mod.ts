/**
 * The console's side on the director (console.md).
 *
 * Commands are rows of a table (`command_table.ts`): name, help, arguments, where
 * they may be used. `handlers.ts` says which function carries each out, and a
 * session (`session.ts`) reads lines, finds the row by its prefix, checks the
 * console's rights and runs it. What a command prints goes through an output
 * (`console_output.ts`) that knows the three API modes; questions go through a
 * dialogue (`dialogue.ts`).
 *
 * @module
 */
import type { DirectorDaemon } from "../director_daemon.ts";
import type { ConsoleLogin } from "../visitors.ts";
import { consoleCommands } from "./handlers.ts";
import { ConsoleSession } from "./session.ts";

/** Serves a console that has logged in until it ends. */
export async function serveConsole(director: DirectorDaemon, login: ConsoleLogin): Promise<void> {
  await new ConsoleSession(director, login, consoleCommands).serve();
}
