import { decodeText } from "../../../bytes/mod.ts";
import { JobMessageType } from "../../../protocol/mod.ts";
import { FileType, isDirectoryType } from "../../../storage/volume/mod.ts";
import type { FoundFile, Notice } from "../fileset/mod.ts";
import { isSystemError, type Platform, reasonOf } from "../platform/mod.ts";
import { encodeAclText } from "./acl_text.ts";
import {
  encodeExtendedAttributes,
  type ExtendedAttribute,
  extendedAttributesLimit,
} from "./extended_attributes.ts";

/** A record for the volume. */
export interface ListRecord {
  /** Its stream. */
  readonly stream: number;
  /** Its data. */
  readonly data: Uint8Array;
}

/** What of a file's lists could be read. */
export interface FoundLists {
  /** Records, in the order in which they belong on the volume. */
  readonly records: readonly ListRecord[];
  /** What could not be read; one of `"acl"` and `"xattr"` for each. */
  readonly problems: readonly { readonly kind: "acl" | "xattr"; readonly notice: Notice }[];
}

/** A file as far as its lists are concerned. */
export type ListedFile =
  & Pick<FoundFile, "path" | "options">
  & { readonly type: number };

const nothing: FoundLists = { records: [], problems: [] };

/** Attributes that are left out (volume.md 14.2), by system. */
interface Exceptions {
  /** Always. */
  readonly never: ReadonlySet<string>;
  /** Where access control lists are saved: these are those lists in disguise. */
  readonly withAcls: ReadonlySet<string>;
}

const exceptions: Readonly<Record<Platform["system"], Exceptions>> = {
  linux: {
    never: new Set([
      "ceph.dir.entries",
      "ceph.dir.files",
      "ceph.dir.rbytes",
      "ceph.dir.rctime",
      "ceph.dir.rentries",
      "ceph.dir.rfiles",
      "ceph.dir.rsubdirs",
      "ceph.dir.subdirs",
    ]),
    withAcls: new Set(["system.posix_acl_access", "system.posix_acl_default"]),
  },
  darwin: {
    never: new Set(["com.apple.system.extendedsecurity", "com.apple.ResourceFork"]),
    withAcls: new Set(["com.apple.system.Security"]),
  },
};

/**
 * Reads the access control lists and extended attributes of a found file, as far as its options want
 * them (volume.md 14): lists of everything but symbolic links, attributes of everything.
 */
export function readLists(platform: Platform, file: ListedFile): FoundLists {
  const { acl, extendedAttributes } = file.options;
  if (!acl && !extendedAttributes) return nothing;
  const records: ListRecord[] = [];
  const problems: { kind: "acl" | "xattr"; notice: Notice }[] = [];
  const attempt = (kind: "acl" | "xattr", read: () => void) => {
    try {
      read();
    } catch (error) {
      if (isSystemError(error, "ENOENT")) return; // it vanished, and reading it will say so
      const name = decodeText(file.path);
      const word = kind === "acl" ? "ACL" : "xattrs";
      const text = error instanceof TooLong
        ? `Xattr stream on file "${name}" exceeds maximum size of ${extendedAttributesLimit} bytes\n`
        : `Could not read ${word} of "${name}": ERR=${reasonOf(error)}\n`;
      problems.push({ kind, notice: { type: JobMessageType.WARNING, text } });
    }
  };
  // One call tells whether there is anything at all; most files have nothing.
  let names: Uint8Array[] = [];
  attempt("xattr", () => names = platform.listAttributes(file.path));
  if (names.length === 0 && platform.system === "linux") return { records, problems };
  if (acl && file.type !== FileType.symbolicLink) {
    attempt("acl", () => readAcls(platform, file, records));
  }
  if (extendedAttributes) {
    attempt("xattr", () => readAttributes(platform, file, names, records));
  }
  return { records, problems };
}

/** The attributes of a file are more than a record of them may hold. */
class TooLong extends Error {}

function readAcls(platform: Platform, { path, type }: ListedFile, records: ListRecord[]): void {
  const kinds = isDirectoryType(type) ? ["access", "default"] as const : ["access"] as const;
  for (const kind of kinds) {
    const text = platform.readAcl(path, kind);
    if (text !== undefined) {
      records.push({ stream: platform.aclStreams[kind], data: encodeAclText(text) });
    }
  }
}

function readAttributes(
  platform: Platform,
  { path, options }: ListedFile,
  names: readonly Uint8Array[],
  records: ListRecord[],
): void {
  const { never, withAcls } = exceptions[platform.system];
  const attributes: ExtendedAttribute[] = [];
  for (const name of names) {
    const text = decodeText(name);
    if (never.has(text) || (options.acl && withAcls.has(text))) continue;
    const value = platform.readAttribute(path, name);
    if (value !== undefined) attributes.push({ name, value });
  }
  if (attributes.length === 0) return;
  const data = encodeExtendedAttributes(attributes);
  if (data.length >= extendedAttributesLimit) throw new TooLong();
  records.push({ stream: platform.attributeStream, data });
}
