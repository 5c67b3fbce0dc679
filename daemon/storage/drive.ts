import { type Changer, type ChangerContext, type ChangerDrive, ChangerError } from "./changer.ts";
import type { Mutex } from "./mutex.ts";

/** Who hears what a changer does, such as a job's log. */
export interface ChangerListener {
  info(text: string): void;
  warning(text: string): void;
  fatal(text: string): void;
}

/** A device as a drive of an autochanger (storage-daemon.md 3.14, 10.3). */
export class Drive {
  readonly changer: Changer;
  readonly place: ChangerDrive;
  /** Held while the changer moves; one a changer. */
  readonly #lock: Mutex;
  /** All drives of the changer, this one too. */
  readonly #siblings: readonly Drive[];
  /** Whether the drive's device is at work, so that nobody may take its volume out. */
  isBusy: () => boolean = () => false;
  /** The slot loaded as far as is known; undefined if the changer has not been asked. */
  slot: number | undefined;

  /** A drive; `siblings` is filled by whoever makes the changer. */
  constructor(changer: Changer, place: ChangerDrive, lock: Mutex, siblings: readonly Drive[]) {
    this.changer = changer;
    this.place = place;
    this.#lock = lock;
    this.#siblings = siblings;
  }

  /**
   * Gets the volume of a slot into the drive, with the messages of the job log. False if the changer
   * failed, which the listener has heard, or if another drive is at work with that volume.
   */
  load(slot: number, listener: ChangerListener, context: ChangerContext = {}): Promise<boolean> {
    if (!this.changer.isReal || slot <= 0) return Promise.resolve(true);
    return this.#lock.run(async () => {
      const { aborted } = context;
      const loaded = await this.#askLoaded(listener, aborted);
      if (loaded === undefined) return false;
      if (loaded === slot) return true;
      const holder = this.#siblings.find((drive) => drive !== this && drive.slot === slot);
      if (holder !== undefined) {
        if (holder.isBusy()) {
          listener.warning(
            `Slot ${slot} is loaded in drive ${holder.place.index}, which is busy.\n`,
          );
          return false;
        }
        if (!await holder.#unload(slot, listener, aborted)) return false;
      }
      if (loaded !== 0 && !await this.#unload(loaded, listener, aborted)) return false;
      return await this.#load(slot, listener, context);
    });
  }

  /**
   * Puts the volume in the drive back into its slot, whose number it gives: 0 if there was none, undefined if
   * the changer failed.
   */
  unload(listener: ChangerListener): Promise<number | undefined> {
    if (!this.changer.isReal) return Promise.resolve(0);
    return this.#lock.run(async () => {
      const loaded = await this.#askLoaded(listener);
      if (loaded === undefined || loaded === 0) return loaded;
      return await this.#unload(loaded, listener) ? loaded : undefined;
    });
  }

  async #askLoaded(
    listener: ChangerListener,
    aborted?: AbortSignal,
  ): Promise<number | undefined> {
    const what = `"loaded? drive ${this.place.index}"`;
    listener.info(`3301 Issuing autochanger ${what} command.\n`);
    try {
      const slot = await this.changer.loaded(this.place, aborted);
      listener.info(
        slot === 0
          ? `3302 Autochanger ${what}, result: nothing loaded.\n`
          : `3302 Autochanger ${what}, result is Slot ${slot}.\n`,
      );
      return this.slot = slot;
    } catch (error) {
      if (!(error instanceof ChangerError)) throw error;
      this.slot = undefined;
      listener.info(
        `3991 Bad autochanger ${what} command: ERR=${error.message}.\nResults=${error.results}\n`,
      );
      return undefined;
    }
  }

  async #load(
    slot: number,
    listener: ChangerListener,
    context: ChangerContext,
  ): Promise<boolean> {
    const what = `"load slot ${slot}, drive ${this.place.index}"`;
    listener.info(`3304 Issuing autochanger ${what} command.\n`);
    try {
      await this.changer.load(slot, this.place, context);
      this.slot = slot;
      listener.info(`3305 Autochanger ${what}, status is OK.\n`);
      return true;
    } catch (error) {
      if (!(error instanceof ChangerError)) throw error;
      this.slot = undefined;
      const tell = context.aborted?.aborted ? "info" : "fatal"; // a job that has ended has its cause
      listener[tell](
        `3992 Bad autochanger ${what}: ERR=${error.message}.\nResults=${error.results}\n`,
      );
      return false;
    }
  }

  async #unload(
    slot: number,
    listener: ChangerListener,
    aborted?: AbortSignal,
  ): Promise<boolean> {
    const what = `"unload slot ${slot}, drive ${this.place.index}"`;
    listener.info(`3307 Issuing autochanger ${what} command.\n`);
    try {
      await this.changer.unload(slot, this.place, aborted);
      this.slot = 0;
      return true;
    } catch (error) {
      if (!(error instanceof ChangerError)) throw error;
      this.slot = undefined;
      listener.info(
        `3995 Bad autochanger ${what}: ERR=${error.message}\nResults=${error.results}\n`,
      );
      return false;
    }
  }
}
