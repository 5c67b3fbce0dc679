/** Bootstraps as a director writes them, read back, against plain selection of the records. */
import { deepStrictEqual } from "node:assert";
import fc from "fast-check";
import type { PlainRecord } from "../tests/support/volume_arbitraries.ts";
import { joinBytes, labelBlock, sessionBlocks } from "../tests/support/volume_files.ts";
import { MemoryDevice } from "./device/mod.ts";
import { VolumeReader } from "./mod.ts";
import {
  type BootstrapEntry,
  bootstrapEntry,
  formatBootstrap,
  parseBlockHeader,
  parseBootstrap,
  RecordCursor,
} from "./volume/mod.ts";

interface Session {
  readonly key: { readonly sessionId: number; readonly sessionTime: number };
  readonly records: readonly PlainRecord[];
  /** FileIndexes that are wanted. */
  readonly wanted: ReadonlySet<number>;
}

const anySession = (sessionId: number): fc.Arbitrary<Session> =>
  fc.array(
    fc.record({
      isWanted: fc.boolean(),
      lengths: fc.array(fc.nat(900), { minLength: 1, maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 25 },
  ).map((files) => ({
    key: { sessionId, sessionTime: 100 },
    records: files.flatMap(({ lengths }, i) =>
      lengths.map((length, stream) => ({
        fileIndex: i + 1,
        stream: stream + 1,
        data: new Uint8Array(length).fill(sessionId * 16 + stream),
      }))
    ),
    wanted: new Set(files.flatMap(({ isWanted }, i) => isWanted ? [i + 1] : [])),
  }));

interface PlacedBlock {
  readonly session: Session;
  readonly bytes: Uint8Array;
}

/** The blocks of all sessions, mixed as `turns` says; each session's stay in order. */
function interleave(
  sessions: readonly Session[],
  size: number,
  turns: readonly number[],
): PlacedBlock[] {
  const queues = sessions.map((session) =>
    sessionBlocks(session.key, session.records, size).map((bytes) => ({ session, bytes }))
  );
  const placed: PlacedBlock[] = [];
  for (let turn = 0; queues.some(({ length }) => length > 0); turn++) {
    const open = queues.filter(({ length }) => length > 0);
    const block = open[(turns[turn % turns.length] as number) % open.length]?.shift();
    if (block !== undefined) placed.push(block);
  }
  return placed;
}

/** The entry of a session for one volume: its JobMedia record and the FileIndexes within. */
function entryFor(
  volume: string,
  session: Session,
  blocks: readonly PlacedBlock[],
): BootstrapEntry[] {
  let [first, last, start, end] = [0, 0, 0, 0];
  let at = labelBlock(volume).length;
  const cursor = new RecordCursor();
  for (const block of blocks) {
    if (block.session === session) {
      cursor.start(parseBlockHeader(block.bytes), block.bytes);
      while (cursor.next()) {
        if (cursor.fileIndex < 0) continue;
        if (first === 0) [first, start] = [cursor.fileIndex, at];
        last = cursor.fileIndex;
      }
      if (first > 0) end = at + block.bytes.length - 1;
    }
    at += block.bytes.length;
  }
  const indexes = [...session.wanted].filter((index) => index >= first && index <= last);
  if (first === 0 || indexes.length === 0) return [];
  const { sessionId, sessionTime } = session.key;
  return [bootstrapEntry([volume], {
    mediaType: "File",
    sessionIds: [{ first: sessionId, last: sessionId }],
    sessionTimes: [{ first: sessionTime, last: sessionTime }],
    addresses: [{ first: start, last: end }],
    fileIndexes: indexes.map((index) => ({ first: index, last: index })),
    count: indexes.length,
  })];
}

Deno.test("VolumeReader reads by bootstrap exactly what a selection of all records gives", () => {
  fc.assert(
    fc.property(
      fc.tuple(anySession(1), anySession(2), anySession(3)),
      fc.integer({ min: 400, max: 2000 }),
      fc.array(fc.nat(2), { minLength: 1, maxLength: 10 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.boolean(),
      (sessions, size, turns, cut, isPositioned) => {
        const blocks = interleave(sessions, size, turns);
        const at = Math.round(blocks.length * cut);
        const volumes = { A: blocks.slice(0, at), B: blocks.slice(at) };
        const device = new MemoryDevice();
        const entries: BootstrapEntry[] = [];
        for (const [name, part] of Object.entries(volumes)) {
          device.put(name, joinBytes([labelBlock(name), ...part.map(({ bytes }) => bytes)]));
          for (const session of sessions) entries.push(...entryFor(name, session, part));
        }
        const reader = new VolumeReader({
          bootstrap: parseBootstrap(formatBootstrap(entries)),
          positioning: isPositioned,
          onProblem: ({ message }) => {
            throw new Error(message);
          },
        });
        const found = new Map<number, PlainRecord[]>(
          sessions.map(({ key }) => [key.sessionId, []]),
        );
        for (const name of reader.volumes) {
          for (const record of reader.read(device.open(name, "read"))) {
            const { sessionId, fileIndex, stream, data } = record;
            found.get(sessionId)?.push({ fileIndex, stream, data: data.slice() });
          }
        }
        reader.finish();
        for (const { key, records, wanted } of sessions) {
          deepStrictEqual(
            found.get(key.sessionId),
            records.filter(({ fileIndex }) => wanted.has(fileIndex)),
          );
        }
      },
    ),
    { numRuns: 300 },
  );
});
