import { decodeText } from "../../../bytes/mod.ts";
import {
  type AttributeUpdate,
  catalogAnswer,
  catalogRequest,
  type Connection,
  type Fields,
  type JOB_MEDIA_ENTRY,
  jobMediaEntry,
  jobMessage,
  parseAttributeUpdate,
  receiveFrame,
  type ReceiveOptions,
  Signal,
  storageToDirector,
} from "../../../protocol/mod.ts";
import { JobFailure } from "../jobs/job_failure.ts";

/** What the director does with what a storage daemon tells and asks during a job. */
export interface StorageEvents {
  /** A job message: class, time in UNIX seconds (0 and 1 stand for now) and text. */
  jobMessage(type: number, seconds: number, text: string): void;
  /** The letter of the job's status at the storage daemon. */
  status(status: string): void;
  /** A catalog request; its answer, or `undefined` for those that have none. */
  catalogRequest(text: string): string | undefined;
  /** One attribute or digest record. */
  attributes(update: AttributeUpdate): void;
  /** The data connection is there. */
  jobStarted(): void;
  /** A message that is none: an error of the job. */
  malformed(text: string): void;
}

/** How a job ended for the storage daemon (storage-daemon.md 4.4). */
export interface StorageEnd {
  /** Letter of the final status. */
  readonly status: string;
  readonly jobFiles: number;
  readonly jobBytes: number;
  readonly jobErrors: number;
}

/**
 * The director's end of a job's conversation with a storage daemon: one reader that answers
 * catalog requests and hands answers to whoever asked (storage-daemon.md 4.1).
 */
export class StorageDialogue {
  /** The connection, for what has no answer. */
  readonly connection: Connection;
  readonly #events: StorageEvents;
  readonly #options: ReceiveOptions;

  /** A dialogue over an authenticated connection; `abort` ends every wait. */
  constructor(connection: Connection, events: StorageEvents, abort: AbortSignal) {
    this.connection = connection;
    this.#events = events;
    this.#options = { abort };
  }

  /** Sends a command. @throws {JobFailure} if the connection is broken */
  async say(text: string): Promise<void> {
    try {
      await this.connection.send(text);
    } catch (cause) {
      throw dropped(cause);
    }
  }

  /** Sends a signal. @throws {JobFailure} if the connection is broken */
  async signal(signal: Signal): Promise<void> {
    try {
      await this.connection.sendSignal(signal);
    } catch (cause) {
      throw dropped(cause);
    }
  }

  /** Sends a command and returns its answer. @throws {JobFailure} if the connection ends first */
  async ask(text: string): Promise<string> {
    await this.say(text);
    return await this.answer();
  }

  /** The next answer: a message that begins with a digit. @throws {JobFailure} if none comes */
  async answer(): Promise<string> {
    const answer = await this.#next();
    if (typeof answer === "string") return answer;
    throw dropped(this.connection.failure);
  }

  /**
   * Serves the storage daemon after `run` until the job's end there; `undefined` if it ended its
   * session without a word about how the job ended.
   * @throws {JobFailure} if the connection breaks
   */
  async serve(): Promise<StorageEnd | undefined> {
    let end: StorageEnd | undefined;
    while (true) {
      const answer = await this.#next();
      if (answer === undefined && end === undefined) throw dropped(this.connection.failure);
      if (typeof answer !== "string") return end;
      if (storageToDirector.jobStart.matches(answer)) {
        this.#events.jobStarted();
        continue;
      }
      const said = storageToDirector.jobEnd.parse(answer);
      if (said === undefined) this.#events.malformed(answer);
      else {
        const { jobFiles, jobBytes, jobErrors } = said;
        end = { status: String.fromCharCode(said.status), jobFiles, jobBytes, jobErrors };
      }
    }
  }

  async #next(): Promise<string | Signal | undefined> {
    while (true) {
      const frame = await receiveFrame(this.connection, "director", this.#options);
      if (frame === undefined) return undefined;
      if (frame.kind === "signal") return frame.signal;
      const payload = frame.payload;
      const first = payload[0] ?? 0;
      if (first >= 0x30 && first <= 0x39) return decodeText(payload);
      if (first === 0x43 /* C */) {
        const text = decodeText(payload);
        const answer = JOB_MEDIA_LIST.test(text)
          ? await this.#jobMediaList(text)
          : this.#events.catalogRequest(text);
        if (answer !== undefined) await this.say(answer);
        continue;
      }
      const answer = this.#dispatch(payload, String.fromCharCode(first));
      if (answer !== undefined) await this.say(answer);
    }
  }

  /**
   * Takes the places of a job on volumes that Bacula sends as a list, each as the request of the
   * field (bacula.md 10.4); one answer for all, the first that is not good if there is one.
   */
  async #jobMediaList(request: string): Promise<string | undefined> {
    const head = catalogRequest.createJobMediaList.parse(request);
    let answer: string | undefined = catalogAnswer.createJobMediaOk.format({});
    const ok = answer;
    while (true) {
      const frame = await receiveFrame(this.connection, "director", this.#options);
      if (frame === undefined) throw dropped(this.connection.failure);
      if (frame.kind === "signal") return answer;
      const entry = jobMediaEntry.parse(frame.payload);
      if (entry === undefined) {
        this.#events.malformed(decodeText(frame.payload));
        answer = catalogAnswer.createJobMediaFailed.format({});
      } else if (!isPlaceholder(entry)) {
        const fields = { ...head, ...entry, copy: 0, stripe: 0 };
        const said = this.#events.catalogRequest(catalogRequest.createJobMedia.format(fields));
        if (answer === ok) answer = said;
      }
    }
  }

  #dispatch(payload: Uint8Array, letter: string): string | undefined {
    switch (letter) {
      case "U": {
        const update = parseAttributeUpdate(payload);
        if (update === undefined) break;
        this.#events.attributes(update);
        return undefined;
      }
      case "B":
        return this.#events.catalogRequest(decodeText(payload));
      case "S": {
        const status = storageToDirector.status.parse(payload);
        if (status === undefined) break;
        this.#events.status(String.fromCharCode(status.status));
        return undefined;
      }
      case "J": {
        const message = jobMessage.parse(payload);
        if (message === undefined) break;
        this.#events.jobMessage(message.type, message.level, message.text);
        return undefined;
      }
    }
    this.#events.malformed(decodeText(payload));
    return undefined;
  }
}

/** A request for a list of places; the form of the field has them in the same line. */
const JOB_MEDIA_LIST = /^CatReq Job(?:Id)?=\S* CreateJobMedia\s*$/;

/** What a list begins with when the first block is not yet written. */
function isPlaceholder(entry: Fields<typeof JOB_MEDIA_ENTRY>): boolean {
  const { firstIndex, lastIndex, endFile, endBlock } = entry;
  return firstIndex === 0 && lastIndex === 0 && endFile === 0 && endBlock === 0;
}

function dropped(cause: unknown): JobFailure {
  const why = cause instanceof Error ? ` ${cause.message}` : "";
  return new JobFailure(`Director's comm line to SD dropped.${why}`, { cause });
}
