/** The accurate list while it arrives (director-client.md 7). @module */
import { decodeText } from "../../bytes/mod.ts";
import type { KnownFile } from "./backup/messages.ts";

/** Files in one piece on the way to the thread. */
const pieceLength = 10_000;

/** What the director knows of the files of earlier jobs. */
export class AccurateList {
  readonly #pieces: KnownFile[][] = [[]];
  #count = 0;

  /** Files in the list. */
  get count(): number {
    return this.#count;
  }

  /** Takes an entry: `<name>\0<stat>\0<digest>\0<delta>`; one that is too short is left out. */
  add(entry: Uint8Array): void {
    const [path, stat, digest = ""] = decodeText(entry).split("\0");
    if (path === undefined || path === "" || stat === undefined || stat === "") return;
    let piece = this.#pieces.at(-1) as KnownFile[];
    if (piece.length === pieceLength) this.#pieces.push(piece = []);
    piece.push({ path, stat, digest });
    this.#count++;
  }

  /** The list in pieces, each of which is forgotten once it is given. */
  *pieces(): Generator<readonly KnownFile[]> {
    for (let piece = this.#pieces.shift(); piece !== undefined; piece = this.#pieces.shift()) {
      yield piece;
    }
  }
}
