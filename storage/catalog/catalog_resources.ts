import { CatalogDatabase } from "./database.ts";
import { quotaOf, type QuotaRow, type QuotaScope, setQuota, usedBytes } from "./quotas.ts";
import type { SqlValue } from "./rows.ts";
import { catalogTime } from "./times.ts";

/** The kinds of volume labels by their number (2.2). */
const labelTypes: readonly string[] = ["bareos", "ansi", "ibm"];

/** The number of a kind of labels; Bareos' own if the pool names none. */
export function labelTypeNumber(word: string): number {
  return Math.max(0, labelTypes.indexOf(word.toLowerCase()));
}

/** Rows of resources: clients, pools, storages, file sets, counters, and the clients' quotas. */
export class CatalogResources extends CatalogDatabase {
  /** Finds or makes the row of a Client and takes its retentions over. */
  client(
    client: {
      readonly name: string;
      readonly autoPrune: boolean;
      readonly fileRetention: number;
      readonly jobRetention: number;
    },
  ): { readonly clientId: number; readonly uname: string } {
    const values = [Number(client.autoPrune), client.fileRetention, client.jobRetention];
    const row = this.one("SELECT ClientId, UName FROM Client WHERE Name = ?", client.name);
    if (row === undefined) {
      const clientId = this.run(
        "INSERT INTO Client (AutoPrune, FileRetention, JobRetention, Name, UName) VALUES (?, ?, ?, ?, '')",
        ...values,
        client.name,
      );
      return { clientId, uname: "" };
    }
    const clientId = Number(row.ClientId);
    this.run(
      "UPDATE Client SET AutoPrune = ?, FileRetention = ?, JobRetention = ? WHERE ClientId = ?",
      ...values,
      clientId,
    );
    return { clientId, uname: String(row.UName) };
  }

  /** Keeps what a client says it is. */
  setClientUname(clientId: number, uname: string): void {
    this.run("UPDATE Client SET UName = ? WHERE ClientId = ?", uname, clientId);
  }

  /** Finds or makes the row of a Pool and takes its settings over. */
  pool(
    pool: {
      readonly name: string;
      readonly poolType: string;
      readonly labelFormat: string;
      readonly maximumVolumes: number;
      readonly volumeRetention: number;
      readonly volumeUseDuration: number;
      readonly maximumVolumeJobs: number;
      readonly maximumVolumeFiles: number;
      readonly maximumVolumeBytes: number;
      readonly autoPrune: boolean;
      readonly recycle: boolean;
      readonly minimumBlockSize: number;
      readonly maximumBlockSize: number;
      readonly catalogFiles: boolean;
      readonly actionOnPurge: string;
      readonly labelType: string;
    },
  ): number {
    const columns: Readonly<Record<string, SqlValue>> = {
      PoolType: pool.poolType,
      LabelFormat: pool.labelFormat || "*",
      LabelType: labelTypeNumber(pool.labelType),
      UseCatalog: Number(pool.catalogFiles),
      ActionOnPurge: Number(pool.actionOnPurge.toLowerCase() === "truncate"),
      MaxVols: pool.maximumVolumes,
      VolRetention: pool.volumeRetention,
      VolUseDuration: pool.volumeUseDuration,
      MaxVolJobs: pool.maximumVolumeJobs,
      MaxVolFiles: pool.maximumVolumeFiles,
      MaxVolBytes: pool.maximumVolumeBytes,
      AutoPrune: Number(pool.autoPrune),
      Recycle: Number(pool.recycle),
      MinBlockSize: pool.minimumBlockSize,
      MaxBlockSize: pool.maximumBlockSize,
    };
    const names = Object.keys(columns);
    const id = this.poolIdByName(pool.name);
    if (id !== undefined) {
      this.run(
        `UPDATE Pool SET ${names.map((name) => `${name} = ?`).join(", ")} WHERE PoolId = ?`,
        ...Object.values(columns),
        id,
      );
      this.countVolumes();
      return id;
    }
    return this.run(
      `INSERT INTO Pool (Name, ${names.join(", ")}) VALUES (?${", ?".repeat(names.length)})`,
      pool.name,
      ...Object.values(columns),
    );
  }

  /** Sets RecyclePoolId and ScratchPoolId of a Pool whose rows exist. */
  linkPool(
    pool: {
      readonly name: string;
      readonly recyclePool: { readonly name: string } | undefined;
      readonly scratchPool: { readonly name: string } | undefined;
    },
  ): void {
    const id = (other: { readonly name: string } | undefined): number =>
      other === undefined ? 0 : this.poolIdByName(other.name) ?? 0;
    this.run(
      "UPDATE Pool SET RecyclePoolId = ?, ScratchPoolId = ? WHERE Name = ?",
      id(pool.recyclePool),
      id(pool.scratchPool),
      pool.name,
    );
  }

  /** The PoolId of a name. */
  poolIdByName(name: string): number | undefined {
    const row = this.one("SELECT PoolId FROM Pool WHERE Name = ?", name);
    return row === undefined ? undefined : Number(row.PoolId);
  }

  /** Volumes in a pool. */
  volumeCount(poolId: number): number {
    return Number(this.one("SELECT count(*) AS n FROM Media WHERE PoolId = ?", poolId)?.n ?? 0);
  }

  /** Whether a pool may hold one more volume. */
  hasRoom(poolId: number): boolean {
    const limit = Number(this.one("SELECT MaxVols FROM Pool WHERE PoolId = ?", poolId)?.MaxVols);
    return limit === 0 || this.volumeCount(poolId) < limit;
  }

  /** Finds or makes the row of a Storage. */
  storage(
    storage: { readonly name: string; readonly autoChanger: boolean; readonly mediaType?: string },
  ): number {
    if (storage.mediaType !== undefined) this.mediaType(storage.mediaType);
    const row = this.one("SELECT StorageId FROM Storage WHERE Name = ?", storage.name);
    if (row !== undefined) return Number(row.StorageId);
    return this.run(
      "INSERT INTO Storage (Name, AutoChanger) VALUES (?, ?)",
      storage.name,
      Number(storage.autoChanger),
    );
  }

  /** Finds or makes the row of a MediaType. */
  mediaType(name: string): number {
    const row = this.one("SELECT MediaTypeId FROM MediaType WHERE MediaType = ?", name);
    if (row !== undefined) return Number(row.MediaTypeId);
    return this.run("INSERT INTO MediaType (MediaType) VALUES (?)", name);
  }

  /** The name of a Storage. */
  storageName(storageId: number): string | undefined {
    const row = this.one("SELECT Name FROM Storage WHERE StorageId = ?", storageId);
    return row === undefined ? undefined : String(row.Name);
  }

  /** Finds or makes the row of a FileSet with this digest (6.1). */
  fileSet(
    name: string,
    digest: string,
    text: string,
    ignoreChanges: boolean,
  ): { readonly fileSetId: number; readonly createTime: string } {
    const row = ignoreChanges
      ? this.one(
        "SELECT FileSetId, CreateTime FROM FileSet WHERE FileSet = ? ORDER BY CreateTime DESC LIMIT 1",
        name,
      )
      : this.one(
        "SELECT FileSetId, CreateTime FROM FileSet WHERE FileSet = ? AND MD5 = ? ORDER BY CreateTime DESC LIMIT 1",
        name,
        digest,
      );
    if (row !== undefined) {
      const fileSetId = Number(row.FileSetId);
      this.run("UPDATE FileSet SET FileSetText = ? WHERE FileSetId = ?", text, fileSetId);
      return { fileSetId, createTime: String(row.CreateTime) };
    }
    const createTime = catalogTime(Math.floor(Date.now() / 1000));
    const fileSetId = this.run(
      "INSERT INTO FileSet (FileSet, MD5, FileSetText, CreateTime) VALUES (?, ?, ?, ?)",
      name,
      digest,
      text,
      createTime,
    );
    return { fileSetId, createTime };
  }

  /** The digest of a FileSet's record, empty if there is none. */
  fileSetDigest(fileSetId: number): string {
    return String(this.one("SELECT MD5 FROM FileSet WHERE FileSetId = ?", fileSetId)?.MD5 ?? "");
  }

  /** Brings the pools' numbers of volumes up to date; a limit below its number grows (2.2). */
  protected countVolumes(): void {
    this.run(
      "UPDATE Pool SET NumVols = (SELECT count(*) FROM Media WHERE Media.PoolId = Pool.PoolId)",
    );
    this.run("UPDATE Pool SET MaxVols = NumVols WHERE MaxVols > 0 AND MaxVols < NumVols");
  }

  /** What is kept of a client's soft quota (21). */
  quota(clientId: number): QuotaRow {
    return quotaOf(this, clientId);
  }

  /** Changes what is kept of a client's soft quota. */
  setQuota(clientId: number, row: QuotaRow): void {
    setQuota(this, clientId, row);
  }

  /** The sum of the bytes that jobs of a client have written. */
  usedBytes(scope: QuotaScope): number {
    return usedBytes(this, scope);
  }

  /** A counter's value, made with its minimum if there is none. */
  counter(
    counter: { readonly name: string; readonly minimum: number; readonly maximum: number },
  ): number {
    const row = this.one("SELECT CurrentValue FROM Counters WHERE Counter = ?", counter.name);
    if (row !== undefined) return Number(row.CurrentValue);
    this.run(
      "INSERT INTO Counters (Counter, MinValue, MaxValue, CurrentValue, WrapCounter) VALUES (?, ?, ?, ?, '')",
      counter.name,
      counter.minimum,
      counter.maximum,
      counter.minimum,
    );
    return counter.minimum;
  }

  /** Sets a counter. */
  setCounter(name: string, value: number): void {
    this.run("UPDATE Counters SET CurrentValue = ? WHERE Counter = ?", value, name);
  }
}
