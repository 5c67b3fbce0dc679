/**
 * Plays one side of a recorded connection against a live daemon.
 *
 * The script goes through the recording in order: a frame of its own side is sent (with live values
 * in place of recorded ones), a frame of the other side is waited for. Only what must come in order
 * is waited for so: answers, commands and signals. What a daemon sends when it likes (job messages,
 * status, data, catalog requests) is collected, placed in the message tables and left for the test
 * to compare.
 *
 * @module
 */
import { decodeText, encodeText } from "../../bytes/mod.ts";
import {
  authenticateAcceptor,
  authenticateConnector,
  type Connection,
  type Environment,
  type FieldValue,
  type Frame,
  Signal,
} from "../../protocol/mod.ts";
import { Conversation, type Placement } from "./conversation.ts";
import type { RecordedConnection, RecordedFrame, Side } from "./recording.ts";

/** One frame of either side with its place. */
export interface PlayedFrame {
  /** Place in the message tables, such as `fileToDirector.levelOk`. */
  readonly name: string;
  readonly fields: Readonly<Record<string, FieldValue>> | undefined;
  /** Empty for signals and for what a recording has left out. */
  readonly payload: Uint8Array;
  /** SHA-256, hex, of a payload that a recording has left out. */
  readonly sha256?: string | undefined;
}

/** How a {@linkcode ScriptedPeer} plays. */
export interface ScriptOptions {
  readonly recorded: RecordedConnection;
  /** The side that the script plays. */
  readonly side: Side;
  /** Qualified name of the script for its challenge, such as `R_DIRECTOR::rec-dir`. */
  readonly ownName: string;
  /** `passwordKey()`, or the session key of the job. */
  readonly key: string;
  /**
   * Live fields or text in place of recorded ones: gets each own frame, returns what to send instead;
   * `undefined` sends it as recorded, `null` leaves it out.
   */
  readonly rewrite?: (frame: PlayedFrame) => Uint8Array | string | null | undefined;
  /** Answers what the other side asks when it likes, such as catalog requests. */
  readonly answer?: (frame: PlayedFrame) => string | undefined;
  /** Told of every frame of the other side as it comes. */
  readonly onFrame?: (frame: PlayedFrame) => void;
  /** Milliseconds to wait for each frame; five minutes if not given. */
  readonly timeoutMs?: number;
}

/** What both sides said, one list for what must come in order and one for what may come at any time. */
export interface Played {
  /** Commands, answers and signals of the live side. */
  readonly said: readonly PlayedFrame[];
  /** The same of the recording. */
  readonly recordedSaid: readonly PlayedFrame[];
  /** Job messages, status, data, requests of the live side. */
  readonly aside: readonly PlayedFrame[];
  /** The same of the recording. */
  readonly recordedAside: readonly PlayedFrame[];
}

/** Places of frames that a daemon sends when it likes. */
const ASIDE = [
  "job.jobMessage",
  "storageToDirector.status",
  "attributeUpdate",
  "catalogRequest.",
  "dataHeader.",
  "data",
  "elided data",
  "record data",
  "bare job message",
  "status",
  "estimate",
  "fileToDirector.verifyAttributes",
  "fileToDirector.verifyDigest",
  "end of stream",
  `signal ${Signal.HEARTBEAT}`,
];

function isAside(name: string): boolean {
  return ASIDE.some((start) => start.endsWith(".") ? name.startsWith(start) : name === start);
}

/** Hello, and three messages of each side. */
const OPENING_FRAMES = 7;

/** Leaves out what a side said after its TERMINATE: nobody can receive that (wire.md 3.3). */
function withoutAfterlife(frames: readonly RecordedFrame[]): readonly RecordedFrame[] {
  const ended = new Set<Side>();
  return frames.filter((frame) => {
    if (ended.has(frame.side)) return false;
    if (frame.kind === "signal" && frame.signal === Signal.TERMINATE) ended.add(frame.side);
    return true;
  });
}

/** Plays one side of one recorded connection. */
export class ScriptedPeer {
  readonly #connection: Connection;
  readonly #options: ScriptOptions;
  readonly #live: Conversation;
  readonly #said: PlayedFrame[] = [];
  readonly #aside: PlayedFrame[] = [];

  /** A script over `connection`, whose hello has not been sent or read. */
  constructor(connection: Connection, options: ScriptOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#live = new Conversation(options.recorded);
  }

  /**
   * Plays to the end and closes.
   * @throws if the live side says something that no table knows, or not what the script waits for
   */
  async play(): Promise<Played> {
    const { recorded, side } = this.#options;
    const recordedSaid: PlayedFrame[] = [];
    const recordedAside: PlayedFrame[] = [];
    const script = new Conversation(recorded);
    try {
      await this.#open();
      for (const [i, frame] of withoutAfterlife(recorded.frames).entries()) {
        const placement = script.place(frame);
        if (placement === undefined) throw new Error(`Cannot place recorded line ${frame.line}`);
        if (i < OPENING_FRAMES) {
          this.#live.place(frame);
          continue;
        }
        const played = playedFrame(placement, frame);
        if (frame.side === side) {
          await this.#send(frame, played);
          // What crosses our TERMINATE on its way may arrive or not.
          if (frame.kind === "signal" && frame.signal === Signal.TERMINATE) break;
        } else if (isAside(placement.name)) {
          recordedAside.push(played);
        } else {
          recordedSaid.push(played);
          await this.#expect(played, frame.line);
        }
      }
      const played = {
        said: [...this.#said],
        recordedSaid,
        aside: [...this.#aside],
        recordedAside,
      };
      await this.#drain();
      return played;
    } finally {
      this.#connection.close();
    }
  }

  /** Hello and authentication, with live challenges. */
  async #open(): Promise<void> {
    const { recorded, side, ownName, key } = this.#options;
    const [hello] = recorded.frames;
    if (hello?.kind !== "message" || hello.payload === undefined) {
      throw new Error(`Cannot play connection ${recorded.number}: no hello`);
    }
    const own = { ownName, key, environment: impatient };
    if (side === ">") {
      const rewritten = this.#options.rewrite?.({
        name: "hello",
        fields: undefined,
        payload: hello.payload,
      });
      const text = rewritten ?? hello.payload;
      await authenticateConnector(this.#connection, {
        ...own,
        hello: typeof text === "string" ? text : decodeText(text),
      });
    } else {
      const frame = await this.#connection.receive({ timeoutMs: this.#timeoutMs });
      const said = frame?.kind === "message" ? decodeText(frame.payload) : `${frame?.signal}`;
      this.#options.onFrame?.({ name: "hello", fields: undefined, payload: encodeText(said) });
      await authenticateAcceptor(this.#connection, own);
    }
  }

  async #send(frame: RecordedFrame, played: PlayedFrame): Promise<void> {
    const { rewrite, answer } = this.#options;
    // Requests are answered as they come, not where the recording has the answer.
    if (answer !== undefined && played.name.startsWith("catalogAnswer.")) return;
    if (frame.kind === "signal") {
      if (!this.#connection.canSend) return;
      this.#live.place(frame);
      await this.#connection.sendSignal(frame.signal);
      return;
    }
    if (!this.#connection.canSend) {
      throw new Error(`Cannot send ${played.name}: ${describe(this.#said.at(-1))} came instead`);
    }
    const rewritten = rewrite?.(played);
    if (rewritten === null) return;
    const recorded = frame.payload;
    const payload = typeof rewritten === "string" ? encodeText(rewritten) : rewritten ?? recorded;
    if (payload === undefined) throw new Error(`Cannot send line ${frame.line}: it was left out`);
    this.#live.place({ ...frame, length: payload.length, payload });
    await this.#connection.send(payload);
  }

  /** Waits for the frame that the recording has here; what is said aside is collected. */
  async #expect(wanted: PlayedFrame, line: number): Promise<void> {
    while (true) {
      const frame = await this.#receive(wanted, line);
      if (frame === undefined) {
        const isEnd = wanted.name === `signal ${Signal.TERMINATE}`;
        if (isEnd) return; // a closed connection says the same
        throw new Error(
          `Cannot go on at line ${line}: the connection ended, wanted ${describe(wanted)}`,
        );
      }
      if (isAside(frame.name)) continue;
      if (frame.name !== wanted.name) {
        throw new Error(
          `Cannot go on at line ${line}: wanted ${describe(wanted)}, got ${describe(frame)}`,
        );
      }
      return;
    }
  }

  /** The next frame of the live side, noted. */
  async #receive(wanted: PlayedFrame | undefined, line: number): Promise<PlayedFrame | undefined> {
    let frame: Frame | undefined;
    try {
      frame = await this.#connection.receive({ timeoutMs: this.#timeoutMs });
    } catch (cause) {
      throw new Error(`Cannot go on at line ${line}: wanted ${describe(wanted)}`, { cause });
    }
    if (frame === undefined) return undefined;
    const live = this.#liveFrame(frame);
    const placement = this.#live.place(live);
    if (placement === undefined) {
      throw new Error(`Cannot place ${describe(playedFrame({ name: "?", bytes: noBytes }, live))}`);
    }
    const played = playedFrame(placement, live);
    (isAside(played.name) ? this.#aside : this.#said).push(played);
    this.#options.onFrame?.(played);
    const answer = this.#options.answer?.(played);
    if (answer !== undefined) await this.#connection.send(answer);
    return played;
  }

  /** Takes what still comes until the live side closes. */
  async #drain(): Promise<void> {
    try {
      while (await this.#receive(undefined, 0) !== undefined);
    } catch {
      // The recording is over; who does not close is not at fault.
    }
  }

  get #timeoutMs(): number {
    return this.#options.timeoutMs ?? 300_000;
  }

  #liveFrame(frame: Frame): RecordedFrame {
    const side = this.#options.side === ">" ? "<" : ">";
    if (frame.kind === "signal") return { kind: "signal", side, signal: frame.signal, line: 0 };
    const payload = frame.payload.slice();
    return { kind: "message", side, length: payload.length, payload, sha256: undefined, line: 0 };
  }
}

const noBytes = new Uint8Array(0);

/** Real chance and time, but no pauses: a test that fails shall fail soon. */
const impatient: Environment = {
  seconds: () => Math.floor(Date.now() / 1000),
  random32: () => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0,
  pause: () => Promise.resolve(),
};

function playedFrame(placement: Placement, frame: RecordedFrame): PlayedFrame {
  const payload = frame.kind === "signal" ? noBytes : frame.payload ?? noBytes;
  const sha256 = frame.kind === "signal" ? undefined : frame.sha256;
  return { name: placement.name, fields: placement.fields, payload, sha256 };
}

function describe(frame: PlayedFrame | undefined): string {
  if (frame === undefined) return "nothing";
  const text = decodeText(frame.payload.subarray(0, 200));
  return `${frame.name} ${JSON.stringify(text)}`;
}

/** Places and fields of frames, with the fields that vary from run to run left out. */
export function comparable(
  frames: readonly PlayedFrame[],
  varying: readonly string[],
): readonly { readonly name: string; readonly fields: Readonly<Record<string, FieldValue>> }[] {
  return frames.map(({ name, fields = {} }) => ({
    name,
    fields: Object.fromEntries(Object.entries(fields).filter(([key]) => !varying.includes(key))),
  }));
}
