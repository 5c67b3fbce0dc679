/**
 * Statistics of devices and jobs, sampled until a director fetches them (storage-daemon.md 3.15).
 *
 * @module
 */
import { storageToDirector as say } from "../../protocol/mod.ts";
import type { StorageDevice } from "./storage_device.ts";
import type { StorageJob } from "./storage_job.ts";

/** Samples that are kept when no director comes; older ones are dropped. */
const mostSamples = 20_000;

/** What of the daemon is sampled. */
export interface StatisticsScope {
  readonly context: {
    readonly settings: {
      /** Seconds between two samples; none if 0 or not given. */
      readonly statisticsCollectInterval?: number | undefined;
      readonly collectDeviceStatistics?: boolean | undefined;
      readonly collectJobStatistics?: boolean | undefined;
    };
    readonly devices: { readonly devices: readonly StorageDevice[] };
    readonly jobs: { readonly running: Iterable<StorageJob> };
  };
  /** UNIX seconds. */
  now(): number;
}

/** Bytes that a device has moved, and where it was when they were last counted. */
interface Moved {
  volume: string;
  volumeBytes: number;
  written: number;
  reading: object | undefined;
  readingBytes: number;
  read: number;
}

/** Samples of the devices and jobs of a daemon, as messages for the director. */
export class Statistics {
  readonly #scope: StatisticsScope;
  readonly #moved = new Map<string, Moved>();
  #samples: string[] = [];
  readonly #last = new Map<string, string>();

  /** Statistics without a sample. */
  constructor(scope: StatisticsScope) {
    this.#scope = scope;
  }

  /** Whether anything is to be sampled, and how often in seconds; 0 for never. */
  get interval(): number {
    const { settings } = this.#scope.context;
    const isWanted = settings.collectDeviceStatistics || settings.collectJobStatistics;
    return isWanted ? settings.statisticsCollectInterval ?? 0 : 0;
  }

  /** Takes a sample of everything that has moved since the last one. */
  sample(): void {
    const { context, now } = this.#scope;
    const time = `[${now()}]`;
    if (context.settings.collectDeviceStatistics) {
      for (const device of context.devices.devices) {
        if (device.settings.collectStatistics === false) continue;
        this.#add(`device ${device.name}`, this.#deviceSample(device), time);
      }
    }
    if (!context.settings.collectJobStatistics) return;
    for (const job of context.jobs.running) {
      const device = (job.writer ?? job.reader)?.device.name;
      if (device === undefined) continue;
      const { jobId, files, bytes } = job;
      this.#add(
        `job ${jobId}`,
        (time) => say.jobStats.format({ time, jobId, files, bytes, device }),
        time,
      );
    }
  }

  /** The samples since they were taken last. */
  take(): string[] {
    const samples = this.#samples;
    this.#samples = [];
    return samples;
  }

  /** What is as it was says nothing new. */
  #add(key: string, sample: (time: string) => string, time: string): void {
    const value = sample("");
    if (this.#last.get(key) === value) return;
    this.#last.set(key, value);
    if (this.#last.size > mostSamples) this.#last.clear();
    this.#samples.push(sample(time));
    if (this.#samples.length > mostSamples) this.#samples = this.#samples.slice(mostSamples / 10);
  }

  #deviceSample(device: StorageDevice): (time: string) => string {
    const moved = this.#count(device);
    const record = device.appending?.record;
    return (time) =>
      say.deviceStats.format({
        time,
        device: device.name,
        read: moved.read,
        write: moved.written,
        spoolSize: device.spooledBytes,
        waiting: device.reservations.size,
        writers: device.writers.size,
        readTime: record?.readTime ?? 0,
        writeTime: record?.writeTime ?? 0,
        mediaId: record?.mediaId ?? 0,
        volBytes: record?.bytes ?? 0,
        volFiles: record?.files ?? 0,
        volBlocks: record?.blocks ?? 0,
      });
  }

  /** Adds what a volume has grown by, and what was read, to what the device has moved. */
  #count(device: StorageDevice): Moved {
    const { appending, reading } = device;
    const moved = this.#moved.get(device.name) ??
      { volume: "", volumeBytes: 0, written: 0, reading: undefined, readingBytes: 0, read: 0 };
    this.#moved.set(device.name, moved);
    if (appending !== undefined) {
      const { name, record: { bytes } } = appending;
      // A volume that was not here at the last sample: what it held before is not known.
      if (moved.volume === name) moved.written += Math.max(0, bytes - moved.volumeBytes);
      moved.volume = name;
      moved.volumeBytes = bytes;
    }
    if (reading !== undefined) {
      const before = moved.reading === reading ? moved.readingBytes : 0;
      moved.read += Math.max(0, reading.bytes - before);
      moved.readingBytes = reading.bytes;
    }
    moved.reading = reading;
    return moved;
  }
}
