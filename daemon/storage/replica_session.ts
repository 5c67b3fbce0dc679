import { decodeText, messageOf } from "../../bytes/mod.ts";
import { type Connection, Signal, writerToReader } from "../../protocol/mod.ts";
import type { AppendSession } from "./append_session.ts";
import type { StorageJob } from "./storage_job.ts";

/** Commands of the reading daemon by prefix (storage-daemon.md 7). */
const COMMANDS: readonly (readonly [prefix: string, step: (s: ReplicaSession) => Promise<void>])[] =
  [
    ["start replicate", (session) => session.start()],
    ["replicate data", (session) => session.data()],
    ["end replicate", (session) => session.end()],
  ];

/** A command that cannot be served: the answer, and the words of the job message. */
class CommandError extends Error {
  override readonly name = "CommandError";
  constructor(
    readonly answer: string,
    text: string,
    /** Whether the job's log says already why. */
    readonly isTold = false,
  ) {
    super(text);
  }
}

/**
 * The dialogue with a reading storage daemon, on the side that writes (storage-daemon.md 7), to its
 * TERMINATE or the first error. The work at the end of the session is done as soon as all data is
 * there, before `end replicate` is answered.
 */
export class ReplicaSession {
  readonly #job: StorageJob;
  readonly #connection: Connection;
  readonly #append: AppendSession;
  readonly #isLast: boolean;
  #state: "new" | "open" | "received" | "ended" = "new";

  /** A dialogue about `job`, whose data goes to `append`; `isLast` if nobody else has data for it. */
  constructor(job: StorageJob, connection: Connection, append: AppendSession, isLast: boolean) {
    this.#job = job;
    this.#connection = connection;
    this.#append = append;
    this.#isLast = isLast;
  }

  /** Serves commands until the peer hangs up. Never throws: errors become job messages. */
  async serve(): Promise<void> {
    try {
      while (true) {
        const frame = await this.#connection.receive();
        if (frame === undefined) {
          if (this.#state !== "ended") this.#lost();
          break;
        }
        if (frame.kind === "signal") {
          if (frame.signal === Signal.TERMINATE) {
            if (this.#state !== "ended") this.#lost();
            break;
          }
          continue;
        }
        await this.#dispatch(decodeText(frame.payload));
      }
    } catch (error) {
      await this.#hangUp(error);
    }
    await this.#terminate();
  }

  /** `start replicate`. */
  async start(): Promise<void> {
    if (this.#state !== "new") {
      throw new CommandError(
        writerToReader.alreadyOpen.format({}),
        "Attempt to open already open session.\n",
      );
    }
    this.#state = "open";
    await this.#connection.send(writerToReader.startOk.format({ ticket: this.#job.sessionId }));
  }

  /** `replicate data <ticket>` and the data that follow. */
  async data(): Promise<void> {
    this.#mustBe("open");
    await this.#connection.send(writerToReader.dataReady.format({}));
    const isGood = await this.#append.receive(this.#connection);
    this.#state = "received";
    if (isGood) await this.#connection.send(writerToReader.dataOk.format({}));
    if (this.#isLast || !isGood) await this.#append.finish();
    if (isGood && !this.#job.isOver) return;
    const isTold = this.#job.log.hasFailed;
    throw new CommandError(writerToReader.dataError.format({}), "Append data error.\n", isTold);
  }

  /** `end replicate`. */
  async end(): Promise<void> {
    this.#mustBe("received");
    this.#state = "ended";
    await this.#connection.send(writerToReader.endOk.format({}));
  }

  async #dispatch(command: string): Promise<void> {
    for (const [prefix, step] of COMMANDS) {
      if (command.startsWith(prefix)) return await step(this);
    }
    throw new CommandError(
      writerToReader.invalidCommand.format({}),
      `SD command not found: ${command.slice(0, 200).trimEnd()}\n`,
    );
  }

  #mustBe(state: "open" | "received"): void {
    if (this.#state === state) return;
    throw new CommandError(
      writerToReader.notOpen.format({}),
      "Attempt to use a session that is not open.\n",
    );
  }

  async #hangUp(error: unknown): Promise<void> {
    if (error instanceof CommandError) {
      try {
        await this.#connection.send(error.answer);
      } catch {
        // the job message that follows tells of the failure; here only courtesy is lost
      }
    }
    if (this.#job.aborted.aborted) return; // cancelled: the broken connection is our own doing
    if (error instanceof CommandError && error.isTold) return;
    const text = messageOf(error);
    this.#job.log.fatal(`Command error with SD, hanging up. ${text}`);
  }

  #lost(): void {
    if (this.#job.aborted.aborted) return;
    const why = this.#connection.failure?.message ?? "connection closed by SD";
    this.#job.log.fatal(`Command error with SD, hanging up. ${why}\n`);
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
