import type { ObjectStore } from "./object_store.ts";

/** Uploads at once, for one volume. */
const PARALLEL = 2;

/** What {@linkcode ChunkUploads} works with. */
export interface ChunkUploadsOptions {
  readonly store: ObjectStore;
  /** The file whose chunks are uploaded. */
  readonly path: string;
  /** The name of a chunk's object. */
  keyOf(index: number): string;
  readonly chunkSize: number;
  /** Called before the first change that the store lacks, and when it lacks nothing any more. */
  onState(state: "changed" | "stored"): void;
}

/**
 * Uploads the chunks of one volume in the background. A chunk that changes is marked; it goes up when it
 * is full, or when everything is flushed. A chunk that could not be uploaded stays marked.
 */
export class ChunkUploads {
  readonly #options: ChunkUploadsOptions;
  /** Chunks that differ from what is in the store. */
  readonly #changed = new Set<number>();
  readonly #underWay = new Set<number>();
  #failure: unknown;
  /** Whether somebody may be waiting for {@linkcode ChunkUploads.#idle}, which ends when nothing is under way. */
  #isBusy = false;
  #idle: Promise<void> = Promise.resolve();
  #becomeIdle: () => void = () => {};
  /** A flush that is under way; the next one waits for it. */
  #flush: Promise<void> = Promise.resolve();
  /** The chunk that is being removed from the store: it cannot go up meanwhile. */
  #removing = -1;
  /** Chunks that the volume has, once that is known: what the store has beyond them is to go. */
  #count = Infinity;
  /** Chunks that the store may have. */
  #stored = 0;
  #isChanged = false;
  #isAbandoned = false;

  /** Nothing is marked yet. */
  constructor(options: ChunkUploadsOptions) {
    this.#options = options;
  }

  /** Says that the store has this many chunks. */
  set stored(count: number) {
    this.#stored = count;
  }

  /** Whether the store lacks something. */
  get isChanged(): boolean {
    return this.#isChanged;
  }

  /** Something is about to change: from now on the store is behind. */
  begin(): void {
    if (this.#isChanged) return;
    this.#options.onState("changed");
    this.#isChanged = true;
  }

  /** One chunk is not in the store as it should be. */
  changeChunk(index: number): void {
    this.begin();
    this.#changed.add(index);
  }

  /** The bytes from `start` to `end` have changed; what is full now goes up. */
  change(start: number, end: number): void {
    this.begin();
    const { chunkSize } = this.#options;
    this.#count = Math.max(this.#count, Math.ceil(end / chunkSize));
    for (let at = Math.floor(start / chunkSize); at * chunkSize < end; at++) {
      this.#changed.add(at);
      if ((at + 1) * chunkSize <= end) this.#start(at);
    }
  }

  /** The volume now ends at `size`. */
  truncate(size: number): void {
    this.begin();
    const { chunkSize } = this.#options;
    const count = Math.ceil(size / chunkSize);
    for (const index of this.#changed) if (index >= count) this.#changed.delete(index);
    this.#count = count;
    if (size % chunkSize !== 0) this.#changed.add(count - 1);
  }

  /** Why an upload has failed since this was asked last. */
  takeFailure(): unknown {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  /** Uploads all that has changed and waits for it. @throws {ObjectStoreError} and errors of the file */
  async flush(): Promise<void> {
    const flush = this.#flush.then(() => this.#flushNow());
    this.#flush = flush.catch(() => {}); // whoever has asked hears of it
    await flush;
  }

  /** Forgets what has changed, and waits for what is under way: the volume is about to go. */
  async abandon(): Promise<void> {
    this.#isAbandoned = true;
    await this.#flush;
    await this.#idle;
  }

  async #flushNow(): Promise<void> {
    this.#failure = undefined;
    do {
      for (const index of this.#changed) this.#start(index);
      await this.#idle;
      if (this.#failure === undefined) await this.#removeRest();
    } while (this.#failure === undefined && !this.#isAbandoned && this.#changed.size > 0);
    const failure = this.takeFailure();
    if (failure !== undefined) throw failure;
    if (!this.#isChanged || this.#changed.size > 0 || this.#underWay.size > 0) return;
    if (this.#isAbandoned) return;
    this.#options.onState("stored");
    this.#isChanged = false;
  }

  /** Removes from the store what lies beyond the end: also what was on its way when that was cut off. */
  async #removeRest(): Promise<void> {
    const { store, keyOf } = this.#options;
    while (this.#stored > this.#count && !this.#isAbandoned) {
      const index = this.#stored - 1;
      this.#removing = index;
      try {
        await store.remove(keyOf(index));
        this.#stored = index;
      } finally {
        this.#removing = -1;
      }
    }
  }

  #start(index: number): void {
    if (this.#underWay.size >= PARALLEL || this.#underWay.has(index)) return;
    if (this.#isAbandoned || index === this.#removing) return;
    if (!this.#isBusy) this.#idle = new Promise((resolve) => this.#becomeIdle = resolve);
    this.#isBusy = true;
    this.#underWay.add(index);
    void this.#upload(index);
  }

  async #upload(index: number): Promise<void> {
    const { store, keyOf } = this.#options;
    this.#changed.delete(index); // a change from now on marks it again
    try {
      const bytes = await this.#read(index);
      if (bytes.length > 0) {
        await store.put(keyOf(index), bytes);
        this.#stored = Math.max(this.#stored, index + 1);
      }
    } catch (error) {
      this.#changed.add(index);
      this.#failure ??= error;
    }
    this.#underWay.delete(index);
    if (this.#failure === undefined) {
      const next = [...this.#changed].find((at) => this.#isFull(at));
      if (next !== undefined) this.#start(next);
    }
    if (this.#underWay.size > 0) return;
    this.#isBusy = false;
    this.#becomeIdle();
  }

  #isFull(index: number): boolean {
    return !this.#underWay.has(index) && this.#changed.has(index + 1);
  }

  async #read(index: number): Promise<Uint8Array<ArrayBuffer>> {
    const { path, chunkSize } = this.#options;
    using file = await Deno.open(path, { read: true });
    await file.seek(index * chunkSize, Deno.SeekMode.Start);
    const bytes = new Uint8Array(chunkSize);
    let length = 0;
    while (length < chunkSize) {
      const read = await file.read(bytes.subarray(length));
      if (read === null) break;
      length += read;
    }
    return bytes.subarray(0, length);
  }
}
