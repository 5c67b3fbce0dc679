/**
 * A thread that does not come back from the system, as from a file system that hangs: here the tracer
 * of another process stops it wherever it is.
 */
import { equal, match, rejects } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { orderOf, save } from "../../../tests/support/crew.ts";
import { join } from "../../../tests/support/paths.ts";
import { makeSmallFiles } from "../../../tests/support/sample.ts";
import { waitFor } from "../../../tests/support/wait_for.ts";
import type { Crew } from "./crew.ts";
import { CrewPool, Seat } from "./crew_pool.ts";

/** Stops a thread until it is told to go; from <sys/ptrace.h>. */
const tracer = `
  const { ptrace } = Deno.dlopen("libc.so.6", {
    ptrace: { parameters: ["i64", "i32", "usize", "usize"], result: "i64" },
  }).symbols;
  const [seize, interrupt] = [0x4206n, 0x4207n];
  const thread = Number(Deno.args[0]);
  const results = [seize, interrupt].map((request) => ptrace(request, thread, 0n, 0n));
  console.log(results.join(" "));
  setInterval(() => {}, 1000);
`;

/** Lets any process trace this one, where that is restricted; from <sys/prctl.h>. */
function allowTracing(): void {
  const library = Deno.dlopen("libc.so.6", {
    prctl: { parameters: ["i32", "isize", "usize", "usize", "usize"], result: "i32" },
  });
  library.symbols.prctl(0x59616d61, -1n, 0n, 0n, 0n);
  library.close();
}

/** The number of the only worker of this process that is a thread of a backup. */
function workers(): number[] {
  return [...Deno.readDirSync("/proc/self/task")]
    .filter(({ name }) =>
      Deno.readTextFileSync(`/proc/self/task/${name}/comm`).startsWith("worker-")
    )
    .map(({ name }) => Number(name));
}

async function drain(crew: Crew, folder: string): Promise<void> {
  for await (const { done } of crew.save(await orderOf(folder, "MKZ9"))) done();
}

Deno.test({
  name: "a thread that hangs gets no more jobs, and is lost some time after its job was canceled",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const parent = await Deno.makeTempDir({ prefix: "roost-crew-" });
    const [folder, long] = [join(parent, "short"), join(parent, "long")];
    const before = new Set(workers());
    const pool = new CrewPool(1, 0, { stalled: 1, lostMs: 1500 });
    let stopper: Deno.ChildProcess | undefined;
    try {
      await makeSmallFiles(join(folder, "small"), 200);
      await Deno.mkdir(long);
      await Deno.writeFile(join(long, "holes"), new Uint8Array(1));
      await Deno.truncate(join(long, "holes"), 2 ** 35); // nobody waits for its end
      await save(pool, folder, "MK"); // times of access change once
      const { frames } = await save(pool, folder, "MK");
      const [thread] = workers().filter((one) => !before.has(one));
      allowTracing();
      const file = join(parent, "tracer.js");
      await Deno.writeTextFile(file, tracer);
      const crews = [pool.take(), pool.take()] as const;
      const drains = crews.map((crew) => drain(crew, long));
      const ends = Promise.allSettled(drains);
      const seat = await waitFor("a job to begin", () => [...crews[0].working][0]);
      if (!(seat instanceof Seat)) throw new Error("no thread serves the job");
      await waitFor("a job to be worked on", () => seat.work.job !== 0);
      stopper = new Deno.Command(Deno.execPath(), {
        args: ["run", "--allow-ffi", file, String(thread)],
        stdout: "piped",
      }).spawn();
      const { value } = await stopper.stdout.getReader().read();
      match(new TextDecoder().decode(value), /^0 0/);
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
      stopper?.kill("SIGKILL");
      await stopper?.status;
      pool.close();
      await Deno.remove(parent, { recursive: true });
    }
  },
});
