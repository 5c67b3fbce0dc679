import { deepStrictEqual } from "node:assert";

/** What pruning would take of a catalog with two chains, where the clock is that of a zone. */
async function prunable(zone: string): Promise<unknown> {
  const folder = await Deno.makeTempDir({ prefix: "roost-catalog-" });
  const script = `
    import { Catalog } from "${new URL("./catalog.ts", import.meta.url)}";
    import { catalogTime } from "${new URL("./times.ts", import.meta.url)}";
    const catalog = Catalog.open("${folder}/catalog.db");
    catalog.run("INSERT INTO FileSet (FileSet, MD5, CreateTime) VALUES ('Set', 'x', '2023-01-01 00:00:00')");
    for (const [at, level] of ["F", "I", "F", "I"].entries()) {
      const schedTime = 1_700_000_000 + at;
      const more = { name: "Backup", type: "B", level, clientId: 1, comment: "" };
      const jobId = catalog.createJob({ ...more, job: "j" + at, schedTime });
      catalog.run(
        "UPDATE Job SET StartTime = ?, JobStatus = 'T', JobFiles = 1, FileSetId = 1 WHERE JobId = ?",
        catalogTime(schedTime), jobId);
    }
    console.log(JSON.stringify(catalog.prunableJobs(1, 1_800_000_000, false)));
    catalog.close();`;
  try {
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", script],
      env: { TZ: zone, NO_COLOR: "1" },
    }).output();
    const text = new TextDecoder().decode(stdout);
    return text === "" ? new TextDecoder().decode(stderr) : JSON.parse(text);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("pruning keeps the newest chain in every time zone", async () => {
  for (const zone of ["UTC", "America/Los_Angeles", "Europe/Berlin", "Pacific/Kiritimati"]) {
    deepStrictEqual(await prunable(zone), [1, 2], zone);
  }
});
