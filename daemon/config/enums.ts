/** The keywords of enumerations (configuration.md 5.9) and the values they stand for. @module */

/** Keyword in its canonical spelling, and the value that a resource holds. */
export type Keywords = Readonly<Record<string, string>>;

const spelled = (...words: readonly string[]): Keywords =>
  Object.fromEntries(words.map((word) => [word, word]));

/** Every enumeration; job types, levels and replacement have the letters of the catalog and the wire. */
export const enums = {
  JobType: {
    Backup: "B",
    Restore: "R",
    Verify: "V",
    Admin: "D",
    Migrate: "g",
    Copy: "c",
    Consolidate: "O",
    Archive: "A",
  },
  JobLevel: {
    Full: "F",
    Incremental: "I",
    Differential: "D",
    VirtualFull: "f",
    Base: "B",
    Since: "S",
    Catalog: "C",
    InitCatalog: "V",
    VolumeToCatalog: "O",
    DiskToCatalog: "d",
    Data: "A",
  },
  Replace: { Always: "a", IfNewer: "w", IfOlder: "o", Never: "n" },
  JobProtocol: {
    Native: "Native",
    NDMP: "NDMP_BAREOS",
    NDMP_BAREOS: "NDMP_BAREOS",
    NDMP_NATIVE: "NDMP_NATIVE",
  },
  SelectionType: spelled(
    "SmallestVolume",
    "OldestVolume",
    "PoolOccupancy",
    "PoolTime",
    "PoolUncopiedJobs",
    "Client",
    "Volume",
    "Job",
    "SqlQuery",
  ),
  PoolType: spelled("Backup", "Copy", "Cloned", "Archive", "Migration", "Scratch"),
  LabelType: spelled("bareos", "ansi", "ibm"),
  ActionOnPurge: spelled("None", "Truncate"),
  IoDirection: {
    readonly: "readonly",
    read: "readonly",
    in: "readonly",
    writeonly: "writeonly",
    write: "writeonly",
    out: "writeonly",
    readwrite: "readwrite",
    both: "readwrite",
  },
  CompressionAlgorithm: spelled("gzip", "lzo", "lzfast", "lz4", "lz4hc"),
  PkiCipher: spelled(
    "blowfish",
    "3des",
    "aes128",
    "aes192",
    "aes256",
    "camellia128",
    "camellia192",
    "camellia256",
    "aes128hmacsha1",
    "aes256hmacsha1",
  ),
  AuthProtocol: spelled("Native", "NDMPv2", "NDMPv3", "NDMPv4"),
  AuthType: spelled("None", "Clear", "MD5"),
} as const satisfies Record<string, Keywords>;

/** The name of an enumeration. */
export type EnumName = keyof typeof enums;

/** What the error for an unknown keyword says was expected (configuration.md 4.8). */
export const enumNouns: Readonly<Record<EnumName, string>> = {
  JobType: "Job Type keyword",
  JobLevel: "Job Level keyword",
  Replace: "Restore replacement option",
  JobProtocol: "Protocol Type keyword",
  SelectionType: "Migration Job Type keyword",
  PoolType: "Pool Type option",
  LabelType: "Tape Label keyword",
  ActionOnPurge: "Action On Purge keyword",
  IoDirection: "IO direction keyword",
  CompressionAlgorithm: "compression algorithm",
  PkiCipher: "Crypto Cipher option",
  AuthProtocol: "Auth Protocol keyword",
  AuthType: "Authentication Type keyword",
};

/** The canonical keyword of an enumeration that stands for `value`. */
export function keywordOf(name: EnumName, value: string): string {
  return Object.entries(enums[name]).find(([, meaning]) => meaning === value)?.[0] ?? value;
}
