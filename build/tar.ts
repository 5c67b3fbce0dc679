/**
 * The little of the tar format (POSIX ustar) that a build needs: reading the
 * registry's packages and writing the executable's archive, reproducibly.
 *
 * @module
 */

/** A regular file in an archive. */
export interface TarEntry {
  /** Its path inside the archive, at most 100 bytes. */
  readonly path: string;
  /** The permission bits. */
  readonly mode: number;
  /** Its bytes. */
  readonly content: Uint8Array;
}

const blockSize = 512;
const regularFile = "0".charCodeAt(0);

/** The regular files of an uncompressed archive, in order. */
export function* entriesOfTar(archive: Uint8Array): Generator<TarEntry> {
  let at = 0;
  while (at + blockSize <= archive.length && archive[at] !== 0) {
    const header = archive.subarray(at, at + blockSize);
    const size = parseInt(textAt(header, 124, 12), 8);
    const content = archive.subarray(at + blockSize, at + blockSize + size);
    if (header[156] === regularFile || header[156] === 0) {
      yield { path: textAt(header, 0, 100), mode: parseInt(textAt(header, 100, 8), 8), content };
    }
    at += blockSize + Math.ceil(size / blockSize) * blockSize;
  }
}

/** An uncompressed archive of `entries`, owned by nobody in particular and dated 1970. */
export function tarOf(entries: readonly TarEntry[]): Uint8Array {
  const size = entries.reduce(
    (sum, { content }) => sum + blockSize + Math.ceil(content.length / blockSize) * blockSize,
    2 * blockSize,
  );
  const archive = new Uint8Array(size);
  let at = 0;
  for (const entry of entries) {
    archive.set(headerOf(entry), at);
    archive.set(entry.content, at + blockSize);
    at += blockSize + Math.ceil(entry.content.length / blockSize) * blockSize;
  }
  return archive;
}

function headerOf({ path, mode, content }: TarEntry): Uint8Array {
  const header = new Uint8Array(blockSize);
  const put = (text: string, offset: number): void =>
    header.set(new TextEncoder().encode(text), offset);
  const octal = (value: number, width: number): string =>
    value.toString(8).padStart(width - 1, "0") + "\0";
  if (path.length > 100) throw new Error(`Cannot archive ${path}: the path is too long`);
  put(path, 0);
  put(octal(mode, 8), 100);
  put(octal(0, 8), 108);
  put(octal(0, 8), 116);
  put(octal(content.length, 12), 124);
  put(octal(0, 12), 136);
  put("        ", 148);
  put("0", 156);
  put("ustar\0" + "00", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(sum.toString(8).padStart(6, "0") + "\0 ", 148);
  return header;
}

function textAt(bytes: Uint8Array, offset: number, length: number): string {
  const field = bytes.subarray(offset, offset + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end)).trim();
}
