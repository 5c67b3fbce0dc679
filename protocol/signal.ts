/** The signals: negative numbers in place of a length, without payload (wire.md 3.4). */
export const Signal = {
  /** End of a data stream, more may follow; end of a command's output. */
  EOD: -1,
  /** End of data and poll in one. */
  EOD_POLL: -2,
  /** Send full status. */
  STATUS: -3,
  /** Conversation ended, closing. */
  TERMINATE: -4,
  /** Poll request: "I'm hanging on a read". */
  POLL: -5,
  /** Heartbeat. */
  HEARTBEAT: -6,
  /** Only answer permitted to a heartbeat. */
  HB_RESPONSE: -7,
  /** Unused, formerly "prompt for subcommand". */
  PROMPT: -8,
  /** Send your UTC time in microseconds. */
  BTIME: -9,
  /** Stop the current command (ctrl-c). */
  BREAK: -10,
  /** Start of a selection list (API 1). */
  START_SELECT: -11,
  /** End of a selection list (API 1). */
  END_SELECT: -12,
  /** Invalid command sent. */
  INVALID_CMD: -13,
  /** Command failed (API 1+). */
  CMD_FAILED: -14,
  /** Command succeeded (API 1+). */
  CMD_OK: -15,
  /** Command execution starts (API 1+). */
  CMD_BEGIN: -16,
  /** Messages waiting (API 1+). */
  MSGS_PENDING: -17,
  /** Server ready for the next command (API 1+). */
  MAIN_PROMPT: -18,
  /** Selection input wanted (API 1+). */
  SELECT_INPUT: -19,
  /** The next text is a warning (API 1+). */
  WARNING_MSG: -20,
  /** The next text is an error; the command failed (API 1+). */
  ERROR_MSG: -21,
  /** The next text is for a status line (API 1+). */
  INFO_MSG: -22,
  /** Run command follows (API 1+). */
  RUN_CMD: -23,
  /** Yes/no answer wanted (API 1+). */
  YESNO: -24,
  /** Restore file tree mode starts (all API modes). */
  START_RTREE: -25,
  /** Restore file tree mode ends. */
  END_RTREE: -26,
  /** The peer waits at a sub prompt. */
  SUB_PROMPT: -27,
  /** Text input wanted (API 1+). */
  TEXT_INPUT: -28,
} as const;

/** The number of a signal; unknown negative numbers of newer peers pass through. */
export type Signal = number;

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(Signal).map(([name, value]) => [value, name]),
);

/** The name of a signal for messages and logs, such as `EOD`. */
export function signalName(signal: Signal): string {
  return NAMES.get(signal) ?? `signal ${signal}`;
}

/** Signals that Bacula has besides (bacula.md 4.2). */
export const BaculaSignal = {
  /** Like TERMINATE; the reason was told elsewhere. */
  TERMINATE_REPORTED: -29,
  /** The connection may be kept for another job. */
  KEEP: -30,
  /** Of later versions. */
  LATER: -31,
} as const;
