/**
 * The memory that the threads of one backup share: units of work on their way from the walk to the
 * threads that save, a buffer that only this job may use, and chunks of large files that any of its
 * threads may work on. Other buffers are those of all jobs (`shared_pool.ts`). It is used again for
 * later jobs, and a job of any size takes the same memory.
 *
 * @module
 */
import type { StopWord } from "../platform/mod.ts";
import { chainStateLength } from "./encryption_stage.ts";
import { bufferLength, fullBuffer, type SharedPool } from "./shared_pool.ts";

/** Bytes of a chunk of file data: the network buffer of a current Bareos. */
export const chunkLength: number = 256 << 10;

/** The same where Bacula or 13.2 must be able to restore (bacula.md 15.2). */
export const compatibleChunkLength: number = 64 << 10;
/** Chunks that are compressed at once. */
export const chunksPerGroup = 4;
/** Bytes of the description of a unit of work. */
export const unitLength: number = 256 << 10;

const groupLength = chunksPerGroup * chunkLength;

/** Words of the control block. */
const word = {
  /** A {@linkcode StopWord} is the first one. */
  canceled: 0,
  /** The number of the job. */
  job: 1,
  /** The unit whose output is written at present. */
  head: 2,
  /** Units that are described, and those that a thread has taken. */
  published: 3,
  taken: 4,
  hasWalked: 5,
  /** Buffers of the pool that this job has, and whether its own is in use. */
  held: 6,
  /** Units that were saved. */
  saved: 7,
  /** Whose turn it is in the chain of the file at the head: see {@linkcode ChunkGroup.link}. */
  turn: 8,
  own: 9,
  states: 10,
} as const;

/** States of the own buffer, units and groups of chunks. */
const free = 0;
const inUse = 1;
const ready = 2;

/**
 * Numbers that go with a group: unit, part, FileIndex, options, link, whether it waits for its turn,
 * chunks; then offset and length of each.
 */
const groupHead = 7;
const groupNumbers = groupHead + 2 * chunksPerGroup;

/** The number of the buffer that the job has for itself. */
const ownBuffer = 1 << 20;

/** Longest wait before a look whether the bell was missed, in milliseconds. */
export const longestWait = 250;

/** What makes a {@linkcode SharedArea} in another thread. */
export interface AreaMemory {
  readonly threads: number;
  readonly control: SharedArrayBuffer;
  readonly units: SharedArrayBuffer;
  readonly buffer: SharedArrayBuffer;
  readonly groups: SharedArrayBuffer;
  readonly groupInfo: SharedArrayBuffer;
  readonly chain: SharedArrayBuffer;
}

/** Chunks of a large file, read and digested, that wait for being compressed or encrypted. */
export interface ChunkGroup {
  /** Where it is. */
  readonly slot: number;
  /** Whose output it is part of, and which part. */
  readonly unit: number;
  readonly part: number;
  readonly fileIndex: number;
  /** Number of the file's options. */
  readonly options: number;
  /** Which link of the file's chain it is, from 0; -1 if groups do not depend on each other. */
  readonly link: number;
  /** Whether there is nothing to be done before its turn. */
  readonly waits: boolean;
  /** Offset into the file, and bytes. */
  readonly chunks: readonly { readonly offset: number; readonly length: number }[];
  /** The chunks, each at a multiple of {@linkcode chunkLength}. */
  readonly bytes: Uint8Array;
}

function shapeOf(threads: number): { units: number; groups: number } {
  return { units: threads + 2, groups: threads > 1 ? threads + 2 : 0 };
}

/** See the module. */
export class SharedArea {
  /** What another thread needs to see the same. */
  readonly memory: AreaMemory;
  readonly #control: StopWord;
  readonly #pool: SharedPool;
  readonly #shape: { readonly units: number; readonly groups: number };
  readonly #groupInfo: Float64Array;
  /** The state of the chain of the file at the head, for who has the turn. */
  readonly chainState: Uint8Array;
  readonly #unitStates: number;
  readonly #groupStates: number;
  /** Buffers that only units at the head may take. */
  readonly #spared: number;

  /** Opens what another thread has made, or makes it for so many threads. */
  constructor(from: AreaMemory | number, pool: SharedPool) {
    this.#pool = pool;
    this.memory = typeof from === "number" ? allocate(from) : from;
    this.#shape = shapeOf(this.memory.threads);
    this.#control = new Int32Array(this.memory.control);
    this.#groupInfo = new Float64Array(this.memory.groupInfo);
    this.chainState = new Uint8Array(this.memory.chain);
    this.#unitStates = word.states;
    this.#groupStates = this.#unitStates + this.#shape.units;
    this.#spared = this.memory.threads + 1;
  }

  /** Makes everything free, for the next job, which has this number; no thread may be at work. */
  reset(job: number): void {
    this.#control.fill(0);
    Atomics.store(this.#control, word.job, job);
  }

  /** The number of the job. */
  get job(): number {
    return Atomics.load(this.#control, word.job);
  }

  /** Whether the job is over before its end. */
  get isCanceled(): boolean {
    return Atomics.load(this.#control, word.canceled) !== 0;
  }

  /** A word that says so, for who looks again and again. */
  get stopWord(): StopWord {
    return this.#control;
  }

  /** Ends the job; threads notice within one step. */
  cancel(): void {
    Atomics.store(this.#control, word.canceled, 1);
    this.ring();
  }

  /** Wakes all who wait. */
  ring(): void {
    this.#pool.ring();
  }

  /**
   * Blocks until `attempt` gives something. It is tried again whenever the bell rings.
   * Undefined if the job was canceled.
   */
  until<T>(attempt: () => T | undefined): T | undefined {
    while (!this.isCanceled) {
      const { bell } = this.#pool;
      const result = attempt();
      if (result !== undefined) return result;
      this.#pool.wait(bell, longestWait);
    }
    return undefined;
  }

  /** The unit whose output is being written. */
  get head(): number {
    return Atomics.load(this.#control, word.head);
  }

  /** Moves the head on. */
  set head(unit: number) {
    Atomics.store(this.#control, word.head, unit);
    this.ring();
  }

  /**
   * A free buffer for the output of `unit`. The jobs share what there is, and units that are not at
   * the head leave some to those that are. These can always have one at last, whatever other jobs do:
   * their job's own.
   */
  takeBuffer(unit: number): number | undefined {
    const isHead = unit === this.head;
    if (Atomics.load(this.#control, word.held) < this.#pool.fairShare) {
      const slot = this.#pool.take(this.job, isHead ? 0 : this.#spared);
      if (slot !== undefined) {
        Atomics.add(this.#control, word.held, 1);
        return slot;
      }
    }
    return isHead && this.#move(word.own, free, inUse) ? ownBuffer : undefined;
  }

  /** Bytes after which a buffer is handed on: there are many of the jobs' own, so little of them is used. */
  fullLength(slot: number): number {
    return slot === ownBuffer ? chunkLength : fullBuffer;
  }

  /** Gives a buffer back. */
  freeBuffer(slot: number): void {
    if (slot === ownBuffer) {
      Atomics.store(this.#control, word.own, free);
      return this.ring();
    }
    Atomics.sub(this.#control, word.held, 1);
    this.#pool.free(slot, this.job);
  }

  /** A buffer's bytes. */
  buffer(slot: number): Uint8Array {
    return slot === ownBuffer ? new Uint8Array(this.memory.buffer) : this.#pool.buffer(slot);
  }

  /** Where the next unit is described; undefined while that place is in use. */
  nextUnit(): Uint8Array | undefined {
    const slot = Atomics.load(this.#control, word.published) % this.#shape.units;
    const isFree = Atomics.load(this.#control, this.#unitStates + slot) === free;
    return isFree ? this.#unit(slot) : undefined;
  }

  /** Lets threads have the unit that was described at {@linkcode nextUnit}. */
  publishUnit(): void {
    const number = Atomics.load(this.#control, word.published);
    Atomics.store(this.#control, this.#unitStates + number % this.#shape.units, inUse);
    Atomics.store(this.#control, word.published, number + 1);
    this.ring();
  }

  /** Says that no unit will follow. */
  endWalk(): void {
    Atomics.store(this.#control, word.hasWalked, 1);
    this.ring();
  }

  /**
   * The next unit to be saved; undefined if there is none at present; `"end"` when all are saved and
   * no thread needs help.
   */
  takeUnit(): { readonly number: number; readonly bytes: Uint8Array } | "end" | undefined {
    for (;;) {
      const hasWalked = Atomics.load(this.#control, word.hasWalked) !== 0;
      const published = Atomics.load(this.#control, word.published);
      const number = Atomics.load(this.#control, word.taken);
      if (number >= published) {
        const areSaved = Atomics.load(this.#control, word.saved) === published;
        return hasWalked && areSaved && !this.hasGroup ? "end" : undefined;
      }
      if (this.#move(word.taken, number, number + 1)) {
        return { number, bytes: this.#unit(number % this.#shape.units) };
      }
    }
  }

  /** The place of a unit that was saved may be used again. */
  freeUnit(number: number): void {
    Atomics.store(this.#control, this.#unitStates + number % this.#shape.units, free);
    Atomics.add(this.#control, word.saved, 1);
    this.ring();
  }

  /** A free place for a group of chunks. */
  takeGroupSlot(): { readonly slot: number; readonly bytes: Uint8Array } | undefined {
    for (let slot = 0; slot < this.#shape.groups; slot++) {
      if (this.#move(this.#groupStates + slot, free, inUse)) {
        return { slot, bytes: this.#group(slot) };
      }
    }
    return undefined;
  }

  /** Lets any thread work on a group. */
  offerGroup(group: Omit<ChunkGroup, "bytes">): void {
    const { slot, unit, part, fileIndex, options, link, waits, chunks } = group;
    const numbers = [unit, part, fileIndex, options, link, waits ? 1 : 0, chunks.length];
    for (const { offset, length } of chunks) numbers.push(offset, length);
    this.#groupInfo.set(numbers, slot * groupNumbers);
    Atomics.store(this.#control, this.#groupStates + slot, ready);
    this.ring();
  }

  /** Whose turn it is in the chain of the file at the head. */
  get turn(): number {
    return Atomics.load(this.#control, word.turn);
  }

  /** Gives the turn to a link; the state of the chain is what it goes on from. */
  set turn(link: number) {
    Atomics.store(this.#control, word.turn, link);
    this.ring();
  }

  /** Whether there is a group that a thread can work on. */
  get hasGroup(): boolean {
    for (let slot = 0; slot < this.#shape.groups; slot++) if (this.#isDue(slot)) return true;
    return false;
  }

  #isDue(slot: number): boolean {
    if (Atomics.load(this.#control, this.#groupStates + slot) !== ready) return false;
    const at = slot * groupNumbers;
    return this.#groupInfo[at + 5] === 0 || this.#groupInfo[at + 4] === this.turn;
  }

  /** The first group that a thread can work on. All groups belong to the file at the head. */
  takeGroup(): ChunkGroup | undefined {
    for (;;) {
      let first = -1;
      let least = Infinity;
      for (let slot = 0; slot < this.#shape.groups; slot++) {
        if (!this.#isDue(slot)) continue;
        const part = this.#groupInfo[slot * groupNumbers + 1] as number;
        if (part < least) [first, least] = [slot, part];
      }
      if (first < 0) return undefined;
      if (this.#move(this.#groupStates + first, ready, inUse)) return this.#describe(first);
    }
  }

  /** The place of a group may be used again. */
  freeGroup(slot: number): void {
    Atomics.store(this.#control, this.#groupStates + slot, free);
    this.ring();
  }

  #describe(slot: number): ChunkGroup {
    const at = slot * groupNumbers;
    const [unit = 0, part = 0, fileIndex = 0, options = 0, link = -1, waits = 0, count = 0] = this
      .#groupInfo.subarray(at, at + groupHead);
    const chunks = Array.from({ length: count }, (_, n) => ({
      offset: this.#groupInfo[at + groupHead + 2 * n] as number,
      length: this.#groupInfo[at + groupHead + 2 * n + 1] as number,
    }));
    const bytes = this.#group(slot);
    return { slot, unit, part, fileIndex, options, link, waits: waits === 1, chunks, bytes };
  }

  #unit(slot: number): Uint8Array {
    return new Uint8Array(this.memory.units, slot * unitLength, unitLength);
  }

  #group(slot: number): Uint8Array {
    return new Uint8Array(this.memory.groups, slot * groupLength, groupLength);
  }

  #move(at: number, from: number, to: number): boolean {
    return Atomics.compareExchange(this.#control, at, from, to) === from;
  }
}

function allocate(threads: number): AreaMemory {
  const { units, groups } = shapeOf(threads);
  return {
    threads,
    control: new SharedArrayBuffer(4 * (word.states + units + groups)),
    units: new SharedArrayBuffer(units * unitLength),
    buffer: new SharedArrayBuffer(bufferLength),
    groups: new SharedArrayBuffer(groups * groupLength),
    groupInfo: new SharedArrayBuffer(groups * groupNumbers * 8),
    chain: new SharedArrayBuffer(chainStateLength),
  };
}
