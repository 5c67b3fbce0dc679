/** Certificates and revocation lists as they may be written, and as nobody should. */
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert";
import fc from "fast-check";
import { DerError, makeKeyPair } from "../../crypto/mod.ts";
import {
  authorityOf,
  certificateFacts,
  hasCritical,
  hasPurpose,
  KeyUsage,
  mayBeUsedFor,
  Oid,
  revocationList,
  serialText,
} from "./certificate_facts.ts";

/** DER of a value. */
function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = parts.flatMap((part) => [...part]);
  const { length } = content;
  const head = length < 128
    ? [length]
    : length < 256
    ? [0x81, length]
    : [0x82, length >> 8, length & 255];
  return Uint8Array.from([tag, ...head, ...content]);
}

const text = (letters: string): Uint8Array => new TextEncoder().encode(letters);
const sequence = (...parts: readonly Uint8Array[]): Uint8Array => der(0x30, ...parts);

function oid(dotted: string): Uint8Array {
  const [root = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = [root * 40 + second, ...rest].flatMap((number) => {
    const digits = [number & 127];
    for (let left = number >>> 7; left > 0; left >>>= 7) digits.unshift(left & 127 | 128);
    return digits;
  });
  return der(0x06, Uint8Array.from(bytes));
}

/** UTCTime up to 2049, GeneralizedTime from then on, as RFC 5280 has it. */
function time(seconds: number): Uint8Array {
  const digits = new Date(seconds * 1000).toISOString().replace(/[-:T]|\.\d+/g, "");
  return Number(digits.slice(0, 4)) < 2050
    ? der(0x17, text(digits.slice(2)))
    : der(0x18, text(digits));
}

const algorithm = sequence(oid("1.2.840.113549.1.1.11"), der(0x05));
const bits = (...bytes: readonly number[]): Uint8Array => der(0x03, Uint8Array.of(0, ...bytes));

interface Extended {
  readonly id: string;
  readonly isCritical: boolean;
  readonly value: Uint8Array;
}

function extensionsOf(extensions: readonly Extended[]): Uint8Array {
  return sequence(...extensions.map(({ id, isCritical, value }) =>
    sequence(
      oid(id),
      ...isCritical ? [der(0x01, Uint8Array.of(255))] : [],
      der(0x04, value),
    )
  ));
}

/** From 1950 to 9999, UNIX seconds. */
const anyTime = fc.integer({
  min: Date.UTC(1950) / 1000,
  max: Date.UTC(9999, 11, 31, 23, 59, 59) / 1000,
});
const anySerial = fc.uint8Array({ minLength: 1, maxLength: 20 });
const anyName = fc.string({ maxLength: 150 })
  .map((name) => sequence(der(0x31, sequence(oid("2.5.4.3"), der(0x0c, text(name))))));
const anyExtensions = fc.uniqueArray(
  fc.record({
    id: fc.oneof(
      fc.constantFrom(...Object.values(Oid)),
      fc.tuple(fc.nat(2), fc.nat(39), fc.nat(), fc.nat()).map((numbers) => numbers.join(".")),
    ),
    isCritical: fc.boolean(),
    value: fc.uint8Array({ maxLength: 300 }),
  }),
  { maxLength: 6, selector: ({ id }) => id },
);

const anyCertificate = fc.record({
  version: fc.constantFrom(1, 3),
  serial: anySerial,
  issuer: anyName,
  subject: anyName,
  notBefore: anyTime,
  notAfter: anyTime,
  extensions: anyExtensions,
});
type Written = typeof anyCertificate extends fc.Arbitrary<infer T> ? T : never;

function certificateOf(written: Written): Uint8Array {
  const { version, serial, issuer, subject, notBefore, notAfter, extensions } = written;
  const body = sequence(
    ...version === 1 ? [] : [der(0xa0, der(0x02, Uint8Array.of(version - 1)))],
    der(0x02, serial),
    algorithm,
    issuer,
    sequence(time(notBefore), time(notAfter)),
    subject,
    sequence(algorithm, bits(1, 2, 3)),
    ...version === 1 || extensions.length === 0 ? [] : [der(0xa3, extensionsOf(extensions))],
  );
  return sequence(body, algorithm, bits(4, 5));
}

const anyRevocations = fc.record({
  issuer: anyName,
  thisUpdate: anyTime,
  nextUpdate: fc.option(anyTime, { nil: undefined }),
  revoked: fc.uniqueArray(fc.tuple(anySerial, anyTime), {
    maxLength: 6,
    selector: ([serial]) => serialText(serial),
  }),
  isLimited: fc.boolean(),
});

function listOf(written: typeof anyRevocations extends fc.Arbitrary<infer T> ? T : never) {
  const { issuer, thisUpdate, nextUpdate, revoked, isLimited } = written;
  const body = sequence(
    der(0x02, Uint8Array.of(1)),
    algorithm,
    issuer,
    time(thisUpdate),
    ...nextUpdate === undefined ? [] : [time(nextUpdate)],
    ...revoked.length === 0
      ? []
      : [sequence(...revoked.map(([serial, at]) => sequence(der(0x02, serial), time(at))))],
    der(
      0xa0,
      extensionsOf([
        { id: Oid.crlNumber, isCritical: true, value: Uint8Array.of(2, 1, 1) },
        ...isLimited ? [{ id: "2.5.29.28", isCritical: true, value: Uint8Array.of(0x30, 0) }] : [],
      ]),
    ),
  );
  return { body, list: sequence(body, algorithm, bits(9, 8, 7)) };
}

Deno.test("certificateFacts() tells what was written", () => {
  fc.assert(fc.property(anyCertificate, (written) => {
    const facts = certificateFacts(certificateOf(written));
    deepStrictEqual(
      [facts.version, facts.serial, facts.issuer, facts.subject],
      [written.version, written.serial, written.issuer, written.subject],
    );
    deepStrictEqual(
      [facts.notBefore, facts.notAfter].map((date) => date.getTime() / 1000),
      [written.notBefore, written.notAfter],
    );
    const extensions = written.version === 1 ? [] : written.extensions;
    deepStrictEqual(
      [...facts.extensions].map(([id, { isCritical, value }]) => ({ id, isCritical, value })),
      extensions.map(({ id, isCritical, value }) => ({ id, isCritical, value })),
    );
    strictEqual(hasCritical(facts.extensions, []), extensions.some((each) => each.isCritical));
  }));
});

Deno.test("revocationList() tells what was written", () => {
  fc.assert(fc.property(anyRevocations, (written) => {
    const { body, list } = listOf(written);
    const read = revocationList(list);
    deepStrictEqual([read.signed, read.issuer], [body, written.issuer]);
    deepStrictEqual([read.algorithm, ...read.signature], ["1.2.840.113549.1.1.11", 9, 8, 7]);
    deepStrictEqual(
      [read.thisUpdate, read.nextUpdate].map((date) => date && date.getTime() / 1000),
      [written.thisUpdate, written.nextUpdate],
    );
    deepStrictEqual(
      [...read.revoked].map(([serial, date]) => [serial, date.getTime() / 1000]),
      written.revoked.map(([serial, at]) => [serialText(serial), at]),
    );
    strictEqual(read.isLimited, written.isLimited);
  }));
});

/** Everything that is asked of bytes that are said to be a certificate or a list. */
function lookAt(bytes: Uint8Array): void {
  const ask = (question: () => unknown): void => {
    try {
      question();
    } catch (error) {
      ok(error instanceof DerError, String(error));
    }
  };
  ask(() => revocationList(bytes));
  ask(() => {
    const facts = certificateFacts(bytes);
    ask(() => authorityOf(facts));
    ask(() => mayBeUsedFor(facts, KeyUsage.certificateSign));
    ask(() => hasPurpose(facts, "1.3.6.1.5.5.7.3.1"));
  });
}

const damages = fc.array(
  fc.record({
    kind: fc.constantFrom("change", "leave out", "put in", "cut"),
    place: fc.nat(),
    byte: fc.nat(255),
  }),
  { minLength: 1, maxLength: 3 },
);

function damaged(
  bytes: Uint8Array,
  list: typeof damages extends fc.Arbitrary<infer T> ? T : never,
): Uint8Array {
  const all = [...bytes];
  for (const { kind, place, byte } of list) {
    const at = place % Math.max(1, all.length);
    if (kind === "change") all[at] = byte;
    else if (kind === "leave out") all.splice(at, 1);
    else if (kind === "put in") all.splice(at, 0, byte);
    else all.length = at;
  }
  return Uint8Array.from(all);
}

Deno.test("bytes that are no certificate and no list are told as a DerError, whatever they are", async () => {
  const { certificate } = await makeKeyPair({ name: "fd", bits: 2048 });
  const base64 = certificate.replace(/-----[^-]*-----|\s/g, "");
  const real = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  strictEqual(certificateFacts(real).version, 3);
  const any = fc.oneof(
    fc.constant(real),
    anyCertificate.map(certificateOf),
    anyRevocations.map((written) => listOf(written).list),
  );
  fc.assert(fc.property(any, damages, (bytes, list) => lookAt(damaged(bytes, list))));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), lookAt));
});

Deno.test("times that are none, and those that are too long, are refused", () => {
  const facts = (begin: Uint8Array) =>
    certificateFacts(
      sequence(sequence(
        ...[der(0x02, Uint8Array.of(1)), algorithm, sequence(), sequence(begin, time(0))],
        ...[sequence(), sequence(algorithm, bits(1))],
      )),
    );
  strictEqual(facts(der(0x17, text("240229235959Z"))).notBefore.getTime(), 1_709_251_199_000);
  for (
    const none of [
      ...["230229000000Z", "231301000000Z", "230431000000Z", "230101240000Z", "230101006000Z"],
      ...["230101000060Z", "2301010000Z", "230101000000+0000", "20230101000000Z", ""],
    ]
  ) throws(() => facts(der(0x17, text(none))), DerError, none);
  for (const none of ["20230229000000Z", "230101000000Z", "20230101000000.5Z"]) {
    throws(() => facts(der(0x18, text(none))), DerError, none);
  }
  const long = Uint8Array.from({ length: 300_000 }, () => 0x30);
  const head = Uint8Array.of(0x17, 0x83, long.length >> 16, long.length >> 8 & 255, 0xe0);
  const validity = [...head, ...long];
  const wrap = (bytes: readonly number[], tag = 0x30): number[] => [
    ...[tag, 0x83, bytes.length >> 16, bytes.length >> 8 & 255, bytes.length & 255],
    ...bytes,
  ];
  const before = [...der(0x02, Uint8Array.of(1)), ...algorithm, ...sequence()];
  const huge = Uint8Array.from(wrap(wrap([...before, ...wrap(validity)])));
  throws(() => certificateFacts(huge), DerError);
});
