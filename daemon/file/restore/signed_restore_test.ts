/** Signed files: what a signature vouches for, and what is said of those that vouch for nothing. */
import { deepStrictEqual as equal, ok } from "node:assert/strict";
import {
  cipherStreams,
  contentCiphers,
  FileSigner,
  makeKeyPair,
  makeSession,
  readCertificate,
  readKeyPair,
  readOpeningKey,
} from "../../../crypto/mod.ts";
import { Stream } from "../../../storage/volume/mod.ts";
import { recordsOfFile } from "../../../tests/support/restore_work.ts";
import { targetBelow } from "../../../tests/support/restore_target.ts";
import { openBelow } from "../../../tests/support/open_files.ts";
import { type Descriptor, openPlatform, type Platform, SystemError } from "../platform/mod.ts";
import { makeBoard, type RestoreOptions, type RestoreRecord, SignatureBoard } from "./mod.ts";

const ignore = Deno.build.os !== "linux";
const pair = await makeKeyPair({ name: "signer", bits: 2048 });
const pem = pair.certificate + pair.privateKey;
const keys = { opening: [readOpeningKey(pem)], signers: [readCertificate(pem)] };
const signing = new FileSigner(readKeyPair(pem));
const aes = contentCiphers.find(({ name }) => name === "aes256") ?? contentCiphers[0];
const session = aes && makeSession(aes, keys.signers);

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The signature of contents. */
function signed(contents: string): Uint8Array {
  const signature = signing.begin();
  signature.update(encode(contents));
  return signature.finish();
}

/** Contents as the data of an encrypted stream. */
function encrypted(contents: string): Uint8Array {
  if (session === undefined) throw new Error("no ciphers");
  const plain = encode(contents);
  const packet = new Uint8Array(4 + plain.length);
  new DataView(packet.buffer).setUint32(0, plain.length);
  packet.set(plain, 4);
  const stream = cipherStreams(session, "encrypt")();
  const bytes = new Uint8Array(packet.length + 64);
  const end = stream.update(packet, bytes);
  return bytes.slice(0, end + stream.finish(bytes.subarray(end)));
}

/** What came of a restore of one file. */
interface Outcome {
  readonly messages: readonly string[];
  /** Files that count. */
  readonly files: number;
  readonly contents: string;
}

/** Restores the file `/f` of so many bytes with these records behind its attributes. */
async function restored(
  records: readonly (readonly [stream: number, data: Uint8Array])[],
  options: Partial<RestoreOptions> = {},
): Promise<Outcome> {
  const folder = await Deno.makeTempDir({ prefix: "roost-signed-" });
  const messages: string[] = [];
  try {
    const say = (text: string): void => void messages.push(text);
    const target = targetBelow(folder, say, { keys, ...options });
    const all: RestoreRecord[] = [
      ...recordsOfFile(1, "/f", new Uint8Array(0)),
      ...records.map(([stream, data]) => ({ fileIndex: 1, stream, data })),
    ];
    for (const record of all) target.accept(record);
    target.finish();
    equal(openBelow(folder), 0, "open files");
    return {
      messages,
      files: target.counters.files,
      contents: await Deno.readTextFile(`${folder}/f`),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const { fileData, signedDigest, encryptedSessionData, encryptedFileData, md5Digest } = Stream;
const key = [encryptedSessionData, session?.record ?? new Uint8Array(0)] as const;
const foreign = [encryptedFileData, encrypted("nobody signed this")] as const;
const emptyMd5 = Uint8Array.fromHex("d41d8cd98f00b204e9800998ecf8427e");
const late = (what: string, seal: string): string[] => [
  `Unexpected ${what} behind the ${seal} of file /f: it is not restored.\n`,
];

Deno.test({
  name: "RestoreTarget restores what a signature vouches for, encrypted or not",
  ignore,
  fn: async () => {
    const good = { messages: [], files: 1 };
    equal(
      await restored([[fileData, encode("abc")], [signedDigest, signed("abc")]]),
      { ...good, contents: "abc" },
    );
    equal(
      await restored([key, [encryptedFileData, encrypted("abc")], [signedDigest, signed("abc")]]),
      { ...good, contents: "abc" },
    );
    equal(await restored([[signedDigest, signed("")]]), { ...good, contents: "" });
  },
});

Deno.test({
  name: "RestoreTarget writes nothing that comes behind the signature of a file, which fails",
  ignore,
  fn: async () => {
    const empty = [signedDigest, signed("")] as const;
    const data = [fileData, encode("abc")] as const;
    const whole = [signedDigest, signed("abc")] as const;
    const refused = { messages: late("data", "signature"), files: 0 };
    equal(await restored([empty, key, foreign]), { ...refused, contents: "" });
    equal(await restored([empty, data]), { ...refused, contents: "" });
    equal(await restored([data, whole, key, foreign]), { ...refused, contents: "abc" });
    equal(await restored([data, whole, data]), { ...refused, contents: "abc" });
    equal(await restored([key, empty, foreign]), { ...refused, contents: "" });
    // A second signature does not vouch for it, either, nor for anything else.
    const all = [signedDigest, signed("nobody signed this")] as const;
    equal(await restored([empty, key, foreign, all]), { ...refused, contents: "" });
    equal(
      await restored([data, whole, whole]),
      { messages: late("another signature", "signature"), files: 0, contents: "abc" },
    );
    equal(
      await restored([data, whole, [md5Digest, emptyMd5], key, foreign]),
      { ...refused, contents: "abc" },
    );
  },
});

Deno.test({
  name:
    "RestoreTarget writes nothing behind a signature or a digest where nobody looks at signatures",
  ignore,
  fn: async () => {
    const options = { keys: { opening: keys.opening } };
    const empty = [signedDigest, signed("")] as const;
    equal(
      await restored([empty, key, foreign], options),
      { messages: late("data", "signature"), files: 0, contents: "" },
    );
    equal(
      await restored([[md5Digest, emptyMd5], key, foreign], options),
      { messages: late("data", "digest"), files: 0, contents: "" },
    );
    equal(
      await restored([key, foreign, empty, [md5Digest, emptyMd5]], {
        ...options,
        verifiesDigests: false,
      }),
      { messages: [], files: 1, contents: "nobody signed this" },
    );
  },
});

Deno.test({
  name: "RestoreTarget tells of a bad signature and of a failing close, whoever checks signatures",
  ignore,
  fn: async () => {
    const data = [fileData, encode("abc")] as const;
    const bad = "Signature validation failed for file /f: ERR=Signature is invalid\n";
    const closing = "Write error on file /f: ERR=Input/output error\n";
    const faults: readonly (readonly [Parameters<typeof restored>[0], string])[] = [
      [[data, [signedDigest, signed("abd")]], bad],
      [[data, [signedDigest, signed("abc")], key], late("data", "signature")[0] ?? ""],
      [[data], "Missing cryptographic signature for /f\n"],
    ];
    for (const [records, fault] of faults) {
      for (const board of [undefined, new SignatureBoard(makeBoard(), keys.signers)]) {
        const options = { board, platform: failingToClose() };
        equal(
          await restored(records, options),
          { messages: [fault, closing], files: 0, contents: "abc" },
        );
      }
    }
  },
});

Deno.test({
  name: "RestoreTarget tells of a wrong size or digest behind a check, whatever goes wrong then",
  ignore,
  fn: async () => {
    for (const withBoard of [false, true]) {
      const said: string[] = [];
      const board = withBoard ? new SignatureBoard(makeBoard(), keys.signers) : undefined;
      const folder = await Deno.makeTempDir({ prefix: "roost-signed-" });
      try {
        const say = (text: string): void => void said.push(text);
        const target = targetBelow(folder, say, { platform: failingToClose(), keys, board });
        const records: RestoreRecord[] = [
          ...recordsOfFile(1, "/a", encode("abc")),
          { fileIndex: 1, stream: signedDigest, data: signed("abc") },
          // Shorter than its attributes say, signed as it came.
          ...[...recordsOfFile(2, "/f", encode("abcdef"))].slice(0, 1),
          { fileIndex: 2, stream: fileData, data: encode("abc") },
          { fileIndex: 2, stream: signedDigest, data: signed("abc") },
        ];
        for (const record of records) target.accept(record);
        target.finish();
        equal([target.counters.files, target.counters.errors], [1, 2]);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
      equal(said, [
        "File size of restored file /f not correct. Original 6, restored 3.\n",
        "Write error on file /f: ERR=Input/output error\n",
      ]);
    }
  },
});

Deno.test({
  name: "RestoreTarget closes what it has open when it is canceled before it waits for checks",
  ignore,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "roost-signed-" });
    try {
      const said: (readonly [text: string, open: number])[] = [];
      const board = new SignatureBoard(makeBoard(), keys.signers);
      const say = (text: string): void => void said.push([text, openBelow(folder)]);
      const target = targetBelow(folder, say, { keys, board });
      const records: RestoreRecord[] = [
        ...recordsOfFile(1, "/f", encode("abc")),
        { fileIndex: 1, stream: signedDigest, data: signed("abd") },
        ...recordsOfFile(2, "/g", encode("abc")),
      ];
      for (const record of records) target.accept(record);
      equal(said, []);
      ok(openBelow(folder) > 0);
      target.abandon();
      equal(said, [["Signature validation failed for file /f: ERR=Signature is invalid\n", 0]]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** A platform on which the restored file is closed, but says that this has failed. */
function failingToClose(): Platform {
  const platform = openPlatform();
  let file: Descriptor | undefined;
  const own: Partial<Platform> = {
    open: (path, options, at) => {
      const open = platform.open(path, options, at);
      if (path.at(-1) === encode("f")[0]) file = open;
      return open;
    },
    close: (open) => {
      platform.close(open);
      if (open !== file) return;
      file = undefined;
      throw new SystemError("close", 5, "EIO", "Input/output error");
    },
  };
  return new Proxy(platform, {
    get(real, name) {
      const value = Reflect.get(name in own ? own : real, name);
      return typeof value === "function" ? value.bind(real) : value;
    },
  });
}
