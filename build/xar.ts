/** The archive format xar, the outer shape of a macOS package. @module */
import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";
import { packed } from "./packed.ts";

/** A file of the archive, or a folder with what is in it. */
export type XarEntry =
  | { readonly name: string; readonly content: Uint8Array }
  | { readonly name: string; readonly entries: readonly XarEntry[] };

const headerSize = 28;
const version = 1;
const sha1 = 1;
const digestSize = 20;

/** An archive of `entries`, whose files are stored as they are. */
export function xarOf(entries: readonly XarEntry[]): Uint8Array<ArrayBuffer> {
  const heap: Uint8Array[] = [];
  let offset = digestSize;
  let id = 0;
  const described = (entry: XarEntry): string => {
    const head = `<file id="${++id}"><name>${escaped(entry.name)}</name><uid>0</uid><gid>0</gid>`;
    if ("entries" in entry) {
      const inner = entry.entries.map(described).join("");
      return `${head}<type>directory</type><mode>0755</mode>${inner}</file>\n`;
    }
    const { content } = entry;
    const sum = createHash("sha1").update(content).digest("hex");
    const data = `<length>${content.length}</length><offset>${offset}</offset>` +
      `<size>${content.length}</size><encoding style="application/octet-stream"/>` +
      `<archived-checksum style="sha1">${sum}</archived-checksum>` +
      `<extracted-checksum style="sha1">${sum}</extracted-checksum>`;
    heap.push(content);
    offset += content.length;
    return `${head}<type>file</type><mode>0644</mode><data>${data}</data></file>\n`;
  };
  const files = entries.map(described).join("");
  const table = new TextEncoder().encode(
    `<?xml version="1.0" encoding="UTF-8"?>\n<xar><toc>\n` +
      `<creation-time>1970-01-01T00:00:00</creation-time>\n` +
      `<checksum style="sha1"><offset>0</offset><size>${digestSize}</size></checksum>\n` +
      `${files}</toc></xar>\n`,
  );
  const compressed = deflateSync(table);
  return packed(
    "xar!",
    [2, headerSize],
    [2, version],
    [8, compressed.length],
    [8, table.length],
    [4, sha1],
    compressed,
    createHash("sha1").update(compressed).digest(),
    ...heap,
  );
}

/** A text for XML, between tags or in quotes. */
export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
