import type { Attributes } from "../../storage/volume/mod.ts";
import { ModeType } from "../../storage/volume/mod.ts";

const typeLetters: ReadonlyMap<number, string> = new Map([
  [ModeType.socket, "s"],
  [ModeType.symbolicLink, "l"],
  [ModeType.regular, "-"],
  [ModeType.block, "b"],
  [ModeType.directory, "d"],
  [ModeType.character, "c"],
  [ModeType.fifo, "p"],
]);

/** Ten characters as `ls -l` shows a mode. */
export function formatMode(mode: number): string {
  const letters = [...(typeLetters.get(mode & ModeType.mask) ?? "?")];
  for (let shift = 6; shift >= 0; shift -= 3) {
    const bits = mode >> shift;
    letters.push(bits & 4 ? "r" : "-", bits & 2 ? "w" : "-", bits & 1 ? "x" : "-");
  }
  const special = [[0o4000, 3, "s"], [0o2000, 6, "s"], [0o1000, 9, "t"]] as const;
  for (const [bit, at, letter] of special) {
    if (mode & bit) letters[at] = letters[at] === "x" ? letter : letter.toUpperCase();
  }
  return letters.join("");
}

/** Names of owners by number, from files such as `/etc/passwd`. */
export class OwnerNames {
  readonly #names = new Map<number, string>();

  /** Reads the names of a system file; without it there are none. */
  constructor(path: string) {
    let text = "";
    try {
      text = Deno.readTextFileSync(path);
    } catch {
      return; // numbers do as well
    }
    for (const line of text.split("\n")) {
      const [name, , number] = line.split(":");
      const id = Number(number);
      if (name !== undefined && number !== undefined && !this.#names.has(id)) {
        this.#names.set(id, name);
      }
    }
  }

  /** The name, or the number if it has none. */
  of(id: number): string {
    return this.#names.get(id) ?? String(id);
  }
}

/** A time as `YYYY-MM-DD hh:mm:ss` in local time. */
export function formatTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ` +
    `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A label's time as `DD-Mon-YYYY hh:mm` in local time. */
export function formatLabelTime(micros: number): string {
  const date = new Date(micros / 1000);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${two(date.getDate())}-${months[date.getMonth()]}-${date.getFullYear()} ` +
    `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The line of a file in a list (storage-daemon.md 12, bls). */
export function formatFile(
  { stat, name, link }: Attributes,
  users: OwnerNames,
  groups: OwnerNames,
): string {
  const owner = `${users.of(stat.uid).padEnd(8)} ${groups.of(stat.gid).padEnd(8)}`;
  const target = link === "" ? "" : ` -> ${link}`;
  return `${formatMode(stat.mode)}  ${String(stat.nlink).padStart(2)} ${owner}` +
    `${String(stat.size).padStart(12)} ${formatTime(stat.mtime)}  ${name}${target}`;
}
