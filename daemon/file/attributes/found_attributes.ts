import { decodeText } from "../../../bytes/mod.ts";
import {
  encodeAttributes,
  encodeStat,
  FileType,
  isDirectoryType,
  Stream,
  type StreamNumber,
} from "../../../storage/volume/mod.ts";
import { type FileOptions, type FoundFile, savedType, stripPath } from "../fileset/mod.ts";

const slash = 0x2f;

/** The stream of a file's data by its options (volume.md 9.1). Encryption switches sparse off. */
export function dataStreamOf(
  { sparse, compression, isCompatible = false }:
    & Pick<FileOptions, "sparse" | "compression">
    & Partial<Pick<FileOptions, "isCompatible">>,
  isEncrypted = false,
): StreamNumber {
  const isBare = isCompatible && compression?.algorithm === "GZIP";
  if (isEncrypted) {
    if (isBare) return Stream.encryptedFileGzipData;
    return compression ? Stream.encryptedFileCompressedData : Stream.encryptedFileData;
  }
  if (isBare) return sparse ? Stream.sparseGzipData : Stream.gzipData;
  if (compression) return sparse ? Stream.sparseCompressedData : Stream.compressedData;
  return sparse ? Stream.sparseData : Stream.fileData;
}

/**
 * The name of a found file on the volume: without the components that StripPath takes away, and with
 * a slash at the end of a directory.
 */
export function savedName(file: FoundFile): Uint8Array {
  const name = strippedNames(file).name;
  if (!isDirectoryType(savedType(file)) || name.at(-1) === slash) return name;
  const directory = new Uint8Array(name.length + 1);
  directory.set(name);
  directory[name.length] = slash;
  return directory;
}

/** The attributes record of a found file (volume.md 8.1). */
export function encodeFoundFile(
  file: FoundFile,
  fileIndex: number,
  dataStream: number,
): Uint8Array {
  const { stat, hardLink } = file;
  if (stat === undefined) {
    throw new TypeError(`Cannot save ${decodeText(file.path)}: nothing is known of it`);
  }
  const type = savedType(file);
  const linkFileIndex = type === FileType.hardLink ? hardLink?.fileIndex ?? 0 : 0;
  return encodeAttributes({
    fileIndex,
    type,
    name: savedName(file),
    link: strippedNames(file).link,
    stat: encodeStat(stat, { linkFileIndex, flags: stat.flags, dataStream }),
  });
}

/** Targets of hard links lose the same components as names, both or neither. */
function strippedNames(
  { path, link, type, options }: FoundFile,
): { name: Uint8Array; link: Uint8Array } {
  const count = options.stripPath;
  if (count === 0) return { name: path, link };
  const name = stripPath(path, count);
  if (type !== FileType.hardLink) return { name, link };
  const target = stripPath(link, count);
  return name === path || target === link ? { name: path, link } : { name, link: target };
}
