/** The portable ASCII format of cpio (POSIX `odc`), in which macOS packages keep files. @module */
import { packed } from "./packed.ts";

/** A file, folder or link of root's that a package installs. */
export interface PackageEntry {
  /** Its path below the place of installation: `.`, `./bin`, `./bin/roost`. */
  readonly path: string;
  /** Type and permissions as in `st_mode`. */
  readonly mode: number;
  /** The bytes of a file, the target of a link, nothing for a folder. */
  readonly content: Uint8Array;
}

/** The types in {@linkcode PackageEntry.mode}. */
export const folderType = 0o040000;
/** A regular file. */
export const fileType = 0o100000;
/** A symbolic link. */
export const linkType = 0o120000;
/** What masks the type out of a mode. */
export const typeMask = 0o170000;

/** An archive of `entries` in their order, owned by 0:0 and dated 1970. */
export function cpioOf(entries: readonly PackageEntry[]): Uint8Array<ArrayBuffer> {
  const trailer = { path: "TRAILER!!!", mode: 0, content: new Uint8Array() };
  return packed(
    ...[...entries, trailer].flatMap((entry, index) => [
      headerOf(entry, entry === trailer ? 0 : index + 1),
      `${entry.path}\0`,
      entry.content,
    ]),
  );
}

function headerOf({ path, mode, content }: PackageEntry, inode: number): string {
  const octal = (value: number, width: number): string => {
    const text = value.toString(8).padStart(width, "0");
    if (text.length > width) throw new RangeError(`${path} is too large for a package`);
    return text;
  };
  const nameLength = new TextEncoder().encode(path).length + 1;
  const links = (mode & typeMask) === folderType ? 2 : 1;
  return "070707" +
    [0, inode, mode, 0, 0, links, 0].map((value) => octal(value, 6)).join("") +
    octal(0, 11) + octal(nameLength, 6) + octal(content.length, 11);
}
