/** Path helpers and the places of the recordings that tests read. @module */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
export { dirname, join, relative } from "node:path";

/** The path of a `file:` URL. */
export function fromFileUrl(url: URL): string {
  return fileURLToPath(url);
}

const shared = fromFileUrl(new URL("../../../shared/", import.meta.url));

/** Whether the recordings stand beside this checkout. Tests that need them skip where they do not. */
export const hasFixtures: boolean = existsSync(`${shared}fixtures/README.md`);

/** The absolute path of a recording, such as `transcripts/01-backup-full.jsonl`. */
export function fixture(path: string): string {
  return `${shared}fixtures/${path}`;
}
