import { decodeText, encodeText } from "../../../bytes/mod.ts";
import { Connection, type Transport } from "../../../protocol/mod.ts";

/** Longest output of a command that is kept, in bytes. */
const MAX_OUTPUT = 4 << 20;

/**
 * Runs one line of a script as a console would, and returns what it printed. The console answers
 * nothing: a command that asks ends there (catalog-and-jobs.md 11.3).
 * @param serve serves a console until it hangs up
 */
export async function runConsoleLine(
  line: string,
  serve: (connection: Connection) => Promise<void>,
): Promise<string> {
  const transport = new OneLine(line);
  const connection = new Connection(transport, { who: "Run script" });
  try {
    await serve(connection);
    await connection.flush();
  } finally {
    connection.close();
  }
  return transport.output.replace(/You have messages\.\n$/, "");
}

/** Brings a line, then the end; gathers the messages that are written. */
class OneLine implements Transport {
  readonly peer = "run script";
  #input: Uint8Array;
  #written = new Uint8Array(0);

  constructor(line: string) {
    this.#input = frame(encodeText(line));
  }

  read(into: Uint8Array): Promise<number | null> {
    const part = this.#input.subarray(0, into.length);
    into.set(part);
    this.#input = this.#input.subarray(part.length);
    return Promise.resolve(part.length === 0 ? null : part.length);
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#written.length + bytes.length <= MAX_OUTPUT) {
      const all = new Uint8Array(this.#written.length + bytes.length);
      all.set(this.#written);
      all.set(bytes, this.#written.length);
      this.#written = all;
    }
    return Promise.resolve();
  }

  close(): void {}

  /** The texts of all messages. */
  get output(): string {
    const view = new DataView(this.#written.buffer);
    let text = "";
    for (let at = 0; at + 4 <= this.#written.length;) {
      const length = view.getInt32(at);
      at += 4;
      if (length <= 0) continue; // a signal
      text += decodeText(this.#written.subarray(at, at + length));
      at += length;
    }
    return text;
  }
}

function frame(payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + payload.length);
  new DataView(bytes.buffer).setInt32(0, payload.length);
  bytes.set(payload, 4);
  return bytes;
}
