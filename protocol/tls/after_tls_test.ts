import { deepStrictEqual } from "node:assert";
import fc from "fast-check";
import { AfterTls } from "./after_tls.ts";

Deno.test("AfterTls leaves out the records before the first frame, however they arrive", () =>
  fc.assert(fc.asyncProperty(
    fc.array(fc.tuple(fc.integer({ min: 20, max: 23 }), fc.uint8Array({ maxLength: 300 })), {
      maxLength: 8,
    }),
    fc.uint8Array({ maxLength: 100 }),
    fc.integer({ min: 1, max: 50 }),
    fc.nat(60),
    async (records, payload, step, ahead) => {
      const frame = [0, 0, 0, payload.length, ...payload];
      const stream = Uint8Array.from([
        ...records.flatMap((
          [type, body],
        ) => [type, 3, 3, body.length >> 8, body.length & 0xff, ...body]),
        ...frame,
      ]);
      let at = Math.min(ahead, stream.length);
      const transport = {
        peer: "a",
        read(into: Uint8Array): Promise<number | null> {
          const piece = stream.subarray(at, at + Math.min(step, into.length));
          into.set(piece);
          at += piece.length;
          return Promise.resolve(piece.length === 0 ? null : piece.length);
        },
        write: () => Promise.resolve(),
        close: () => {},
      };
      const after = new AfterTls(transport, stream.slice(0, at));
      const seen: number[] = [];
      const into = new Uint8Array(37);
      for (let read = await after.read(into); read !== null; read = await after.read(into)) {
        seen.push(...into.subarray(0, read));
      }
      deepStrictEqual(seen, frame);
    },
  )));
