/** The lines of `estimate listing` (director-client.md 14). @module */
import { decodeText } from "../../../bytes/mod.ts";
import { FileType, ModeType } from "../../../storage/volume/mod.ts";
import type { FoundFile } from "../fileset/mod.ts";
import type { Platform } from "../platform/mod.ts";

/** Whether an estimate counts what the walk found: all that a backup would save. */
export function isCounted(file: FoundFile): boolean {
  return file.isSaved && file.stat !== undefined;
}

const typeLetters: ReadonlyMap<number, string> = new Map([
  [ModeType.directory, "d"],
  [ModeType.block, "b"],
  [ModeType.character, "c"],
  [ModeType.symbolicLink, "l"],
  [ModeType.fifo, "f"],
  [ModeType.socket, "s"],
]);

/** One line: mode, links, owner, size, time of change, name. */
export function estimateLine(file: FoundFile, platform: Platform): string {
  const { stat } = file;
  if (stat === undefined) return "";
  const user = platform.userName(stat.uid) ?? String(stat.uid);
  const group = platform.groupName(stat.gid) ?? String(stat.gid);
  const isLink = file.type === FileType.symbolicLink;
  const link = isLink ? ` -> ${decodeText(file.link)}` : "";
  return `${modeText(stat.mode)}  ${String(stat.nlink).padStart(2)} ${user.slice(0, 8).padEnd(8)} ${
    group.slice(0, 8).padEnd(8)
  }${String(stat.size).padStart(12)} ${timeText(stat.ctime)}  ${decodeText(file.path)}${link}\n`;
}

/** The mode as `ls` writes it, but `f` for a fifo. */
export function modeText(mode: number): string {
  const letters = [..."rwxrwxrwx"].map((letter, at) => (mode >> (8 - at)) & 1 ? letter : "-");
  const special = (bit: number, at: number, set: string, unset: string): void => {
    if (mode & bit) letters[at] = letters[at] === "x" ? set : unset;
  };
  special(0o4000, 2, "s", "S");
  special(0o2000, 5, "s", "S");
  special(0o1000, 8, "t", "T");
  return (typeLetters.get(mode & ModeType.mask) ?? "-") + letters.join("");
}

function timeText(seconds: number): string {
  const time = new Date(seconds * 1000);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${
    two(time.getHours())
  }:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}
