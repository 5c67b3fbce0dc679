import { match, strictEqual } from "node:assert";
import { Signal } from "../../protocol/mod.ts";
import type { TestDirector } from "../../tests/support/test_director.ts";
import { StorageScene } from "../../tests/support/storage_scene.ts";
import { testDevice } from "../../tests/support/storage_settings.ts";

/** Reads until the job waits for a device: a heartbeat tells. */
async function untilWaiting(director: TestDirector): Promise<void> {
  await director.readUntil((frame) => frame.kind === "signal" && frame.signal === Signal.HEARTBEAT);
}

Deno.test("jobs that read from the device which the other wants to write to both get theirs", async () => {
  await using scene = await StorageScene.start(
    {},
    { justInTimeReservation: false },
    (folder) => ["Left", "Right"].map((name) => testDevice(folder, { name })),
  );
  const begin = async (jobId: number) => {
    const director = await scene.director();
    await director.announce({ jobId, job: `Virtual.2026-11-27_00.00.00_0${jobId}` });
    return director;
  };
  const [first, second, third] = [await begin(1), await begin(2), await begin(3)];
  const read = async (director: typeof first, device: string) => {
    await director.wish(false, { device });
    strictEqual(await director.expect("3"), `3000 OK use device device=${device}\n`);
  };
  await read(first, "Left");
  await read(second, "Right");
  await first.wish(true, { device: "Right" });
  await untilWaiting(first);

  await second.wish(true, { device: "Left" });
  strictEqual(await first.expect("3"), "3000 OK use device device=Right\n");
  await untilWaiting(second);
  first.close();
  strictEqual(await second.expect("3"), "3000 OK use device device=Left\n");
  match(
    second.log,
    /Giving back device "Right" .*, to read from it later: JobId 1 would wait for it/,
  );
  // it has both: nobody else gets the one that it had given back
  await third.wish(true, { device: "Right" });
  await untilWaiting(third);
  second.close();
  strictEqual(await third.expect("3"), "3000 OK use device device=Right\n");
  third.close();
});

Deno.test("a job that gave back its device for reading and is canceled leaves it to others", async () => {
  await using scene = await StorageScene.start(
    {},
    { justInTimeReservation: false },
    (folder) => ["Left", "Right"].map((name) => testDevice(folder, { name })),
  );
  const begin = async (jobId: number, device: string) => {
    const director = await scene.director();
    await director.announce({ jobId, job: `Virtual.2026-11-27_00.00.00_0${jobId}` });
    await director.wish(false, { device });
    await director.expect("3");
    return director;
  };
  const [first, second] = [await begin(1, "Left"), await begin(2, "Right")];
  await first.wish(true, { device: "Right" });
  await untilWaiting(first);
  await second.wish(true, { device: "Left" });
  strictEqual(await first.expect("3"), "3000 OK use device device=Right\n");
  await untilWaiting(second);
  second.close();
  const third = await scene.director();
  await third.announce({ jobId: 3, job: "Virtual.2026-11-27_00.00.00_03" });
  await third.wish(true, { device: "Right" }); // joins the first
  strictEqual(await third.expect("3"), "3000 OK use device device=Right\n");
  first.close();
  third.close();
});
