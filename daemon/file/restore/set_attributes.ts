import { ModeType } from "../../../storage/volume/mod.ts";
import { decodeExtendedAttributes } from "../attributes/mod.ts";
import { isSystemError, type Platform, reasonOf } from "../platform/mod.ts";
import type { ParentDirectories } from "./parent_directories.ts";
import type { CurrentFile } from "./restored_file.ts";

/** What kind of a list could not be set. */
export type AttributeKind = "owner" | "mode" | "times" | "acl" | "xattr";

/** Told what could not be set, in a message with its line feed. */
export type AttributeReport = (kind: AttributeKind, message: string) => void;

/**
 * Sets owner, extended attributes, mode, access control lists and times of a finished file, in this
 * order: a new owner takes capabilities away, a read-only file takes no attributes, a mode changes a
 * list's mask, and times come last. What cannot be set is reported, and the rest is set.
 */
export function setAttributes(
  platform: Platform,
  parents: ParentDirectories,
  file: CurrentFile,
  report: AttributeReport,
): void {
  const { attributes: { stat }, location: { at, name }, target, writer } = file;
  const open = writer?.descriptor;
  const attempt = (kind: AttributeKind, prefix: string, set: () => void) => {
    try {
      set();
    } catch (error) {
      // Who is not root cannot give files away; that is no news.
      if (kind === "owner" && !platform.isRoot && isSystemError(error, "EPERM")) return;
      report(kind, `${prefix}${reasonOf(error)}\n`);
    }
  };
  attempt("owner", `Unable to set file owner ${target}: ERR=`, () => {
    if (open !== undefined) platform.setOwnerOf(open, stat.uid, stat.gid);
    else platform.setOwner(name, stat.uid, stat.gid, at);
  });
  for (const data of file.extendedAttributes) {
    const { attributes, problem } = decodeExtendedAttributes(data);
    if (problem !== undefined) report("xattr", `${problem} "${target}"\n`);
    for (const attribute of attributes) {
      attempt(
        "xattr",
        `Could not set extended attribute of "${target}": ERR=`,
        () => platform.writeAttribute(name, attribute.name, attribute.value, at),
      );
    }
  }
  if (file.kind !== "symbolicLink") {
    const bits = stat.mode & ~ModeType.mask;
    attempt("mode", `Unable to set file modes ${target}: ERR=`, () => {
      if (open !== undefined) platform.setModeOf(open, bits);
      else platform.setMode(name, bits, at);
    });
    for (const { kind, text } of file.acls) {
      attempt(
        "acl",
        `Could not set ACL of "${target}": ERR=`,
        () => platform.writeAcl(name, kind, text, at),
      );
    }
  }
  const accessed = { seconds: stat.atime, nanoseconds: 0 };
  const modified = { seconds: stat.mtime, nanoseconds: 0 };
  attempt("times", `Unable to set file times ${target}: ERR=`, () => {
    if (open !== undefined) platform.setTimesOf(open, accessed, modified);
    else platform.setTimes(name, accessed, modified, at);
  });
  if (Number(stat.flags) !== 0) platform.setFlags(name, Number(stat.flags), at);
  if (file.kind === "directory") parents.finish(platform.lstat(name, at));
}
