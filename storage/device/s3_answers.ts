/**
 * What a store that speaks the S3 protocol answers in XML: pages of a listing (ListObjectsV2), and why it
 * refuses something. Only the elements that are needed are looked for; a store is not trusted with more
 * than the time that it takes to look at each character once.
 *
 * @module
 */
import type { StoredObject } from "./object_store.ts";

/** An answer is not what it should be. */
export class S3AnswerError extends Error {
  override readonly name = "S3AnswerError";
}

/** A page of a listing. */
export interface ListingPage {
  readonly objects: readonly StoredObject[];
  /** What the next page is asked for with; "" if this is the last one. */
  readonly next: string;
}

/** Reads a page of a listing. @throws {S3AnswerError} for sizes and characters that cannot be */
export function readListing(text: string): ListingPage {
  const objects: StoredObject[] = [];
  let rest = "";
  let at = 0;
  for (;;) {
    const found = between(text, "<Contents>", "</Contents>", at);
    rest += text.slice(at, found?.start ?? text.length);
    if (found === undefined) break;
    at = found.end;
    const key = element(found.content, "Key");
    if (key === undefined) continue;
    const size = element(found.content, "Size") ?? "0";
    if (!/^\d{1,15}$/.test(size)) throw new S3AnswerError(`"${key}" has ${size} bytes`);
    objects.push({ key, size: Number(size), md5: md5Of(element(found.content, "ETag") ?? null) });
  }
  return { objects, next: element(rest, "NextContinuationToken") ?? "" };
}

/** Longest part of an answer that is searched for the reason of a refusal, in characters. */
const longestRefusal = 10_000;

/** The reason in an answer that refuses something, if there is one. */
export function readRefusal(text: string): string | undefined {
  const beginning = text.slice(0, longestRefusal);
  try {
    return element(beginning, "Message") ?? element(beginning, "Code");
  } catch (error) {
    if (!(error instanceof S3AnswerError)) throw error;
    return undefined;
  }
}

/** The MD5 in an entity tag; objects that were stored in parts have another kind of tag. */
export function md5Of(tag: string | null): string | undefined {
  return /^(?:W\/)?"?([0-9a-f]{32})"?$/.exec(tag ?? "")?.[1];
}

/** The first element of a name that has no others in it, decoded. */
function element(text: string, name: string): string | undefined {
  for (let at = 0;;) {
    const found = between(text, `<${name}>`, "<", at);
    if (found === undefined) return undefined;
    const end = found.end - 1;
    if (text.startsWith(`</${name}>`, end)) return decodeEntities(found.content);
    at = end;
  }
}

/** What lies between two marks, where the first one begins, and where the second one is over. */
function between(
  text: string,
  open: string,
  close: string,
  from: number,
): { readonly content: string; readonly start: number; readonly end: number } | undefined {
  const start = text.indexOf(open, from);
  if (start < 0) return undefined;
  const end = text.indexOf(close, start + open.length);
  if (end < 0) return undefined;
  return { content: text.slice(start + open.length, end), start, end: end + close.length };
}

const entities: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

function decodeEntities(text: string): string {
  return text.replace(/&(?:#x([0-9a-fA-F]+)|#([0-9]+)|(amp|lt|gt|quot|apos));/g, (
    all,
    hex: string | undefined,
    decimal: string | undefined,
    name: string | undefined,
  ) => {
    if (name !== undefined) return entities[name] ?? all;
    const code = hex === undefined ? Number(decimal) : parseInt(hex, 16);
    if (!(code <= 0x10ffff)) throw new S3AnswerError(`there is no character ${all}`);
    return String.fromCodePoint(code);
  });
}
