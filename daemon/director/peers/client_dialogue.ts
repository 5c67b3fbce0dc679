import { decodeText, messageOf } from "../../../bytes/mod.ts";
import {
  type Connection,
  fileToDirector,
  jobMessage,
  receiveFrame,
  type ReceiveOptions,
  Signal,
} from "../../../protocol/mod.ts";
import { JobFailure } from "../jobs/job_failure.ts";

/** What the director does with what a file daemon tells about a job. */
export interface ClientEvents {
  /** A job message: class, time in UNIX seconds and text. */
  jobMessage(type: number, seconds: number, text: string): void;
  /** A message that is none: an error of the job. */
  malformed(text: string): void;
}

/** The numbers of an EndJob line (director-client.md 10). */
export interface EndJob {
  /** Letter of the final status. */
  readonly status: string;
  readonly jobFiles: number;
  readonly readBytes: number;
  readonly jobBytes: number;
  readonly errors: number;
  readonly vss: boolean;
  readonly encrypt: boolean;
}

/**
 * The director's end of a job's conversation with a file daemon: answers come back to whoever
 * asked, job messages in between go to the events (director-client.md 2.1).
 */
export class ClientDialogue {
  /** The connection, for commands that have no answer. */
  readonly connection: Connection;
  readonly #events: ClientEvents;
  readonly #options: ReceiveOptions;
  #isRefused = false;

  /** A dialogue over an authenticated connection; `abort` ends every wait. */
  constructor(connection: Connection, events: ClientEvents, abort: AbortSignal) {
    this.connection = connection;
    this.#events = events;
    this.#options = { abort };
  }

  /** Whether a command had another answer than wanted: the daemon then ends its session itself. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  /**
   * Sends a command and checks its answer.
   * @param name what the command is called in messages (director-client.md 2.1)
   * @throws {JobFailure} if another answer or none comes
   */
  async command(name: string, text: string, wanted: string): Promise<void> {
    await this.say(name, text);
    await this.expect(name, wanted);
  }

  /** Sends a command. @throws {JobFailure} if the connection is broken */
  async say(name: string, text: string | Uint8Array): Promise<void> {
    try {
      await this.connection.send(text);
    } catch (cause) {
      throw socketError(name, cause);
    }
  }

  /** Waits for an answer and checks it. @throws {JobFailure} if another or none comes */
  async expect(name: string, wanted: string): Promise<void> {
    const got = await this.answer(name);
    if (got !== wanted) {
      this.#isRefused = true;
      // Both texts have their own line ends (recording 13).
      throw new JobFailure(`Bad response to ${name} command: wanted ${wanted}, got ${got}\n`);
    }
  }

  /** The next answer: a message that begins with a digit. @throws {JobFailure} if none comes */
  async answer(name: string): Promise<string> {
    const answer = await this.next();
    if (typeof answer === "string") return answer;
    throw socketError(name, this.connection.failure ?? "No data available");
  }

  /** The next answer, or the signal or hard end (`undefined`) that came in its place. */
  async next(): Promise<string | Signal | undefined> {
    while (true) {
      const frame = await receiveFrame(this.connection, "director", this.#options);
      if (frame === undefined) return undefined;
      if (frame.kind === "signal") return frame.signal;
      const first = frame.payload[0] ?? 0;
      const text = decodeText(frame.payload);
      if (first >= 0x30 && first <= 0x39) return text;
      if (text.startsWith("Progress JobId=")) continue; // a bacula-fd, now and then (bacula.md 6)
      const message = first === 0x4a /* J */ ? jobMessage.parse(text) : undefined;
      if (message === undefined) this.#events.malformed(text);
      else this.#events.jobMessage(message.type, message.level, message.text);
    }
  }

  /**
   * Reads to the end of the session and returns its EndJob line, `undefined` if there was none.
   * @throws {JobFailure} if the connection breaks before that
   */
  async endOfJob(what: string, unexpected: (text: string) => void): Promise<EndJob | undefined> {
    let end: EndJob | undefined;
    while (true) {
      const answer = await this.next();
      if (answer === undefined) {
        if (end !== undefined) return end;
        const why = this.connection.failure?.message ?? "No data available";
        throw new JobFailure(`Network error with FD during ${what}: ERR=${why}`);
      }
      if (typeof answer === "number") return end;
      const line = parseEndJob(answer);
      if (line === undefined) unexpected(answer);
      else end = line;
    }
  }
}

/** Reads an EndJob line; `undefined` if the text is another one. */
export function parseEndJob(text: string): EndJob | undefined {
  const line = fileToDirector.endJob.parse(text);
  return line && {
    status: String.fromCharCode(line.termCode),
    jobFiles: line.jobFiles,
    readBytes: line.readBytes,
    jobBytes: line.jobBytes,
    errors: line.errors,
    vss: line.vss !== 0,
    encrypt: line.encrypt !== 0,
  };
}

function socketError(name: string, cause: unknown): JobFailure {
  const why = messageOf(cause);
  return new JobFailure(`Socket error on ${name} command: ERR=${why}`, { cause });
}
