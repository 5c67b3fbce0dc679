/** Whatever the contents of files look like on the volume: cancels in the middle, and damage. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { contentCiphers, makeKeyPair, makeSession, readKeyPair } from "../../../crypto/mod.ts";
import { Stream } from "../../../storage/volume/mod.ts";
import { orderOf, saveOrder, streamsOf } from "../../../tests/support/crew.ts";
import { openBelow } from "../../../tests/support/open_files.ts";
import { join } from "../../../tests/support/paths.ts";
import { type SentRecord, WorkRestore } from "../../../tests/support/restore_work.ts";
import { bytesOf } from "../../../tests/support/sample.ts";
import { waitFor } from "../../../tests/support/wait_for.ts";
import { CrewPool } from "../backup/crew_pool.ts";
import type { Protection } from "../backup/protection.ts";
import type { RestoreKeys } from "../restore/mod.ts";
import { WorkPool } from "./work_pool.ts";

/** Threads come to rest when they are told to, however slow the machine is: none is given up. */
const patient = { restMs: 600_000 };

/** How files are saved: letters of options, and whether they are encrypted. */
interface Kind {
  readonly letters: string;
  readonly isEncrypted: boolean;
}

const kinds: readonly Kind[] = [
  ...["MK", "MKZ6", "MKZf4", "MKs", "MKsZ1"].map((letters) => ({ letters, isEncrypted: false })),
  ...["MK", "MKZ6", "MKZf4"].map((letters) => ({ letters, isEncrypted: true })),
];

interface Scene {
  readonly folder: string;
  readonly source: string;
  /** The records of the source, saved so, and the keys for them. */
  save(kind: Kind): Promise<{ records: SentRecord[]; keys: RestoreKeys | undefined }>;
}

function withSource(name: string, test: (scene: Scene) => Promise<void>): void {
  Deno.test({
    name,
    ignore: Deno.build.os !== "linux",
    fn: async () => {
      const folder = await Deno.makeTempDir({ prefix: "roost-contents-" });
      const source = join(folder, "source");
      const crews = new CrewPool(1);
      const [cipher] = contentCiphers.filter(({ name }) => name === "aes256");
      if (cipher === undefined) throw new Error("no AES");
      try {
        await Deno.mkdir(source);
        const text = new TextEncoder().encode("what a text says, over and over\n".repeat(40_000));
        await Deno.writeFile(join(source, "a-text"), text);
        await Deno.link(join(source, "a-text"), join(source, "b-name"));
        const holes = new Uint8Array(6 << 20);
        holes.set(bytesOf(8, 1 << 20), 2 << 20);
        await Deno.writeFile(join(source, "c-holes"), holes);
        await Deno.writeFile(join(source, "d-noise"), bytesOf(9, 1_000_001));
        const { certificate, privateKey } = await makeKeyPair({ name: "fd", bits: 2048 });
        const pair = readKeyPair(certificate + privateKey);
        const opening = [{ keyId: pair.certificate.keyId, privateKey: pair.privateKey }];
        await test({
          ...{ folder, source },
          async save({ letters, isEncrypted }) {
            const protection: Protection | undefined = isEncrypted
              ? { signer: pair, session: makeSession(cipher, [pair.certificate]) }
              : undefined;
            const order = { ...await orderOf(source, letters), protection };
            const { frames } = await saveOrder(crews, order);
            const records = streamsOf(frames).flatMap(({ fileIndex, stream, records }) =>
              records.map((data) => ({ fileIndex, stream, data }))
            );
            const keys = isEncrypted ? { opening, signers: [pair.certificate] } : undefined;
            return { records, keys };
          },
        });
      } finally {
        crews.close();
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

/** Names of the files whose contents are there as they were. */
async function whole(source: string, restored: string): Promise<string[]> {
  const names: string[] = [];
  for (const { name } of Deno.readDirSync(source)) {
    const [was, is] = [await Deno.readFile(join(source, name)), join(restored, name)];
    const bytes = await Deno.readFile(is).catch(() => undefined);
    const isSame = bytes?.length === was.length && was.every((byte, at) => byte === bytes[at]);
    if (isSame) names.push(name);
  }
  return names.toSorted();
}

const all = ["a-text", "b-name", "c-holes", "d-noise"];

withSource(
  "restores of every kind of contents come back, and are free at once when canceled in the middle",
  async (scene) => {
    const { folder, source, save } = scene;
    const pool = new WorkPool(1, patient);
    for (const [number, kind] of kinds.entries()) {
      const what = JSON.stringify(kind);
      const { records, keys } = await save(kind);
      const where = join(folder, `whole${number}`);
      const restore = new WorkRestore(pool, where, { keys });
      await restore.send(records);
      await restore.done;
      await restore.end();
      deepEqual(restore.report.messages, [], what);
      deepEqual(await whole(source, join(where, source)), all, what);

      const canceled = new WorkRestore(pool, join(folder, `part${number}`), { keys });
      const ended = Promise.allSettled([canceled.done]);
      await canceled.send(records.slice(0, Math.floor(records.length / 2)), false);
      await waitFor("contents to be written", () => (canceled.report.counters?.bytes ?? 0) > 0);
      await canceled.end();
      equal(canceled.line.isAtRest, true, what);
      equal(openBelow(folder), 0, what);
      equal(pool.pieces.used, 0, what);
      await ended;
    }
  },
);

withSource(
  "damage in the middle of a file names the file and the place, and the next ones come back",
  async (scene) => {
    const { folder, source, save } = scene;
    const pool = new WorkPool(1, patient);
    const contents: ReadonlySet<number> = new Set([
      ...[Stream.gzipData, Stream.compressedData],
      ...[
        Stream.encryptedFileGzipData,
        Stream.encryptedFileCompressedData,
        Stream.encryptedFileData,
      ],
    ]);
    const damaged = kinds.filter(({ letters, isEncrypted }) =>
      !letters.includes("s") && (isEncrypted || letters.includes("Z"))
    );
    for (const [number, kind] of damaged.entries()) {
      const what = JSON.stringify(kind);
      const { records, keys } = await save(kind);
      const noise = records.at(-1)?.fileIndex;
      const ofHoles = records.filter(({ stream }) => contents.has(stream))
        .filter(({ fileIndex }, _, all) => fileIndex !== noise && fileIndex !== all[0]?.fileIndex);
      const victim = ofHoles[Math.floor(ofHoles.length / 2)];
      if (victim === undefined) throw new Error(`no contents with ${what}`);
      const bad = { ...victim, data: bytesOf(11, victim.data.length) };
      const where = join(folder, `damaged${number}`);
      const restore = new WorkRestore(pool, where, { keys });
      await restore.send(records.map((record) => record === victim ? bad : record));
      await restore.done;
      await restore.end();
      const [message = "", ...more] = restore.report.messages;
      match(message, /c-holes: .*\(behind byte \d+ of its contents\)\n$/, what);
      ok(more.every((text) => text.includes("c-holes")), more.join(""));
      deepEqual(await whole(source, join(where, source)), ["a-text", "b-name", "d-noise"], what);
    }
  },
);
