/** The JSON document that answers a command in API mode 2 (console.md 7.2). @module */
import type { JsonValue } from "../../config/mod.ts";

/** Classes of messages. */
export type MessageClass = "error" | "warning" | "info";

/** An object that grows. */
export type JsonObject = { [key: string]: JsonValue };

/** What a command leaves behind for API mode 2. */
export class Reply {
  /** Without what objects inherit: a resource may have any name. */
  readonly #result: JsonObject = Object.create(null);
  readonly #messages: Partial<Record<MessageClass, string[]>> = {};

  /** Sets a member; one that is repeated replaces the one before. */
  put(key: string, value: JsonValue): void {
    this.#result[key] = value;
  }

  /** Adds members to an object. */
  merge(key: string, members: JsonObject): void {
    const before = this.#result[key];
    this.#result[key] = typeof before === "object" && before !== null && !Array.isArray(before)
      ? { ...(before as JsonObject), ...members }
      : members;
  }

  /** Adds an element to an array. */
  append(key: string, value: JsonValue): void {
    const before = this.#result[key];
    this.#result[key] = Array.isArray(before) ? [...before, value] : [value];
  }

  /** Keeps a message of a class. */
  tell(kind: MessageClass, text: string): void {
    (this.#messages[kind] ??= []).push(text);
  }

  /** Whether there was an error. */
  get hasErrors(): boolean {
    return this.#messages.error !== undefined;
  }

  /**
   * The document, indented by two blanks unless `isCompact`; one that tells of an error where it would
   * be longer than `longest` (console.md 7.2, item 8).
   */
  document(isOk: boolean, isCompact: boolean, longest: number = LONGEST_DOCUMENT): string {
    const { meta, ...data } = this.#result;
    const content = isOk && !this.hasErrors ? { result: this.#result } : failure(
      // What was told of ranges belongs to answers that are whole.
      meta === undefined ? this.#result : data,
      this.#messages,
    );
    const text = written(content, isCompact);
    if (text !== undefined && text.length <= longest) return text;
    const length = text === undefined ? `more than ${longest}` : String(text.length);
    const why = `Failed to send json message (length=${length}). ` +
      "Ask for less at once, by limit and offset.\n";
    return written(failure({}, { error: [why] }), isCompact) ?? "";
  }
}

/** Characters of the longest document that is sent; a longer one could exhaust the director. */
const LONGEST_DOCUMENT = 1 << 28;

const failure = (result: JsonObject, messages: Partial<Record<MessageClass, string[]>>) => ({
  error: { code: 1, message: "failed", data: { result, messages } },
});

/** A document as text; `undefined` if it is longer than a text can be. */
function written(content: object, isCompact: boolean): string | undefined {
  try {
    const document = { jsonrpc: "2.0", id: null, ...content };
    return JSON.stringify(document, wellFormed, isCompact ? undefined : 2);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/**
 * For `JSON.stringify`: texts and names of members without the halves of letters, by which bytes that are
 * not UTF-8 are kept. Strict readers refuse a whole document for one of them.
 */
function wellFormed(_key: string, value: unknown): unknown {
  if (typeof value === "string") return value.toWellFormed();
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  if (Object.keys(value).every((name) => name.isWellFormed())) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name.toWellFormed(), member]),
  );
}
