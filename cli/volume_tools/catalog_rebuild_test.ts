import { deepStrictEqual, strictEqual } from "node:assert";
import { encodeText } from "../../bytes/mod.ts";
import { Catalog } from "../../storage/catalog/mod.ts";
import { CatalogRebuild } from "./catalog_rebuild.ts";
import type { ScannedJob } from "./volume_scan.ts";

/** A backup whose start label was found. */
const job: ScannedJob = {
  sessionId: 3,
  sessionTime: 1_800_000_000,
  label: {
    id: "Bareos 2.0 immortal\n",
    version: 20,
    jobId: 12,
    writeTimeMicros: 1_800_000_000_000_000,
    poolName: "Full",
    poolType: "Backup",
    jobName: "Backup",
    clientName: "fd",
    job: "Backup.2027-01-15_08.00.00_01",
    fileSetName: "Set",
    jobType: "B",
    jobLevel: "F",
    fileSetMd5: "x",
  },
  end: undefined,
  files: 1,
  bytes: 10,
  pieces: [],
};

const record = (stream: number, text: string) => ({
  ...{ sessionId: 3, sessionTime: 1_800_000_000, fileIndex: 1, stream, data: encodeText(text) },
  origin: { volume: "v", address: 0 } as never,
});

Deno.test("CatalogRebuild enters files and what plugins stored, once", () => {
  const catalog = Catalog.open(":memory:");
  try {
    for (const objects of [1, 0]) {
      const rebuild = new CatalogRebuild(catalog, { line: () => {} }, false);
      rebuild.jobBegins(job);
      rebuild.catalogRecord(job, record(1, "1 3 /file\0A A A\0\0\x000\0"));
      rebuild.catalogRecord(job, record(28, "1 27 0 5 5 0 python\0config\0a=b=c\0"));
      rebuild.jobEnds(job);
      rebuild.finish([job], []);
      strictEqual(rebuild.counts.restoreObjects, objects);
    }
    strictEqual(catalog.all("SELECT * FROM File").length, 1);
    const [object, ...others] = [...catalog.restoreObjects([12], 27)];
    deepStrictEqual(
      [object?.name, object?.plugin, object?.jobId, object?.data],
      ["config", "python", 12, encodeText("a=b=c")],
    );
    deepStrictEqual(others, []);
  } finally {
    catalog.close();
  }
});
