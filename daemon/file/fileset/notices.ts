import { decodeText } from "../../../bytes/mod.ts";
import { JobMessageType } from "../../../protocol/mod.ts";
import { FileType, type FileTypeNumber } from "../../../storage/volume/mod.ts";

/** A job message of the file daemon. One of class NOTSAVED counts as an error. */
export interface Notice {
  /** Its class. */
  readonly type: JobMessageType;
  /** Its text, with the line feed at its end. */
  readonly text: string;
}

/** What stands in the texts below. */
export interface NoticeWords {
  /** The file. */
  readonly path: Uint8Array;
  /** The entry that led to it. */
  readonly top: Uint8Array;
  /** Why it could not be looked at, in the system's words. */
  readonly reason?: string | undefined;
}

type Template = readonly [JobMessageType, (path: string, top: string, reason: string) => string];

const { NOTSAVED, SKIPPED, INFO } = JobMessageType;

/** Texts of a backup by file type (director-client.md 24.2). */
const texts: ReadonlyMap<FileTypeNumber | "socket" | "noDump", Template> = new Map<
  FileTypeNumber | "socket" | "noDump",
  Template
>([
  [FileType.noAccess, [NOTSAVED, (path, _, why) => `Could not access "${path}": ERR=${why}`]],
  [FileType.noFollow, [NOTSAVED, (path, _, why) => `Could not follow link "${path}": ERR=${why}`]],
  [FileType.noStat, [NOTSAVED, (path, _, why) => `Could not stat "${path}": ERR=${why}`]],
  [FileType.noOpen, [NOTSAVED, (path, _, why) => `Could not open directory "${path}": ERR=${why}`]],
  [FileType.unchanged, [SKIPPED, (path) => `Unchanged file skipped: ${path}`]],
  [FileType.directoryUnchanged, [SKIPPED, (path) => `Unchanged file skipped: ${path}`]],
  ["socket", [SKIPPED, (path) => `Socket file skipped: ${path}`]],
  ["noDump", [INFO, (path) => `NODUMP flag set - will not process ${path}`]],
  [FileType.noRecursion, [
    INFO,
    (path, top) => `Recursion turned off. Will not descend from ${top} into ${path}`,
  ]],
  [FileType.otherFileSystem, [
    INFO,
    (path, top) => `${path} is a different filesystem. Will not descend from ${top} into it.`,
  ]],
  [FileType.invalidFileSystem, [
    INFO,
    (path, top) => `Disallowed filesystem. Will not descend from ${top} into ${path}`,
  ]],
]);

/** Where a verify of the disk says it in other words (13). */
const verifyTexts: ReadonlyMap<FileTypeNumber, Template> = new Map<FileTypeNumber, Template>([
  [FileType.noAccess, [NOTSAVED, (path, _, why) => `Could not access ${path}: ERR=${why}`]],
  [FileType.noFollow, [NOTSAVED, (path, _, why) => `Could not follow link ${path}: ERR=${why}`]],
  [FileType.noStat, [NOTSAVED, (path, _, why) => `Could not stat ${path}: ERR=${why}`]],
  [FileType.noOpen, [NOTSAVED, (path, _, why) => `Could not open directory ${path}: ERR=${why}`]],
  [FileType.noRecursion, [SKIPPED, (path) => `Recursion turned off. Directory skipped: ${path}`]],
  [FileType.otherFileSystem, [
    SKIPPED,
    (path) => `File system change prohibited. Directory skipped: ${path}`,
  ]],
]);

/** What a backup says about a file of some kind; undefined if nothing. */
export function noticeOf(
  kind: FileTypeNumber | "socket" | "noDump",
  words: NoticeWords,
): Notice | undefined {
  return filled(texts.get(kind), words);
}

/** What a verify of the disk says about what the walk has found; undefined if nothing. */
export function verifyNoticeOf(
  { type, notice, path, top, error }: {
    readonly type: FileTypeNumber;
    /** What a backup says. */
    readonly notice: Notice | undefined;
    readonly path: Uint8Array;
    readonly top: Uint8Array;
    readonly error: { readonly reason: string } | undefined;
  },
): Notice | undefined {
  if (notice === undefined) return undefined;
  return filled(verifyTexts.get(type), { path, top, reason: error?.reason }) ?? notice;
}

function filled(
  template: Template | undefined,
  { path, top, reason }: NoticeWords,
): Notice | undefined {
  if (template === undefined) return undefined;
  const [type, text] = template;
  return { type, text: `     ${text(decodeText(path), decodeText(top), reason ?? "")}\n` };
}

/** What a backup says about an entry on a file system that the FileSet does not list. */
export function unlistedFileSystem(path: Uint8Array, fileSystemType: string | undefined): Notice {
  const name = fileSystemType ?? "unknown";
  return {
    type: fileSystemType === undefined ? JobMessageType.WARNING : JobMessageType.INFO,
    text: `Top level directory "${decodeText(path)}" has unlisted fstype "${name}"\n`,
  };
}
