/** Threads that do not come back from the system: what becomes of their jobs, and of those beside them. */
import { equal, rejects } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { alone } from "../../../tests/support/alone.ts";
import { orderOf, save } from "../../../tests/support/crew.ts";
import { join } from "../../../tests/support/paths.ts";
import { makeSmallFiles } from "../../../tests/support/sample.ts";
import { stopThreads, workers } from "../../../tests/support/stopped_thread.ts";
import { waitFor } from "../../../tests/support/wait_for.ts";
import type { Crew } from "./crew.ts";
import { CrewPool, Seat } from "./crew_pool.ts";

async function drain(crew: Crew, folder: string): Promise<void> {
  for await (const { done } of crew.save(await orderOf(folder, "MKZ9"))) done();
}

// The threads that are stopped are found by not having been there before: no other test may start any.
alone("threads that hang, in a process of their own", import.meta.url, () => {
  Deno.test({
    name: "a thread that hangs gets no more jobs, and is lost some time after its job was canceled",
    ignore: Deno.build.os !== "linux",
    fn: async () => {
      const parent = await Deno.makeTempDir({ prefix: "roost-crew-" });
      const [folder, long] = [join(parent, "short"), join(parent, "long")];
      const before = new Set(workers());
      const pool = new CrewPool(1, 0, { stalled: 1, lostMs: 1500 });
      let stopped: AsyncDisposable | undefined;
      try {
        await makeSmallFiles(join(folder, "small"), 200);
        await Deno.mkdir(long);
        await Deno.writeFile(join(long, "holes"), new Uint8Array(1));
        await Deno.truncate(join(long, "holes"), 2 ** 35); // nobody waits for its end
        await save(pool, folder, "MK"); // times of access change once
        const { frames } = await save(pool, folder, "MK");
        const [thread] = workers().filter((one) => !before.has(one));
        const crews = [pool.take(), pool.take()] as const;
        const drains = crews.map((crew) => drain(crew, long));
        const ends = Promise.allSettled(drains);
        const seat = await waitFor("a job to begin", () => [...crews[0].working][0]);
        if (!(seat instanceof Seat)) throw new Error("no thread serves the job");
        await waitFor("a job to be worked on", () => seat.work.job !== 0);
        stopped = await stopThreads(thread === undefined ? [] : [thread], parent);
        await waitFor("the thread to hang", () => seat.work.seconds >= 2 && seat.work.job !== 0);
        const hanging = crews.find(({ job }) => job === seat.work.job);
        const other = crews.find((crew) => crew !== hanging);
        if (hanging === undefined || other === undefined) throw new Error("none of the jobs hangs");

        const beside = await save(pool, folder, "MK"); // by another thread
        equal(Buffer.compare(beside.frames, frames), 0);
        await pool.giveBack(hanging);
        equal(hanging.working.has(seat), true);
        await ends;
        await rejects(drains[crews.indexOf(hanging)] ?? ends, /canceled/);
        await rejects(drains[crews.indexOf(other)] ?? ends, /does not come back from the files/);
        equal(hanging.working.size, 0);
        await pool.giveBack(other);
        equal(Buffer.compare((await save(pool, folder, "MK")).frames, frames), 0);
      } finally {
        await stopped?.[Symbol.asyncDispose]();
        pool.close();
        await Deno.remove(parent, { recursive: true });
      }
    },
  });

  Deno.test({
    name: "two threads that hang in one job are lost when it is canceled, and others work on",
    ignore: Deno.build.os !== "linux",
    fn: async () => {
      const parent = await Deno.makeTempDir({ prefix: "roost-crew-" });
      const [folder, long] = [join(parent, "short"), join(parent, "long")];
      const before = new Set(workers());
      const pool = new CrewPool(2, 0, { stalled: 1, lostMs: 1500 });
      let stopped: AsyncDisposable | undefined;
      try {
        await makeSmallFiles(join(folder, "small"), 200);
        await Deno.mkdir(long);
        for (const name of ["one", "two"]) {
          await Deno.writeFile(join(long, name), new Uint8Array(1));
          await Deno.truncate(join(long, name), 2 ** 35); // nobody waits for its end
        }
        await save(pool, folder, "MK"); // times of access change once
        const { frames } = await save(pool, folder, "MK");
        const threads = workers().filter((one) => !before.has(one));
        equal(threads.length, 2);
        const crew = pool.take();
        const saved = drain(crew, long);
        const end = Promise.allSettled([saved]);
        const seats = await waitFor("both threads to work for the job", () => {
          const found = [...crew.working].filter((seat) => seat instanceof Seat);
          return found.length === 2 && found;
        });
        const areAtWork = (): boolean => seats.every(({ work }) => work.job === crew.job);
        // A thread may be stopped between two steps: that is not what a file system does.
        await waitFor("both threads to hang in the job", async () => {
          stopped = await stopThreads(threads, parent);
          if (areAtWork()) return true;
          await stopped[Symbol.asyncDispose]();
          return false;
        });
        await waitFor("the pool to see it", () => seats.every(({ work }) => work.seconds >= 2));

        const beside = await save(pool, folder, "MK"); // by other threads
        equal(Buffer.compare(beside.frames, frames), 0);
        await pool.giveBack(crew);
        await end;
        await rejects(saved, /canceled/);
        await waitFor("both threads to be given up", () => crew.working.size === 0);
        for (let n = 0; n < 3; n++) {
          equal(Buffer.compare((await save(pool, folder, "MK")).frames, frames), 0);
        }
      } finally {
        await stopped?.[Symbol.asyncDispose]();
        pool.close();
        await Deno.remove(parent, { recursive: true });
      }
    },
  });
});
