import { Buffer } from "node:buffer";
import { decodeText, encodeText } from "../../bytes/mod.ts";
import type { CatalogFile, SqlValue } from "./rows.ts";

/** Numbers of a row: see {@linkcode Field}. */
const fields = 8;

/** Where the numbers of a row stand. Text lies in one piece: name, attributes, digest. */
const Field = {
  fileIndex: 0,
  deltaSeq: 1,
  /** Which of the folders. */
  folder: 2,
  name: 3,
  lstat: 4,
  digest: 5,
  end: 6,
  /** Which texts are more than ASCII. */
  wide: 7,
} as const;

const wideName = 1;
const wideStat = 2;
const slash = 0x2f;
const noDigest = encodeText("0");
const base64Digits = encodeText("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");

/**
 * Rows of files of one job as bytes, on their way into the catalog. What a daemon sent is cut where it must
 * be and copied once; text is made of all rows in one piece, and a folder is looked at once for
 * as many files as follow each other in it.
 */
export class PackedFiles {
  #bytes = new Uint8Array(64 * 1024);
  #used = 0;
  #rows = new Int32Array(64 * fields);
  #count = 0;
  /** Start and end of each folder in the bytes. */
  #folders: number[] = [];
  /** Whether the last row still has no digest. */
  #isOpen = false;

  /** Rows so far. */
  get count(): number {
    return this.#count;
  }

  /** Bytes of text so far. */
  get length(): number {
    return this.#used;
  }

  /** Adds a row, whose digest may follow. Nothing of the arguments is kept. */
  add(fileIndex: number, deltaSeq: number, path: Uint8Array, lstat: Uint8Array): void {
    this.close();
    const cut = path.lastIndexOf(slash) + 1 || path.length;
    this.#reserve(path.length + lstat.length);
    const folder = this.#folder(path, cut);
    const at = this.#count * fields;
    if (at === this.#rows.length) this.#rows = grown(this.#rows, new Int32Array(at * 2));
    const rows = this.#rows;
    rows[at + Field.fileIndex] = fileIndex;
    rows[at + Field.deltaSeq] = deltaSeq;
    rows[at + Field.folder] = folder;
    rows[at + Field.name] = this.#used;
    let wide = this.#copy(path, cut, path.length) < 0x80 ? 0 : wideName;
    rows[at + Field.lstat] = this.#used;
    if (this.#copy(lstat, 0, lstat.length) >= 0x80) wide |= wideStat;
    rows[at + Field.wide] = wide;
    rows[at + Field.digest] = this.#used;
    this.#count++;
    this.#isOpen = true;
  }

  /** Gives the last row its digest, which becomes base 64. */
  digest(digest: Uint8Array): void {
    if (!this.#isOpen) return;
    this.#reserve(Math.ceil(digest.length * 4 / 3));
    const bytes = this.#bytes;
    let at = this.#used;
    let bits = 0;
    let have = 0;
    for (let from = 0; from < digest.length; from++) {
      bits = (bits << 8) | (digest[from] as number);
      have += 8;
      while (have >= 6) {
        have -= 6;
        bytes[at++] = base64Digits[(bits >> have) & 63] as number;
      }
      bits &= 63;
    }
    if (have > 0) bytes[at++] = base64Digits[(bits << (6 - have)) & 63] as number;
    this.#end(at);
  }

  /** No digest of the last row follows. */
  close(): void {
    if (!this.#isOpen) return;
    this.#reserve(noDigest.length);
    this.#copy(noDigest, 0, noDigest.length);
    this.#end(this.#used);
  }

  /** Takes the last row out if its digest may still follow; the result puts it back. */
  takeOpen(): (() => void) | undefined {
    if (!this.#isOpen) return undefined;
    this.#isOpen = false;
    const row = --this.#count;
    const { folder, name, lstat } = this.#places(row);
    const ofFolder = this.#bytes.subarray(this.#folders[2 * folder], this.#folders[2 * folder + 1]);
    const path = new Uint8Array([...ofFolder, ...this.#bytes.subarray(name, lstat)]);
    const stat = this.#bytes.slice(lstat, this.#used);
    const fileIndex = this.#number(row, Field.fileIndex);
    const deltaSeq = this.#number(row, Field.deltaSeq);
    return () => this.add(fileIndex, deltaSeq, path, stat);
  }

  /** Adds a whole row, whose digest is text already. */
  addFile({ fileIndex, deltaSeq, path, lstat, digest }: Omit<CatalogFile, "jobId">): void {
    this.add(fileIndex, deltaSeq, encodeText(path), encodeText(lstat));
    const text = encodeText(digest);
    this.#reserve(text.length);
    this.#copy(text, 0, text.length);
    this.#end(this.#used);
  }

  /** The rows as records. */
  files(): Omit<CatalogFile, "jobId">[] {
    this.close();
    return Array.from({ length: this.#count }, (_, row) => {
      const { folder, name, lstat, digest, end } = this.#places(row);
      const text = (from: number, to: number) => decodeText(this.#bytes.subarray(from, to));
      return {
        fileIndex: this.#number(row, Field.fileIndex),
        deltaSeq: this.#number(row, Field.deltaSeq),
        path: this.#folderText(folder) + text(name, lstat),
        lstat: text(lstat, digest),
        digest: text(digest, end),
      };
    });
  }

  /**
   * The rows as values of statements: FileIndex, JobId, PathId, DeltaSeq, LStat, Md5, Name; a name that is
   * more than ASCII comes as bytes.
   * @param pathId the number of a folder
   */
  values(jobId: number, pathId: (folder: string) => number): SqlValue[] {
    this.close();
    // one character a byte, so that places in the bytes are places in the text
    const text = Buffer.from(this.#bytes.buffer, 0, this.#used).toString("latin1");
    const folders = Array.from(
      { length: this.#folders.length / 2 },
      (_, at) => pathId(this.#folderText(at)),
    );
    const values = new Array<SqlValue>(this.#count * 7);
    let to = 0;
    for (let row = 0; row < this.#count; row++) {
      const { folder, name, lstat, digest, end } = this.#places(row);
      values[to++] = this.#number(row, Field.fileIndex);
      values[to++] = jobId;
      values[to++] = folders[folder] ?? 0;
      values[to++] = this.#number(row, Field.deltaSeq);
      const wide = this.#number(row, Field.wide);
      values[to++] = (wide & wideStat) === 0
        ? text.slice(lstat, digest)
        : decodeText(this.#bytes.subarray(lstat, digest));
      values[to++] = text.slice(digest, end);
      values[to++] = (wide & wideName) === 0
        ? text.slice(name, lstat)
        : this.#bytes.subarray(name, lstat);
    }
    return values;
  }

  /** Forgets all rows; the memory stays for the next ones. */
  clear(): void {
    this.#used = 0;
    this.#count = 0;
    this.#folders = [];
    this.#isOpen = false;
  }

  #number(row: number, field: number): number {
    return this.#rows[row * fields + field] as number;
  }

  #places(row: number) {
    const rows = this.#rows;
    const at = row * fields;
    return {
      folder: rows[at + Field.folder] as number,
      name: rows[at + Field.name] as number,
      lstat: rows[at + Field.lstat] as number,
      digest: rows[at + Field.digest] as number,
      end: rows[at + Field.end] as number,
    };
  }

  #folderText(at: number): string {
    return decodeText(this.#bytes.subarray(this.#folders[2 * at], this.#folders[2 * at + 1]));
  }

  /** The number of the folder, that of the row before if it is the same. */
  #folder(path: Uint8Array, length: number): number {
    const folders = this.#folders;
    const last = folders.length - 2;
    if (last >= 0) {
      const start = folders[last] as number;
      let same = (folders[last + 1] as number) - start === length ? 0 : length;
      // from the end, where folders that follow each other differ
      for (let at = length - 1; at >= 0 && same === 0; at--) {
        if (this.#bytes[start + at] !== path[at]) same = length;
      }
      if (same === 0) return last / 2;
    }
    const start = this.#used;
    this.#copy(path, 0, length);
    folders.push(start, this.#used);
    return folders.length / 2 - 1;
  }

  /** Copies a part, and returns all of its bits together. */
  #copy(from: Uint8Array, start: number, end: number): number {
    const bytes = this.#bytes;
    let at = this.#used;
    let bits = 0;
    for (let next = start; next < end; next++) {
      const byte = from[next] as number;
      bits |= byte;
      bytes[at++] = byte;
    }
    this.#used = at;
    return bits;
  }

  #end(at: number): void {
    this.#used = at;
    this.#rows[(this.#count - 1) * fields + Field.end] = at;
    this.#isOpen = false;
  }

  #reserve(more: number): void {
    const needed = this.#used + more;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    this.#bytes = grown(this.#bytes, larger);
  }
}

function grown<T extends { set(from: T): void }>(from: T, larger: T): T {
  larger.set(from);
  return larger;
}
