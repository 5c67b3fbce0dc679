/**
 * The file daemon (director-client.md): it walks the file set of a job, sends the
 * files to a storage daemon, and puts them back.
 *
 * A director's session ({@linkcode DirectorSession}) serves a table of commands.
 * `fileset/` says which files, `platform/` how the system is asked, `backup/` is
 * the thread that reads and frames, `restore/` the other direction. The main
 * thread only passes buffers between a thread and the storage daemon.
 *
 * @module
 */
export { DirectorSession } from "./director_session.ts";
export { FileDaemon, type FileDaemonOptions, type RunningFileDaemon } from "./file_daemon.ts";
export { type FileModes, fileOptions } from "./file_options.ts";
