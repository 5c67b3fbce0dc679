import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { Buffer } from "node:buffer";
import {
  cipherStreams,
  contentCiphers,
  type CryptoSession,
  makeKeyPair,
  readKeyPair,
} from "../../../crypto/mod.ts";
import { orderOf, type Saved, saveOrder, streamsOf } from "../../../tests/support/crew.ts";
import { join } from "../../../tests/support/paths.ts";
import { bytesOf, makeLargeFile, makeSmallFiles } from "../../../tests/support/sample.ts";
import { Stream } from "../../../storage/volume/mod.ts";
import { asCompatible, defaultOptions } from "../fileset/mod.ts";
import type { ChunkStages } from "./chunk_stages.ts";
import type { CrewOrder } from "./crew.ts";
import { CrewPool } from "./crew_pool.ts";
import { chainStateLength } from "./encryption_stage.ts";
import { StageKeeper } from "./stage_keeper.ts";

function sessionOf(cipher: CryptoSession["cipher"]): CryptoSession {
  const { keyLength, blockLength } = cipher;
  return {
    cipher,
    key: bytesOf(1, keyLength),
    iv: bytesOf(2, blockLength),
    record: bytesOf(3, 300),
  };
}

const ciphers = contentCiphers.filter(({ name }) => !name.includes("hmac"));

function encrypt(stages: () => ChunkStages, chunks: readonly Uint8Array[]): Uint8Array[] {
  const records = chunks.map((chunk) => {
    const way = stages();
    const into = new Uint8Array(way.bound(chunk.length));
    return into.slice(0, way.process(chunk, into));
  });
  const way = stages();
  const into = new Uint8Array(way.bound(0));
  return [...records, into.slice(0, way.finish(into))];
}

Deno.test("EncryptionStage goes on where another one has stopped, with every cipher", () => {
  for (const cipher of ciphers) {
    const session = sessionOf(cipher);
    const make = (): ChunkStages => {
      const stages = new StageKeeper(session).stagesOf(defaultOptions, true);
      if (stages === undefined) throw new Error("no stages");
      return stages;
    };
    const [one, two] = [make(), make()];
    const chunk = fc.uint8Array({ maxLength: 100 });
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 12 }), (chunks) => {
        const alone = encrypt(() => one, chunks);
        const state = new Uint8Array(chainStateLength);
        let [holder, other] = [one, two];
        const handedOver = encrypt(() => {
          holder.chain?.save(state);
          [holder, other] = [other, holder];
          holder.chain?.resume(state);
          return holder;
        }, chunks);
        other.chain?.resume(new Uint8Array(chainStateLength)); // has nothing under way any more
        deepEqual(handedOver, alone, cipher.name);
        const decryption = cipherStreams(session, "decrypt")();
        const all = Buffer.concat(alone);
        const plain = new Uint8Array(all.length + 32);
        if (chunks.length === 0) return equal(all.length, 0);
        let length = decryption.update(all, plain);
        length += decryption.finish(plain.subarray(length));
        const expected = chunks.flatMap((bytes) => [0, 0, 0, bytes.length, ...bytes]);
        deepEqual([...plain.subarray(0, length)], expected);
      }),
      { numRuns: 30 },
    );
  }
});

Deno.test("an encrypted and signed backup is the same with one thread and with three", async () => {
  const folder = await Deno.makeTempDir({ prefix: "roost-crew-" });
  const crews = [new CrewPool(1), new CrewPool(3)] as const;
  try {
    await makeLargeFile(join(folder, "large"), 9_000_001);
    const zeros = new Uint8Array(5 << 20);
    zeros.set(bytesOf(5, 100_000), 3 << 20);
    await Deno.writeFile(join(folder, "zeros"), zeros);
    await makeLargeFile(join(folder, "whole"), 8 << 20);
    await Deno.writeFile(join(folder, "empty"), new Uint8Array(0));
    await makeSmallFiles(join(folder, "small"), 30);
    const { certificate, privateKey } = await makeKeyPair({ name: "fd", bits: 2048 });
    const signer = readKeyPair(certificate + privateKey);
    const [aes256] = ciphers.filter(({ name }) => name === "aes256");
    if (aes256 === undefined) throw new Error("no AES");
    await saveOrder(crews[0], await orderOf(folder, "MK")); // times of access change once
    const cases = [
      ...ciphers.map((cipher) => ({ cipher, letters: "MK", isCompatible: false })),
      ...["MKZ1", "MKZf4", "MKsZo", "SKs"].flatMap((letters) =>
        [false, true].map((isCompatible) => ({ cipher: aes256, letters, isCompatible }))
      ),
    ];
    for (const { cipher, letters, isCompatible } of cases) {
      const what = `${cipher.name} ${letters} ${isCompatible}`;
      const plain = await orderOf(folder, letters);
      const fileSet = isCompatible ? asCompatible(plain.fileSet) : plain.fileSet;
      const order: CrewOrder = {
        ...{ ...plain, fileSet },
        protection: { signer, session: sessionOf(cipher) },
      };
      const results: Saved[] = [];
      for (const crew of crews) results.push(await saveOrder(crew, order));
      const [one, three] = results;
      if (one === undefined || three === undefined) throw new Error("no results");
      equal(Buffer.compare(one.frames, three.frames), 0, `the frames with ${what} differ`);
      deepEqual([three.bytes, three.files], [one.bytes, one.files], what);
      deepEqual(three.messages, [], what);
      const streams = streamsOf(three.frames);
      equal(streams.filter(({ stream }) => stream === Stream.signedDigest).length, 34, what);
      equal(streams.some(({ stream }) => stream === Stream.fileData), false, what);
    }
  } finally {
    for (const crew of crews) crew.close();
    await Deno.remove(folder, { recursive: true });
  }
});
