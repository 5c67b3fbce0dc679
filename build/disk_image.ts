/** The disk image format of macOS (UDIF, `.dmg`) around a volume. @module */
import { createHash } from "node:crypto";
import { crc32, deflateSync } from "node:zlib";
import { type Field, packed, padded } from "./packed.ts";

const sectorSize = 512;
const chunkSectors = 512;
const rawChunk = 1;
const zlibChunk = 0x8000_0005;
const terminator = 0xffff_ffff;

/** An image of `volume`, which is of whole sectors; what shrinks is compressed. */
export function diskImage(volume: Uint8Array): Uint8Array<ArrayBuffer> {
  const sectors = volume.length / sectorSize;
  const chunks: Uint8Array[] = [];
  const runs: Field[] = [];
  let offset = 0;
  let runCount = 1;
  for (let first = 0; first < sectors; first += chunkSectors, runCount++) {
    const count = Math.min(chunkSectors, sectors - first);
    const plain = volume.subarray(first * sectorSize, (first + count) * sectorSize);
    const deflated = deflateSync(plain);
    const isSmaller = deflated.length < plain.length;
    const chunk = isSmaller ? deflated : plain;
    const type = isSmaller ? zlibChunk : rawChunk;
    runs.push([4, type], [4, 0], [8, first], [8, count], [8, offset], [8, chunk.length]);
    chunks.push(chunk);
    offset += chunk.length;
  }
  runs.push([4, terminator], [4, 0], [8, sectors], [8, 0], [8, offset], [8, 0]);

  const data = packed(...chunks);
  const volumeSum = crc32(volume);
  const table = packed(
    "mish",
    [4, 1],
    [8, 0],
    [8, sectors],
    [8, 0],
    [4, chunkSectors + 8],
    [4, 0],
    new Uint8Array(24),
    checksum(volumeSum),
    [4, runCount],
    ...runs,
  );
  const list = new TextEncoder().encode(listOf(table));
  return packed(
    data,
    list,
    "koly",
    [4, 4],
    [4, 512],
    [4, 1],
    [8, 0],
    [8, 0],
    [8, data.length],
    [8, 0],
    [8, 0],
    [4, 1],
    [4, 1],
    createHash("sha256").update(data).digest().subarray(0, 16),
    checksum(crc32(data)),
    [8, data.length],
    [8, list.length],
    new Uint8Array(120),
    checksum(crc32(packed([4, volumeSum]))),
    [4, 1],
    [8, sectors],
    new Uint8Array(12),
  );
}

/** A CRC-32 in the room that the format has for any checksum. */
function checksum(sum: number): Uint8Array {
  return packed([4, 2], [4, 32], padded(packed([4, sum]), 128));
}

function listOf(table: Uint8Array): string {
  const name = "<string>whole disk (Apple_HFS : 0)</string>";
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict><key>resource-fork</key><dict><key>blkx</key><array><dict>
<key>Attributes</key><string>0x0050</string>
<key>CFName</key>${name}
<key>Data</key><data>${table.toBase64()}</data>
<key>ID</key><string>0</string>
<key>Name</key>${name}
</dict></array></dict></dict>
</plist>
`;
}
