/**
 * Autochangers: what moves volumes between slots and drives (storage-daemon.md 3.14).
 *
 * @module
 */

/** One place of a changer, as `listall` tells it. */
export type ChangerPlace =
  | {
    readonly kind: "drive";
    readonly drive: number;
    readonly slot: number;
    readonly volume: string;
  }
  | { readonly kind: "slot"; readonly slot: number; readonly volume: string };

/** A changer. Drives count from 0, slots from 1; slot 0 is none. */
export interface Changer {
  /** Whether volumes are really moved; a virtual changer only groups devices. */
  readonly isReal: boolean;
  /** Number of slots. @throws {ChangerError} */
  slots(): Promise<number>;
  /** The slot whose volume is in the drive. @throws {ChangerError} */
  loaded(drive: ChangerDrive, aborted?: AbortSignal): Promise<number>;
  /** `context` is for the command. @throws {ChangerError} */
  load(slot: number, drive: ChangerDrive, context?: ChangerContext): Promise<void>;
  /** @throws {ChangerError} */
  unload(slot: number, drive: ChangerDrive, aborted?: AbortSignal): Promise<void>;
  /** What is where, in the lines of the command `list` or `listall`. @throws {ChangerError} */
  listing(what: "list" | "listall"): Promise<string[]>;
  /** Moves a volume from slot to slot; what the changer says. @throws {ChangerError} */
  transfer(from: number, to: number): Promise<string[]>;
}

/** On whose behalf a changer works: for the codes of its command, and until when. */
export interface ChangerContext {
  readonly job?: string;
  readonly client?: string;
  readonly volume?: string;
  /** Ends the movement: nobody waits for it any more. */
  readonly aborted?: AbortSignal;
}

/** A drive, as a changer's command names it. */
export interface ChangerDrive {
  readonly index: number;
  /** The Archive Device. */
  readonly path: string;
}

/** A changer did not do what it was told. */
export class ChangerError extends Error {
  override readonly name = "ChangerError";

  /** `results` is what the changer's command printed. */
  constructor(message: string, readonly results: string = "", options?: ErrorOptions) {
    super(message, options);
  }
}

/** A group of devices under one name: an empty `Changer Command`. */
export class VirtualChanger implements Changer {
  readonly isReal = false;

  slots(): Promise<number> {
    return Promise.resolve(0);
  }

  loaded(): Promise<number> {
    return Promise.resolve(1);
  }

  load(): Promise<void> {
    return Promise.resolve();
  }

  unload(): Promise<void> {
    return Promise.resolve();
  }

  listing(): Promise<string[]> {
    return Promise.resolve([]);
  }

  transfer(): Promise<string[]> {
    return Promise.reject(new ChangerError("a virtual changer has no slots"));
  }
}

/** The lines of `list` and `listall` for the places of a changer. */
export function changerLines(
  what: "list" | "listall",
  places: readonly ChangerPlace[],
): string[] {
  if (what === "list") {
    return places.flatMap(({ slot, volume }) =>
      slot > 0 && volume !== "" ? `${slot}:${volume}` : []
    )
      .sort((a, b) => parseInt(a) - parseInt(b));
  }
  return places.map((place) => {
    const { slot, volume } = place;
    if (place.kind === "slot") return volume === "" ? `S:${slot}:E` : `S:${slot}:F:${volume}`;
    return slot === 0 ? `D:${place.drive}:E` : `D:${place.drive}:F:${slot}:${volume}`;
  });
}
