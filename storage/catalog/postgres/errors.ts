/** What can go wrong with a server. @module */
import type { ByteReader } from "../../../bytes/mod.ts";
import { CatalogError } from "../store.ts";

/** The server refused a statement. */
export class StatementError extends CatalogError {
  /** The class, for logs. */
  override readonly name = "StatementError";
  /** Five characters (SQLSTATE). */
  readonly code: string;

  /** What the server says. */
  constructor(text: string, code: string) {
    super(text);
    this.code = code;
  }
}

/** The connection has ended. */
export class ConnectionError extends CatalogError {
  /** The class, for logs. */
  override readonly name = "ConnectionError";
}

/** The connection was given up, because the server was silent for too long. */
export class SilenceError extends ConnectionError {}

/** What an error message of the server says: its fields are each a letter and a text. */
export function errorOf(body: ByteReader): StatementError {
  const fields = new Map<string, string>();
  for (;;) {
    const letter = body.u8();
    if (letter === 0) break;
    fields.set(String.fromCharCode(letter), body.cstring());
  }
  const detail = fields.get("D");
  return new StatementError(
    `${fields.get("M") ?? "unknown error"}${detail === undefined ? "" : ` (${detail})`}`,
    fields.get("C") ?? "",
  );
}
