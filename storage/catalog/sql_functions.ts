/** Functions for reports in SQL (catalog-and-jobs.md 2.4). @module */
import { decodeInteger } from "../../bytes/mod.ts";
import type { SqlValue } from "./rows.ts";

/** Names of the numbers of an LStat in their order (3.2). */
export const statNames = [
  ...["st_dev", "st_ino", "st_mode", "st_nlink", "st_uid", "st_gid", "st_rdev", "st_size"],
  ...["st_blksize", "st_blocks", "st_atime", "st_mtime", "st_ctime", "linkfi", "st_flags", "data"],
];

/**
 * `bareos_frombase64(text)` is one number of an LStat. `decode_lstat(lstat, name)` is one of its
 * numbers by its name; with several names, or without any, it is an object of JSON. In PostgreSQL it
 * is a record, which SQLite does not have. `clock_text(seconds)`, as in `01:02:03`, is our own.
 */
export const sqlFunctions: Readonly<Record<string, (...values: SqlValue[]) => SqlValue>> = {
  clock_text: (seconds = null) => {
    if (seconds === null) return null;
    const two = (value: number): string => String(Math.trunc(value)).padStart(2, "0");
    const all = Number(seconds);
    return `${two(all / 3600)}:${two(all / 60 % 60)}:${two(all % 60)}`;
  },
  bareos_frombase64: (text = null) => text === null ? null : decodeInteger(String(text)),
  decode_lstat: (lstat = null, ...names) => {
    if (lstat === null) return null;
    const words = String(lstat).split(" ");
    const valueOf = (name: string): number | null => {
      const at = statNames.indexOf(name);
      if (at < 0) throw new RangeError(`An LStat has no ${name}: ${statNames.join(", ")}`);
      const word = words[at];
      return word === undefined ? null : decodeInteger(word);
    };
    const wanted = names.length > 0 ? names.map(String) : statNames;
    if (names.length === 1) return valueOf(String(names[0]));
    return JSON.stringify(Object.fromEntries(wanted.map((name) => [name, valueOf(name)])));
  },
};
