import { deepStrictEqual, strictEqual } from "node:assert";
import { DirectorScene, poolText } from "../../../tests/support/director_scene.ts";
import { Counters } from "./counters.ts";
import type { MediaChanges, MediaRecord } from "../director_catalog.ts";
import { unfitForWriting } from "./volume_fitness.ts";
import { createVolume, findVolume, type VolumeSeeker } from "./volume_selection.ts";

const NOW = 1_800_000_000;
const DAY = 86_400;

/** A pool Full of a scene, with volumes, and what was said while one was looked for. */
class Shelf implements Disposable {
  readonly scene: DirectorScene;
  readonly said: string[] = [];

  constructor(pool: string, others = "") {
    this.scene = new DirectorScene(poolText(pool) + others);
  }

  /** Looks for a volume of the pool. */
  seeker(changes: Partial<VolumeSeeker> = {}): VolumeSeeker {
    const { catalog, configuration } = this.scene;
    const pool = configuration.get("Pool", "Full");
    const storage = configuration.get("Storage", "Disk");
    if (pool === undefined || storage === undefined) throw new Error("The scene is incomplete");
    const counters = new Counters(() => catalog);
    counters.configure(configuration.all("Counter"));
    return {
      catalog,
      pool,
      poolId: catalog.pool(pool),
      storage,
      storageId: catalog.storage(storage),
      mayCreate: true,
      pruneVolumes: false,
      variables: {
        builtIn: (name) => name,
        counter: (name, increment) => counters.take(name, increment)?.toString(),
        environment: () => undefined,
      },
      info: (text) => void this.said.push(text),
      error: (text) => void this.said.push(`Error: ${text}`),
      now: () => NOW,
      ...changes,
    };
  }

  /** Puts a volume of the pool on the shelf. */
  add(volumeName: string, volStatus: string, changes: MediaChanges = {}): MediaRecord {
    const { catalog } = this.scene;
    return catalog.createMedia({
      volumeName,
      volStatus,
      poolId: catalog.poolIdByName("Full") ?? 0,
      mediaType: "File",
      enabled: 1,
      recycle: true,
      volRetention: DAY,
      ...changes,
    });
  }

  /** Puts a job on a volume. */
  write(media: MediaRecord, jobTDate: number, jobStatus = "T"): number {
    const { catalog } = this.scene;
    const jobId = catalog.createJob({
      job: "j",
      name: "Backup",
      type: "B",
      level: "F",
      schedTime: jobTDate,
      clientId: 1,
      comment: "",
    });
    catalog.updateJob(jobId, { jobStatus, jobTDate, startTime: jobTDate });
    catalog.addJobMedia({
      jobId,
      mediaId: media.mediaId,
      firstIndex: 1,
      lastIndex: 1,
      startFile: 0,
      endFile: 0,
      startBlock: 0,
      endBlock: 100,
    });
    return jobId;
  }

  find(changes: Partial<VolumeSeeker> = {}, index = 1, unwanted: string[] = []) {
    return findVolume(this.seeker(changes), index, new Set(unwanted))?.volumeName;
  }

  status(name: string): string | undefined {
    return this.scene.catalog.mediaByName(name)?.volStatus;
  }

  [Symbol.dispose](): void {
    this.scene[Symbol.dispose]();
  }
}

Deno.test("findVolume() takes the volume that was written last, new ones after it, unwanted ones not", () => {
  using shelf = new Shelf("");
  shelf.add("New", "Append");
  shelf.add("Old", "Append", { lastWritten: NOW - 50 });
  shelf.add("Last", "Append", { lastWritten: NOW - 5 });
  shelf.add("Fresh", "Unlabeled");
  shelf.add("Off", "Append", { lastWritten: NOW, enabled: 0 });
  shelf.add("Foreign", "Append", { lastWritten: NOW, mediaType: "Tape" });
  deepStrictEqual([1, 2, 3, 4, 5].map((index) => shelf.find({}, index)), [
    "Last",
    "Old",
    "New",
    "Fresh",
    undefined,
  ]);
  strictEqual(shelf.find({}, 1, ["Last"]), "Old");
});

Deno.test("findVolume() goes on to recycled, then purged volumes, oldest first", () => {
  using shelf = new Shelf("");
  shelf.add("P2", "Purged", { lastWritten: NOW - 10 });
  shelf.add("P1", "Purged", { lastWritten: NOW - 20 });
  shelf.add("Kept", "Purged", { lastWritten: NOW - 99, recycle: false });
  shelf.add("R", "Recycle", { lastWritten: NOW - 5 });
  strictEqual(shelf.find(), "R");
  shelf.scene.catalog.updateMedia(4, { volStatus: "Full" });
  strictEqual(shelf.find(), "P1");
  deepStrictEqual(shelf.said, ['Recycled volume "P1"']);
  const recycled = shelf.scene.catalog.mediaByName("P1");
  strictEqual(recycled?.volStatus, "Recycle");
  strictEqual(recycled?.recycleCount, 1);
  strictEqual(recycled?.volBytes, 1);
});

Deno.test("findVolume() prunes by retention, but not what still runs, and not without leave", () => {
  using shelf = new Shelf("Auto Prune = no");
  const old = { lastWritten: NOW - 3 * DAY, firstWritten: NOW - 4 * DAY };
  shelf.write(shelf.add("Kept", "Full", old), NOW - 100);
  shelf.write(shelf.add("Running", "Full", old), NOW - 2 * DAY, "R");
  const gone = shelf.write(shelf.add("Full", "Used", old), NOW - 2 * DAY);
  strictEqual(shelf.find(), undefined);
  strictEqual(shelf.find({ pruneVolumes: true, mayCreate: false }), undefined);
  strictEqual(shelf.find({ pruneVolumes: true }), "Full");
  strictEqual(shelf.scene.catalog.job(gone), undefined);
  deepStrictEqual([shelf.status("Kept"), shelf.status("Running")], ["Full", "Full"]);
  deepStrictEqual(shelf.said, [
    'Volume "Full" has Volume Retention of 86400 sec. and has 1 jobs that will be pruned',
    "Purging the following 1 JobIds: 3",
    'There are no more Jobs associated with Volume "Full". Marking it purged.',
    'All records pruned from Volume "Full"; marking it "Purged"',
    'Recycled volume "Full"',
  ]);
});

Deno.test("findVolume() moves pruned volumes to their Recycle Pool and goes on", () => {
  using shelf = new Shelf("Recycle Pool = Pile", poolText("Maximum Volumes = 1", "Pile"));
  const pile = shelf.scene.catalog.poolIdByName("Pile") ?? 0;
  const old = { lastWritten: NOW - 3 * DAY, firstWritten: NOW - 4 * DAY, recyclePoolId: pile };
  shelf.add("A", "Full", old);
  shelf.add("B", "Full", old);
  strictEqual(shelf.find(), "B"); // the pile is full with A
  strictEqual(shelf.scene.catalog.mediaByName("A")?.poolId, pile);
});

Deno.test("findVolume() takes from the Scratch pool, with the defaults of the pool that it comes to", () => {
  using shelf = new Shelf(
    "Volume Retention = 5 days; Maximum Volume Jobs = 3",
    poolText("", "Scratch"),
  );
  const scratch = shelf.scene.catalog.poolIdByName("Scratch") ?? 0;
  shelf.add("S", "Purged", { poolId: scratch, recyclePoolId: scratch, volRetention: 1 });
  strictEqual(shelf.find({ mayCreate: false }), undefined);
  strictEqual(shelf.find(), "S");
  const media = shelf.scene.catalog.mediaByName("S");
  deepStrictEqual(
    [media?.volRetention, media?.maxVolJobs, media?.recyclePoolId, media?.volStatus],
    [5 * DAY, 3, scratch, "Recycle"],
  );
  deepStrictEqual(shelf.said, [`Using Volume "S" from 'Scratch' pool.`, 'Recycled volume "S"']);
});

Deno.test("findVolume() makes volumes by the Label Format until the pool is full", () => {
  using shelf = new Shelf("Label Format = Vol-; Maximum Volumes = 2");
  shelf.add("Vol-0002", "Full", { lastWritten: NOW });
  strictEqual(shelf.find({ mayCreate: false }), undefined);
  strictEqual(shelf.find(), "Vol-0003");
  strictEqual(shelf.status("Vol-0003"), "Unlabeled");
  strictEqual(createVolume(shelf.seeker()), undefined);
  deepStrictEqual(shelf.said, ['Created new Volume "Vol-0003" in catalog.']);
});

Deno.test("createVolume() counts with Counter resources and refuses names that are none", () => {
  using shelf = new Shelf(
    'Label Format = "V-${Seq+:p/3/0/r}"',
    "Counter { Name = Seq; Minimum = 5; Maximum = 6; Catalog = Main }",
  );
  const names = [1, 2].map(() => createVolume(shelf.seeker())?.volumeName);
  deepStrictEqual(names, ["V-005", "V-006"]);
  strictEqual(createVolume(shelf.seeker()), undefined); // the counter has come round
  using other = new Shelf('Label Format = "A ${Job}"');
  strictEqual(createVolume(other.seeker()), undefined);
  deepStrictEqual(other.said, ['Error: Illegal character in Volume name "A Job"']);
});

Deno.test("findVolume() purges the oldest volume, or recycles it if its jobs are old enough", () => {
  const old = { lastWritten: NOW - 100, firstWritten: NOW - 200 };
  using purging = new Shelf("Purge Oldest Volume = yes");
  const jobId = purging.write(purging.add("A", "Full", old), NOW - 100);
  purging.write(purging.add("B", "Full", { ...old, lastWritten: NOW - 50 }), NOW - 50);
  strictEqual(purging.find(), "A");
  strictEqual(purging.scene.catalog.job(jobId), undefined);
  using pruning = new Shelf("Recycle Oldest Volume = yes");
  pruning.write(pruning.add("A", "Full", old), NOW - 100);
  strictEqual(pruning.find(), undefined);
  strictEqual(pruning.status("A"), "Full");
});

Deno.test("findVolume() recycles the oldest volume again when it was recycled and never written", () => {
  using shelf = new Shelf("Recycle Oldest Volume = yes; Auto Prune = no");
  shelf.add("A", "Recycle", { lastWritten: NOW - 9, recycleCount: 1, recycle: false });
  strictEqual(shelf.find(), "A");
});

Deno.test("findVolume() closes volumes at their limits and looks again", () => {
  using shelf = new Shelf("");
  const used = { volJobs: 1, firstWritten: NOW - DAY };
  shelf.add("Jobs", "Append", { ...used, lastWritten: NOW - 1, maxVolJobs: 1 });
  shelf.add("Bytes", "Append", {
    ...used,
    lastWritten: NOW - 2,
    volBytes: 1500,
    maxVolBytes: 1500,
  });
  shelf.add("Files", "Append", { ...used, lastWritten: NOW - 3, volFiles: 2, maxVolFiles: 2 });
  shelf.add("Time", "Append", { ...used, lastWritten: NOW - 4, volUseDuration: DAY });
  shelf.add("Empty", "Append", { lastWritten: NOW - 5, maxVolJobs: 1, volUseDuration: DAY });
  strictEqual(shelf.find(), "Empty");
  deepStrictEqual(shelf.said, [
    'Max Volume jobs=1 exceeded. Marking Volume "Jobs" as Used.',
    'Max Volume bytes=1,500 exceeded. Marking Volume "Bytes" as Full.',
    'Max Volume files=2 exceeded. Marking Volume "Files" as Used.',
    'Max configured use duration=86,400 sec. exceeded. Marking Volume "Time" as Used.',
  ]);
});

Deno.test("unfitForWriting() says why, and recycles what may be recycled", () => {
  using shelf = new Shelf("Recycle Current Volume = yes");
  const old = { lastWritten: NOW - 3 * DAY, firstWritten: NOW - 4 * DAY };
  const why = (media: MediaRecord) => unfitForWriting(shelf.seeker(), media);
  const recent = shelf.add("Recent", "Full", { ...old, lastWritten: NOW });
  const needed = shelf.add("Needed", "Full", old);
  shelf.write(needed, NOW - 10);
  strictEqual(why(shelf.add("Ok", "Append")), undefined);
  strictEqual(why(shelf.add("Other", "Append", { poolId: 99 })), "not in Pool");
  strictEqual(why(shelf.add("Type", "Append", { mediaType: "T" })), "not correct MediaType");
  strictEqual(why(shelf.add("No", "Full", { recycle: false })), "volume has recycling disabled");
  strictEqual(why(recent), "but should be Append, Purged or Recycle");
  strictEqual(
    why(needed),
    "but should be Append, Purged or Recycle (cannot automatically recycle current volume, as it " +
      "still contains unpruned data or the Volume Retention time has not expired.)",
  );
  strictEqual(why(shelf.add("Gone", "Full", old)), undefined);
  strictEqual(shelf.status("Gone"), "Recycle");
  strictEqual(why(shelf.add("Purged", "Purged", old)), undefined);
  strictEqual(shelf.status("Purged"), "Recycle");
  strictEqual(
    why(shelf.add("Due", "Append", { volJobs: 1, maxVolJobs: 1, lastWritten: NOW })),
    "volume has expired",
  );
});
