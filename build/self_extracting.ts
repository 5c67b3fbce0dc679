/**
 * The self-extracting executable: a POSIX shell head, then a compressed
 * archive of the unmodified runtime and the bundled program.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { tarOf } from "./tar.ts";

/** What goes into one executable. */
export interface ExecutableParts {
  /** The program's version, for the head's first line. */
  readonly version: string;
  /** The target's name, such as `linux-x64`. */
  readonly target: string;
  /** The runtime's binary. */
  readonly runtime: Uint8Array;
  /** The bundled program. */
  readonly program: Uint8Array;
}

/** The bytes of the executable. The same parts give the same bytes. */
export async function selfExtracting(parts: ExecutableParts): Promise<Uint8Array> {
  const archive = gzipSync(
    tarOf([
      { path: "runtime", mode: 0o755, content: parts.runtime },
      { path: "roost.js", mode: 0o644, content: parts.program },
    ]),
    { level: 6 },
  );
  const template = await Deno.readTextFile(new URL("./head.sh", import.meta.url));
  const content = createHash("sha256").update(archive).digest("hex").slice(0, 32);
  const head = template
    .replaceAll("@VERSION@", parts.version)
    .replaceAll("@TARGET@", parts.target)
    .replaceAll("@CONTENT@", content);
  const encoded = new TextEncoder().encode(withOffset(head));
  const executable = new Uint8Array(encoded.length + archive.length);
  executable.set(encoded);
  executable.set(archive, encoded.length);
  return executable;
}

/** Fills in where the archive begins, counted from 1 as `tail -c +N` does. */
function withOffset(head: string): string {
  const placeholder = "@OFFSET@";
  const length = new TextEncoder().encode(head).length;
  const offset = (length + 1).toString().padStart(placeholder.length, "0");
  return head.replace(placeholder, `${offset}`);
}
