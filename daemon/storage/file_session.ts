import { decodeText, messageOf } from "../../bytes/mod.ts";
import { type Connection, JobStatus, Signal, storageToFile } from "../../protocol/mod.ts";
import type { AppendSession } from "./append_session.ts";
import type { ReadSession } from "./read_session.ts";
import type { StorageJob } from "./storage_job.ts";

/** What the dialogue with a file daemon needs of the rest of the daemon. */
export interface FileSessionParts {
  /** Writing for the job. */
  openAppend(): AppendSession;
  /** Reading for the job. */
  openRead(): ReadSession;
}

type Session =
  | { readonly kind: "none" }
  | { readonly kind: "append"; readonly append: AppendSession }
  | { readonly kind: "read"; readonly read: ReadSession };

type Step = (
  session: FileSession,
  command: string,
) => Promise<void> | void;

/** A command that cannot be served: the answer, and the words of the job message. */
class CommandError extends Error {
  override readonly name = "CommandError";
  constructor(readonly answer: string, text: string, options?: ErrorOptions) {
    super(text, options);
  }
}

/** Commands of a file daemon by prefix (storage-daemon.md 6.1). */
const COMMANDS: readonly (readonly [prefix: string, step: Step])[] = [
  ["append open", (session) => session.appendOpen()],
  ["append data", (session) => session.appendData()],
  ["append end", (session) => session.appendEnd()],
  ["append close", (session) => session.appendClose()],
  ["read open", (session) => session.readOpen()],
  ["read data", (session) => session.readData()],
  ["read close", (session) => session.readClose()],
];

/**
 * The dialogue with a file daemon over an authenticated connection, to its TERMINATE or the first
 * error. What is to be done at the end of the job is done by {@linkcode FileSession.finish}, after
 * the file daemon has gone (storage-daemon.md 6.5).
 */
export class FileSession {
  readonly #job: StorageJob;
  readonly #connection: Connection;
  readonly #parts: FileSessionParts;
  #session: Session = { kind: "none" };
  /** The session whose end is still to be worked on. */
  #append: AppendSession | undefined;
  #read: ReadSession | undefined;

  /** A dialogue about `job`. */
  constructor(job: StorageJob, connection: Connection, parts: FileSessionParts) {
    this.#job = job;
    this.#connection = connection;
    this.#parts = parts;
  }

  /** Serves commands until the file daemon hangs up. Never throws: errors become job messages. */
  async serve(): Promise<void> {
    try {
      while (true) {
        const frame = await this.#connection.receive();
        if (frame === undefined) {
          if (this.#session.kind !== "none") this.#lost();
          break;
        }
        if (frame.kind === "signal") {
          if (frame.signal === Signal.TERMINATE) break;
          continue;
        }
        if (frame.payload.length === 0) continue;
        await this.#dispatch(decodeText(frame.payload));
      }
    } catch (error) {
      await this.#hangUp(error);
    }
    await this.#terminate();
  }

  /** The work at the end of the session: labels, catalog, release of the device. */
  async finish(): Promise<void> {
    await this.#read?.finish();
    await this.#append?.finish();
  }

  /** `append open session`. */
  async appendOpen(): Promise<void> {
    this.#mustBeFree();
    this.#append = this.#parts.openAppend();
    this.#session = { kind: "append", append: this.#append };
    await this.#connection.send(storageToFile.openOk.format({ ticket: this.#job.sessionId }));
  }

  /** `append data <ticket>` and the data that follow. */
  async appendData(): Promise<void> {
    const { append } = this.#mustBe("append");
    await this.#connection.send(storageToFile.dataOk.format({}));
    if (!await append.receive(this.#connection)) {
      await this.#reply(storageToFile.appendFailed.format({}));
      throw new CommandError(storageToFile.appendError.format({}), "Append data error.\n");
    }
    await this.#connection.send(storageToFile.appendDataOk.format({}));
  }

  /** `append end session <ticket>`. */
  async appendEnd(): Promise<void> {
    this.#mustBe("append");
    await this.#connection.send(storageToFile.endOk.format({}));
  }

  /** `append close session <ticket>`. */
  async appendClose(): Promise<void> {
    this.#mustBe("append");
    const status = this.#job.isOver ? this.#job.status : JobStatus.Terminated;
    await this.#close(status);
  }

  /** `read open session = ...`; the numbers mean nothing any more. */
  async readOpen(): Promise<void> {
    this.#mustBeFree();
    this.#read = this.#parts.openRead();
    this.#session = { kind: "read", read: this.#read };
    await this.#connection.send(storageToFile.openOk.format({ ticket: this.#job.sessionId }));
  }

  /** `read data <ticket>`: everything the bootstrap selects. */
  async readData(): Promise<void> {
    const { read } = this.#mustBe("read");
    await read.send(this.#connection);
  }

  /** `read close session <ticket>`. */
  async readClose(): Promise<void> {
    const { read } = this.#mustBe("read");
    await read.release();
    await this.#close(this.#job.status);
  }

  async #close(status: string): Promise<void> {
    this.#session = { kind: "none" };
    await this.#connection.send(storageToFile.closeOk.format({ status: status.charCodeAt(0) }));
    await this.#connection.sendSignal(Signal.EOD);
  }

  async #dispatch(command: string): Promise<void> {
    for (const [prefix, step] of COMMANDS) {
      if (command.startsWith(prefix)) return await step(this, command);
    }
    throw new CommandError(
      storageToFile.invalidCommand.format({}),
      `FD command not found: ${command.slice(0, 200).trimEnd()}\n`,
    );
  }

  #mustBeFree(): void {
    if (this.#session.kind === "none") return;
    throw new CommandError(
      storageToFile.alreadyOpen.format({}),
      "Attempt to open already open session.\n",
    );
  }

  #mustBe<K extends "append" | "read">(kind: K): Extract<Session, { kind: K }> {
    const session = this.#session;
    if (isOfKind(session, kind)) return session;
    throw new CommandError(
      storageToFile.notOpen.format({}),
      "Attempt to use a session that is not open.\n",
    );
  }

  async #hangUp(error: unknown): Promise<void> {
    if (error instanceof CommandError) await this.#reply(error.answer);
    if (this.#job.aborted.aborted) return; // cancelled: the broken connection is our own doing
    const text = messageOf(error);
    this.#job.log.fatal(`Command error with FD, hanging up. ${text}`);
  }

  #lost(): void {
    if (this.#job.aborted.aborted) return;
    const why = this.#connection.failure?.message ?? "connection closed by FD";
    this.#job.log.fatal(`Command error with FD, hanging up. ${why}\n`);
  }

  /** Answers a peer that may be gone already. */
  async #reply(text: string): Promise<void> {
    try {
      await this.#connection.send(text);
    } catch {
      // the job message that follows tells of the failure; here only courtesy is lost
    }
  }

  async #terminate(): Promise<void> {
    try {
      await this.#connection.sendSignal(Signal.TERMINATE);
    } catch {
      // the peer has hung up first
    }
    this.#connection.close();
  }
}

function isOfKind<K extends Session["kind"]>(
  session: Session,
  kind: K,
): session is Extract<Session, { kind: K }> {
  return session.kind === kind;
}
