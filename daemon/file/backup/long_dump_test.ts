/** Long dumps of programs, whose chunks all threads compress and encrypt: of any length, however they end. */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import {
  contentCiphers,
  makeKeyPair,
  makeSession,
  readKeyPair,
  readOpeningKey,
} from "../../../crypto/mod.ts";
import { saveOrder, streamsOf } from "../../../tests/support/crew.ts";
import { openBelow } from "../../../tests/support/open_files.ts";
import { join } from "../../../tests/support/paths.ts";
import { targetBelow } from "../../../tests/support/restore_target.ts";
import { waitFor } from "../../../tests/support/wait_for.ts";
import { FileSetBuilder, withPluginFiles } from "../fileset/mod.ts";
import { PatientTarget, type RestoreKeys } from "../restore/mod.ts";
import { BackupThreadError, type CrewOrder } from "./crew.ts";
import { CrewPool } from "./crew_pool.ts";

const ignore = Deno.build.os !== "linux";
const mebibyte = 1 << 20;
const line = "a dump that compresses well, of any length";

/** Threads come to rest when they are told to, however slow the machine is: none is given up. */
const patient = { restMs: 600_000 };

/** A command that writes so many bytes. */
function writing(length: number): string {
  return `yes "${line}" | head -c ${length}`;
}

/** The order to save what a command of the shell writes, with these letters of options. */
async function orderOf(
  command: string,
  letters: string,
  protection?: CrewOrder["protection"],
): Promise<CrewOrder> {
  const builder = new FileSetBuilder();
  for (const text of ["I", `O ${letters}`, "N", "N", "P x", "N"]) builder.add(text);
  const fileSet = withPluginFiles(await builder.build(), (text) => [{
    ...{ name: new TextEncoder().encode("/dump"), line: text, environment: {} },
    program: ["/bin/sh", "-c", command],
  }]);
  return { fileSet, level: "F", since: 0, firstFileIndex: 0, protection };
}

/** What a restore of some frames brings back, checked with its digest and signature, and what it says. */
async function restored(
  frames: Uint8Array,
  keys?: RestoreKeys,
): Promise<{ readonly length: number; readonly isRight: boolean; readonly errors: number }> {
  const folder = await Deno.makeTempDir({ prefix: "roost-dump-" });
  try {
    const target = targetBelow(folder, undefined, { keys });
    const patientTarget = new PatientTarget(target);
    for (const { fileIndex, stream, records } of streamsOf(frames)) {
      for (const data of records) patientTarget.accept({ fileIndex, stream, data });
    }
    patientTarget.finish();
    equal(openBelow(folder), 0);
    const bytes = await Deno.readFile(join(folder, "dump"));
    const plain = new TextEncoder().encode(`${line}\n`);
    return {
      length: bytes.length,
      isRight: bytes.every((byte, at) => byte === plain[at % plain.length]),
      errors: target.counters.errors,
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Does something with a pool of one thread and one of three. */
async function withPools(run: (one: CrewPool, three: CrewPool) => Promise<void>): Promise<void> {
  const pools = [new CrewPool(1, 0, patient), new CrewPool(3, 0, patient)] as const;
  try {
    await run(...pools);
  } finally {
    for (const pool of pools) pool.close();
  }
}

/** Lengths about those of the groups of chunks that others get. */
const lengths = [
  mebibyte - 1,
  mebibyte,
  mebibyte + 1,
  2 * mebibyte - 1,
  2 * mebibyte,
  2 * mebibyte + 1,
];

Deno.test({
  name: "a dump of any length comes back, saved by one thread or by three",
  ignore,
  fn: async () => {
    await withPools(async (...pools) => {
      for (const length of lengths) {
        for (const pool of pools) {
          const { frames, messages, files } = await saveOrder(
            pool,
            await orderOf(writing(length), "MZf4"),
          );
          deepEqual([messages, files], [[], 1]);
          deepEqual(await restored(frames), { length, isRight: true, errors: 0 }, `${length}`);
        }
      }
    });
  },
});

Deno.test({
  name: "an encrypted and signed dump comes back, saved by one thread or by three",
  ignore,
  fn: async () => {
    const { certificate, privateKey } = await makeKeyPair({ name: "fd", bits: 2048 });
    const pair = readKeyPair(certificate + privateKey);
    const cipher = contentCiphers.find(({ name }) => name === "aes256");
    ok(cipher);
    const session = makeSession(cipher, [pair.certificate]);
    const keys = {
      opening: [readOpeningKey(certificate + privateKey)],
      signers: [pair.certificate],
    };
    await withPools(async (...pools) => {
      for (const letters of ["M", "MZf4"]) {
        for (const length of [2 * mebibyte, 3 * mebibyte + 12_345]) {
          const order = await orderOf(writing(length), letters, { signer: pair, session });
          for (const pool of pools) {
            const { frames, messages } = await saveOrder(pool, order);
            deepEqual(messages, []);
            const what = `${letters} ${length}`;
            deepEqual(await restored(frames, keys), { length, isRight: true, errors: 0 }, what);
          }
        }
      }
    });
  },
});

Deno.test({
  name: "a program that fails behind a long dump is told of, and what it wrote is kept",
  ignore,
  fn: async () => {
    const length = 3 * mebibyte;
    await withPools(async (...pools) => {
      const saved = [];
      for (const pool of pools) {
        saved.push(await saveOrder(pool, await orderOf(`${writing(length)}; exit 3`, "MZf4")));
        const next = await saveOrder(pool, await orderOf(writing(length), "MZf4"));
        deepEqual(next.messages, []);
        deepEqual(await restored(next.frames), { length, isRight: true, errors: 0 });
      }
      for (const { frames, messages } of saved) {
        equal(messages.length, 1);
        match(messages[0] ?? "", /\b3\b/);
        deepEqual(await restored(frames), { length, isRight: true, errors: 0 });
      }
      deepEqual(saved[1]?.messages, saved[0]?.messages);
    });
  },
});

Deno.test({
  name:
    "a program that stalls in a long dump is ended with its job, and the next one has its threads",
  ignore,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "roost-dump-" });
    try {
      await withPools(async (...pools) => {
        const length = 2 * mebibyte;
        for (const [number, pool] of pools.entries()) {
          const marker = join(folder, `${number}`);
          const stalling = `${writing(1.5 * mebibyte)}; echo $$ >${marker}; exec sleep 1000000`;
          const crew = pool.take();
          const order = await orderOf(stalling, "MZf4");
          const drained = (async () => {
            for await (const { done } of crew.save(order)) done();
          })();
          const ended = Promise.allSettled([drained]);
          const pid = await waitFor(
            "the program to stall",
            () => Deno.readTextFile(marker).then((text) => text.trim(), () => ""),
          );
          await pool.giveBack(crew);
          await ended;
          await rejects(drained, BackupThreadError);
          equal(crew.working.size, 0);
          await waitFor("the program to end", () => hasEnded(pid));
          const next = await saveOrder(pool, await orderOf(writing(length), "MZf4"));
          deepEqual(next.messages, []);
          deepEqual(await restored(next.frames), { length, isRight: true, errors: 0 });
        }
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** Whether a process is gone, but for who has to hear of its end. */
async function hasEnded(pid: string): Promise<boolean> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => "");
  return stat === "" || /\) [ZX] /.test(stat);
}
