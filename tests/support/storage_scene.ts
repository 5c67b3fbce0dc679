/** A storage daemon with a catalog, and whole jobs against it, for tests. @module */
import type {
  ChangerSettings,
  DeviceSettings,
  StorageDaemonOptions,
} from "../../daemon/storage/mod.ts";
import { StorageDaemon } from "../../daemon/storage/mod.ts";
import { TestCatalog } from "./test_catalog.ts";
import { TestDirector, type TestJob } from "./test_director.ts";
import { TestFileDaemon, type TestStream } from "./test_file_daemon.ts";
import { testDevice, testStorage } from "./storage_settings.ts";

/** What a job left behind. */
export interface JobOutcome {
  /** The `3099` line. */
  readonly end: string;
  readonly director: TestDirector;
  readonly sdId: number;
  readonly sdTime: number;
}

/** A running daemon in a folder of its own. */
export class StorageScene implements AsyncDisposable {
  readonly folder: string;
  readonly port: number;
  readonly catalog: TestCatalog = new TestCatalog();
  readonly #stop: () => Promise<void>;

  /** A scene around a daemon that listens. */
  constructor(folder: string, port: number, stop: () => Promise<void>) {
    this.folder = folder;
    this.port = port;
    this.#stop = stop;
  }

  /** Starts a daemon in this process. */
  static async start(
    device: Partial<DeviceSettings> = {},
    settings: Partial<StorageDaemonOptions["settings"]> = {},
    devices?: (folder: string) => DeviceSettings[],
    changers?: (folder: string) => ChangerSettings[],
  ): Promise<StorageScene> {
    const folder = await Deno.makeTempDir();
    const all = devices?.(folder) ?? [testDevice(folder, device)];
    const options = { ...testStorage(folder, all, settings), changers: changers?.(folder) ?? [] };
    const running = await new StorageDaemon(options).start();
    return new StorageScene(folder, running.ports[0] ?? 0, () => running.stop());
  }

  /** A director's session. */
  director(more: { readonly device?: string; readonly mediaType?: string } = {}): Promise<
    TestDirector
  > {
    return TestDirector.connect({ port: this.port, catalog: this.catalog, ...more });
  }

  /** Announces a job, tells it to run and connects its file daemon, under TLS if it is to. */
  async begin(job: TestJob, device = "FileStorage1", isProtected = false): Promise<
    { director: TestDirector; file: TestFileDaemon }
  > {
    const director = await this.director({ device });
    await director.announce(job);
    await director.useStorage(true, job.pool);
    await director.say("run");
    const file = await TestFileDaemon.connect(this.port, job.job, director.key, isProtected);
    await director.expect("3010 ");
    return { director, file };
  }

  /** A whole backup. */
  async backup(job: TestJob, streams: Iterable<TestStream>): Promise<JobOutcome> {
    const { director, file } = await this.begin(job);
    const end = director.jobEnd();
    await file.beginAppend();
    await file.sendStreams(streams);
    await file.endAppend();
    const line = await end;
    director.close();
    file.connection.close();
    return { end: line, director, sdId: director.sdId, sdTime: director.sdTime };
  }

  /** A whole restore of one job: the records, and what the director heard. */
  async restore(
    job: TestJob,
    bootstrap: readonly string[],
  ): Promise<
    {
      records: { header: string; data: Uint8Array }[];
      end: string;
      director: TestDirector;
    }
  > {
    const director = await this.director();
    await director.announce({ ...job, type: "R" });
    await director.useStorage(false);
    await director.bootstrap(bootstrap);
    await director.say("run");
    const file = await TestFileDaemon.connect(this.port, job.job, director.key);
    const end = director.jobEnd();
    const records = await file.readAll();
    const line = await end;
    director.close();
    file.connection.close();
    return { records, end: line, director };
  }

  /** Stops the daemon and removes its folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
    await Deno.remove(this.folder, { recursive: true });
  }
}
