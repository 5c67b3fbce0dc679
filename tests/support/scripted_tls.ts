/**
 * Peers of TLS 1.3 with a pre-shared key that say at any step what a test wants, and go on as the RFC says else.
 *
 * @module
 */
import { equal, ok } from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Transport } from "../../protocol/mod.ts";
import { type CipherSuite, cipherSuites } from "../../protocol/tls/cipher_suite.ts";
import { withBinder } from "../../protocol/tls/connect13.ts";
import { HandshakeLayer } from "../../protocol/tls/handshake_layer.ts";
import { keyExchange } from "../../protocol/tls/key_exchange.ts";
import {
  deriveSecret,
  earlySecret,
  finished,
  handshakeSecret,
  masterSecret,
} from "../../protocol/tls/key_schedule.ts";
import {
  type ClientHello,
  formatServerHello,
  handshakeMessage,
  parseClientHello,
  parseServerHello,
  type ServerHello,
  shareOfServer,
  sharesOfClient,
} from "../../protocol/tls/messages.ts";
import { acceptTls, connectTls, TlsError } from "../../protocol/tls/mod.ts";
import { RecordLayer } from "../../protocol/tls/record_layer.ts";
import { Protection13 } from "../../protocol/tls/record_protection.ts";
import { memoryPair } from "./memory_transport.ts";

/** The suite of all of it. */
export const suite = cipherSuites.find(({ id }) => id === 0x1303) as CipherSuite;
const { hash } = suite;
/** Bytes of a text. */
export const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
/** What both ends have. */
export const presharedKey = {
  identity: encode("R_DIRECTOR\x1etest"),
  key: encode("5ebe2294ecd0e0f0"),
};
/** Numbers of groups. */
export const x25519 = 0x1d;
/** Numbers of groups. */
export const p256 = 0x17;
/** No bytes. */
export const none = new Uint8Array(0);
/** How long a handshake may take, in milliseconds. */
export const patience = 60_000;

/** Content of a record, by its type. */
export type Said = readonly [type: number, content: Uint8Array];

/** What is said in place of what is due, or between two messages; all of it as it should be if nothing is given. */
export interface Script {
  /** The ServerHello, or several records in its place. */
  hello?(answer: ServerHello, offer: ClientHello): ServerHello | readonly Said[];
  /** A HelloRetryRequest before it; `undefined` if none. */
  retry?(offer: ClientHello): readonly ServerHello[];
  /** In the clear, behind the ServerHello. */
  readonly clear?: readonly Said[];
  /** In place of EncryptedExtensions. */
  readonly extensions?: readonly Said[];
  /** In place of the Finished, given the right one. */
  finished?(body: Uint8Array): readonly Said[];
  /** In the clear, in place of the connecting side's Finished. */
  readonly clearFinish?: readonly Said[];
  /** Once the handshake is over. */
  readonly after?: readonly Said[];
}

/** A record of a type with content. */
export const said = (type: number, ...content: readonly Uint8Array[]): Said => [
  type,
  new Uint8Array(Buffer.concat(content)),
];
/** A handshake message. */
export const message = (type: number, ...body: readonly number[]): Uint8Array =>
  handshakeMessage(type, Uint8Array.from(body));
/** A handshake message in a record of its own. */
export const shake = (type: number, ...body: readonly number[]): Said =>
  said(22, message(type, ...body));
/** A number of two bytes. */
export const number16 = (value: number): Uint8Array => Uint8Array.of(value >> 8, value & 0xff);
/** A key share as it stands in an extension. */
export const share = (group: number, key: Uint8Array): Uint8Array =>
  new Uint8Array(Buffer.concat([number16(group), number16(key.length), key]));

async function sayAll(records: RecordLayer, all: readonly Said[]): Promise<void> {
  for (const [type, content] of all) await records.write(type, content);
}

/** The alert that comes next; `undefined` if the end comes without one. */
export async function alertIn(records: RecordLayer): Promise<number | undefined> {
  for (;;) {
    const record = await records.read();
    if (record === undefined) return undefined;
    if (record.type === 21) return record.content[1];
  }
}

/** Accepts as a script has it; the alert that the connecting end answered with. */
async function scriptedServer(transport: Transport, script: Script): Promise<number | undefined> {
  const records = new RecordLayer(transport);
  const handshake = new HandshakeLayer(records);
  const first = await handshake.read(1);
  let offer = parseClientHello(first.body);
  handshake.add(first.raw);
  const write = async (answer: ServerHello): Promise<void> =>
    await handshake.write(handshakeMessage(2, formatServerHello(answer)));
  for (const retry of script.retry?.(offer) ?? []) {
    if (handshake.transcript.length === 1) handshake.replaceByHash(hash);
    await write(retry);
    let again;
    try {
      again = await handshake.read(1);
    } catch (error) {
      ok(error instanceof TlsError);
      return error.alert;
    }
    offer = parseClientHello(again.body);
    handshake.add(again.raw);
  }
  const exchange = keyExchange(x25519);
  const theirs = sharesOfClient(offer.extensions.get(51) as Uint8Array);
  const good: ServerHello = {
    version: 0x0303,
    random: crypto.getRandomValues(new Uint8Array(32)),
    sessionId: offer.sessionId,
    suite: suite.id,
    extensions: new Map([
      [43, number16(0x0304)],
      [51, share(x25519, exchange.publicKey)],
      [41, number16(0)],
    ]),
  };
  const answer = script.hello?.(good, offer) ?? good;
  if (Array.isArray(answer)) {
    await sayAll(records, answer);
    return await alertIn(records);
  }
  await write(answer as ServerHello);
  const own = theirs.find(({ group }) => group === x25519);
  if (own === undefined || answer !== good) return await alertIn(records);
  const shared = exchange.sharedSecret(own.key);
  if (script.clear !== undefined) await sayAll(records, script.clear);
  const secret = handshakeSecret(hash, earlySecret(hash, presharedKey.key), shared);
  const afterHello = handshake.transcriptHash(hash);
  const clientSecret = deriveSecret(hash, secret, "c hs traffic", afterHello);
  const serverSecret = deriveSecret(hash, secret, "s hs traffic", afterHello);
  records.protectReading(new Protection13(suite, clientSecret));
  if (script.clear !== undefined) return await alertIn(records);
  records.protectWriting(new Protection13(suite, serverSecret));
  if (script.extensions !== undefined) {
    await sayAll(records, script.extensions);
    return await alertIn(records);
  }
  await handshake.write(message(8, 0, 0));
  const right = finished(hash, serverSecret, handshake.transcriptHash(hash));
  if (script.finished !== undefined) {
    await sayAll(records, script.finished(right));
    return await alertIn(records);
  }
  await handshake.write(handshakeMessage(20, right));
  await handshake.read(20);
  return await goOn({ records, handshake, secret, script, isConnector: false });
}

/** Connects as a script has it; the alert that the accepting end answered with. */
async function scriptedClient(transport: Transport, script: Script): Promise<number | undefined> {
  const records = new RecordLayer(transport);
  const handshake = new HandshakeLayer(records);
  const exchange = keyExchange(x25519);
  const hello: ClientHello = {
    version: 0x0303,
    random: crypto.getRandomValues(new Uint8Array(32)),
    sessionId: none,
    suites: [suite.id],
    compressions: [0],
    extensions: new Map([
      [10, Uint8Array.of(0, 2, 0, x25519)],
      [43, Uint8Array.of(2, 3, 4)],
      [45, Uint8Array.of(1, 1)],
      [51, Uint8Array.of(0, 36, ...share(x25519, exchange.publicKey))],
    ]),
  };
  await handshake.write(withBinder(hello, presharedKey, handshake));
  const answer = await handshake.read(2);
  handshake.add(answer.raw);
  const { key } = shareOfServer(parseServerHello(answer.body).extensions.get(51) as Uint8Array);
  const shared = exchange.sharedSecret(key);
  const secret = handshakeSecret(hash, earlySecret(hash, presharedKey.key), shared);
  const afterHello = handshake.transcriptHash(hash);
  const clientSecret = deriveSecret(hash, secret, "c hs traffic", afterHello);
  const serverSecret = deriveSecret(hash, secret, "s hs traffic", afterHello);
  records.protectReading(new Protection13(suite, serverSecret));
  handshake.add((await handshake.read(8)).raw);
  handshake.add((await handshake.read(20)).raw);
  const right = finished(hash, clientSecret, handshake.transcriptHash(hash));
  const transcript = handshake.transcriptHash(hash);
  const readSecret = deriveSecret(hash, masterSecret(hash, secret), "s ap traffic", transcript);
  records.protectReading(new Protection13(suite, readSecret));
  if (script.clearFinish !== undefined) {
    await sayAll(records, script.clearFinish);
    return await alertIn(records);
  }
  records.protectWriting(new Protection13(suite, clientSecret));
  if (script.finished !== undefined) {
    await sayAll(records, script.finished(right));
    return await alertIn(records);
  }
  // The traffic secrets are over all up to the other end's Finished.
  const records13 = { records, handshake, secret, script, isConnector: true, transcript };
  await records.write(22, handshakeMessage(20, right));
  return await goOn(records13);
}

/** Says what the script has for after the handshake; the alert that came back. */
async function goOn({ records, handshake, secret, script, isConnector, transcript }: {
  readonly records: RecordLayer;
  readonly handshake: HandshakeLayer;
  readonly secret: Uint8Array;
  readonly script: Script;
  readonly isConnector: boolean;
  readonly transcript?: Uint8Array;
}): Promise<number | undefined> {
  const master = masterSecret(hash, secret);
  const all = transcript ?? handshake.transcriptHash(hash);
  const client = new Protection13(suite, deriveSecret(hash, master, "c ap traffic", all));
  const server = new Protection13(suite, deriveSecret(hash, master, "s ap traffic", all));
  records.protectReading(isConnector ? server : client);
  records.protectWriting(isConnector ? client : server);
  await sayAll(records, script.after ?? []);
  return await alertIn(records);
}

/**
 * The alert with which an end of ours has answered to a script, `undefined` if none; it must have ended with that error.
 */
export async function answerOf(
  role: "connector" | "acceptor",
  script: Script,
): Promise<number | undefined> {
  const [ours, theirs] = memoryPair();
  const open = async (): Promise<number | null> => {
    const transport = role === "connector"
      ? await connectTls(ours, { presharedKey, suites: [suite], timeoutMs: patience })
      : await acceptTls(theirs, { keyOf: () => presharedKey.key, timeoutMs: patience });
    try {
      return await transport.read(new Uint8Array(10));
    } finally {
      transport.close();
    }
  };
  const scripted = role === "connector"
    ? scriptedServer(theirs, script)
    : scriptedClient(ours, script);
  const [end, told] = await Promise.allSettled([open(), scripted]);
  if (told.status === "rejected") throw told.reason;
  if (end.status === "fulfilled") return told.value;
  ok(end.reason instanceof TlsError, `${end.reason?.stack}`);
  equal(end.reason.isFromPeer, told.value === undefined, end.reason.message);
  if (told.value !== undefined) equal(end.reason.alert, told.value, end.reason.message);
  return told.value;
}
