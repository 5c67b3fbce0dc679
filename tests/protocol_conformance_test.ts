/**
 * Every frame of every recording has a place in the message tables, and what the tables make of it
 * again are the same bytes.
 */
import { deepStrictEqual, strictEqual } from "node:assert";
import { decodeText } from "../bytes/mod.ts";
import { Connection, Signal } from "../protocol/mod.ts";
import { Conversation } from "./support/conversation.ts";
import { MemoryTransport } from "./support/memory_transport.ts";
import { hasFixtures } from "./support/paths.ts";
import { loadRecording, type RecordedFrame, recordingNames } from "./support/recording.ts";

for (const name of hasFixtures ? recordingNames() : ["(no recordings here)"]) {
  Deno.test({
    name: `recording ${name}: every frame is placed and written again byte for byte`,
    ignore: !hasFixtures,
    fn: () => {
      const recording = loadRecording(name);
      for (const connection of recording.connections) {
        const conversation = new Conversation(connection);
        for (const frame of connection.frames) {
          const placement = conversation.place(frame);
          const where = `${name} line ${frame.line}: ${describe(frame)}`;
          if (placement === undefined) throw new Error(`Cannot place ${where}`);
          if (frame.kind === "signal" || frame.payload === undefined) continue;
          strictEqual(decodeText(placement.bytes), decodeText(frame.payload), where);
        }
      }
    },
  });
}

Deno.test({
  name: "a Connection cuts a recorded side into the recorded frames and writes the same bytes",
  ignore: !hasFixtures,
  fn: async () => {
    for (const connection of loadRecording("01").connections) {
      for (const side of [">", "<"] as const) {
        const all = connection.frames.filter((frame) => frame.side === side);
        // Nothing may be sent or is read after TERMINATE; real daemons do send it twice.
        const last = all.findIndex((f) => f.kind === "signal" && f.signal === Signal.TERMINATE);
        const frames = last < 0 ? all : all.slice(0, last + 1);
        const sending = new MemoryTransport("sender");
        const receiving = new MemoryTransport("receiver");
        sending.other = receiving;
        const out = new Connection(sending);
        for (const frame of frames) {
          if (frame.kind === "signal") await out.sendSignal(frame.signal);
          else if (frame.payload !== undefined) await out.send(frame.payload);
        }
        receiving.end();
        const arrived = new Connection(receiving);
        const got: string[] = [];
        for (let frame = await arrived.receive(); frame; frame = await arrived.receive()) {
          got.push(frame.kind === "signal" ? `${frame.signal}` : decodeText(frame.payload));
        }
        const wanted = frames
          .filter((frame) => frame.kind === "signal" || frame.payload !== undefined)
          .map((frame) =>
            frame.kind === "signal"
              ? `${frame.signal}`
              : decodeText(frame.payload ?? new Uint8Array())
          );
        deepStrictEqual(got, wanted);
      }
    }
  },
});

function describe(frame: RecordedFrame): string {
  if (frame.kind === "signal") return `${frame.side} signal ${frame.signal}`;
  const text = frame.payload === undefined ? "elided" : decodeText(frame.payload).slice(0, 200);
  return `${frame.side} ${frame.length} bytes ${JSON.stringify(text)}`;
}
