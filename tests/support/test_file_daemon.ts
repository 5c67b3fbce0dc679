/** A file daemon for tests of the storage daemon: it says what a script makes it say. @module */
import { decodeText } from "../../bytes/mod.ts";
import {
  authenticateConnector,
  type Connection,
  dial,
  FRAME_HEADER,
  frameInto,
  headerInto,
  hellos,
  Signal,
  startTls,
} from "../../protocol/mod.ts";
import { quickEnvironment } from "./quick_environment.ts";

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

  /** Connects for the job that `director` announced, under TLS if it is to. */
  static async connect(
    port: number,
    job: string,
    key: string,
    isProtected = false,
  ): Promise<TestFileDaemon> {
    const connection = await dial({ address: "127.0.0.1", port, who: "Storage daemon" });
    if (isProtected) await startTls(connection, { type: "R_JOB", name: job }, key);
    await authenticateConnector(connection, {
      hello: hellos.fileToStorage.format({ job, version: "26.0.0" }),
      ownName: "R_CLIENT::test-fd",
      key,
      environment: quickEnvironment,
    });
    return new TestFileDaemon(connection);
  }

  /** The next text; signals other than EOD and TERMINATE are skipped, those give their name. */
  async hear(): Promise<string> {
    while (true) {
      const frame = await this.connection.receive({ timeoutMs: 300_000 });
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
      const head = await this.connection.receive({ timeoutMs: 300_000 });
      if (head === undefined) throw new Error("Storage daemon hung up while reading");
      if (head.kind === "signal") {
        if (head.signal === Signal.EOD) break;
        continue;
      }
      const header = decodeText(head.payload);
      const body = await this.connection.receive({ timeoutMs: 300_000 });
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
