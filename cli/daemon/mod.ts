/**
 * A daemon as a process: its command line (`daemon_options.ts`), going to the background
 * (`detach.ts`), its pid file, the user it runs as, and what it prints of its configuration
 * (`export_configuration.ts`). {@linkcode runDaemon} puts them together.
 *
 * @module
 */
export {
  type DaemonKind,
  runDaemon,
  type RunningDaemon,
  Signals,
  type StartDaemon,
} from "./run_daemon.ts";
export { type DaemonOptions, daemonOptionsOf, type DaemonProgram } from "./daemon_options.ts";
export { exportedSchema, exportedText } from "./export_configuration.ts";
export { checkWorkingDirectory, endedJobsFile } from "./working_directory.ts";
export { ownCommand } from "./detach.ts";
