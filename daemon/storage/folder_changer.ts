import { messageOf } from "../../bytes/mod.ts";
import {
  type Changer,
  type ChangerDrive,
  ChangerError,
  changerLines,
  type ChangerPlace,
} from "./changer.ts";

/** The `Changer Command` that means this changer. */
export const FOLDER_CHANGER = "roost:folders";

/**
 * A changer over folders: `Changer Device` is a folder with folders `slot1`, `slot2` ..., each of which
 * holds a volume or none, and the Archive Device of each drive is a link that leads to the folder of the
 * slot that is loaded. Nothing is copied and nothing moved but the link.
 */
export class FolderChanger implements Changer {
  readonly isReal = true;
  readonly #magazine: string;
  readonly #drives: readonly ChangerDrive[];

  /** The changer of a magazine folder and its drives. */
  constructor(magazine: string, drives: readonly ChangerDrive[]) {
    this.#magazine = magazine;
    this.#drives = drives;
  }

  slots(): Promise<number> {
    return attempt("count slots", () => {
      const numbers = [...Deno.readDirSync(this.#magazine)].map(({ name }) =>
        Number(/^slot(\d{1,6})$/.exec(name)?.[1] ?? 0)
      );
      return Math.max(0, ...numbers);
    });
  }

  loaded({ path }: ChangerDrive): Promise<number> {
    return attempt("read drive", () => this.#slotIn(path));
  }

  load(slot: number, { index, path }: ChangerDrive): Promise<void> {
    return attempt(`load slot ${slot}`, () => {
      const folder = this.#folderOf(slot);
      if (!Deno.statSync(folder).isDirectory) throw new Error(`${folder} is no folder`);
      const holder = this.#drives.find((drive) =>
        drive.index !== index && this.#slotIn(drive.path) === slot
      );
      if (holder !== undefined) throw new Error(`slot ${slot} is in drive ${holder.index}`);
      if (this.#slotIn(path) !== 0) throw new Error(`drive ${index} is full`);
      Deno.symlinkSync(folder, path);
    });
  }

  unload(_slot: number, { path }: ChangerDrive): Promise<void> {
    return attempt("unload", () => {
      if (this.#slotIn(path) !== 0) Deno.removeSync(path);
    });
  }

  async listing(what: "list" | "listall"): Promise<string[]> {
    const count = await this.slots();
    return await attempt(what, () => {
      const drives = this.#drives.map(({ index, path }): ChangerPlace => {
        const slot = this.#slotIn(path);
        return {
          kind: "drive",
          drive: index,
          slot,
          volume: slot === 0 ? "" : this.#volumeIn(slot),
        };
      });
      const inDrives = new Set(drives.map(({ slot }) => slot));
      const slots = Array.from({ length: count }, (_, at): ChangerPlace => {
        const slot = at + 1;
        return { kind: "slot", slot, volume: inDrives.has(slot) ? "" : this.#volumeIn(slot) };
      });
      return changerLines(what, [...drives, ...slots]);
    });
  }

  transfer(from: number, to: number): Promise<string[]> {
    return attempt(`transfer from slot ${from} to ${to}`, () => {
      const volume = this.#volumeIn(from);
      if (volume === "") throw new Error(`slot ${from} is empty`);
      if (this.#volumeIn(to) !== "") throw new Error(`slot ${to} is full`);
      for (const { index, path } of this.#drives) {
        const slot = this.#slotIn(path);
        if (slot === from || slot === to) throw new Error(`slot ${slot} is in drive ${index}`);
      }
      Deno.renameSync(`${this.#folderOf(from)}/${volume}`, `${this.#folderOf(to)}/${volume}`);
      return [];
    });
  }

  #folderOf(slot: number): string {
    return `${this.#magazine}/slot${slot}`;
  }

  /** The slot that a drive's link leads to; 0 if there is no link. */
  #slotIn(path: string): number {
    let target: string;
    try {
      target = Deno.readLinkSync(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return 0;
      throw error;
    }
    const slot = Number(/\/slot(\d{1,6})$/.exec(target)?.[1] ?? 0);
    if (slot === 0) throw new Error(`${path} does not lead to a slot of ${this.#magazine}`);
    return slot;
  }

  /** The volume of a slot; empty if there is none. */
  #volumeIn(slot: number): string {
    try {
      const files = [...Deno.readDirSync(this.#folderOf(slot))].filter(({ isFile }) => isFile);
      return files.map(({ name }) => name).sort()[0] ?? "";
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return "";
      throw error;
    }
  }
}

function attempt<Result>(what: string, action: () => Result): Promise<Result> {
  try {
    return Promise.resolve(action());
  } catch (cause) {
    const why = messageOf(cause);
    return Promise.reject(new ChangerError(`Cannot ${what}: ${why}`, "", { cause }));
  }
}
