import { deepStrictEqual, strictEqual, throws } from "node:assert";
import { storageToDirector } from "../../protocol/mod.ts";
import { DirectorScene } from "../../tests/support/director_scene.ts";
import { catalogTime } from "./report/formats.ts";
import { enterSample } from "./statistics.ts";

Deno.test("enterSample() enters what a storage daemon tells, each device once", () => {
  using scene = new DirectorScene("");
  const { catalog } = scene;
  const enter = (text: string): void => enterSample(catalog, 1, "File", text);
  enter(
    "Devicestats [1800000000]: Device=Drive 1 Read=5, Write=7, SpoolSize=0, NumWaiting=1, " +
      "NumWriters=2, ReadTime=10, WriteTime=20, MediaId=3, VolBytes=9007199254740991, VolFiles=1, VolBlocks=8\n",
  );
  enter("Jobstats [1800000000]: JobId=4, JobFiles=6, JobBytes=77, DevName=Drive 1\n");
  enter("Tapealerts [2026-01-02 03:04:05]: Device=Other TapeAlert=12\n");
  deepStrictEqual(
    catalog.all("SELECT Name, StorageId FROM Device").map((row) => ({ ...row })),
    [{ Name: "Drive 1", StorageId: 1 }, { Name: "Other", StorageId: 1 }],
  );
  deepStrictEqual({ ...catalog.one("SELECT * FROM DeviceStats") }, {
    ...{ DeviceId: 1, SampleTime: catalogTime(1_800_000_000), ReadTime: 10, WriteTime: 20 },
    ...{ ReadBytes: 5, WriteBytes: 7, SpoolSize: 0, NumWaiting: 1, NumWriters: 2, MediaId: 3 },
    ...{ VolCatBytes: Number.MAX_SAFE_INTEGER, VolCatFiles: 1, VolCatBlocks: 8 },
  });
  strictEqual(catalog.one("SELECT JobBytes FROM JobStats WHERE JobId = 4")?.JobBytes, 77);
  strictEqual(
    catalog.one("SELECT SampleTime FROM TapeAlerts WHERE AlertFlags = 12")?.SampleTime,
    "2026-01-02 03:04:05",
  );
  throws(() => enter("Nonsense\n"), /Malformed message: Nonsense/);
  throws(
    () => enter("Jobstats [yesterday]: JobId=4, JobFiles=6, JobBytes=77, DevName=D\n"),
    /Malformed time of a sample: \[yesterday\]/,
  );
});

Deno.test("samples are written as they are read", () => {
  const job = { time: "[5]", jobId: 1, files: 2, bytes: 3, device: "A b" };
  deepStrictEqual(
    storageToDirector.jobStats.parse(storageToDirector.jobStats.format(job)),
    job,
  );
});
