/** Destinations of a Messages resource (configuration.md 10.2, 10.3). @module */
import { ConfigurationError, suggestion } from "./errors.ts";
import type { Scanner, Token } from "./scanner.ts";

/** Where messages go. */
export type DestinationKind =
  | "append"
  | "catalog"
  | "console"
  | "director"
  | "file"
  | "mail"
  | "mailOnError"
  | "mailOnSuccess"
  | "operator"
  | "stderr"
  | "stdout"
  | "syslog";

/** One destination of a Messages resource. */
export interface Destination {
  readonly kind: DestinationKind;
  /** The path of a file, the addresses of a mail joined by blanks, the facility of syslog. */
  readonly address: string;
  /** The types of messages that go there. */
  readonly types: ReadonlySet<number>;
  /** Mail or operator command; empty for the built-in one. */
  readonly command: string;
  /** strftime format of the time stamp; empty for the daemon's own. */
  readonly timestampFormat: string;
}

/** The types of messages by their words (10.3). */
export const messageTypes: Readonly<Record<string, number>> = {
  abort: 1,
  debug: 2,
  fatal: 3,
  error: 4,
  warning: 5,
  info: 6,
  saved: 7,
  notsaved: 8,
  skipped: 9,
  mount: 10,
  terminate: 12,
  restored: 13,
  security: 14,
  alert: 15,
  volmgmt: 16,
  audit: 17,
};

const allTypes = Array.from({ length: 17 }, (_, at) => at + 1);

const withAddress: ReadonlySet<DestinationKind> = new Set([
  "append",
  "director",
  "file",
  "mail",
  "mailOnError",
  "mailOnSuccess",
  "operator",
]);

/** What stands before a destination and belongs to it. */
export interface DestinationContext {
  readonly mailCommand: string;
  readonly operatorCommand: string;
  readonly timestampFormat: string;
}

/** Reads what stands behind a destination's `=`, up to the end of the statement. */
export function readDestination(
  scanner: Scanner,
  kind: DestinationKind,
  context: DestinationContext,
): Destination {
  const tokens: Token[] = [];
  for (;;) {
    const token = scanner.next("words");
    if (token.kind === "end of line") break;
    if (token.kind === "}" || token.kind === "end of file") {
      scanner.pushBack(token);
      break;
    }
    tokens.push(token);
  }
  const equals = tokens.findIndex((token) => token.kind === "=");
  if (withAddress.has(kind) && equals < 0) {
    throw ConfigurationError.at(tokens[0]?.position, `expected an =, got: ${tokens.at(-1)?.text}`);
  }
  const addresses = equals < 0 ? [] : wordsOf(tokens.slice(0, equals));
  return {
    kind,
    address: addresses.join(" "),
    types: typesOf(tokens.slice(equals + 1)),
    command: kind === "operator"
      ? context.operatorCommand
      : kind.startsWith("mail")
      ? context.mailCommand
      : "",
    timestampFormat: context.timestampFormat,
  };
}

const wordsOf = (tokens: readonly Token[]): string[] =>
  tokens.filter(({ kind }) => kind !== ",").map(({ text }) => text);

function typesOf(tokens: readonly Token[]): ReadonlySet<number> {
  const types = new Set<number>();
  for (const token of tokens) {
    if (token.kind === ",") continue;
    const isNot = token.text.startsWith("!");
    const word = (isNot ? token.text.slice(1) : token.text).toLowerCase();
    const meant = word === "all" ? allTypes : messageTypes[word];
    if (meant === undefined) {
      throw ConfigurationError.at(
        token.position,
        `message type: ${token.text} not found.${
          suggestion(word, ["all", ...Object.keys(messageTypes)])
        }`,
      );
    }
    for (const type of typeof meant === "number" ? [meant] : meant) {
      if (isNot) types.delete(type);
      else types.add(type);
    }
  }
  return types;
}

/** Types as `show` prints them: `all,!x,!y` if more are set than not, else a list (15.2). */
export function formatTypes(types: ReadonlySet<number>): string {
  const words = Object.entries(messageTypes);
  const set = words.filter(([, type]) => types.has(type)).map(([word]) => word);
  if (set.length <= words.length / 2) return set.join(",");
  return ["all", ...words.filter(([, type]) => !types.has(type)).map(([word]) => `!${word}`)]
    .join(",");
}
