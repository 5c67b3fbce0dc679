import { deepStrictEqual, rejects } from "node:assert";
import { join } from "node:path";
import { Catalog } from "../../../storage/catalog/mod.ts";
import { type CopySelection, selectJobs } from "./copy_selection.ts";
import type { JobResource, PoolResource } from "../resources.ts";

const NOW = 1_800_000_000;
const DAY = 86_400;

/** A pool with three volumes and six jobs; job 7 is in another pool. */
async function withCatalog(
  test: (select: (wish: Wish) => Promise<number[]>) => Promise<void>,
): Promise<void> {
  const catalog = Catalog.open(":memory:");
  try {
    const poolId = catalog.run(
      "INSERT INTO Pool (Name, PoolType, LabelFormat) VALUES ('Full', 'Backup', '*')",
    );
    const other = catalog.run(
      "INSERT INTO Pool (Name, PoolType, LabelFormat) VALUES ('Other', 'Backup', '*')",
    );
    const clients = ["web-fd", "mail-fd"].map((name) =>
      catalog.run("INSERT INTO Client (Name, UName) VALUES (?, '')", name)
    );
    const volumes = [["Big", "Full", 900, 3], ["Small", "Full", 100, 2], ["Open", "Append", 50, 1]]
      .map(([volumeName, volStatus, volBytes, age]) =>
        catalog.createMedia(
          ({
            volumeName: String(volumeName),
            poolId,
            mediaType: "File",
            volStatus,
            enabled: 1,
            volBytes,
            lastWritten: NOW - Number(age) * DAY,
          }) as { readonly volumeName: string },
        ).mediaId
      );
    const jobs: readonly [
      name: string,
      client: number,
      type: string,
      status: string,
      days: number,
      volume: number,
    ][] = [
      ["web", 0, "B", "T", 9, 0],
      ["mail", 1, "B", "W", 8, 0],
      ["web", 0, "B", "T", 7, 1],
      ["web", 0, "B", "f", 6, 1],
      ["mail", 1, "M", "T", 5, 1],
      ["mail", 1, "B", "T", 4, 2],
      ["mail", 1, "B", "T", 3, 2],
    ];
    jobs.forEach(([name, client, type, status, days, volume], at) => {
      const jobId = catalog.createJob({
        job: `${name}.${at}`,
        name,
        type,
        level: "F",
        schedTime: NOW - days * DAY,
        clientId: clients[client] ?? 0,
        comment: "",
      });
      catalog.updateJob(jobId, {
        jobStatus: status,
        poolId: at === 6 ? other : poolId,
        startTime: NOW - days * DAY,
        realEndTime: NOW - days * DAY,
        jobBytes: 100,
      });
      if (at === 6) return;
      const place = { startFile: 0, endFile: 0, startBlock: 1, endBlock: 2 };
      catalog.addJobMedia({
        jobId,
        mediaId: volumes[volume] ?? 0,
        firstIndex: 1,
        lastIndex: 1,
        ...place,
      });
    });
    await test((wish) => selectJobs(selectionOf(catalog, poolId, wish)));
  } finally {
    catalog.close();
  }
}

interface Wish {
  readonly type: string;
  readonly pattern?: string;
  readonly jobType?: string;
  readonly migrationTime?: number;
  readonly high?: number;
  readonly low?: number;
}

function selectionOf(catalog: Catalog, poolId: number, wish: Wish): CopySelection {
  return {
    job: {
      selectionType: wish.type,
      selectionPattern: wish.pattern ?? "",
      type: wish.jobType ?? "c",
    } as JobResource,
    catalog: catalog as unknown as CopySelection["catalog"],
    pool: {
      migrationTime: wish.migrationTime ?? 0,
      migrationHighBytes: wish.high ?? 0,
      migrationLowBytes: wish.low ?? 0,
    } as PoolResource,
    poolId,
    now: NOW,
  };
}

const SELECTIONS: readonly (readonly [Wish, readonly number[]])[] = [
  [{ type: "Job", pattern: "^w" }, [1, 3, 4]],
  [{ type: "Job", pattern: "nothing" }, []],
  [{ type: "Client", pattern: "mail" }, [2, 6]],
  [{ type: "Volume", pattern: "^(Big|Open)$" }, [1, 2]],
  [{ type: "SmallestVolume" }, [3]],
  [{ type: "OldestVolume" }, [1, 2]],
  [{ type: "SqlQuery", pattern: "SELECT JobId, 'x' FROM Job WHERE JobId > 5" }, [6, 7]],
  [{ type: "PoolOccupancy", high: 401, low: 0 }, []],
  [{ type: "PoolOccupancy", high: 400, low: 250 }, [1, 2]],
  [{ type: "PoolOccupancy", high: 400, low: 0 }, [1, 2, 3]],
  [{ type: "PoolTime", migrationTime: 7 * DAY }, [1, 2, 3]],
  [{ type: "PoolUncopiedJobs" }, [1, 2, 3, 6]],
];

Deno.test("selectJobs() knows every Selection Type", async (t) => {
  for (const [wish, expected] of SELECTIONS) {
    await t.step(
      JSON.stringify(wish),
      () => withCatalog(async (select) => deepStrictEqual(await select(wish), expected)),
    );
  }
});

Deno.test("selectJobs() refuses what it cannot select by", () =>
  withCatalog(async (select) => {
    await rejects(select({ type: "Job" }), /selection pattern/);
    await rejects(select({ type: "Client", pattern: "(" }), /Could not compile regex/);
    await rejects(
      select({ type: "PoolUncopiedJobs", jobType: "g" }),
      /only applies to Copy Jobs/,
    );
  }));

Deno.test("selectJobs() takes a statement that changes rows, too, and one behind comments", async () => {
  const folder = await Deno.makeTempDir();
  const catalog = Catalog.open(join(folder, "catalog.db")); // which is read apart, where nothing can change
  try {
    for (const name of ["a", "b", "c"]) {
      catalog.createJob({
        ...{ job: `${name}.1`, name, type: "B", level: "F", schedTime: 1, clientId: 1 },
        comment: "",
      });
    }
    const select = (pattern: string) =>
      selectJobs(selectionOf(catalog, 1, { type: "SQLQuery", pattern }));
    const changed = "UPDATE Job SET Comment = 'taken' WHERE JobId >= 2 RETURNING JobId";
    const patterns: readonly (readonly [string, readonly number[]])[] = [
      [`WITH x AS (SELECT 1) ${changed}`, [2, 3]],
      [`-- those to keep\n/* and\nmore */ ${changed}`, [2, 3]],
      ["/* all */ SELECT JobId FROM Job WHERE Comment = 'taken' -- twice", [2, 3]],
    ];
    for (const [pattern, expected] of patterns) {
      deepStrictEqual((await select(pattern)).sort(), expected);
    }
    await rejects(select("SELECT Absent FROM Job"), /no such column: Absent/);
  } finally {
    catalog.close();
    await Deno.remove(folder, { recursive: true });
  }
});
