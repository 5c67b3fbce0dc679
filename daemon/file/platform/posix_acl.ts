/**
 * POSIX.1e access control lists between the kernel's bytes and the text on volumes (volume.md 14.1).
 *
 * The bytes are those of the attributes `system.posix_acl_access` and `system.posix_acl_default`:
 * u32 version (2), then 8 bytes an entry: u16 tag, u16 rights, u32 user or group; little endian.
 * The text is one entry a line, `user:bob:r--`. In names, what would end them stands as a backslash and
 * three octal digits, and a backslash as two, as in the texts of acl_to_text(3).
 *
 * @module
 */
import { decodeText, encodeText } from "../../../bytes/mod.ts";

/** How names of users and groups and their numbers belong together. */
export interface AclNames {
  /** The name of a user, if there is one. */
  userName(uid: number): string | undefined;
  /** The name of a group, if there is one. */
  groupName(gid: number): string | undefined;
  /** The number of a user, if there is one. */
  userId(name: string): number | undefined;
  /** The number of a group, if there is one. */
  groupId(name: string): number | undefined;
}

/** One tag: its number, its word in the text, and whether it names somebody. */
interface Tag {
  readonly number: number;
  readonly word: string;
  readonly names?: "user" | "group";
}

/** In the order that the kernel wants. */
const tags: readonly Tag[] = [
  { number: 0x01, word: "user" },
  { number: 0x02, word: "user", names: "user" },
  { number: 0x04, word: "group" },
  { number: 0x08, word: "group", names: "group" },
  { number: 0x10, word: "mask" },
  { number: 0x20, word: "other" },
];

const version = 2;
const headLength = 4;
const entryLength = 8;
/** The number of nobody in particular. */
const noId = 0xffffffff;
const rights = "rwx";

/** How many entries the kernel's bytes hold. */
export function countAclEntries(bytes: Uint8Array): number {
  return Math.max(0, Math.floor((bytes.length - headLength) / entryLength));
}

/**
 * Writes the kernel's bytes as text.
 * @throws {Error} if they are not a list of version 2
 */
export function formatAcl(bytes: Uint8Array, names: AclNames): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < headLength || view.getUint32(0, true) !== version) {
    throw new Error("Cannot read access control list: unknown version");
  }
  const lines: string[] = [];
  for (let at = headLength; at + entryLength <= bytes.length; at += entryLength) {
    const number = view.getUint16(at, true);
    const tag = tags.find((tag) => tag.number === number);
    if (tag === undefined) {
      throw new Error(`Cannot read access control list: unknown tag ${number}`);
    }
    const who = tag.names === undefined
      ? ""
      : nameOf(view.getUint32(at + 4, true), tag.names, names);
    lines.push(`${tag.word}:${who}:${formatRights(view.getUint16(at + 2, true))}\n`);
  }
  return lines.join("");
}

/**
 * Reads text into the kernel's bytes. Entries end at a line's end or a comma, `#` at a line's
 * beginning or behind an entry begins a comment, words may be cut to their first letter, as
 * acl_from_text(3) has it.
 * @throws {Error} if an entry is malformed or names somebody unknown
 */
export function parseAcl(text: string, names: AclNames): Uint8Array {
  const entries: { tag: number; rights: number; id: number }[] = [];
  for (const line of text.split(/[\n,]/)) {
    if (!/^[ \t\r]*(#|$)/.test(line)) entries.push(parseEntry(line, names));
  }
  entries.sort((a, b) => a.tag - b.tag || a.id - b.id);
  const bytes = new Uint8Array(headLength + entries.length * entryLength);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, version, true);
  entries.forEach((entry, index) => {
    const at = headLength + index * entryLength;
    view.setUint16(at, entry.tag, true);
    view.setUint16(at + 2, entry.rights, true);
    view.setUint32(at + 4, entry.id, true);
  });
  return bytes;
}

function parseEntry(entry: string, names: AclNames): { tag: number; rights: number; id: number } {
  const parts =
    /^[ \t\r]*(\w+)[ \t\r]*:(?:[ \t\r]*(.*?)[ \t\r]*:)?[ \t\r]*([rwxXst-]{0,3}|[0-7])[ \t\r]*(?:#.*)?$/s
      .exec(entry);
  const [, word, who = "", letters] = parts ?? [];
  const tag = word === undefined
    ? undefined
    : tags.find((tag) =>
      (tag.word === word || tag.word.charAt(0) === word) &&
      (tag.names !== undefined) === (who !== "")
    );
  if (tag === undefined || letters === undefined) {
    throw new Error(`Cannot read access control list: malformed entry "${entry}"`);
  }
  const id = tag.names === undefined ? noId : idOf(who, tag.names, names);
  if (id === undefined) {
    throw new Error(`Cannot read access control list: unknown ${tag.names} "${who}"`);
  }
  return { tag: tag.number, rights: parseRights(letters), id };
}

function nameOf(id: number, kind: "user" | "group", names: AclNames): string {
  const name = kind === "user" ? names.userName(id) : names.groupName(id);
  return name === undefined ? String(id) : quote(name);
}

/** A name as acl_to_text(3) writes it. */
function quote(name: string): string {
  return name.replace(
    /[\\:, \t\r\n]/g,
    (letter) => letter === "\\" ? "\\\\" : `\\${letter.charCodeAt(0).toString(8).padStart(3, "0")}`,
  );
}

/** A name as acl_from_text(3) reads it: other backslashes stand for themselves. */
function unquote(text: string): string {
  if (!text.includes("\\")) return text;
  // Bytes, for several octal numbers may make one letter.
  const letters = Array.from(encodeText(text), (byte) => String.fromCharCode(byte)).join("")
    .replace(
      /\\(\\|[0-3][0-7]{2})/g,
      (_, what: string) => what === "\\" ? what : String.fromCharCode(parseInt(what, 8)),
    );
  return decodeText(Uint8Array.from(letters, (letter) => letter.charCodeAt(0)));
}

function idOf(text: string, kind: "user" | "group", names: AclNames): number | undefined {
  const who = unquote(text);
  const known = kind === "user" ? names.userId(who) : names.groupId(who);
  if (known !== undefined) return known;
  return /^\d{1,10}$/.test(who) && Number(who) < noId ? Number(who) : undefined;
}

function formatRights(bits: number): string {
  return Array.from(rights, (letter, index) => bits & (4 >> index) ? letter : "-").join("");
}

function parseRights(letters: string): number {
  if (/^[0-7]$/.test(letters)) return Number(letters);
  return Array.from(rights).reduce(
    (bits, letter, index) => letters.includes(letter) ? bits | (4 >> index) : bits,
    0,
  );
}
