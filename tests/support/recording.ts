/**
 * Recordings of real daemons: one line a frame (see the README beside them).
 *
 * @module
 */
import { encodeText } from "../../bytes/mod.ts";
import { fixture } from "./paths.ts";

/** Who sent a frame: the connecting (`>`) or the accepting (`<`) side. */
export type Side = ">" | "<";

/** One frame of a recording. */
export type RecordedFrame =
  | {
    readonly kind: "message";
    readonly side: Side;
    readonly length: number;
    /** Not there if the recording has left it out for its size. */
    readonly payload: Uint8Array | undefined;
    /** SHA-256 of a payload that was left out, hex. */
    readonly sha256: string | undefined;
    /** Line in the recording, from 1. */
    readonly line: number;
  }
  | {
    readonly kind: "signal";
    readonly side: Side;
    readonly signal: number;
    readonly line: number;
  };

/** One TCP connection of a recording. */
export interface RecordedConnection {
  /** Number in the recording. */
  readonly number: number;
  /** Whose port: `console-dir`, `to-fd`, `to-sd1`, ... */
  readonly link: string;
  readonly frames: readonly RecordedFrame[];
}

/** A frame with its connection, in the order of the recording. */
export interface RecordedEvent {
  readonly connection: RecordedConnection;
  readonly frame: RecordedFrame;
}

/** One recording. */
export interface Recording {
  readonly name: string;
  readonly connections: readonly RecordedConnection[];
  /** All frames in the order in which they passed. */
  readonly events: readonly RecordedEvent[];
}

interface Line {
  conn: number;
  link: string;
  dir?: Side;
  len?: number;
  text?: string;
  b64?: string;
  sha256?: string;
  elided?: boolean;
  signal?: number;
}

/** Names of all recordings, such as `01-backup-full`. */
export function recordingNames(): string[] {
  return [...Deno.readDirSync(fixture("transcripts"))]
    .map((entry) => entry.name)
    .filter((name) => name.endsWith(".jsonl"))
    .map((name) => name.slice(0, -".jsonl".length))
    .sort();
}

/** Reads the recording whose name is or begins with `name`, such as `01`. */
export function loadRecording(name: string): Recording {
  const full = recordingNames().find((known) => known === name || known.startsWith(`${name}-`));
  if (full === undefined) throw new Error(`Cannot load recording ${name}: there is none`);
  const connections = new Map<number, { link: string; frames: RecordedFrame[] }>();
  const order: { number: number; frame: RecordedFrame }[] = [];
  const lines = Deno.readTextFileSync(fixture(`transcripts/${full}.jsonl`)).split("\n");
  lines.forEach((text, i) => {
    if (text === "") return;
    const line: Line = JSON.parse(text);
    const known = connections.get(line.conn);
    const connection = known ?? { link: line.link, frames: [] };
    if (known === undefined) connections.set(line.conn, connection);
    const frame = frameOf(line, i + 1);
    if (frame === undefined) return;
    connection.frames.push(frame);
    order.push({ number: line.conn, frame });
  });
  const made = new Map(
    [...connections].map(([number, { link, frames }]) => [number, { number, link, frames }]),
  );
  return {
    name: full,
    connections: [...made.values()],
    events: order.flatMap(({ number, frame }) => {
      const connection = made.get(number);
      return connection === undefined ? [] : [{ connection, frame }];
    }),
  };
}

function frameOf(line: Line, number: number): RecordedFrame | undefined {
  if (line.dir === undefined) return undefined;
  if (line.signal !== undefined && line.signal !== 0) {
    return { kind: "signal", side: line.dir, signal: line.signal, line: number };
  }
  if (line.len === undefined && line.signal === undefined) return undefined; // closed, error
  const length = line.len ?? 0;
  const payload = payloadOf(line);
  if (payload !== undefined && payload.length !== length) {
    throw new Error(`Cannot read line ${number}: ${payload.length} bytes, not ${length}`);
  }
  return {
    kind: "message",
    side: line.dir,
    length,
    payload,
    sha256: line.sha256,
    line: number,
  };
}

function payloadOf(line: Line): Uint8Array | undefined {
  if (line.text !== undefined) return encodeText(line.text);
  if (line.b64 !== undefined) return Uint8Array.from(atob(line.b64), (c) => c.charCodeAt(0));
  return line.elided === true ? undefined : new Uint8Array(0);
}
