import { deepStrictEqual, strictEqual, throws } from "node:assert";
import fc from "fast-check";
import { longestGreeting, MessageReader, Outbox } from "./wire.ts";

Deno.test("MessageReader finds again what an Outbox gathered, however it is cut", () => {
  const messages = fc.array(fc.tuple(fc.constantFrom("Q", "d", "Z"), fc.uint8Array()), {
    minLength: 1,
  });
  fc.assert(
    fc.property(messages, fc.array(fc.integer({ min: 1, max: 40 })), (sent, cuts) => {
      const outbox = new Outbox();
      for (const [letter, body] of sent) outbox.add(letter, (writer) => writer.bytes(body));
      const bytes = outbox.take();
      strictEqual(outbox.length, 0);
      let at = 0;
      const reader = new MessageReader(() => {
        const piece = bytes.subarray(at, at + (cuts.shift() ?? bytes.length));
        at += piece.length;
        return piece;
      });
      for (const [letter, body] of sent) {
        const message = reader.next();
        deepStrictEqual([message.letter, [...message.body.rest()]], [letter, [...body]]);
      }
      strictEqual(reader.hasBytes, false);
    }),
  );
});

Deno.test("MessageReader refuses lengths that cannot be", () => {
  for (const length of [[0, 0, 0, 3], [0x7f, 0xff, 0xff, 0xff], [0xff, 0xff, 0xff, 0xff]]) {
    const reader = new MessageReader(() => Uint8Array.of(0x5a, ...length));
    throws(() => reader.next(), /none of PostgreSQL's protocol/);
  }
  // "220 mail.example": no server that lets us in, and nobody waits for 800 MB of it
  const stranger = new MessageReader(() => new TextEncoder().encode("220 mail.example"));
  throws(() => stranger.next(longestGreeting), /a message of 842014829 bytes is none of/);
});

Deno.test("an Outbox writes the first message without a letter", () => {
  deepStrictEqual([...new Outbox().add("", (body) => body.u32(196_608)).take()], [
    ...[0, 0, 0, 8],
    ...[0, 3, 0, 0],
  ]);
});
