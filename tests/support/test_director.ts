/**
 * A director for tests of the storage daemon: it says what a script makes it say, with the messages of
 * `protocol/`, and keeps what it hears.
 *
 * @module
 */
import { decodeText } from "../../bytes/mod.ts";
import {
  type AttributeUpdate,
  authenticateConnector,
  type Connection,
  dial,
  directorToStorage,
  type Frame,
  hellos,
  parseAttributeUpdate,
  passwordKey,
  Signal,
  storageToDirector,
} from "../../protocol/mod.ts";
import { quickEnvironment } from "./quick_environment.ts";
import type { TestCatalog } from "./test_catalog.ts";

/** What is needed to talk to the daemon under test. */
export interface DriverOptions {
  readonly port: number;
  readonly catalog: TestCatalog;
  readonly directorName?: string;
  readonly password?: string;
  readonly mediaType?: string;
  readonly device?: string;
}

/** How a job is to be announced. */
export interface TestJob {
  readonly jobId: number;
  readonly job: string;
  readonly type?: string;
  readonly spoolAttributes?: boolean;
  readonly spoolData?: boolean;
  readonly spoolSize?: number;
  readonly pool?: string;
  readonly quota?: number;
  readonly preferMountedVolumes?: boolean;
}

/** A director's session with a storage daemon. */
export class TestDirector {
  readonly connection: Connection;
  readonly #options: DriverOptions;
  /** Every text heard, in order, attribute records excepted. */
  readonly heard: string[] = [];
  readonly attributes: AttributeUpdate[] = [];
  sdId = 0;
  sdTime = 0;
  key = "";

  private constructor(connection: Connection, options: DriverOptions) {
    this.connection = connection;
    this.#options = options;
  }

  /** Connects and says hello. */
  static async connect(options: DriverOptions): Promise<TestDirector> {
    const { port, directorName = "test-dir", password = "secret" } = options;
    const connection = await dial({ address: "127.0.0.1", port, who: "Storage daemon" });
    await authenticateConnector(connection, {
      hello: hellos.director.format({ name: directorName, version: "26.0.0" }),
      ownName: `R_DIRECTOR::${directorName}`,
      key: passwordKey(password),
      environment: quickEnvironment,
    });
    const director = new TestDirector(connection, options);
    await director.expect("3000 OK Hello");
    return director;
  }

  /** Sends a command. */
  say(text: string): Promise<void> {
    return this.connection.send(text);
  }

  /** The texts of the job messages heard. */
  get log(): string {
    return this.heard.filter((line) => line.startsWith("Jmsg ")).join("");
  }

  /** Reads frames, answering catalog requests, until `isDone` is content with one. */
  async readUntil(isDone: (frame: Frame, text: string) => boolean): Promise<string> {
    while (true) {
      const frame = await this.connection.receive({ timeoutMs: 300_000 });
      if (frame === undefined) {
        throw new Error(`Storage daemon hung up. Heard:\n${this.heard.join("")}`);
      }
      if (frame.kind === "signal") {
        if (isDone(frame, "")) return "";
        continue;
      }
      const update = parseAttributeUpdate(frame.payload);
      if (update !== undefined) {
        this.attributes.push({ ...update, data: update.data.slice() });
        if (isDone(frame, "")) return "";
        continue;
      }
      const text = decodeText(frame.payload);
      this.heard.push(text);
      // checkpoints (Catreq) are not answered
      if (/^(CatReq|BlastAttr) /.test(text)) {
        await this.connection.send(this.#options.catalog.answer(text));
      }
      if (isDone(frame, text)) return text;
    }
  }

  /** Reads until a text begins with `prefix`; it is returned. */
  expect(prefix: string): Promise<string> {
    return this.readUntil((_, text) => text.startsWith(prefix));
  }

  /** Reads the texts up to EOD. */
  async answer(): Promise<string> {
    const from = this.heard.length;
    await this.readUntil((frame) => frame.kind === "signal" && frame.signal === Signal.EOD);
    return this.heard.slice(from).join("");
  }

  /** `JobId=` and what follows from it. */
  async announce(job: TestJob): Promise<void> {
    await this.say(directorToStorage.jobId.format({
      jobId: job.jobId,
      job: job.job,
      jobName: job.job.split(".")[0] ?? job.job,
      clientName: "test-fd",
      type: (job.type ?? "B").charCodeAt(0),
      level: (job.type === "R" ? " " : "F").charCodeAt(0),
      fileSet: "Test",
      noAttributes: 0,
      spoolAttributes: job.spoolAttributes ? 1 : 0,
      fileSetMd5: "**Dummy**",
      spoolData: job.spoolData ? 1 : 0,
      preferMountedVolumes: job.preferMountedVolumes === false ? 0 : 1,
      spoolSize: job.spoolSize ?? 0,
      rerunning: 0,
      volSessionId: 0,
      volSessionTime: 0,
      quota: job.quota ?? 0,
      protocol: 0,
      backupFormat: "Native",
    }));
    const ok = storageToDirector.jobIdOk.parse(await this.expect("3"));
    if (ok === undefined) throw new Error(`JobId= refused: ${this.heard.at(-1)}`);
    this.sdId = ok.sdId;
    this.sdTime = ok.sdTime;
    this.key = ok.authorization;
  }

  /** `use storage`; the answer. */
  async useStorage(append: boolean, pool = "Main"): Promise<string> {
    await this.wish(append, { pool });
    return await this.expect("3");
  }

  /** Names a device to write on or to read from; the answer comes when the job has one. */
  async wish(
    append: boolean,
    { pool = "Main", device = this.#options.device ?? "FileStorage1" }: {
      readonly pool?: string;
      readonly device?: string;
    } = {},
  ): Promise<void> {
    const { mediaType = "File1" } = this.#options;
    await this.say(directorToStorage.useStorage.format({
      storage: "File",
      mediaType,
      poolName: pool,
      poolType: "Backup",
      append: append ? 1 : 0,
      copy: 0,
      stripe: 0,
    }));
    await this.say(directorToStorage.useDevice.format({ device }));
    await this.connection.sendSignal(Signal.EOD);
    await this.connection.sendSignal(Signal.EOD);
  }

  /** Sends a bootstrap; the answer. */
  async bootstrap(lines: readonly string[]): Promise<string> {
    await this.say("bootstrap\n");
    for (const line of lines) await this.say(line);
    await this.connection.sendSignal(Signal.EOD);
    return await this.expect("3");
  }

  /** Reads to the end of a running job; the `3099` line. */
  jobEnd(): Promise<string> {
    return this.expect("3099 ");
  }

  /** Hangs up. */
  close(): void {
    this.connection.close();
  }
}

/** Says something to the daemon; the first line of its answer. */
export async function askDaemon(director: TestDirector, command: string): Promise<string> {
  await director.say(command);
  return await director.answer();
}
