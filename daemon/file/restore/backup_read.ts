/** Bytes of a stream's header: u32 id, u32 attributes, u64 size, u32 length of the name; little endian. */
const headerLength = 20;
/** The stream that is the file's contents. */
const dataId = 1;

/**
 * Takes the contents of a file out of a Windows BackupRead stream (volume.md 15.4), whatever the
 * records cut it into. Security, alternate streams and the like are left out.
 */
export class BackupReadParser {
  readonly #header = new Uint8Array(headerLength);
  #headerFilled = 0;
  /** Bytes of the name, and then of the data, that are still to come. */
  #nameLeft = 0;
  #dataLeft = 0;
  #isData = false;

  /** Takes the next piece and hands out the contents in it, as views. */
  push(bytes: Uint8Array, write: (data: Uint8Array) => void): void {
    for (let at = 0; at < bytes.length;) {
      if (this.#nameLeft > 0) {
        const used = Math.min(this.#nameLeft, bytes.length - at);
        this.#nameLeft -= used;
        at += used;
      } else if (this.#dataLeft > 0) {
        const used = Math.min(this.#dataLeft, bytes.length - at);
        if (this.#isData) write(bytes.subarray(at, at + used));
        this.#dataLeft -= used;
        at += used;
      } else {
        const used = Math.min(headerLength - this.#headerFilled, bytes.length - at);
        this.#header.set(bytes.subarray(at, at + used), this.#headerFilled);
        this.#headerFilled += used;
        at += used;
        if (this.#headerFilled === headerLength) this.#begin();
      }
    }
  }

  #begin(): void {
    const view = new DataView(this.#header.buffer);
    this.#isData = view.getUint32(0, true) === dataId;
    this.#dataLeft = view.getUint32(8, true) + view.getUint32(12, true) * 2 ** 32;
    this.#nameLeft = view.getUint32(16, true);
    this.#headerFilled = 0;
  }
}
