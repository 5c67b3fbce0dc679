/**
 * Messages of PostgreSQL's protocol, version 3: a letter, the length as a big endian uint32 that counts
 * itself, the body. Texts end with a NUL; a server of the encoding SQL_ASCII takes and gives any byte
 * but NUL in them.
 *
 * @module
 */
import { ByteReader, ByteWriter } from "../../../bytes/mod.ts";

/** Longest message that is taken from a server: its own limit for a value is 1 GB. */
const longestMessage = 1 << 30;
/** Longest message that is taken from who has not let us in yet: it may be no PostgreSQL server at all. */
export const longestGreeting = 1 << 16;

/** Gathers messages to a server, so that several go out at once. */
export class Outbox {
  readonly #bytes = new ByteWriter(4096);

  /** Bytes gathered. */
  get length(): number {
    return this.#bytes.length;
  }

  /** Adds a message, whose body `write` writes; the first one of a connection has no letter. */
  add(letter: string, write: (body: ByteWriter) => void = () => {}): this {
    if (letter !== "") this.#bytes.u8(letter.charCodeAt(0));
    const start = this.#bytes.length;
    this.#bytes.u32(0);
    write(this.#bytes);
    this.#bytes.patchU32(start, this.#bytes.length - start);
    return this;
  }

  /** What was gathered; it is empty then. */
  take(): Uint8Array<ArrayBuffer> {
    const bytes = this.#bytes.toBytes();
    this.#bytes.reset();
    return bytes;
  }
}

/** A message of the server. */
export interface ServerMessage {
  /** Its letter. */
  readonly letter: string;
  /** What follows the length. */
  readonly body: ByteReader;
}

/** Cuts what arrives into messages. */
export class MessageReader {
  readonly #read: () => Uint8Array;
  #bytes = new Uint8Array();
  #at = 0;

  /** Reads pieces of the stream with `read`. */
  constructor(read: () => Uint8Array) {
    this.#read = read;
  }

  /** Whether a part of a message lies ready. */
  get hasBytes(): boolean {
    return this.#at < this.#bytes.length;
  }

  /** The next message, of at most `longest` bytes. @throws RangeError if its length cannot be */
  next(longest = longestMessage): ServerMessage {
    this.#fill(5);
    const head = new ByteReader(this.#bytes.subarray(this.#at, this.#at + 5));
    const letter = String.fromCharCode(head.u8());
    const length = head.u32();
    if (length < 4 || length > longest) {
      throw new RangeError(`a message of ${length} bytes is none of PostgreSQL's protocol`);
    }
    this.#fill(1 + length);
    const start = this.#at;
    this.#at += 1 + length;
    return { letter, body: new ByteReader(this.#bytes.subarray(start + 5, this.#at)) };
  }

  #fill(count: number): void {
    if (this.#bytes.length - this.#at >= count) return;
    const parts: Uint8Array[] = [this.#bytes.subarray(this.#at)];
    let have = this.#bytes.length - this.#at;
    while (have < count) {
      const part = this.#read();
      parts.push(part);
      have += part.length;
    }
    const bytes = new Uint8Array(have);
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    this.#bytes = bytes;
    this.#at = 0;
  }
}
