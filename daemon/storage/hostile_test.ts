import { match } from "node:assert";
import fc from "fast-check";
import { anyLetter } from "../../tests/support/fast_check/any_letter.ts";
import { encodeText } from "../../bytes/mod.ts";
import { directorToStorage, Signal } from "../../protocol/mod.ts";
import { fileStreams, TestFileDaemon } from "../../tests/support/test_file_daemon.ts";
import { StorageScene } from "../../tests/support/storage_scene.ts";

/** Texts that begin like commands and go on like nothing. */
const lines = fc.oneof(
  ...Object.values(directorToStorage)
    .filter(({ prefix }) => prefix !== "" && prefix !== "run")
    .map(({ prefix }) =>
      fc.tuple(
        fc.constant(prefix),
        fc.constantFrom("", "FileStorage1", "FileStorage1 drive=0", "9999999999999999999", "-1"),
        fc.string({ maxLength: 60, unit: anyLetter }),
      ).map((parts) => parts.join(""))
    ),
  fc.string({ maxLength: 200, unit: anyLetter }),
);

const frames = fc.oneof(
  { weight: 5, arbitrary: lines.map((line) => encodeText(line).slice(0, 2_000)) },
  { weight: 1, arbitrary: fc.integer({ min: -30, max: -1 }) },
);

Deno.test("no director's nonsense breaks the daemon", async () => {
  await using scene = await StorageScene.start();
  await fc.assert(
    fc.asyncProperty(fc.array(frames, { minLength: 1, maxLength: 6 }), async (sent) => {
      const director = await scene.director();
      try {
        for (const frame of sent) {
          if (typeof frame !== "number") await director.connection.send(frame);
          else if (frame !== Signal.TERMINATE) await director.connection.sendSignal(frame);
        }
        await director.connection.sendSignal(Signal.TERMINATE);
        while (await director.connection.receive({ timeoutMs: 60_000 }) !== undefined);
      } catch (error) {
        match(String(error), /Cannot send/); // the daemon has hung up: that is an answer
      } finally {
        director.close();
      }
    }),
    { numRuns: 60 },
  );
  const director = await scene.director(); // some of it may have made sense as `unmount`
  await director.say("mount FileStorage1 drive=0");
  await director.answer();
  director.close();
  const job = "Alive.2026-11-24_00.00.00_01";
  const { end } = await scene.backup({ jobId: 1, job }, fileStreams(1, "/f", [new Uint8Array(9)]));
  match(end, /JobStatus=84 JobFiles=1 /);
});

Deno.test("no client's nonsense breaks the daemon, and each of its jobs ends", async () => {
  await using scene = await StorageScene.start();
  const data = fc.oneof(
    fc.tuple(fc.integer({ min: -2, max: 3 }), fc.integer(), fc.string({ maxLength: 9 }))
      .map(([fileIndex, stream, more]) => encodeText(`${fileIndex} ${stream} ${more}`)),
    fc.uint8Array({ maxLength: 300 }),
    fc.integer({ min: -12, max: -1 }).filter((signal) => signal !== Signal.TERMINATE),
  );
  let number = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(data, { maxLength: 12 }), async (sent) => {
      const job = `Odd.2026-11-24_00.00.00_${++number}`;
      const director = await scene.director();
      await director.announce({ jobId: number, job });
      await director.useStorage(true);
      await director.say("run");
      const file = await TestFileDaemon.connect(scene.port, job, director.key);
      const end = director.jobEnd();
      await file.beginAppend();
      try {
        for (const frame of sent) {
          if (typeof frame === "number") await file.connection.sendSignal(frame);
          else await file.connection.send(frame);
        }
      } catch (error) {
        match(String(error), /Cannot send/); // the daemon has hung up: that is an answer
      }
      file.connection.close();
      match(await end, /JobStatus=(84|102) /);
      director.close();
    }),
    { numRuns: 60 },
  );
});
