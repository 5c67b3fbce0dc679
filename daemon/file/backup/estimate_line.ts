/** The lines of `estimate listing` (director-client.md 14). @module */
import { decodeText } from "../../../bytes/mod.ts";
import { FileType } from "../../../storage/volume/mod.ts";
import { formatListing } from "../attributes/mod.ts";
import type { FoundFile } from "../fileset/mod.ts";
import type { Platform } from "../platform/mod.ts";

/** Whether an estimate counts what the walk found: all that a backup would save. */
export function isCounted(file: FoundFile): boolean {
  return file.isSaved && file.stat !== undefined;
}

/** One line: mode, links, owner, size, time of change, name. */
export function estimateLine(file: FoundFile, platform: Platform): string {
  const { stat, type } = file;
  if (stat === undefined) return "";
  const link = type === FileType.symbolicLink ? decodeText(file.link) : "";
  return formatListing(stat, decodeText(file.path), link, platform);
}
