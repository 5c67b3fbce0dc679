/** What a restore keeps of files while others check their signatures. */
import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { FileSigner, makeKeyPair, readCertificate, readKeyPair } from "../../../crypto/mod.ts";
import { Stream } from "../../../storage/volume/mod.ts";
import { alone } from "../../../tests/support/alone.ts";
import { recordsOfFile } from "../../../tests/support/restore_work.ts";
import { targetBelow } from "../../../tests/support/restore_target.ts";
import { openPlatform } from "../platform/mod.ts";
import { makeBoard, type RestoreRecord, SignatureBoard } from "./mod.ts";

// Memory is collected on demand: a flag of the process.
alone("files that wait, in a process of their own", import.meta.url, () => {
  Deno.test({
    name: "RestoreTarget keeps little of the files whose signatures nobody has checked yet",
    ignore: Deno.build.os !== "linux",
    fn: async () => {
      const { certificate, privateKey } = await makeKeyPair({ name: "signer", bits: 2048 });
      const keys = { opening: [], signers: [readCertificate(certificate)] };
      const contents = new TextEncoder().encode("abc");
      const signature = new FileSigner(readKeyPair(certificate + privateKey)).begin();
      signature.update(contents);
      const data = signature.finish();
      const folder = await Deno.makeTempDir({ prefix: "roost-signed-" });
      try {
        const board = new SignatureBoard(makeBoard(), keys.signers);
        const target = targetBelow(folder, undefined, { keys, board });
        const stream = openPlatform().attributeStream;
        const before = usedMemory();
        const files = 100;
        for (let fileIndex = 1; fileIndex <= files; fileIndex++) {
          const records: RestoreRecord[] = [
            ...recordsOfFile(fileIndex, `/f${fileIndex}`, contents),
            { fileIndex, stream, data: new Uint8Array(1 << 20).fill(1) }, // as if there were so many
            { fileIndex, stream: Stream.signedDigest, data },
          ];
          for (const record of records) target.accept(record);
        }
        equal(target.counters.files, 0);
        const kept = usedMemory() - before;
        ok(kept < files << 18, `${kept} bytes are kept`);
        target.finish();
        equal(target.counters.files, files);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
});

/** Bytes of memory of this thread that are in use. */
function usedMemory(): number {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect !== "function") throw new Error("memory cannot be collected");
  collect();
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}
