/** Compressed frames as daemons of Bacula 9.6 sent them (bacula.md 4.1). */
import { deepStrictEqual, match, strictEqual } from "node:assert";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { Connection, FRAME_COMPRESSED, headerInto } from "../protocol/mod.ts";
import { MemoryTransport } from "./support/memory_transport.ts";
import { fixture, hasFixtures } from "./support/paths.ts";

interface CompressedFrame {
  readonly where: string;
  readonly header: number;
  readonly wire: Uint8Array;
  readonly plain: Uint8Array | undefined;
  readonly plainLength: number;
  readonly sha256: string | undefined;
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

function* compressedFrames(): Generator<CompressedFrame> {
  const folder = fixture("bacula-9.6/transcripts");
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  for (const name of names.filter((name) => name.endsWith(".jsonl")).sort()) {
    for (const [at, line] of Deno.readTextFileSync(`${folder}/${name}`).split("\n").entries()) {
      if (!line.includes('"wire"')) continue;
      const frame = JSON.parse(line);
      yield {
        where: `${name}:${at + 1}`,
        header: parseInt(frame.header, 16),
        wire: fromBase64(frame.wire),
        plain: frame.text !== undefined
          ? new TextEncoder().encode(frame.text)
          : frame.b64 !== undefined
          ? fromBase64(frame.b64)
          : undefined,
        plainLength: frame.plain_len,
        sha256: frame.plain_sha256,
      };
    }
  }
}

/** A connection that receives one frame, of a peer that may compress unless `accepts` is false. */
function received(header: number, payload: Uint8Array, accepts = true): Connection {
  const bytes = new Uint8Array(4 + payload.length);
  headerInto(bytes, 0, header);
  bytes.set(payload, 4);
  const connection = new Connection(new MemoryTransport("peer").feed(bytes).end());
  connection.acceptsCompressed = accepts;
  return connection;
}

Deno.test({
  name: "a Connection expands every compressed frame that was recorded",
  ignore: !hasFixtures,
  fn: async () => {
    let count = 0;
    for (const { where, header, wire, plain, plainLength, sha256 } of compressedFrames()) {
      const frame = await received(header, wire).receive();
      if (frame?.kind !== "message") throw new Error(`${where}: no message`);
      strictEqual(frame.payload.length, plainLength, where);
      if (plain !== undefined) deepStrictEqual(new Uint8Array(frame.payload), plain, where);
      if (sha256 !== undefined) {
        strictEqual(createHash("sha256").update(frame.payload).digest("hex"), sha256, where);
      }
      count++;
    }
    strictEqual(count > 100, true, `${count} frames`);
  },
});

Deno.test("damaged compressed frames end a Connection with the reason, and nothing else", async () => {
  const cases: readonly (readonly [string, number, Uint8Array, RegExp])[] = [
    ["an empty block", FRAME_COMPRESSED, new Uint8Array(0), /the block is empty/],
    ["the extended header", 0x6000_0001, new Uint8Array(1), /Packet size too big/],
    ["a length above the limit", FRAME_COMPRESSED + 1_000_001, new Uint8Array(9), /too big/],
    ["a cut block", FRAME_COMPRESSED + 2, Uint8Array.of(0x50, 1), /cut off/],
    [
      "a block that grows beyond all measure",
      FRAME_COMPRESSED + 20_005,
      Uint8Array.of(0x1f, 7, 1, 0, ...new Array(20_000).fill(255), 0),
      /longer than it may be/,
    ],
  ];
  for (const [what, header, payload, why] of cases) {
    const connection = received(header, payload);
    strictEqual(await connection.receive(), undefined, what);
    match(String(connection.failure?.message), why, what);
    strictEqual(connection.canSend, false, what);
  }
});

Deno.test("a peer that is not of Bacula may not compress", async () => {
  const connection = received(FRAME_COMPRESSED + 2, Uint8Array.of(0x10, 0x61), false);
  strictEqual(await connection.receive(), undefined);
  match(String(connection.failure?.message), /Packet size too big/);
});

Deno.test("garbage in compressed frames never makes a Connection throw", async () => {
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
    const connection = received(FRAME_COMPRESSED + bytes.length, bytes);
    const frame = await connection.receive();
    strictEqual(frame === undefined, connection.failure !== undefined);
  }));
});
