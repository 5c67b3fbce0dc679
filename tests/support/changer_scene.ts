/** A storage daemon with a changer of two drives. @module */
import { StorageScene } from "./storage_scene.ts";
import { testDevice } from "./storage_settings.ts";

/** What a changer scene is made of. */
export interface ChangerSceneOptions {
  /** Slots of the magazine, each a folder. */
  readonly slots: number;
  /** Jobs that may write on a drive at once. */
  readonly jobsPerDrive: number;
  /** The changer's command, for a daemon in this folder. */
  command(folder: string): string;
}

/** Starts it: `Changer` with `Drive0` and `Drive1` over the folder `magazine`. */
export function startChangerScene(options: ChangerSceneOptions): Promise<StorageScene> {
  return StorageScene.start(
    {},
    {},
    (folder) => {
      for (let slot = 1; slot <= options.slots; slot++) {
        Deno.mkdirSync(`${folder}/magazine/slot${slot}`, { recursive: true });
      }
      return [0, 1].map((drive) =>
        testDevice(`${folder}/drive${drive}`, {
          name: `Drive${drive}`,
          driveIndex: drive,
          removableMedia: true,
          maximumConcurrentJobs: options.jobsPerDrive,
        })
      );
    },
    (folder) => [{
      name: "Changer",
      devices: ["Drive0", "Drive1"],
      changerDevice: `${folder}/magazine`,
      changerCommand: options.command(folder),
    }],
  );
}
