/** Encrypted and signed volumes of real file daemons, restored with keys. */
import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { readCertificate, readOpeningKey } from "../../../crypto/mod.ts";
import { FileDevice } from "../../../storage/device/mod.ts";
import { VolumeReader } from "../../../storage/mod.ts";
import { Stream } from "../../../storage/volume/mod.ts";
import { fixture, hasFixtures } from "../../../tests/support/paths.ts";
import { recordedKeyPair } from "../../../tests/support/recorded_keys.ts";
import { targetBelow } from "../../../tests/support/restore_target.ts";
import type { RestoreKeys, RestoreRecord } from "./mod.ts";

const volume = "Paes256-0020";

async function* recordsOf(name: string): AsyncGenerator<RestoreRecord> {
  const open = await new FileDevice(fixture("volumes"), "test").open(name, "read");
  try {
    const reader = new VolumeReader();
    for (const record of reader.read(open)) if (record.fileIndex > 0) yield record;
    reader.finish();
  } finally {
    open.close();
  }
}

type Change = (record: RestoreRecord) => Iterable<RestoreRecord>;

/** Restores the volume, its records changed: what was said, and how many files there are. */
async function restored(
  keys: RestoreKeys,
  change: Change = (record) => [record],
): Promise<{ messages: string[]; files: number; errors: number }> {
  const folder = await Deno.makeTempDir();
  const messages: string[] = [];
  try {
    const target = targetBelow(folder, (text) => void messages.push(text), { keys });
    for await (const record of recordsOf(volume)) {
      for (const changed of change(record)) target.accept(changed);
    }
    target.finish();
    const { files, errors } = target.counters;
    return { messages, files, errors };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const isRoot = Deno.uid() === 0;

function scene(name: string, run: (keys: Required<RestoreKeys>) => Promise<void>): void {
  Deno.test({
    name: `RestoreTarget, encrypted and signed: ${name}`,
    ignore: !hasFixtures || !isRoot,
    fn: async () => {
      const pem = await recordedKeyPair("fd");
      await run({ opening: [readOpeningKey(pem)], signers: [readCertificate(pem)] });
    },
  });
}

scene("every file is decrypted, and every signature good", async (keys) => {
  equal(await restored(keys), { messages: [], files: 88, errors: 0 });
});

scene("the master key opens, and its owner did not sign", async ({ signers }) => {
  const master = await recordedKeyPair("master");
  const opening = [readOpeningKey(master)];
  equal(await restored({ opening, signers }), { messages: [], files: 88, errors: 0 });
  const { messages, errors } = await restored({ opening, signers: [readCertificate(master)] });
  equal(errors, messages.length);
  ok(messages.length > 50, String(messages.length));
  for (const text of messages) {
    ok(/^Signature validation failed for file .*: ERR=Signer not found\n$/s.test(text), text);
  }
});

scene("a foreign key opens nothing", async ({ signers }) => {
  const { opening } = {
    opening: [{ ...readOpeningKey(await recordedKeyPair("master")), keyId: Uint8Array.of(1) }],
  };
  const { messages, errors } = await restored({ opening, signers });
  ok(errors > 50, String(errors));
  const texts = new Set(messages);
  equal([...texts], ["Missing private key required to decrypt encrypted backup data.\n"]);
});

scene("a signature that is missing, bad or of other contents is an error", async (keys) => {
  const one = "/srv/sample/data/one-byte";
  const signatures: Uint8Array[] = [];
  const kinds: readonly (readonly [Change, RegExp])[] = [
    [() => [], /^Missing cryptographic signature for .*one-byte\n$/],
    [
      (record) => [{ ...record, data: record.data.with(-9, (record.data.at(-9) ?? 0) ^ 1) }],
      /^Signature validation failed for file .*one-byte: ERR=Signature is invalid\n$/,
    ],
    [
      (record) => [{ ...record, data: signatures[0] ?? record.data }],
      /^Signature validation failed for file .*one-byte: ERR=Signature is invalid\n$/,
    ],
    [
      (record) => [{ ...record, data: record.data.subarray(0, 40) }],
      /^Signature validation failed for file .*one-byte: ERR=Signature decoding failed: /,
    ],
  ];
  for (const [change, expected] of kinds) {
    let name = "";
    const { messages, errors, files } = await restored(keys, (record) => {
      if (record.stream === Stream.unixAttributes) name = new TextDecoder().decode(record.data);
      if (record.stream !== Stream.signedDigest) return [record];
      if (name.includes(`${one}\0`)) return change(record);
      signatures.push(record.data.slice());
      return [record];
    });
    equal([errors, files, messages.length], [1, 87, 1]);
    ok(expected.test(messages[0] ?? ""), messages[0]);
  }
});

scene(
  "damaged cipher text and lost or repeated keys are errors of that file alone",
  async (keys) => {
    const name = "/srv/sample/data/text-200k.txt";
    const kinds: readonly (readonly [stream: number, Change, RegExp])[] = [
      [Stream.encryptedSessionData, () => [], /^Missing encryption session data stream for .*200k/],
      [
        Stream.encryptedSessionData,
        (record) => [record, record],
        /^Unexpected cryptographic session data stream\.\n$/,
      ],
      [
        Stream.encryptedFileCompressedData,
        (record) => [{ ...record, data: record.data.with(0, (record.data[0] ?? 0) ^ 255) }],
        /^Decryption error on file .*200k.*: ERR=a chunk of \d+ bytes: the data is damaged/,
      ],
      [
        Stream.encryptedFileCompressedData,
        (record) => [{ ...record, data: record.data.subarray(0, -1) }],
        /^Decryption error on file .*200k.*: ERR=/,
      ],
    ];
    for (const [stream, change, expected] of kinds) {
      let path = "";
      const { messages, errors, files } = await restored(keys, (record) => {
        if (record.stream === Stream.unixAttributes) path = new TextDecoder().decode(record.data);
        const isIt = record.stream === stream && path.includes(`${name}\0`);
        return isIt ? change(record) : [record];
      });
      ok(errors >= 1 && files === 87, `${errors} ${files} ${messages.join("")}`);
      ok(expected.test(messages[0] ?? ""), messages[0]);
    }
  },
);
