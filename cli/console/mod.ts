/**
 * The console program: lines in, commands to the director, answers out (console.md 1).
 *
 * Lines come from a {@linkcode LineSource} (a terminal with editing, history and completion, a pipe,
 * a file), local commands begin with `@`, everything else goes to the director over a console
 * session; {@linkcode ConsoleLoop} is that loop, and a {@linkcode ProgressLine} is what a terminal
 * shows meanwhile.
 *
 * @module
 */
export { type Ask, complete, keywords } from "./completion.ts";
export { ConsoleLoop, type ConsoleLoopOptions } from "./console_loop.ts";
export { type LineSource, StreamLines } from "./line_source.ts";
export {
  formatTime,
  type LocalContext,
  type LocalOutcome,
  runLocalCommand,
  splitWords,
} from "./local_commands.ts";
export {
  type ConsoleOptions,
  consoleOptions,
  parseConsoleOptions,
  type ParsedOptions,
} from "./options.ts";
export { Output, StreamError } from "./output.ts";
export {
  formatProgress,
  type JobProgress,
  parseProgress,
  ProgressLine,
  type ProgressOptions,
} from "./progress.ts";
export { runConsole } from "./run_console.ts";
export {
  chooseDirector,
  chooseIdentity,
  type ConsoleIdentity,
  type ConsoleSettings,
  type DirectorSettings,
  SettingsError,
} from "./settings.ts";
export { type Completer, TerminalLines, type TerminalOptions } from "./terminal_lines.ts";
