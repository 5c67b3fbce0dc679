/** Restores that share threads: they come out right, and none is held up by another for long. */
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { openBelow } from "../../../tests/support/open_files.ts";
import { join } from "../../../tests/support/paths.ts";
import {
  recordsOfFile,
  type SentRecord,
  WorkRestore,
} from "../../../tests/support/restore_work.ts";
import { bytesOf } from "../../../tests/support/sample.ts";
import { waitFor } from "../../../tests/support/wait_for.ts";
import {
  createDigest,
  decodeSignatureData,
  FileSigner,
  makeKeyPair,
  readCertificate,
  readKeyPair,
} from "../../../crypto/mod.ts";
import { FileType, ModeType, Stream } from "../../../storage/volume/mod.ts";
import { makeBoard, SignatureBoard } from "../restore/mod.ts";
import { helpWithChecks } from "./check_help.ts";
import { WorkPool } from "./work_pool.ts";

/** Threads come to rest when they are told to, however slow the machine is: none is given up. */
const patient = { restMs: 600_000 };

/** `leaves`: a thread that is lost cannot close what it has open. */
function inFolder(
  name: string,
  test: (folder: string) => Promise<void>,
  leaves: "nothing open" | "files open" = "nothing open",
): void {
  Deno.test({
    name,
    ignore: Deno.build.os !== "linux",
    fn: async () => {
      const folder = await Deno.makeTempDir({ prefix: "roost-work-" });
      try {
        await test(folder);
        if (leaves === "nothing open") equal(openBelow(folder), 0, "open files");
      } finally {
        // A lost thread may make a last file meanwhile.
        await waitFor(
          "the folder to be removed",
          () => Deno.remove(folder, { recursive: true }).then(() => true, () => false),
        );
      }
    },
  });
}

const signer = await makeKeyPair({ name: "signer", bits: 2048 });
const signers = [readCertificate(signer.certificate)];
const signing = new FileSigner(readKeyPair(signer.certificate + signer.privateKey));

/** Signed files, some of which are not what was signed. */
function* signedFiles(files: number, isBad: (number: number) => boolean): Generator<SentRecord> {
  for (let number = 1; number <= files; number++) {
    const contents = new TextEncoder().encode(`contents ${number}`);
    yield* recordsOfFile(number, `/file${number}`, contents);
    const signature = signing.begin();
    signature.update(isBad(number) ? contents.subarray(1) : contents);
    yield { fileIndex: number, stream: Stream.signedDigest, data: signature.finish() };
  }
}

const small = new TextEncoder().encode("a small file");
const fifo = { type: FileType.fifoData, mode: ModeType.fifo | 0o600 };

function* someFiles(contents: readonly Uint8Array[]): Generator<SentRecord> {
  for (const [number, bytes] of contents.entries()) {
    yield* recordsOfFile(number + 1, `/file${number}`, bytes);
  }
}

async function restoreSmall(pool: WorkPool, where: string): Promise<void> {
  const restore = new WorkRestore(pool, where);
  await restore.send(recordsOfFile(1, "/small", small));
  await restore.done;
  await restore.end();
  await restore.line.atRest; // the next one may have the same thread
  deepEqual(await Deno.readFile(join(where, "small")), small);
}

inFolder(
  "thirty restores at once come out right with two threads, which end with them",
  async (folder) => {
    const pool = new WorkPool(2, patient);
    const contents = [small, bytesOf(3, 3_000_000), new Uint8Array(0), bytesOf(4, 200_000)];
    const restores = Array.from(
      { length: 30 },
      (_, number) => new WorkRestore(pool, join(folder, `${number}`)),
    );
    equal(pool.threads, 2);
    await Promise.all(restores.map((restore) => restore.send(someFiles(contents))));
    await Promise.all(restores.map((restore) => restore.done));
    for (const [number, restore] of restores.entries()) {
      deepEqual(restore.report.messages, []);
      equal(restore.report.counters?.files, contents.length);
      for (const [name, bytes] of contents.entries()) {
        const found = await Deno.readFile(join(folder, `${number}`, `file${name}`));
        ok(found.length === bytes.length && found.every((byte, at) => byte === bytes[at]));
      }
      await restore.end();
    }
    await waitFor("the threads to end", () => pool.threads === 0);
    await waitFor("the pieces to be free", () => pool.pieces.used === 0);
  },
);

inFolder("threads that are free check signatures, and all is told in order", async (folder) => {
  const keys = { opening: [], signers };
  const files = 400; // more than wait at once
  const records = [...signedFiles(files, (number) => number % 50 === 7)];
  const reports = [];
  for (const cores of [1, 3]) {
    const pool = new WorkPool(cores, patient);
    const help = helpWithChecks(pool, keys.signers);
    equal(help.board !== undefined, cores > 1);
    const where = join(folder, `${cores}`);
    const wish = { keys, board: help.board, tellsFiles: true };
    const restore = new WorkRestore(pool, where, wish, () => help.look());
    equal(pool.threads, 1);
    await restore.send(records);
    await restore.done;
    await Promise.all([restore.end(), help.end()]);
    await waitFor("the threads to end", () => pool.threads === 0);
    const { messages, counters } = restore.report;
    reports.push({
      messages: messages.map((text) => text.replaceAll(where, "")),
      counters: { ...counters, path: counters?.path.replace(where, "") },
    });
  }
  const [alone, together] = reports;
  deepEqual(together, alone);
  equal(alone?.counters.files, files - 8);
  const names = alone?.messages.map((text) => /\/file(\d+)/.exec(text)?.[1]);
  deepEqual(names, Array.from({ length: files }, (_, at) => `${at + 1}`));
  deepEqual(
    alone?.messages.filter((text) => text.includes("Signature is invalid")).length,
    8,
  );
});

inFolder(
  "a restore that waits for records tells what it knows of those that came",
  async (folder) => {
    const pool = new WorkPool(1, patient);
    const wish = { keys: { opening: [], signers }, board: makeBoard(), tellsFiles: true };
    const restore = new WorkRestore(pool, folder, wish);
    const records = [...signedFiles(100, (number) => number === 60)];
    // The file behind it ends the last one that is signed.
    await restore.send([...records, ...recordsOfFile(101, "/last", small)], false);
    await waitFor("what is known to be told", () => restore.report.messages.length === 100);
    await waitFor("the files to be counted", () => restore.report.counters?.files === 99);
    equal(restore.report.messages.filter((text) => text.includes("is invalid")).length, 1);
    await restore.send([]);
    await restore.done;
    await restore.end();
    await waitFor("the thread to end", () => pool.threads === 0);
    deepEqual(restore.report.counters?.files, 99);
  },
);

inFolder("threads help while many signatures wait, and are not there for few", async () => {
  const pool = new WorkPool(2, patient);
  const { board: memory, look, end } = helpWithChecks(pool, signers);
  ok(memory);
  const board = new SignatureBoard(memory, signers);
  const signature = signing.begin();
  signature.update(small);
  const [found] = decodeSignatureData(signature.finish());
  const digest = createDigest("SHA256");
  digest.update(small);
  const [owner] = signers;
  ok(found && owner);
  const check = { signer: owner, oid: found.digest, digest: digest.digest() };
  const put = (count: number): void => {
    for (let number = 1; number <= count; number++) {
      const { signature } = found;
      const isBad = number % 9 === 0;
      board.put({ ...check, signature: isBad ? signature.with(9, 0).with(10, 1) : signature });
    }
  };
  const answers = async (count: number): Promise<number> => {
    let good = 0;
    for (let number = 0; number < count; number++) {
      const answer = await waitFor("an answer", () => board.answer()?.toString());
      if (answer === "true") good++;
    }
    return good;
  };
  look();
  equal(pool.threads, 0);
  put(30);
  look();
  equal(pool.threads, 0);
  put(18);
  look();
  equal(pool.threads, 2);
  look(); // those are enough
  equal(pool.threads, 2);
  equal(await answers(48), 48 - 3 - 2);
  await waitFor("threads with nothing to do to end", () => pool.threads === 0);
  equal(pool.spareThreads, 2);
  put(45);
  look();
  equal(pool.threads, 2);
  equal(await answers(45), 40);
  await end();
  await waitFor("the threads to end", () => pool.threads === 0);
  put(45);
  look();
  equal(pool.threads, 0);
});

inFolder(
  "a fifo that nobody reads holds up no other restore, and is let go when it is canceled",
  async (folder) => {
    const pool = new WorkPool(1, patient);
    const waiting = new WorkRestore(pool, join(folder, "waiting"));
    await waiting.send(recordsOfFile(1, "/pipe", bytesOf(5, 300_000), fifo));
    await waitFor("the fifo to be made", () => {
      const [entry] = [...Deno.readDirSync(folder)];
      return entry !== undefined && [...Deno.readDirSync(join(folder, "waiting"))].length === 1;
    });
    await restoreSmall(pool, join(folder, "beside"));
    await waiting.end();
    equal(waiting.line.isAtRest, true);
    await rejects(waiting.done, /over/);
    equal(pool.pieces.used, 0);
  },
);

inFolder(
  "a fifo with a reader that comes late gets all bytes in order, the job goes on behind it",
  async (folder) => {
    const pool = new WorkPool(1, patient);
    const where = join(folder, "there");
    const bytes = bytesOf(6, 1_500_000);
    const restore = new WorkRestore(pool, where);
    await restore.send(recordsOfFile(1, "/pipe", bytes, fifo), false);
    await waitFor(
      "the fifo to be made",
      () => Deno.stat(join(where, "pipe")).then(() => true, () => false),
    );
    await restoreSmall(pool, join(folder, "beside"));
    const reader = new Deno.Command("cat", { args: [join(where, "pipe")], stdout: "piped" });
    const read = reader.output();
    await restore.send(recordsOfFile(2, "/next", small));
    await restore.done;
    const { stdout } = await read;
    ok(
      stdout.length === bytes.length && stdout.every((byte, at) => byte === bytes[at]),
    );
    deepEqual(restore.report.messages, []);
    deepEqual(await Deno.readFile(join(where, "next")), small);
    await restore.end();
  },
);

inFolder("a canceled restore closes what it has open, in the middle of a file", async (folder) => {
  const pool = new WorkPool(1, patient);
  const restore = new WorkRestore(pool, folder);
  const file = recordsOfFile(1, "/large", bytesOf(7, 4_000_000));
  await restore.send(file, false);
  await waitFor("the file to be written", () => (restore.report.counters?.bytes ?? 0) > 1_000_000);
  ok(openBelow(folder) > 0);
  await restore.end();
  equal(restore.line.isAtRest, true);
  equal(openBelow(folder), 0);
  equal(pool.pieces.used, 0);
  await rejects(restore.done, /over/);
});

inFolder(
  "a thread that hangs gets no more jobs, and is lost some time after its job was canceled",
  async (folder) => {
    const pool = new WorkPool(1, { stalled: 1, lostMs: 1500 });
    const [there, pid] = [join(folder, "there"), join(folder, "pid")];
    await Deno.mkdir(there);
    await Deno.writeTextFile(join(there, "old"), "to be erased");
    // The thread waits in the system for the end of a program.
    const secureEraseCommand = `sh -c "echo $$ >${pid}; exec sleep 10000"`;
    const hanging = new WorkRestore(pool, there, { secureEraseCommand });
    const beside = new WorkRestore(pool, join(folder, "beside"));
    beside.done.catch(() => {});
    try {
      await hanging.send(recordsOfFile(1, "/old", small));
      await waitFor(
        "the thread to hang",
        () => Deno.stat(pid).then(({ size }) => size > 0, () => false),
      );
      await beside.send(recordsOfFile(1, "/small", small), false);
      await waitFor("new jobs to get another thread", async () => {
        const probe = new WorkRestore(pool, join(folder, "probe"));
        probe.done.catch(() => {});
        const isOther = pool.threads > 1;
        await probe.end();
        // Its thread might be given up in the moment in which it serves the next one.
        if (isOther) await probe.line.atRest;
        return isOther;
      });
      await restoreSmall(pool, join(folder, "other"));
      await hanging.end();
      equal(hanging.line.isAtRest, false);
      await rejects(hanging.done, /does not come back/);
      await rejects(beside.done, /does not come back from the files of another job/);
      await beside.end();
      equal(hanging.line.isLost && beside.line.isLost, true);
      await restoreSmall(pool, join(folder, "later"));
    } finally {
      Deno.kill(Number(await Deno.readTextFile(pid)), "SIGKILL");
    }
  },
  "files open",
);
