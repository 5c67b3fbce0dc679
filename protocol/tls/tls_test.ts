import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { getDiffieHellman } from "node:crypto";
import fc from "fast-check";
import { memoryPair, type Tamper } from "../../tests/support/memory_transport.ts";
import type { Transport } from "../transport.ts";
import { digest } from "./hashes.ts";
import {
  acceptTls,
  cipherSuites,
  connectTls,
  isForKeys,
  tls12,
  tls13,
  TlsError,
  type TlsTransport,
} from "./mod.ts";
import {
  binder,
  deriveSecret,
  earlySecret,
  expandLabel,
  handshakeSecret,
  masterSecret,
} from "./key_schedule.ts";
import { masterSecretOf12, premasterSecret } from "./master_secret.ts";
import { parseClientHello, parseOfferedKeys, parseServerHello } from "./messages.ts";

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** RFC 3526's group of 2048 bits. */
const modp2048 = {
  prime: new Uint8Array(getDiffieHellman("modp14").getPrime()),
  generator: Uint8Array.of(2),
};

const identity = encode("R_CONSOLE\x1e*UserAgent*");
const key = encode("5ebe2294ecd0e0f08eab7690d2a6ee69");

// wire.md 8.9: a ClientHello of OpenSSL 3.0 with this identity and key.
const helloRecord = hex(
  "160301010a0100010603036835a25f3dc3b488780ca89c95a6bbd140257db9fe285d5f000b1fe9caaa2a3f209ef3af" +
    "39e9fa877fad62f7f2e83690d2729612207d40b29e5c557df927ca638d0004130100ff010000b9000b000403000102" +
    "000a00040002001d002300000016000000170000000d001e001c040305030603080708080809080a080b0804080508" +
    "06040105010601002b0003020304002d00020101003300260024001d00204d687c6c0b3206399ecc835ac5fa97053e" +
    "74bf8f81f2719191f4097c4ddf305800290040001b0015525f434f4e534f4c451e2a557365724167656e742a000000" +
    "00002120860ecbeb3fa4d7a01e1d31ee6290363496c804166fb0f3e132bfda4ed0f11d24",
);

Deno.test("the key schedule gives the worked example's secrets", () => {
  const early = earlySecret("sha256", key);
  equal(toHex(early), "4e7299d96820857bd7d90aa419ef73cc26464669cd361260f6cb2238d825c012");
  equal(
    toHex(deriveSecret("sha256", early, "ext binder", digest("sha256"))),
    "95c89da0aca731524fc12ed257dbfe681565c43e764d2fa3f905b030f4e0e093",
  );
  equal(
    toHex(deriveSecret("sha256", early, "derived", digest("sha256"))),
    "01bec96ad7a3f6ca31f1c229ba686e4cf588a8e9c27369bac9dd80fe8059a550",
  );
  equal(handshakeSecret("sha256", early, new Uint8Array(32)).length, 32);
});

Deno.test("the key schedule gives the secrets of RFC 8448, 3", () => {
  const early = earlySecret("sha256");
  equal(toHex(early), "33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a");
  const shared = hex("8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d");
  const handshake = handshakeSecret("sha256", early, shared);
  equal(toHex(handshake), "1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac");
  equal(
    toHex(masterSecret("sha256", handshake)),
    "18df06843d13a08bf2a449844c5f8a478001bc4d4c627984d5a41da8d0402919",
  );
  const traffic = hex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38");
  const expand = (label: string, length: number): string =>
    toHex(expandLabel("sha256", traffic, label, new Uint8Array(0), length));
  equal(expand("key", 16), "3fce516009c21727d0f2e4e86ee403bc");
  equal(expand("iv", 12), "5d313eb2671276ee13000b30");
});

Deno.test("the secrets of TLS 1.2 are those of the worked example", () => {
  const premaster = premasterSecret(key);
  equal(premaster.length, 68);
  const counting = (from: number): Uint8Array => new Uint8Array(32).map((_, at) => from + at);
  equal(
    toHex(masterSecretOf12("sha256", premaster, {
      clientRandom: counting(0),
      serverRandom: counting(32),
    })),
    "81441d67fa14edeb6d04531c0cda155cdb01e7549413b20dee596f26c10a91bf5b769c28a19e1cb63f920e7931af8850",
  );
});

Deno.test("binder() agrees with a ClientHello of OpenSSL", () => {
  const message = helloRecord.subarray(5);
  const hello = parseClientHello(message.subarray(4));
  const { identities, binders, bindersLength } = parseOfferedKeys(
    hello.extensions.get(41) as Uint8Array,
  );
  deepEqual(identities.map(toHex), [toHex(identity)]);
  const truncated = message.subarray(0, message.length - bindersLength);
  equal(truncated.length, 231);
  equal(
    toHex(binder(earlySecret("sha256", key), digest("sha256", truncated))),
    toHex(binders[0] as Uint8Array),
  );
});

/** Both ends of a handshake, or the errors they ended with. */
async function shakeHands(options: {
  tamperClient?: Tamper;
  tamperServer?: Tamper;
  clientKey?: Uint8Array;
  clientIdentity?: Uint8Array;
  suite?: number;
  version?: number;
}): Promise<[PromiseSettledResult<TlsTransport>, PromiseSettledResult<TlsTransport>]> {
  const [client, server] = memoryPair(options.tamperClient, options.tamperServer);
  // Where a length is changed, the time has to run out.
  const timeoutMs = options.tamperClient ?? options.tamperServer ? 200 : 60_000;
  return await Promise.allSettled([
    connectTls(client, {
      presharedKey: {
        identity: options.clientIdentity ?? identity,
        key: options.clientKey ?? key,
      },
      suites: cipherSuites.filter(({ id, version }) =>
        options.suite === undefined ? version === (options.version ?? tls13) : id === options.suite
      ),
      timeoutMs,
    }),
    acceptTls(server, {
      dhGroup: modp2048,
      timeoutMs,
      keyOf: (name) => toHex(name) === toHex(identity) ? key : undefined,
    }),
  ]);
}

async function bothEnds(suite?: number): Promise<[TlsTransport, TlsTransport]> {
  const ends = await shakeHands(suite === undefined ? {} : { suite });
  return ends.map((end) => {
    if (end.status === "rejected") throw end.reason;
    return end.value;
  }) as [TlsTransport, TlsTransport];
}

/** Reads `count` bytes, or fewer if the connection ends. */
async function readBytes(transport: Transport, count: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(count);
  let at = 0;
  while (at < count) {
    const read = await transport.read(bytes.subarray(at));
    if (read === null) break;
    at += read;
  }
  return bytes.subarray(0, at);
}

for (const suite of cipherSuites.filter(isForKeys)) {
  Deno.test(`${suite.name} carries bytes of any length in both directions`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 40_000, size: "max" }), { maxLength: 6 }),
        async (pieces) => {
          const [client, server] = await bothEnds(suite.id);
          equal(client.cipher, `${suite.name} TLSv1.${suite.version === tls13 ? 3 : 2}`);
          deepEqual(server.identity, identity);
          const all = new Uint8Array(Buffer.concat(pieces));
          for (const [from, to] of [[client, server], [server, client]] as const) {
            await Promise.all(pieces.map((piece) => from.write(piece)));
            deepEqual(await readBytes(to, all.length), all);
          }
          client.close();
          equal(await server.read(new Uint8Array(1)), null);
          server.close();
        },
      ),
      { numRuns: 25 },
    );
  });
}

Deno.test("a wrong key, an unknown name: each gets the alert that OpenSSL would send", async () => {
  const wrongKey = await shakeHands({ clientKey: encode("another") });
  deepEqual(wrongKey.map(alertOf), [[47, true], [47, false]]);
  const unknown = await shakeHands({ clientIdentity: encode("R_CONSOLE\x1enobody") });
  deepEqual(unknown.map(alertOf), [[40, true], [40, false]]);
  const wrongKey12 = await shakeHands({ clientKey: encode("another"), version: tls12 });
  deepEqual(wrongKey12.map(alertOf), [[20, true], [20, false]]);
  const unknown12 = await shakeHands({
    clientIdentity: encode("R_CONSOLE\x1enobody"),
    version: tls12,
  });
  deepEqual(unknown12.map(alertOf), [[115, true], [115, false]]);
});

function alertOf(end: PromiseSettledResult<TlsTransport>): [number, boolean] | undefined {
  if (end.status === "fulfilled") return undefined;
  ok(end.reason instanceof TlsError, String(end.reason));
  return [end.reason.alert, end.reason.isFromPeer];
}

Deno.test("a flipped bit anywhere in the handshake ends it, or is one that the protocol ignores", async () => {
  const flip = (at: number, bit: number): Tamper => {
    let seen = 0;
    return (bytes) => {
      if (at >= seen && at < seen + bytes.length) {
        bytes[at - seen] = (bytes[at - seen] as number) ^ (1 << bit);
      }
      seen += bytes.length;
      return bytes;
    };
  };
  // What the protocol ignores: the minor version in the header of a record in cleartext.
  await fc.assert(
    fc.asyncProperty(
      fc.boolean(),
      fc.nat(220),
      fc.nat(7),
      async (isClient, at, bit) => {
        const tamper = flip(at, bit);
        const ends = await shakeHands(
          isClient ? { tamperClient: tamper } : { tamperServer: tamper },
        );
        for (const end of ends) {
          if (end.status === "rejected") ok(end.reason instanceof TlsError, String(end.reason));
        }
        const [client, server] = ends;
        if (client?.status === "fulfilled" && server?.status === "fulfilled") {
          await client.value.write(identity);
          deepEqual(await readBytes(server.value, identity.length), identity);
        }
        for (const end of ends) if (end.status === "fulfilled") end.value.close();
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("an altered, a repeated or a cut record ends the connection with an alert", async () => {
  for (
    const [damage, alert] of [
      [(bytes: Uint8Array) => bytes.with(20, (bytes[20] as number) ^ 1), 20],
      [(bytes: Uint8Array) => new Uint8Array([...bytes, ...bytes]), 20],
      [(bytes: Uint8Array) => bytes.with(3, 0x7f), 22],
      [(bytes: Uint8Array) => bytes.with(0, 0x47), 10],
      [(bytes: Uint8Array) => bytes.with(1, 2), 70],
    ] as const
  ) {
    let isOn = false;
    const [clientEnd, serverEnd] = memoryPair((bytes) => isOn ? damage(bytes) : bytes);
    const [client, server] = await Promise.all([
      connectTls(clientEnd, { presharedKey: { identity, key } }),
      acceptTls(serverEnd, { keyOf: () => key }),
    ]);
    isOn = true;
    await client.write(encode("a message of some length"));
    await rejects(
      async () => {
        while (await server.read(new Uint8Array(100)) !== null);
      },
      (error: unknown) => error instanceof TlsError && error.alert === alert,
    );
    isOn = false;
    await rejects(
      client.read(new Uint8Array(1)),
      (error: unknown) => error instanceof TlsError && error.isFromPeer && error.alert === alert,
    );
  }
});

Deno.test("hellos that are garbage give a TlsError, whatever they hold", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
    for (const parse of [parseClientHello, parseServerHello, parseOfferedKeys]) {
      try {
        parse(bytes);
      } catch (error) {
        ok(error instanceof TlsError);
      }
    }
  }));
});

Deno.test("close() closes what is beneath, also when the peer takes nothing any more", async () => {
  const [clientEnd, serverEnd] = memoryPair();
  let isStuck = false;
  let isClosed = false;
  const never = new Promise<void>(() => {});
  const stuck: Transport = {
    peer: clientEnd.peer,
    read: (into) => clientEnd.read(into),
    write: (bytes) => isStuck ? never : clientEnd.write(bytes),
    close: () => {
      isClosed = true;
      clientEnd.close();
    },
  };
  const [client] = await Promise.all([
    connectTls(stuck, { presharedKey: { identity, key } }),
    acceptTls(serverEnd, { keyOf: () => key }),
  ]);
  isStuck = true;
  const reading = client.read(new Uint8Array(1));
  client.write(identity).catch(() => {}); // it is never over
  client.close();
  equal(await reading, null);
  ok(isClosed);
});

Deno.test("TLS that is to end and not the connection ends in time, or the connection does", async () => {
  for (const { id } of cipherSuites.filter(isForKeys)) {
    const [client, server] = await bothEnds(id);
    const [a, b] = await Promise.all([client.release("closed"), server.release("closed")]);
    await a.transport.write(identity);
    deepEqual(await readBytes(b.transport, identity.length), identity);
    a.transport.close();
    b.transport.close();
  }
  const [silent, waiting] = await bothEnds(cipherSuites.find(isForKeys)?.id ?? 0);
  await rejects(waiting.release("closed", 50), /not over after 50 ms/);
  equal(await silent.read(new Uint8Array(1)), null);
  silent.close();
  const [talking, ending] = await bothEnds(cipherSuites.find(isForKeys)?.id ?? 0);
  await talking.write(identity);
  await rejects(ending.release("closed"), /stands on this end only/);
  talking.close();
});
