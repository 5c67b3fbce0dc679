/**
 * A director and a file daemon for tests of the storage daemon: they say what a script makes them
 * say, with the messages of `protocol/`, and keep what they hear.
 *
 * @module
 */
import { decodeText } from "../../bytes/mod.ts";
import {
  type AttributeUpdate,
  authenticateConnector,
  catalogAnswer,
  catalogRequest,
  Connection,
  dial,
  directorToStorage,
  type Frame,
  FRAME_HEADER,
  frameInto,
  headerInto,
  hellos,
  parseAttributeUpdate,
  passwordKey,
  realEnvironment,
  Signal,
  storageToDirector,
} from "../../protocol/mod.ts";

/** Failures need no patience here. */
const environment = { ...realEnvironment, pause: () => Promise.resolve() };

/** A volume as the catalog of the test knows it. */
export interface TestVolume {
  /** Place in a changer. */
  slot?: number;
  volume: string;
  status: string;
  jobs: number;
  files: number;
  blocks: number;
  bytes: number;
  mounts: number;
  errors: number;
  writes: number;
  maxBytes: number;
  maxJobs: number;
  readTime: number;
  writeTime: number;
  mediaId: number;
  pool: string;
}

/** A record of JobMedia in the catalog of the test. */
export interface TestJobMedia {
  readonly job: string;
  readonly firstIndex: number;
  readonly lastIndex: number;
  readonly start: number;
  readonly end: number;
  readonly mediaId: number;
}

const WRITABLE: ReadonlySet<string> = new Set(["Append", "Recycle"]);

/** The catalog that the director of a test keeps. */
export class TestCatalog {
  readonly volumes: TestVolume[] = [];
  readonly jobMedia: TestJobMedia[] = [];
  /** Size at which new volumes are full, 0 for none. */
  maxBytes = 0;
  /** Seconds that the pool wants its volumes to be append only, 0 for none. */
  appendOnly = 0;
  /** Jobs after which new volumes are used, 0 for none. */
  maxJobs = 0;
  /** New volumes that may still be made. */
  mayCreate = 1000;

  /** The volume of that name. */
  volume(name: string): TestVolume {
    const found = this.volumes.find((each) => each.volume === name);
    if (found === undefined) throw new Error(`No volume ${name} in the test's catalog`);
    return found;
  }

  /** Adds a volume that nobody has labelled. */
  create(pool: string): TestVolume {
    const mediaId = this.volumes.length + 1;
    const volume = {
      volume: `${pool}-${String(mediaId).padStart(4, "0")}`,
      status: "Append",
      jobs: 0,
      files: 0,
      blocks: 0,
      bytes: 0,
      mounts: 0,
      errors: 0,
      writes: 0,
      maxBytes: this.maxBytes,
      maxJobs: this.maxJobs,
      readTime: 0,
      writeTime: 0,
      mediaId,
      pool,
    };
    this.volumes.push(volume);
    return volume;
  }

  /** What a director answers to a catalog request. */
  answer(request: string): string {
    const find = catalogRequest.findMedia.parse(request);
    if (find !== undefined) {
      const unwanted = (find.unwanted ?? "").split(",");
      const usable = this.volumes.filter((each) =>
        each.pool === find.poolName && WRITABLE.has(each.status) && !unwanted.includes(each.volume)
      );
      let found = usable[0];
      if (found === undefined && this.mayCreate-- > 0) found = this.create(find.poolName);
      return found === undefined
        ? catalogAnswer.noMedia.format({})
        : record(found, this.appendOnly);
    }
    const info = catalogRequest.getVolumeInfo.parse(request);
    if (info !== undefined) {
      const found = this.volumes.find((each) => each.volume === info.volume);
      if (found === undefined) return catalogAnswer.notInCatalog.format({ volume: info.volume });
      if (info.write !== 0 && !WRITABLE.has(found.status)) {
        return catalogAnswer.notUsable.format({
          volume: info.volume,
          status: found.status,
          why: "but should be Append, Purged or Recycle",
        });
      }
      return record(found, this.appendOnly);
    }
    const update = catalogRequest.updateMedia.parse(request);
    if (update !== undefined) {
      const found = this.volume(update.volume);
      const { jobs, files, blocks, bytes, mounts, errors, writes, status } = update;
      Object.assign(found, { jobs, files, blocks, bytes, mounts, errors, writes, status });
      if (found.status === "Append" && found.maxJobs > 0 && found.jobs >= found.maxJobs) {
        found.status = "Used";
      }
      return record(found, this.appendOnly);
    }
    const media = catalogRequest.createJobMedia.parse(request);
    if (media !== undefined) {
      this.jobMedia.push({
        job: media.job ?? "",
        firstIndex: media.firstIndex,
        lastIndex: media.lastIndex,
        start: media.startFile * 2 ** 32 + media.startBlock,
        end: media.endFile * 2 ** 32 + media.endBlock,
        mediaId: media.mediaId,
      });
      return catalogAnswer.createJobMediaOk.format({});
    }
    if (catalogRequest.deleteNullJobMedia.matches(request)) {
      return catalogAnswer.deleteNullJobMediaOk.format({});
    }
    if (request.startsWith("BlastAttr ")) return catalogAnswer.blastAttributesFailed.format({});
    return catalogAnswer.invalid.format({ request });
  }

  /** The part of a job on its volumes, as a bootstrap. */
  bootstrap(job: string, sdId: number, sdTime: number, mediaType: string): string[] {
    return this.jobMedia.filter((each) => each.job === job && each.firstIndex > 0).flatMap((
      each,
    ) => [
      'Storage="File"\n',
      `Volume="${this.volumes[each.mediaId - 1]?.volume}"\n`,
      `MediaType="${mediaType}"\n`,
      `VolSessionId=${sdId}\n`,
      `VolSessionTime=${sdTime}\n`,
      `VolAddr=${each.start}-${each.end}\n`,
      `FileIndex=${each.firstIndex}-${each.lastIndex}\n`,
    ]);
  }
}

function record(volume: TestVolume, appendOnly: number): string {
  return catalogAnswer.volume.format({
    ...volume,
    capacityBytes: 0,
    slot: volume.slot ?? 0,
    maxFiles: 0,
    inChanger: volume.slot === undefined ? 0 : 1,
    endFile: 0,
    endBlock: 0,
    labelType: 0,
    encryptionKey: "",
    minBlockSize: 0,
    maxBlockSize: 0,
    appendOnly: appendOnly || undefined,
  });
}

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
      environment,
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
      const frame = await this.connection.receive({ timeoutMs: 120_000 });
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

/** One stream of one file. */
export interface TestStream {
  readonly fileIndex: number;
  readonly stream: number;
  readonly records: readonly Uint8Array[];
}

/** A file daemon's connection for one job. */
export class TestFileDaemon {
  readonly connection: Connection;

  /** A file daemon over a connection that is authenticated. */
  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** Connects for the job that `director` announced. */
  static async connect(port: number, job: string, key: string): Promise<TestFileDaemon> {
    const connection = await dial({ address: "127.0.0.1", port, who: "Storage daemon" });
    await authenticateConnector(connection, {
      hello: hellos.fileToStorage.format({ job, version: "26.0.0" }),
      ownName: "R_CLIENT::test-fd",
      key,
      environment,
    });
    return new TestFileDaemon(connection);
  }

  /** The next text; signals other than EOD and TERMINATE are skipped, those give their name. */
  async hear(): Promise<string> {
    while (true) {
      const frame = await this.connection.receive({ timeoutMs: 120_000 });
      if (frame === undefined) return "<end>";
      if (frame.kind === "message") return decodeText(frame.payload);
      if (frame.signal === Signal.EOD) return "<EOD>";
      if (frame.signal === Signal.TERMINATE) return "<TERMINATE>";
    }
  }

  /** Sends a command and hears the answer. */
  async ask(text: string): Promise<string> {
    await this.connection.send(text);
    return await this.hear();
  }

  /** Opens an append session, as far as the storage daemon waits for data. */
  async beginAppend(): Promise<void> {
    await this.ask("append open session\n");
    await this.ask("append data 1\n");
  }

  /** Sends streams; many frames in one write. */
  async sendStreams(streams: Iterable<TestStream>): Promise<void> {
    const buffer = new Uint8Array(1 << 20);
    let used = 0;
    const flush = async (): Promise<void> => {
      if (used > 0) await this.connection.sendRaw(buffer.subarray(0, used));
      used = 0;
    };
    const text = new TextEncoder();
    for (const { fileIndex, stream, records } of streams) {
      const head = text.encode(`${fileIndex} ${stream} 0`);
      for (const payload of [head, ...records]) {
        if (used + FRAME_HEADER * 2 + payload.length > buffer.length) await flush();
        used = frameInto(buffer, used, payload);
      }
      used = headerInto(buffer, used, Signal.EOD);
    }
    await flush();
  }

  /** Ends the data and the session; the answers. */
  async endAppend(): Promise<string[]> {
    await this.connection.sendSignal(Signal.EOD);
    const heard = [await this.hear()];
    heard.push(await this.ask("append end session 1\n"));
    heard.push(await this.ask("append close session 1\n"), await this.hear());
    await this.connection.sendSignal(Signal.TERMINATE);
    return heard;
  }

  /** Reads everything of a restore: the records in order, then the end of the session. */
  async readAll(): Promise<{ header: string; data: Uint8Array }[]> {
    await this.ask("read open session = DummyVolume 0 0 0 0 0 0\n");
    const opened = await this.ask("read data 1\n");
    if (opened !== "3000 OK data\n") throw new Error(`read data: ${opened}`);
    const found: { header: string; data: Uint8Array }[] = [];
    while (true) {
      const head = await this.connection.receive({ timeoutMs: 120_000 });
      if (head === undefined) throw new Error("Storage daemon hung up while reading");
      if (head.kind === "signal") {
        if (head.signal === Signal.EOD) break;
        continue;
      }
      const header = decodeText(head.payload);
      const body = await this.connection.receive({ timeoutMs: 120_000 });
      if (body?.kind !== "message") throw new Error(`no data after ${header}`);
      found.push({ header, data: body.payload.slice() });
    }
    await this.ask("read close session 1\n");
    await this.hear();
    await this.connection.sendSignal(Signal.TERMINATE);
    return found;
  }
}

/** The streams of a small file: attributes, data in records, an MD5 digest that is none. */
export function fileStreams(
  fileIndex: number,
  name: string,
  records: readonly Uint8Array[],
): TestStream[] {
  const stat = "P4A GMAU IGk D A A A w1A BAA GI BlU/EA BlU/EA BrA+Q2 A A G";
  const attributes = new TextEncoder().encode(`${fileIndex} 3 ${name}\0${stat}\0\0\x000\0`);
  return [
    { fileIndex, stream: 1, records: [attributes] },
    { fileIndex, stream: 2, records },
    { fileIndex, stream: 3, records: [new Uint8Array(16).fill(fileIndex & 0xff)] },
  ];
}

/** The streams of files `1` to `count` of a job, each of so many bytes, all the same in one file. */
export function manyFiles(count: number, size: number): TestStream[] {
  return Array.from(
    { length: count },
    (_, at) => fileStreams(at + 1, `/dir/f${at + 1}`, [new Uint8Array(size).fill(at + 1)]),
  ).flat();
}

/** Says something to the daemon; the first line of its answer. */
export async function askDaemon(director: TestDirector, command: string): Promise<string> {
  await director.say(command);
  return await director.answer();
}
