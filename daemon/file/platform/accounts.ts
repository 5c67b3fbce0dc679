import { decodeText, encodeText } from "../../../bytes/mod.ts";
import type { PosixLibrary } from "./libc.ts";

/** The calls that know users and groups. */
export type AccountLibrary = Pick<
  PosixLibrary,
  "getpwuid_r" | "getgrgid_r" | "getpwnam_r" | "getgrnam_r"
>;

/** Names and numbers of users and groups, asked of the system once each. */
export class Accounts {
  readonly #library: AccountLibrary;
  readonly #names = { user: new Map<number, string | undefined>(), group: new Map() };
  readonly #ids = { user: new Map<string, number | undefined>(), group: new Map() };
  readonly #record = new Uint8Array(64);
  readonly #texts = new Uint8Array(64 * 1024);
  readonly #result = new BigUint64Array(1);

  /** Nothing is asked yet. */
  constructor(library: AccountLibrary) {
    this.#library = library;
  }

  /** The name of a user or group. */
  name(kind: "user" | "group", id: number): string | undefined {
    const known: Map<number, string | undefined> = this.#names[kind];
    if (!known.has(id)) known.set(id, this.#askName(kind, id));
    return known.get(id);
  }

  /** The number of a user or group. */
  id(kind: "user" | "group", name: string): number | undefined {
    const known: Map<string, number | undefined> = this.#ids[kind];
    if (!known.has(name)) known.set(name, this.#askId(kind, name));
    return known.get(name);
  }

  #askName(kind: "user" | "group", id: number): string | undefined {
    const ask = kind === "user" ? this.#library.getpwuid_r : this.#library.getgrgid_r;
    ask(id, this.#record, this.#texts, this.#texts.length, this.#result);
    if (this.#result[0] === 0n) return undefined;
    // Both structures begin with a pointer to the name, which is among the texts.
    const pointer = new DataView(this.#record.buffer).getBigUint64(0, true);
    const start = Number(pointer - address(this.#texts));
    if (start < 0 || start >= this.#texts.length) return undefined;
    return decodeText(this.#texts.subarray(start, this.#texts.indexOf(0, start)));
  }

  #askId(kind: "user" | "group", name: string): number | undefined {
    const ask = kind === "user" ? this.#library.getpwnam_r : this.#library.getgrnam_r;
    const bytes = encodeText(`${name}\0`);
    ask(bytes, this.#record, this.#texts, this.#texts.length, this.#result);
    if (this.#result[0] === 0n) return undefined;
    // Two pointers (name, password) stand before the number.
    return new DataView(this.#record.buffer).getUint32(16, true);
  }
}

function address(bytes: Uint8Array): bigint {
  return BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes as Uint8Array<ArrayBuffer>)));
}
