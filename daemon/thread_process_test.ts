import { deepStrictEqual, rejects, strictEqual } from "node:assert";
import fc from "fast-check";
import { framed, messagesOf } from "./thread_process.ts";

/** A stream of these bytes, cut into pieces of so many. */
function streamOf(bytes: Uint8Array, sizes: () => number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      const end = Math.min(bytes.length, at + sizes());
      controller.enqueue(bytes.subarray(at, end));
      at = end;
    },
  });
}

async function all(stream: ReadableStream<Uint8Array>): Promise<unknown[]> {
  const messages: unknown[] = [];
  for await (const message of messagesOf(stream)) messages.push(message);
  return messages;
}

Deno.test("messagesOf() has what framed() was given, in whatever pieces it comes", async () => {
  const message = fc.oneof(
    fc.string(),
    fc.uint8Array(),
    fc.record({ rows: fc.array(fc.string()) }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(message),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      async (messages, sizes) => {
        const bytes = new Uint8Array(messages.flatMap((one) => [...framed(one)]));
        let turn = 0;
        const stream = streamOf(bytes, () => sizes[turn++ % sizes.length] ?? 1);
        const plain = (value: unknown) => value instanceof Uint8Array ? [...value] : value;
        // a record from another realm of fast-check's has no prototype
        deepStrictEqual(
          structuredClone((await all(stream)).map(plain)),
          structuredClone(messages.map(plain)),
        );
      },
    ),
  );
});

Deno.test("messagesOf() puts a large message together without copying it for each piece", async () => {
  // Copies of all that has come so far at each of 8,192 pieces would be 137 GB.
  const large = new Uint8Array(32 << 20).fill(7);
  const [message] = await all(streamOf(framed(large), () => 4096));
  strictEqual(message instanceof Uint8Array && message.every((byte) => byte === 7), true);
  strictEqual((message as Uint8Array).length, large.length);
});

Deno.test("messagesOf() refuses a message that nobody can have sent", async () => {
  for (const header of [[0xff, 0xff, 0xff, 0xff], [0, 0, 0, 0]]) {
    const bytes = new Uint8Array([...header, 1, 2, 3]);
    await rejects(all(streamOf(bytes, () => 2)), /Cannot receive a message of \d+ bytes/);
  }
});
