/**
 * What a subcommand is: the data by which `roost` finds it, under its own name
 * and under the names Bareos and Bacula gave the same program.
 *
 * @module
 */

import type { Manual } from "./manual.ts";

/** A module that carries a subcommand out. */
export interface Program {
  /** What there is to say of it. */
  readonly manual: Manual;
  /**
   * Runs the subcommand with the words that follow its name.
   *
   * @returns the exit status
   */
  main(args: readonly string[]): Promise<number>;
}

/** One line of the table of subcommands. */
export interface Subcommand {
  /** The word after `roost`. */
  readonly name: string;
  /** Names of links under which this program is meant, such as `bareos-sd`. */
  readonly linkNames: readonly string[];
  /** Words that go before those of the command line where a link of this name is called. */
  readonly linkWords?: Readonly<Record<string, readonly string[]>>;
  /** One line for the help. */
  readonly summary: string;
  /** Loads the module, not before it is wanted. */
  load(): Promise<Program>;
}
