/**
 * Exit statuses other than 0 and 1, as numbers for the programs and as words for their manual pages. Those
 * of Bareos have two, which its tools for volumes have the other way round (storage-daemon.md 12).
 *
 * @module
 */

/** What a status of its own is for, in words. */
const meanings = {
  badCommandLine: "the command line cannot be understood",
  badConfiguration: "the configuration is wrong, or cannot be read",
} as const satisfies Record<keyof ExitStatuses, string>;

/** Statuses by what they are for. */
export interface ExitStatuses {
  readonly badCommandLine?: number;
  readonly badConfiguration?: number;
}

/** Of the daemons and the console. */
export const daemonStatuses = { badCommandLine: 41, badConfiguration: 42 } as const;

/** Of programs that are Roost's own. */
export const ownStatuses = { badCommandLine: 41 } as const;

/** Of `bls`, `bextract`, `bscan`, `bcopy` and `btape`. */
export const toolStatuses = { badCommandLine: 42, badConfiguration: 41 } as const;

/** Statuses as a manual has them. */
export function describeStatuses(
  { badCommandLine, badConfiguration }: ExitStatuses,
): Readonly<Record<number, string>> {
  return {
    ...(badCommandLine === undefined ? {} : { [badCommandLine]: meanings.badCommandLine }),
    ...(badConfiguration === undefined ? {} : { [badConfiguration]: meanings.badConfiguration }),
  };
}
