import { ModeType } from "../../../storage/volume/mod.ts";
import type { FileStat } from "../../../storage/volume/mod.ts";

/** How users and groups are called. */
export interface AccountNames {
  /** The name of a user, if there is one. */
  userName(uid: number): string | undefined;
  /** The name of a group, if there is one. */
  groupName(gid: number): string | undefined;
}

/** First letters of a mode. */
const kinds: ReadonlyMap<number, string> = new Map([
  [ModeType.directory, "d"],
  [ModeType.block, "b"],
  [ModeType.character, "c"],
  [ModeType.symbolicLink, "l"],
  [ModeType.fifo, "f"],
  [ModeType.socket, "s"],
]);

/** The mode as ten letters; a fifo is `f`, and all that is nothing special is `-`. */
export function formatMode(mode: number): string {
  const set = (bit: number, letter: string) => mode & bit ? letter : "-";
  const special = (bit: number, execute: number, letter: string) =>
    mode & bit ? mode & execute ? letter : letter.toUpperCase() : set(execute, "x");
  return (kinds.get(mode & ModeType.mask) ?? "-") +
    set(0o400, "r") + set(0o200, "w") + special(0o4000, 0o100, "s") +
    set(0o040, "r") + set(0o020, "w") + special(0o2000, 0o010, "s") +
    set(0o004, "r") + set(0o002, "w") + special(0o1000, 0o001, "t");
}

/**
 * A line about a file, as estimates list them and restores report them (director-client.md 14): mode,
 * names, owner, group, size, local time of change of the inode, name, and target of a link.
 */
export function formatListing(
  stat: FileStat,
  name: string,
  link: string,
  accounts: AccountNames,
): string {
  const user = (accounts.userName(stat.uid) ?? String(stat.uid)).slice(0, 8).padEnd(8);
  const group = (accounts.groupName(stat.gid) ?? String(stat.gid)).slice(0, 8).padEnd(8);
  const head = `${formatMode(stat.mode)}  ${String(stat.nlink).padStart(2)} ${user} ${group}`;
  const size = String(stat.size).padStart(12);
  const target = link === "" ? "" : ` -> ${link}`;
  return `${head}${size} ${formatTime(stat.ctime)}  ${name}${target}\n`;
}

/** `YYYY-MM-DD HH:MM:SS`, local time. */
function formatTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ` +
    `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
