/** Labels, attributes and stats. */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import fc from "fast-check";
import {
  anyName,
  anySessionLabel,
  anyStat,
  anyVolumeLabel,
} from "../../tests/support/volume_arbitraries.ts";
import {
  BlockBuilder,
  decodeAttributes,
  decodeAttributesName,
  decodeSessionLabel,
  decodeStat,
  decodeVolumeLabel,
  encodeAttributes,
  encodeSessionLabel,
  encodeStat,
  encodeVolumeLabel,
  LabelFormat,
  LabelType,
  streamName,
  VolumeError,
} from "./mod.ts";

Deno.test("encodeVolumeLabel() makes the label block of volume.md 19.1", () => {
  const micros = 1700000000000000;
  const data = encodeVolumeLabel({
    ...LabelFormat.bareos,
    labelTimeMicros: micros,
    writeTimeMicros: micros,
    volumeName: "Full-0001",
    previousVolumeName: "",
    poolName: "Full",
    poolType: "Backup",
    mediaType: "File",
    hostName: "examplehost",
    program: "bareos-sd",
    programVersion: "Ver. 26.0.0 01 January 2026",
    programDate: "Build Jan  1 2026 00:00:00",
  });
  const builder = new BlockBuilder({ sessionId: 1, sessionTime: 1700000000 }, 64512);
  builder.begin(LabelType.volume, 0, data);
  ok(builder.fill());
  const block = builder.seal();
  strictEqual(block.length, 198);
  strictEqual(new DataView(block.buffer).getUint32(0), 0x7558e2e5);
});

Deno.test("labels are read as they were written, whatever follows them", () => {
  const zeros = new Uint8Array(7);
  fc.assert(fc.property(anyVolumeLabel, (label) => {
    const bytes = Uint8Array.of(...encodeVolumeLabel(label), ...zeros);
    deepStrictEqual(decodeVolumeLabel(bytes), label);
  }));
  fc.assert(fc.property(anySessionLabel, (label) => {
    const type = label.end === undefined ? LabelType.startOfSession : LabelType.endOfSession;
    const bytes = Uint8Array.of(...encodeSessionLabel(label), ...zeros);
    deepStrictEqual(decodeSessionLabel(bytes, type), label);
  }));
});

Deno.test("encodeStat() writes the example of volume.md 8.3", () => {
  const text = "P0A FgUF IGk B Po Po A F BAA I BlU/EA BlU/EB BlU/EC A A C";
  const stat = decodeStat(text);
  deepStrictEqual(stat, {
    dev: 64768,
    ino: 1443077,
    mode: 0o100644,
    nlink: 1,
    uid: 1000,
    gid: 1000,
    rdev: 0,
    size: 5,
    blksize: 4096,
    blocks: 8,
    atime: 1700000000,
    mtime: 1700000001,
    ctime: 1700000002,
    linkFileIndex: 0,
    flags: 0,
    dataStream: 2,
  });
  strictEqual(encodeStat(stat, stat), text);
  const short = decodeStat(text.split(" ").slice(0, 13).join(" "));
  strictEqual(short.dataStream, 0);
});

Deno.test("attributes records are read as they were written, with any bytes in names", () => {
  fc.assert(
    fc.property(
      fc.nat(0x7fffffff),
      fc.nat(30),
      anyName,
      anyName,
      anyStat,
      fc.nat(9),
      (fileIndex, type, name, link, stat, deltaSequence) => {
        const attributes = { fileIndex, type, name, link, stat, extended: "", deltaSequence };
        const bytes = encodeAttributes(attributes);
        deepStrictEqual(decodeAttributes(bytes), attributes);
        strictEqual(decodeAttributesName(bytes), name);
      },
    ),
  );
});

Deno.test("old attributes records lack their end", () => {
  const text = "12 3 /etc/mo td\0P0A FgUF IGk B Po Po A F BAA I BlU/EA BlU/EB BlU/EC\0";
  const attributes = decodeAttributes(new TextEncoder().encode(text));
  strictEqual(attributes.name, "/etc/mo td");
  deepStrictEqual([attributes.link, attributes.extended, attributes.deltaSequence], ["", "", 0]);
});

Deno.test("decoders throw nothing but VolumeError on garbage", () => {
  const prefix = fc.constantFrom("", "1 3 /x\0", "1 3 /x\0A A A A A A A A A A A A A\0");
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), prefix, (garbage, text) => {
    const id = new TextEncoder().encode(LabelFormat.bareos.id + "\0\0\0\0\x14");
    const bytes = Uint8Array.of(...new TextEncoder().encode(text), ...garbage);
    const label = Uint8Array.of(...id, ...garbage);
    const attempts: (() => unknown)[] = [
      () => decodeAttributes(bytes),
      () => decodeAttributesName(bytes),
      () => decodeVolumeLabel(label),
      () => decodeVolumeLabel(garbage),
      () => decodeSessionLabel(label, LabelType.startOfSession),
      () => decodeSessionLabel(label, LabelType.endOfSession),
      () => decodeStat(text),
    ];
    for (const attempt of attempts) {
      try {
        attempt();
      } catch (error) {
        ok(error instanceof VolumeError, String(error));
      }
    }
  }));
});

Deno.test("streamName() prints what the volume tools print", () => {
  deepStrictEqual([1, 2, -2, 40, 1998, 0x20000002].map(streamName), [
    "UATTR",
    "DATA",
    "contDATA",
    "XXH128",
    "1998",
    "DATA",
  ]);
});
