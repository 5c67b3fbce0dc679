/**
 * The system under the file daemon.
 *
 * {@linkcode Platform} is what the daemon asks of it: stat with nanoseconds, directories in bulk,
 * symbolic and hard links, device nodes, owners, modes, times, holes, extended attributes and access
 * control lists, for names that are any bytes and paths of any length. {@linkcode openPlatform} gives
 * the one for this machine, made of calls to the C library. All calls are synchronous and belong in
 * threads; everything that fails is a {@linkcode SystemError} with the system's own words.
 *
 * @module
 */
export type {
  AclKind,
  BytePath,
  Descriptor,
  DirectoryReader,
  FileTime,
  OpenOptions,
  Platform,
  PlatformStat,
} from "./platform.ts";
export { isSystemError, reasonOf, SystemError, type SystemErrorName } from "./system_error.ts";
export { openPlatform } from "./open_platform.ts";
export { type ChildProgram, type ProgramEnd, type ProgramOrder, Programs } from "./programs.ts";
export {
  makeStopWord,
  restTime,
  stop,
  stoppable,
  StoppedError,
  type StopWord,
  throwIfStopped,
} from "./stoppable.ts";
