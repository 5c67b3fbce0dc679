/**
 * Statistics of the storage daemons, fetched from time to time into the catalog
 * (catalog-and-jobs.md 24).
 *
 * @module
 */
import { messageOf } from "../../bytes/mod.ts";
import {
  type Connection,
  directorToStorage,
  receiveText,
  storageToDirector,
} from "../../protocol/mod.ts";
import type { DirectorCatalog } from "./director_catalog.ts";
import { catalogTime } from "./report/formats.ts";
import type { StorageResource } from "./resources.ts";

/** What fetching needs of the director. */
export interface StatisticsScope {
  /** Seconds between two rounds; 0 for none. */
  interval(): number;
  /** The storages of the configuration. */
  storages(): readonly StorageResource[];
  catalog(): DirectorCatalog;
  /** Connects to the daemon of a storage; `undefined` if that keeps no statistics. */
  connect(storage: StorageResource, abort: AbortSignal): Promise<Connection | undefined>;
  /** Told what could not be fetched. */
  onError(error: Error): void;
}

/** How long a daemon may take for one sample. */
const answerMs = 60_000;
/** Samples that are entered as one transaction. */
const transactionRows = 500;

/** Fetches statistics when it is time; one round at a time. */
export class StatisticsPoll {
  readonly #scope: StatisticsScope;
  #last = 0;
  #running: Promise<void> | undefined;
  readonly #abort = new AbortController();

  /** A poll that begins its first round one interval after the first look. */
  constructor(scope: StatisticsScope) {
    this.#scope = scope;
  }

  /** Begins a round if it is time. @param now UNIX seconds */
  look(now: number): void {
    const interval = this.#scope.interval();
    if (this.#last === 0) this.#last = now;
    if (interval === 0 || this.#running !== undefined || now - this.#last < interval) return;
    this.#last = now;
    this.#running = this.round().finally(() => this.#running = undefined);
  }

  /** Breaks off a round that is under way. */
  async stop(): Promise<void> {
    this.#abort.abort(new Error("the director ends"));
    await this.#running;
  }

  /** Asks every daemon that statistics are wanted of, once. */
  async round(): Promise<void> {
    const asked = new Set<string>();
    for (const storage of this.#scope.storages()) {
      const place = `${storage.address}:${storage.port}`;
      if (!storage.collectStatistics || !storage.enabled || asked.has(place)) continue;
      asked.add(place);
      try {
        await this.#fetch(storage);
      } catch (cause) {
        if (this.#abort.signal.aborted) return;
        const why = messageOf(cause);
        this.#scope.onError(
          new Error(`Cannot fetch statistics of Storage ${storage.name}: ${why}`, { cause }),
        );
      }
    }
  }

  async #fetch(storage: StorageResource): Promise<void> {
    const abort = this.#abort.signal;
    const connection = await this.#scope.connect(storage, abort);
    if (connection === undefined) return;
    try {
      await connection.send(directorToStorage.stats.format({}));
      let rows: string[] = [];
      for (;;) {
        const text = await receiveText(connection, "director", {
          timeoutMs: answerMs,
          abort,
        });
        if (storageToDirector.statsOk.matches(text)) break;
        rows.push(text);
        if (rows.length < transactionRows) continue;
        this.#enter(storage, rows);
        rows = [];
      }
      this.#enter(storage, rows);
    } finally {
      connection.close();
    }
  }

  #enter(storage: StorageResource, samples: readonly string[]): void {
    const catalog = this.#scope.catalog();
    catalog.transaction(() => {
      const storageId = catalog.storage(storage);
      for (const sample of samples) enterSample(catalog, storageId, storage.mediaType, sample);
    });
  }
}

/** Enters one message of a storage daemon. @throws if it is none */
export function enterSample(
  catalog: DirectorCatalog,
  storageId: number,
  mediaType: string,
  text: string,
): void {
  const deviceId = (name: string): number => deviceIdOf(catalog, name, storageId, mediaType);
  const device = storageToDirector.deviceStats.parse(text);
  if (device !== undefined) {
    catalog.run(
      `INSERT INTO DeviceStats (DeviceId, SampleTime, ReadTime, WriteTime, ReadBytes, WriteBytes,
         SpoolSize, NumWaiting, NumWriters, MediaId, VolCatBytes, VolCatFiles, VolCatBlocks)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      deviceId(device.device),
      sampleTime(device.time),
      ...[device.readTime, device.writeTime, device.read, device.write],
      ...[device.spoolSize, device.waiting, device.writers],
      ...[device.mediaId, device.volBytes, device.volFiles, device.volBlocks],
    );
    return;
  }
  const job = storageToDirector.jobStats.parse(text);
  if (job !== undefined) {
    catalog.run(
      "INSERT INTO JobStats (DeviceId, SampleTime, JobId, JobFiles, JobBytes) VALUES (?, ?, ?, ?, ?)",
      deviceId(job.device),
      sampleTime(job.time),
      ...[job.jobId, job.files, job.bytes],
    );
    return;
  }
  const alerts = storageToDirector.tapeAlerts.parse(text);
  if (alerts === undefined) throw new Error(`Malformed message: ${text.trimEnd()}`);
  catalog.run(
    "INSERT INTO TapeAlerts (DeviceId, SampleTime, AlertFlags) VALUES (?, ?, ?)",
    deviceId(alerts.device),
    sampleTime(alerts.time),
    alerts.flags,
  );
}

/** The row of a device by its name and its storage, made if there is none. */
function deviceIdOf(
  catalog: DirectorCatalog,
  name: string,
  storageId: number,
  mediaType: string,
): number {
  const row = catalog.one(
    "SELECT DeviceId FROM Device WHERE Name = ? AND StorageId = ?",
    name,
    storageId,
  );
  if (row !== undefined) return Number(row.DeviceId);
  const type = catalog.one("SELECT MediaTypeId FROM MediaType WHERE MediaType = ?", mediaType);
  return catalog.run(
    "INSERT INTO Device (Name, MediaTypeId, StorageId) VALUES (?, ?, ?)",
    name,
    Number(type?.MediaTypeId ?? 0),
    storageId,
  );
}

/** `[<UNIX seconds>]`, or a date and a time as the catalog has them. */
function sampleTime(text: string): string {
  const time = text.replace(/^\[(.*)\]$/, "$1").trim();
  if (/^\d{1,12}$/.test(time)) return catalogTime(Number(time));
  if (/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(time)) return time;
  throw new Error(`Malformed time of a sample: ${text}`);
}
