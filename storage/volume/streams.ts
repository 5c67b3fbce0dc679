/** Stream numbers: what the data of a record is (volume.md 7.2). */
export const Stream = {
  none: 0,
  unixAttributes: 1,
  fileData: 2,
  md5Digest: 3,
  gzipData: 4,
  unixAttributesEx: 5,
  sparseData: 6,
  sparseGzipData: 7,
  programNames: 8,
  programData: 9,
  sha1Digest: 10,
  win32Data: 11,
  win32GzipData: 12,
  macosForkData: 13,
  hfsplusAttributes: 14,
  unixAccessAcl: 15,
  unixDefaultAcl: 16,
  sha256Digest: 17,
  sha512Digest: 18,
  signedDigest: 19,
  encryptedFileData: 20,
  encryptedWin32Data: 21,
  encryptedSessionData: 22,
  encryptedFileGzipData: 23,
  encryptedWin32GzipData: 24,
  encryptedMacosForkData: 25,
  pluginName: 26,
  pluginData: 27,
  restoreObject: 28,
  compressedData: 29,
  sparseCompressedData: 30,
  win32CompressedData: 31,
  encryptedFileCompressedData: 32,
  encryptedWin32CompressedData: 33,
  xxh128Digest: 40,
  ndmpSeparator: 999,
  aclAixText: 1000,
  aclDarwinAccess: 1001,
  aclFreebsdDefault: 1002,
  aclFreebsdAccess: 1003,
  aclHpux: 1004,
  aclIrixDefault: 1005,
  aclIrixAccess: 1006,
  aclLinuxDefault: 1007,
  aclLinuxAccess: 1008,
  aclTru64Default: 1009,
  aclTru64DefaultDir: 1010,
  aclTru64Access: 1011,
  aclSolarisAclent: 1012,
  aclSolarisAce: 1013,
  aclAfsText: 1014,
  aclAixAixc: 1015,
  aclAixNfs4: 1016,
  aclFreebsdNfs4: 1017,
  aclHurdDefault: 1018,
  aclHurdAccess: 1019,
  aclPlugin: 1020,
  xattrPlugin: 1988,
  xattrHurd: 1989,
  xattrIrix: 1990,
  xattrTru64: 1991,
  xattrAix: 1992,
  xattrOpenbsd: 1993,
  xattrSolarisSys: 1994,
  xattrSolaris: 1995,
  xattrDarwin: 1996,
  xattrFreebsd: 1997,
  xattrLinux: 1998,
  xattrNetbsd: 1999,
} as const;

/** One of the values of {@linkcode Stream}. */
export type StreamNumber = (typeof Stream)[keyof typeof Stream];

/** Flags above the 11 bits of a stream's number; none is ever set by Bareos (volume.md 7.1). */
export const StreamFlag = {
  wide: 0x40000000,
  bits: 0x20000000,
  plugin: 0x10000000,
  delta: 0x08000000,
  offsets: 0x04000000,
  portableData: 0x02000000,
} as const;

/** The number of a stream without its flags. A continuation (negative) is made positive first. */
export function streamType(stream: number): number {
  return Math.abs(stream) & 0x7ff;
}

/** The streams that a storage daemon also sends to the director for the catalog (volume.md 7.3). */
export const catalogStreams: ReadonlySet<number> = new Set([
  Stream.unixAttributes,
  Stream.md5Digest,
  Stream.unixAttributesEx,
  Stream.sha1Digest,
  Stream.sha256Digest,
  Stream.sha512Digest,
  Stream.restoreObject,
  Stream.xxh128Digest,
]);

/** Names of streams as the volume tools print them (storage-daemon.md 12). */
const shortNames: ReadonlyMap<number, string> = new Map([
  [Stream.unixAttributes, "UATTR"],
  [Stream.fileData, "DATA"],
  [Stream.md5Digest, "MD5"],
  [Stream.gzipData, "GZIP"],
  [Stream.unixAttributesEx, "UNIX-ATTR-EX"],
  [Stream.sparseData, "SPARSE-DATA"],
  [Stream.sparseGzipData, "SPARSE-GZIP"],
  [Stream.programNames, "PROG-NAMES"],
  [Stream.programData, "PROG-DATA"],
  [Stream.sha1Digest, "SHA1"],
  [Stream.win32Data, "WIN32-DATA"],
  [Stream.win32GzipData, "WIN32-GZIP"],
  [Stream.macosForkData, "MACOS-RSRC"],
  [Stream.hfsplusAttributes, "HFSPLUS-ATTR"],
  [Stream.sha256Digest, "SHA256"],
  [Stream.sha512Digest, "SHA512"],
  [Stream.signedDigest, "SIGNED-DIGEST"],
  [Stream.encryptedFileData, "ENCRYPTED-FILE"],
  [Stream.encryptedWin32Data, "ENCRYPTED-WIN32-DATA"],
  [Stream.encryptedSessionData, "ENCRYPTED-SESSION-DATA"],
  [Stream.encryptedFileGzipData, "ENCRYPTED-FILE-GZIP"],
  [Stream.encryptedWin32GzipData, "ENCRYPTED-WIN32-GZIP"],
  [Stream.encryptedMacosForkData, "ENCRYPTED-MACOS-RSRC"],
  [Stream.pluginName, "PLUGIN-NAME"],
  [Stream.pluginData, "PLUGIN-DATA"],
  [Stream.restoreObject, "RESTORE-OBJECT"],
  [Stream.compressedData, "COMPRESSED"],
  [Stream.sparseCompressedData, "SPARSE-COMPRESSED"],
  [Stream.win32CompressedData, "WIN32-COMPRESSED"],
  [Stream.encryptedFileCompressedData, "ENCRYPTED-FILE-COMPRESSED"],
  [Stream.encryptedWin32CompressedData, "ENCRYPTED-WIN32-COMPRESSED"],
  [Stream.xxh128Digest, "XXH128"],
]);

/**
 * The name of a record's stream as the volume tools print it: `DATA`, `contDATA` for the rest of a
 * split record, or the number.
 */
export function streamName(stream: number): string {
  const type = streamType(stream);
  const name = shortNames.get(type) ?? String(type);
  return stream < 0 ? `cont${name}` : name;
}
