import { deepStrictEqual, match, strictEqual } from "node:assert";
import { DirectorScene, poolText } from "../../../tests/support/director_scene.ts";
import { answerCatalogRequest, type CatalogRequester } from "./catalog_requests.ts";
import type { FileWriter } from "../director_catalog.ts";

const START = 1_800_000_000;

/** A job that writes to pool Full, and what it was told. */
class Asking implements Disposable {
  readonly scene = new DirectorScene(poolText("Label Format = Vol-; Maximum Volume Jobs = 2"));
  readonly said: string[] = [];
  readonly jobId: number;
  readonly files: FileWriter;
  readonly #requester: CatalogRequester;

  constructor() {
    const { catalog, configuration } = this.scene;
    const pool = configuration.get("Pool", "Full");
    const storage = configuration.get("Storage", "Disk");
    if (pool === undefined || storage === undefined) throw new Error("The scene is incomplete");
    this.jobId = catalog.createJob({
      job: "J.1",
      name: "J",
      type: "B",
      level: "F",
      schedTime: START,
      clientId: 1,
      comment: "",
    });
    this.files = catalog.fileWriter(this.jobId);
    this.#requester = {
      seeker: {
        catalog,
        pool,
        poolId: catalog.pool(pool),
        storage,
        storageId: catalog.storage(storage),
        mayCreate: true,
        pruneVolumes: false,
        variables: { builtIn: () => "", counter: () => undefined, environment: () => undefined },
        info: (text) => void this.said.push(text),
        error: (text) => void this.said.push(`Error: ${text}`),
        now: () => START + 100,
      },
      jobId: this.jobId,
      startTime: START,
      isWriting: true,
      files: this.files,
      fatal: (text) => void this.said.push(`Fatal: ${text}`),
    };
  }

  ask(text: string): string | undefined {
    return this.send(`CatReq Job=J.1 ${text}\n`);
  }

  send(text: string): string | undefined {
    return answerCatalogRequest(this.#requester, text);
  }

  get volume() {
    return this.scene.catalog.mediaByName("Vol-0001");
  }

  [Symbol.dispose](): void {
    this.scene[Symbol.dispose]();
  }
}

const FIND = "FindMedia=1 pool_name=Full media_type=File unwanted_volumes=";

/** UpdateMedia of the first volume with these numbers. */
function update(changes: Readonly<Record<string, string | number>> = {}): string {
  const fields: Record<string, string | number> = {
    VolJobs: 1,
    VolFiles: 0,
    VolBlocks: 5,
    VolBytes: 1000,
    VolMounts: 1,
    VolErrors: 0,
    VolWrites: 6,
    MaxVolBytes: 77,
    EndTime: START + 50,
    VolStatus: "Append",
    Slot: 0,
    relabel: 0,
    InChanger: 0,
    VolReadTime: 0,
    VolWriteTime: 9,
    VolFirstWritten: START + 10,
    ...changes,
  };
  const words = Object.entries(fields).map(([name, value]) => `${name}=${value}`);
  return `UpdateMedia VolName=Vol-0001 ${words.join(" ")}`;
}

Deno.test("a storage daemon finds a volume and is told all about it in one line", () => {
  using asking = new Asking();
  strictEqual(
    asking.ask(FIND),
    "1000 OK VolName=Vol-0001 VolJobs=0 VolFiles=0 VolBlocks=0 VolBytes=0 VolMounts=0 VolErrors=0 " +
      "VolWrites=0 MaxVolBytes=0 VolCapacityBytes=0 VolStatus=Unlabeled Slot=0 MaxVolJobs=2 " +
      "MaxVolFiles=0 InChanger=0 VolReadTime=0 VolWriteTime=0 EndFile=0 EndBlock=0 LabelType=0 " +
      "MediaId=1 EncryptionKey= MinBlocksize=0 MaxBlocksize=0\n",
  );
  strictEqual(
    asking.ask("GetVolInfo VolName=Nix write=1"),
    '1997 Volume "Nix" not in catalog.\n',
  );
  asking.scene.catalog.updateMedia(1, { enabled: 0 });
  match(
    asking.ask("GetVolInfo VolName=Vol-0001 write=0") ?? "",
    /^1998 Volume "Vol-0001".*is not Enabled/,
  );
});

Deno.test("a storage daemon that refuses volumes and counts is offered each of them once", () => {
  using asking = new Asking();
  const offered: string[] = [];
  const find = (index: number): string | undefined => {
    const text = FIND.replace("FindMedia=1", `FindMedia=${index}`) + offered.join(",");
    return /VolName=(\S+)/.exec(asking.ask(text) ?? "")?.[1];
  };
  for (let index = 1; index <= 4; index++) offered.push(find(index) ?? "none"); // made one by one
  deepStrictEqual(offered, ["Vol-0001", "Vol-0002", "Vol-0003", "Vol-0004"]);
  offered.length = 0;
  for (let index = 1; index <= 4; index++) offered.push(find(index) ?? "none");
  deepStrictEqual(offered, ["Vol-0001", "Vol-0002", "Vol-0003", "Vol-0004"]);
});

Deno.test("UpdateMedia keeps times and storage, and numbers that grow", () => {
  using asking = new Asking();
  asking.ask(FIND);
  match(asking.ask(update()) ?? "", /^1000 OK VolName=Vol-0001 VolJobs=1 .* MaxVolBytes=0 /);
  const first = asking.volume;
  deepStrictEqual(
    [first?.firstWritten, first?.lastWritten, first?.labelDate, first?.storageId, first?.volBytes],
    [START + 10, START + 50, START, 1, 1000],
  );
  asking.ask(update({ VolBytes: 900, VolBlocks: 4, EndTime: START + 60 }));
  deepStrictEqual([asking.volume?.volBytes, asking.volume?.volBlocks], [1000, 5]);
  deepStrictEqual(asking.said.slice(1), [
    'Ignoring Volume Blocks at 5 being set to 4 for Volume "Vol-0001".',
    'Ignoring Volume Bytes at 1,000 being set to 900 for Volume "Vol-0001".',
  ]);
  asking.ask(update({ VolBlocks: 2, VolFiles: 1, relabel: 1, VolBytes: 10 }));
  deepStrictEqual([asking.volume?.volBytes, asking.volume?.volFiles], [10, 1]);
});

Deno.test("UpdateMedia closes a volume at its limit and says so in the answer", () => {
  using asking = new Asking();
  asking.ask(FIND);
  match(asking.ask(update({ VolJobs: 2 })) ?? "", / VolStatus=Used /);
  strictEqual(asking.volume?.volStatus, "Used");
  match(
    asking.ask("GetVolInfo VolName=Vol-0001 write=1") ?? "",
    /^1998 Volume "Vol-0001" catalog status is Used, but should be Append/,
  );
  match(
    asking.ask(update().replace("Vol-0001", "Gone")) ?? "",
    /^1991 Catalog Request for vol=Gone failed: /,
  );
});

Deno.test("pieces of a job are numbered, and placeholders are forgotten", () => {
  using asking = new Asking();
  asking.ask(FIND);
  const piece = (from: number, to: number, end: number) =>
    asking.ask(
      `CreateJobMedia  FirstIndex=${from} LastIndex=${to} StartFile=0 EndFile=0  StartBlock=1 ` +
        `EndBlock=${end} Copy=0 Strip=0 MediaId=1`,
    );
  strictEqual(piece(0, 0, 0), "1000 OK CreateJobMedia\n");
  strictEqual(piece(1, 3, 500), "1000 OK CreateJobMedia\n");
  strictEqual(asking.volume?.endBlock, 500);
  strictEqual(
    asking.ask("DeleteNullJobmediaRecords jobid=1"),
    "1000 OK DeleteNullJobmediaRecords\n",
  );
  deepStrictEqual(
    asking.scene.catalog.all("SELECT FirstIndex, LastIndex, VolIndex FROM JobMedia")
      .map((row) => Object.values(row)),
    [[1, 3, 2]],
  );
});

Deno.test("checkpoints write files and counts without an answer", () => {
  using asking = new Asking();
  asking.files.add({ fileIndex: 1, path: "/a", lstat: "", digest: "0", deltaSeq: 0 });
  strictEqual(asking.send("Catreq Job=J.1 UpdateFileList\n"), undefined);
  strictEqual(asking.scene.catalog.one("SELECT count(*) AS n FROM File")?.n, 1);
  const counts = "Catreq Job=J.1 UpdateJobRecord JobFiles=5 JobBytes=1234\n";
  strictEqual(asking.send(counts), undefined);
  const row = asking.scene.catalog.job(asking.jobId);
  deepStrictEqual([row?.jobFiles, row?.jobBytes], [5, 1234]);
  deepStrictEqual(asking.said, []);
});

Deno.test("what is no request fails the job and is answered so", () => {
  using asking = new Asking();
  strictEqual(
    asking.ask("Nonsense"),
    "1990 Invalid Catalog Request: CatReq Job=J.1 Nonsense\n",
  );
  match(asking.said[0] ?? "", /^Fatal: Invalid Catalog request: /);
  match(asking.ask("UpdateMedia VolName=x VolJobs=many") ?? "", /^1990 /);
});
