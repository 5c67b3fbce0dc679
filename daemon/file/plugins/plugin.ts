/** What a plugin is, as the file daemon sees it. @module */

/** A file that a plugin saves: what it is called, and the command that writes its contents. */
export interface ReadByCommand {
  /** Its name on the volume and in the catalog, which need not be that of a file. */
  readonly name: string;
  /** The command whose output it is. */
  readonly reader: string;
}

/**
 * A plugin of the file daemon: it understands the `Plugin` lines of a FileSet that begin with its name, and
 * gives files that come from commands and go back to commands. A line is `<name>:<definition>`; options
 * (`FD Plugin Options` of a Job, `pluginoptions` of a restore) have the same form, and what they define
 * counts instead of what the line does, the last one most.
 */
export interface FilePlugin {
  /** Its name: what stands before the first colon of a line. */
  readonly name: string;
  /** The files that a line stands for. @throws {PluginError} if it cannot be understood */
  filesOf(definition: string, options: readonly string[]): readonly ReadByCommand[];
  /**
   * The command that takes the contents of a file that a line has saved; undefined if there is none, and
   * it is to be an ordinary file. @throws {PluginError} if the line cannot be understood
   */
  writerOf(definition: string, name: string, options: readonly string[]): string | undefined;
}
