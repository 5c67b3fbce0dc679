import { decodeText, encodeText, messageOf } from "../../bytes/mod.ts";
import {
  type Connection,
  dataHeader,
  FRAME_HEADER,
  frameInto,
  headerInto,
  MAX_FRAME_SENT,
  readerToWriter,
  Signal,
  writerToReader,
} from "../../protocol/mod.ts";
import type { VolumeRecord } from "../../storage/volume/mod.ts";
import { FileNumbers } from "./file_numbers.ts";
import { RecordSource, type RecordSourceParts } from "./record_source.ts";
import type { StorageJob } from "./storage_job.ts";
import type { Throttle } from "../throttle.ts";

/** Frames are gathered into writes of this size. */
const GATHER = 512 << 10;

/** Longest header of a stream, the EOD before it and the lengths of frames. */
const HEADER_ROOM = 80;

/** The writing storage daemon did not answer as it should; the text is that of the job message. */
export class ReplicaError extends Error {
  override readonly name = "ReplicaError";
}

/**
 * Sends the records of a job to the storage daemon that writes its copy (storage-daemon.md 7): the
 * reading end of that conversation, from `start replicate` to TERMINATE.
 */
export class ReplicaSender {
  readonly #job: StorageJob;
  readonly #connection: Connection;
  readonly #source: RecordSource;
  readonly #throttle: Throttle;
  readonly #numbers = new FileNumbers();
  readonly #buffer = new Uint8Array(GATHER);
  #used = 0;
  /** FileIndex and stream under whose header data goes at present. */
  #header: { readonly fileIndex: number; readonly stream: number } | undefined;

  /** Sends what the bootstrap of `job` selects over an authenticated connection. */
  constructor(job: StorageJob, connection: Connection, parts: RecordSourceParts) {
    this.#job = job;
    this.#connection = connection;
    this.#source = new RecordSource(job, parts);
    this.#throttle = job.makeThrottle();
  }

  /** Reads and sends. Never throws: errors become job messages. */
  async serve(): Promise<void> {
    const job = this.#job;
    try {
      const found = await this.#source.run({
        begin: () => this.#start(),
        take: (record) => this.#put(record),
      });
      if (!found) job.log.fatal(`No Volume names found for ${purposeOf(job)}.\n`);
      else await this.#end();
    } catch (error) {
      if (!job.aborted.aborted) job.log.fatal(`${describe(error)}\n`);
    } finally {
      await this.#hangUp();
      await this.#source.finish();
    }
  }

  async #start(): Promise<void> {
    const { sessionId } = this.#job;
    const text = await this.#ask(readerToWriter.start.format({}));
    const started = writerToReader.startOk.parse(text);
    if (started === undefined) {
      throw new ReplicaError(`Bad response to start replicate: ${text.trimEnd()}`);
    }
    const ticket = started.ticket > 0 ? started.ticket : sessionId;
    await this.#expect("replicate data", readerToWriter.data.format({ ticket }), "dataReady");
  }

  async #end(): Promise<void> {
    if (this.#header !== undefined) await this.#signal();
    await this.#signal();
    await this.#flush();
    const wanted = writerToReader.dataOk.format({});
    const answer = await this.#answer();
    if (answer !== wanted) throw badResponse("replicate data", wanted, answer);
    await this.#expect("end replicate", readerToWriter.end.format({}), "endOk");
  }

  async #put({ sessionId, sessionTime, fileIndex, stream, data }: VolumeRecord): Promise<void> {
    if (this.#used + data.length + HEADER_ROOM > GATHER) {
      await this.#flush();
      this.#job.throwIfOver();
    }
    const number = this.#numbers.next({ sessionId, sessionTime, fileIndex });
    this.#job.files = number;
    this.#job.bytes += data.length;
    if (number !== this.#header?.fileIndex || stream !== this.#header.stream) {
      if (this.#header !== undefined) await this.#signal();
      this.#header = { fileIndex: number, stream };
      const header = dataHeader.stream.format({ fileIndex: number, stream, information: 0 });
      this.#used = frameInto(this.#buffer, this.#used, encodeText(header));
    }
    if (data.length > MAX_FRAME_SENT || this.#used + FRAME_HEADER + data.length > GATHER) {
      await this.#flush();
      await this.#connection.send(data);
      await this.#throttle.pace(data.length);
    } else this.#used = frameInto(this.#buffer, this.#used, data);
  }

  async #signal(): Promise<void> {
    if (this.#used + FRAME_HEADER > GATHER) await this.#flush();
    this.#used = headerInto(this.#buffer, this.#used, Signal.EOD);
  }

  async #flush(): Promise<void> {
    if (this.#used === 0) return;
    try {
      const gathered = this.#buffer.subarray(0, this.#used);
      await this.#throttle.pass(gathered, (slice) => this.#connection.sendRaw(slice));
    } catch (cause) {
      const why = await this.#refusal() ?? describe(cause);
      throw new ReplicaError(`Network send error to SD. ERR=${why}`, { cause });
    }
    this.#used = 0;
  }

  /** What the writing daemon said before it hung up, if it did say something. */
  async #refusal(): Promise<string | undefined> {
    try {
      const frame = await this.#connection.receive();
      return frame?.kind === "message" ? decodeText(frame.payload).trimEnd() : undefined;
    } catch {
      return undefined; // the error that sending met is told instead
    }
  }

  async #expect(
    what: string,
    command: string,
    answer: "dataReady" | "endOk",
  ): Promise<void> {
    const wanted = writerToReader[answer].format({});
    const text = await this.#ask(command);
    if (text !== wanted) throw badResponse(what, wanted, text);
  }

  async #ask(command: string): Promise<string> {
    await this.#connection.send(command);
    return await this.#answer();
  }

  /** The next text; heartbeats of a daemon that waits for a volume are passed over. */
  async #answer(): Promise<string> {
    while (true) {
      const frame = await this.#connection.receive();
      if (frame === undefined) {
        const why = this.#connection.failure?.message ?? "the connection was closed";
        throw new ReplicaError(`Network error with Storage daemon. ERR=${why}`);
      }
      if (frame.kind === "message") return decodeText(frame.payload);
      if (frame.signal !== Signal.HEARTBEAT) {
        throw new ReplicaError(`Unexpected signal from SD: ${frame.signal}`);
      }
    }
  }

  async #hangUp(): Promise<void> {
    try {
      if (this.#connection.canSend) await this.#connection.sendSignal(Signal.TERMINATE);
    } catch {
      // the peer has hung up first; how the job ended is known by then
    }
    this.#connection.close();
  }
}

/** What messages call the copying of a job. */
export function purposeOf({ type }: { readonly type: string }): string {
  return type === "c" ? "Copy" : type === "g" ? "Migration" : "Virtual Backup";
}

function badResponse(what: string, wanted: string, got: string): ReplicaError {
  return new ReplicaError(
    `Bad response to ${what} command. Wanted ${wanted.trimEnd()}, got ${got.trimEnd()}`,
  );
}

function describe(error: unknown): string {
  return messageOf(error).trimEnd();
}
