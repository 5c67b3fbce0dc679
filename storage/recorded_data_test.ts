/** The data on every recorded volume, decompressed, has the digests that were recorded with it. */
import { ok, strictEqual } from "node:assert";
import { decompressChunk, inflateChunk } from "../compress/mod.ts";
import { createDigest, type DigestName } from "../crypto/mod.ts";
import { hasFixtures } from "../tests/support/paths.ts";
import { recordedVolumes } from "../tests/support/volume_files.ts";
import { FileDevice } from "./device/mod.ts";
import { VolumeReader } from "./mod.ts";
import { decodeAttributes, FileType, Stream, type VolumeRecord } from "./volume/mod.ts";

const digestStreams: ReadonlyMap<number, DigestName> = new Map([
  [Stream.md5Digest, "MD5"],
  [Stream.sha1Digest, "SHA1"],
  [Stream.sha256Digest, "SHA256"],
  [Stream.xxh128Digest, "XXH128"],
]);

/** How each stream's records become bytes of the file. */
const decoders: ReadonlyMap<number, (data: Uint8Array) => Uint8Array> = new Map([
  [Stream.fileData, (data: Uint8Array) => data],
  [Stream.sparseData, (data: Uint8Array) => data.subarray(8)],
  [Stream.gzipData, inflateChunk],
  [Stream.sparseGzipData, (data: Uint8Array) => inflateChunk(data.subarray(8))],
  [Stream.compressedData, decompressChunk],
  [Stream.sparseCompressedData, (data: Uint8Array) => decompressChunk(data.subarray(8))],
]);

/** Volumes on which no digest can be checked: encrypted, or without a whole file. */
const withoutDigests = /^(P.*|Hand-.*|BCancel-0005)$/;

for (const { folder, name } of hasFixtures ? recordedVolumes() : []) {
  Deno.test(`the data of volume ${name} has the digests recorded with it`, () => {
    const volume = new FileDevice(folder).open(name, "read");
    let checked = 0;
    try {
      for (const file of filesOf(volume)) checked += checkFile(file);
    } finally {
      volume.close();
    }
    ok(checked > 0 || withoutDigests.test(name), "no digest was compared");
  });
}

/** The records of one file, data copied. */
type FileRecords = readonly VolumeRecord[];

function* filesOf(volume: ReturnType<FileDevice["open"]>): Generator<FileRecords> {
  const files = new Map<string, VolumeRecord[]>();
  for (const record of new VolumeReader().read(volume)) {
    const key = `${record.sessionId} ${record.sessionTime}`;
    if (record.stream === Stream.unixAttributes) {
      const last = files.get(key);
      if (last !== undefined) yield last;
      files.set(key, []);
    }
    files.get(key)?.push({ ...record, data: record.data.slice() });
  }
  yield* files.values();
}

/** Compares a file's digest if it has one of its own; 1 if it was compared. */
function checkFile(records: FileRecords): number {
  const [attributes] = records;
  ok(attributes !== undefined);
  const { name, type } = decodeAttributes(attributes.data);
  const recorded = records.find(({ stream }) => digestStreams.has(stream));
  const isEncrypted = records.some(({ stream }) => stream === Stream.encryptedSessionData);
  // The digest beside a hard link is that of the file it links to.
  if (recorded === undefined || isEncrypted || type === FileType.hardLink) return 0;
  const digest = createDigest(digestStreams.get(recorded.stream) as DigestName);
  for (const { stream, data } of records) {
    const decode = decoders.get(stream);
    if (decode !== undefined) digest.update(decode(data));
  }
  strictEqual(digest.digest().toHex(), recorded.data.toHex(), name);
  return 1;
}
