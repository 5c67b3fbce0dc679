/** Resource forks and Finder info of macOS (volume.md 15.3, director-client.md 24.3). @module */
import { encodeText } from "../../../bytes/mod.ts";
import type { BytePath, Descriptor, Platform } from "../platform/mod.ts";

/** The extended attribute that is the Finder info, and how long that is. */
export const finderInfoName: Uint8Array = encodeText("com.apple.FinderInfo");
/** Bytes of a Finder info. */
export const finderInfoLength = 32;

/** The name of a file's resource fork; undefined on systems without forks. */
export function forkPath(path: BytePath, { forkSuffix }: Platform): Uint8Array | undefined {
  if (forkSuffix === undefined) return undefined;
  const fork = new Uint8Array(path.length + forkSuffix.length);
  fork.set(path);
  fork.set(forkSuffix, path.length);
  return fork;
}

/** A file's Finder info, if it has one that says anything. */
export function readFinderInfo(platform: Platform, path: BytePath): Uint8Array | undefined {
  const info = platform.readAttribute(path, finderInfoName);
  return info?.length === finderInfoLength && info.some((byte) => byte !== 0) ? info : undefined;
}

/** Sets a file's Finder info. */
export function writeFinderInfo(
  platform: Platform,
  path: BytePath,
  info: Uint8Array,
  at?: Descriptor,
): void {
  platform.writeAttribute(path, finderInfoName, info.subarray(0, finderInfoLength), at);
}
