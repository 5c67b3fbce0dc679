/** The files of one folder by their names, opened when they are first used. */
export class FolderFiles {
  readonly #folder: string;
  readonly #isWriting: boolean;
  readonly #files = new Map<string, Deno.FsFile>();
  #isClosed = false;

  /** Opens nothing. */
  constructor(folder: string, { isWriting }: { readonly isWriting: boolean }) {
    this.#folder = folder;
    this.#isWriting = isWriting;
  }

  /** The open file of that name. @throws the system's errors */
  open(name: string): Deno.FsFile {
    let file = this.#files.get(name);
    if (file === undefined) {
      if (this.#isClosed) throw new Error("the volume is closed");
      file = Deno.openSync(`${this.#folder}/${name}`, { read: true, write: this.#isWriting });
      this.#files.set(name, file);
    }
    return file;
  }

  /** Reads until `into` is full or the file ends; how many bytes. @throws the system's errors */
  read(name: string, into: Uint8Array, offset: number): number {
    const file = this.open(name);
    file.seekSync(offset, Deno.SeekMode.Start);
    let done = 0;
    while (done < into.length) {
      const read = file.readSync(into.subarray(done));
      if (read === null || read === 0) break;
      done += read;
    }
    return done;
  }

  /** Writes all of `bytes`. @throws the system's errors */
  write(name: string, bytes: Uint8Array, offset: number): void {
    const file = this.open(name);
    file.seekSync(offset, Deno.SeekMode.Start);
    for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
  }

  /** Closes all of them; doing so twice is fine. */
  close(): void {
    this.#isClosed = true;
    for (const file of this.#files.values()) file.close();
    this.#files.clear();
  }
}
