/** A secret that does not print itself. @module */
import { passwordKey } from "../../protocol/mod.ts";

/** A password of the configuration. Nothing that prints or serialises it shows what it is. */
export class Password {
  readonly #text: string;

  /** The password as written; empty if none is. */
  constructor(text: string) {
    this.#text = text;
  }

  /** Whether there is one. */
  get isSet(): boolean {
    return this.#text !== "";
  }

  /** The key that both ends know: 32 hex digits (wire.md 5.2). */
  get key(): string {
    return passwordKey(this.#text);
  }

  /** The text itself: for passwords that are kept in clear, such as a database's. */
  get clear(): string {
    return this.#text;
  }

  /** Asterisks. */
  toString(): string {
    return this.isSet ? "****************" : "";
  }

  /** Asterisks. */
  toJSON(): string {
    return this.toString();
  }

  /** Asterisks. */
  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }
}
