import { deepEqual, equal, notDeepEqual, ok, rejects, throws } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { contentCiphers } from "../cipher/mod.ts";
import { derObjectIdentifier, DerReader, derValue, tag } from "./der.ts";
import {
  decodeCryptoData,
  decodeSignatureData,
  DerError,
  encodeCryptoData,
  encodeSignatureData,
  FileSigner,
  isSignatureOf,
  makeKeyPair,
  makeSession,
  openSession,
  PkiError,
  readCertificate,
  readKeyPair,
  readOpeningKey,
  type Recipient,
  SessionError,
} from "./mod.ts";
import { beginSignature } from "./rsa.ts";
import { createPrivateKey } from "node:crypto";

/** Runs openssl; its standard output. */
async function openssl(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("openssl", {
    args,
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/** A key and a certificate in PEM, made by openssl. */
async function makePem(bits = 2048, ...more: string[]): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    const key = `${folder}/key.pem`;
    await openssl("genrsa", "-out", key, String(bits));
    const args = ["-new", "-x509", "-key", key, "-subj", "/CN=test", "-days", "9", ...more];
    return await Deno.readTextFile(key) + await openssl("req", ...args);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const sha256 = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(createHash("sha256").update(bytes).digest());
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const sha256Oid = "2.16.840.1.101.3.4.2.1";

Deno.test("derObjectIdentifier() and DerReader agree, and give the bytes of the format", () => {
  for (const { oid } of contentCiphers) {
    equal(new DerReader(derObjectIdentifier(oid)).objectIdentifier(), oid);
  }
  const camellia = Buffer.from(derObjectIdentifier("1.2.392.200011.61.1.1.1.2")).toString("hex");
  equal(camellia, "060b2a83088c9a4b3d01010102");
  equal(
    Buffer.from(derObjectIdentifier("1.3.6.1.4.1.3029.1.2")).toString("hex"),
    "06092b060104019755" + "0102",
  );
});

Deno.test("encodeCryptoData() begins as the worked example", () => {
  const keyId = Uint8Array.from({ length: 20 }, (_, n) => 0xa0 + n);
  const one = encodeCryptoData({
    cipher: "2.16.840.1.101.3.4.1.42",
    iv: new Uint8Array(16).fill(0xee),
    recipients: [{ keyId, encryptedKey: new Uint8Array(256).fill(0xdd) }],
  });
  equal(one.length, 340);
  equal(
    Buffer.from(one).toString("hex"),
    "308201500201000609608648016503040" + "12a0410" + "ee".repeat(16) +
      "3182012c30820128020100" + "0414a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3" +
      "06092a864886f70d0101010482" + "0100" + "dd".repeat(256),
  );
  const recipient = { keyId, encryptedKey: new Uint8Array(256).fill(0xdd) };
  const two = encodeCryptoData({
    cipher: "2.16.840.1.101.3.4.1.42",
    iv: new Uint8Array(16),
    recipients: [recipient, { ...recipient, keyId: keyId.toReversed() }],
  });
  equal(two.length, 640);
  const signed = encodeSignatureData([
    { keyId, digest: sha256Oid, signature: new Uint8Array(256).fill(0xcc) },
  ]);
  equal(signed.length, 322);
  equal(
    Buffer.from(signed).toString("hex"),
    "3082013e020100318201373082013302" + "01000414a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3" +
      "06096086480165030402010609608648016503040201" + "04820100" + "cc".repeat(256),
  );
});

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

Deno.test("decodeCryptoData() gives back what was encoded, in the order of DER", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...contentCiphers),
      bytes(16),
      fc.array(
        fc.record({ keyId: fc.uint8Array(), encryptedKey: fc.uint8Array({ maxLength: 300 }) }),
      ),
      ({ oid }, iv, recipients) => {
        const decoded = decodeCryptoData(encodeCryptoData({ cipher: oid, iv, recipients }));
        equal(decoded.cipher, oid);
        deepEqual(decoded.iv, iv);
        const sorted = (list: readonly Recipient[]): string[] =>
          list.map((one) => JSON.stringify(one)).sort();
        deepEqual(sorted([...decoded.recipients]), sorted(recipients));
      },
    ),
  );
});

Deno.test("decodeCryptoData() and decodeSignatureData() answer damage with DerError alone", () => {
  const keyId = new Uint8Array(20).fill(1);
  const good = [
    encodeCryptoData({
      cipher: "2.16.840.1.101.3.4.1.2",
      iv: new Uint8Array(16),
      recipients: [{ keyId, encryptedKey: new Uint8Array(256) }],
    }),
    encodeSignatureData([{ keyId, digest: sha256Oid, signature: new Uint8Array(256) }]),
  ];
  const tolerant = (read: () => unknown): void => {
    try {
      read();
    } catch (error) {
      ok(error instanceof DerError, String(error));
    }
  };
  fc.assert(fc.property(
    fc.constantFrom(...good),
    fc.nat(400),
    fc.integer({ min: 1, max: 255 }),
    fc.nat(400),
    (record, at, change, end) => {
      const damaged = record.slice(0, end);
      if (at < damaged.length) damaged[at] = (damaged[at] ?? 0) ^ change;
      tolerant(() => decodeCryptoData(damaged));
      tolerant(() => decodeSignatureData(damaged));
    },
  ));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (any) => {
    tolerant(() => decodeCryptoData(any));
    tolerant(() => decodeSignatureData(any));
  }));
  const endless = derValue(tag.sequence, Uint8Array.of(tag.integer, 0x84, 0xff, 0xff, 0xff, 0xff));
  throws(() => decodeCryptoData(endless), /cut off/);
});

Deno.test("makeSession() makes a key that each recipient opens, and nobody else", async () => {
  const [pem, masterPem, otherPem] = await Promise.all([makePem(), makePem(3072), makePem(1024)]);
  const certificates = [readCertificate(pem), readCertificate(masterPem)];
  for (const cipher of contentCiphers) {
    const session = makeSession(cipher, certificates);
    equal(session.key.length, cipher.keyLength);
    for (const keys of [[pem], [masterPem], [otherPem, masterPem]]) {
      const opened = openSession(session.record, keys.map(readOpeningKey));
      deepEqual(opened.key, session.key);
      deepEqual(opened.iv, session.iv);
      equal(opened.cipher.oid, cipher.oid);
    }
    notDeepEqual(makeSession(cipher, certificates).key, session.key);
  }
  const [aes] = contentCiphers;
  if (aes === undefined) throw new Error("no cipher");
  const { record } = makeSession(aes, certificates);
  const message = (pattern: RegExp) => ({ name: SessionError.name, message: pattern });
  throws(() => openSession(record, []), message(/^No private decryption keys/));
  throws(() => openSession(record, [readOpeningKey(otherPem)]), message(/^Missing private key/));
  const right = readOpeningKey(pem);
  const wrong = { keyId: right.keyId, privateKey: readOpeningKey(otherPem).privateKey };
  throws(() => openSession(record, [wrong]), message(/^Decrypt of the session key failed/));
  throws(
    () => openSession(record.subarray(0, 99), [right]),
    message(/^An error occurred while dec/),
  );
  // A private key without its certificate is tried on every recipient.
  const bare = pem.slice(0, pem.indexOf("-----BEGIN CERTIFICATE"));
  equal(openSession(record, [readOpeningKey(bare)]).key.length, 16);
});

Deno.test("FileSigner makes signatures that openssl and the program accept, in both ways", async () => {
  const pem = await makePem();
  const pair = readKeyPair(pem);
  const folder = await Deno.makeTempDir();
  try {
    const content = bytesOf("what was saved");
    const signer = new FileSigner(pair);
    const [running, other] = [signer.begin(), signer.begin()];
    running.update(content.subarray(0, 5));
    other.update(bytesOf("something else"));
    running.update(content.subarray(5));
    const [found] = decodeSignatureData(running.finish());
    if (found === undefined) throw new Error("not signed");
    const byRuntime = beginSignature(createPrivateKey(pair.privateKey));
    byRuntime.update(content);
    deepEqual(byRuntime.sign(), found.signature);
    deepEqual(found.keyId, pair.certificate.keyId);
    const { publicKey } = pair.certificate;
    const digest = sha256(content);
    ok(isSignatureOf(publicKey, found.signature, { oid: found.digest, digest }));
    ok(!isSignatureOf(publicKey, found.signature, { oid: found.digest, digest: sha256(digest) }));
    ok(!isSignatureOf(publicKey, found.signature.slice(1), { oid: found.digest, digest }));
    const flipped = found.signature.with(100, (found.signature[100] ?? 0) ^ 4);
    ok(!isSignatureOf(publicKey, flipped, { oid: found.digest, digest }));
    await Deno.writeTextFile(`${folder}/cert.pem`, pem.slice(pem.indexOf("-----BEGIN CERT")));
    await Deno.writeFile(`${folder}/signature`, found.signature);
    await Deno.writeFile(`${folder}/content`, content);
    await Deno.writeTextFile(
      `${folder}/public.pem`,
      await openssl("x509", "-in", `${folder}/cert.pem`, "-pubkey", "-noout"),
    );
    const answer = await openssl(
      ...["dgst", "-sha256", "-verify", `${folder}/public.pem`],
      ...["-signature", `${folder}/signature`, `${folder}/content`],
    );
    equal(answer, "Verified OK\n");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("readKeyPair() takes every form of key, and refuses what cannot be used", async () => {
  const [pem, other] = await Promise.all([makePem(), makePem()]);
  const folder = await Deno.makeTempDir();
  try {
    const key = `${folder}/key.pem`;
    await Deno.writeTextFile(key, pem);
    const certificate = pem.slice(pem.indexOf("-----BEGIN CERTIFICATE"));
    for (
      const form of [
        await openssl("rsa", "-in", key, "-traditional"),
        await openssl("pkcs8", "-topk8", "-nocrypt", "-in", key),
        await openssl("pkcs8", "-topk8", "-passout", "pass:", "-in", key),
      ]
    ) equal(readKeyPair(certificate + form).privateKey, readKeyPair(pem).privateKey);
    throws(() => readKeyPair(certificate), /Cannot find a private key/);
    throws(() => readKeyPair("nothing"), PkiError);
    throws(() => readKeyPair(other.slice(0, other.indexOf("-----BEGIN CERT")) + certificate), {
      message: /does not belong to the certificate/,
    });
    await rejects(
      async () => readCertificate(await makePem(2048, "-addext", "subjectKeyIdentifier=none")),
      {
        message: /does not include the required subjectKeyIdentifier/,
      },
    );
    await openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key);
    const curve = await openssl("req", "-new", "-x509", "-key", key, "-subj", "/CN=x");
    throws(() => readCertificate(curve), /only RSA keys/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("makeKeyPair() makes what openssl verifies and readKeyPair() reads", async () => {
  const { certificate, privateKey } = await makeKeyPair({ name: "c1-fd", bits: 2048 });
  const pair = readKeyPair(certificate + privateKey);
  equal(pair.certificate.publicKey.length, 256);
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/c.pem`;
    await Deno.writeTextFile(file, certificate);
    equal(await openssl("verify", "-CAfile", file, "-check_ss_sig", file), `${file}: OK\n`);
    const text = await openssl("x509", "-in", file, "-noout", "-text");
    ok(text.includes("CN = c1-fd") || text.includes("CN=c1-fd"), text);
    const id = Buffer.from(pair.certificate.keyId).toString("hex").toUpperCase();
    ok(text.includes(id.replace(/(..)(?=.)/g, "$1:")), text);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
